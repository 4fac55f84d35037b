#include "tools/platenctl/output.h"

#include <cstdint>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "libs/base/status.h"

namespace platen::platenctl {

absl::StatusOr<Format> ReadFormat(const Arguments& arguments) {
  const std::string name = arguments.Get("output", "table");
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "csv") return Format::kCsv;
  return UsageError("--output is table, json or csv, not ", name);
}

absl::Status ReadTime(const Arguments& arguments,
                      std::string_view option,
                      google::protobuf::Timestamp* time) {
  if (!arguments.Has(option)) return absl::OkStatus();
  std::string text = arguments.Get(option);
  if (text.size() == 10) text += "T00:00:00Z";  // A day alone.
  if (google::protobuf::util::TimeUtil::FromString(text, time)) return absl::OkStatus();
  return UsageError("--", option, " takes a time: 2026-01-31, or 2026-01-31T12:00:00Z");
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) return "{}";
  return json;
}

void Write(const Table& table, Format format, std::string_view nothing, Session& session) {
  if (format == Format::kCsv) {
    session.out << table.ToCsv();
  } else if (table.empty()) {
    session.out << nothing << '\n';
  } else {
    const std::size_t columns = session.columns == 0 ? SIZE_MAX : session.columns;
    session.out << table.ToText(columns);
    const std::string left_out = table.LeftOut(columns);
    if (!left_out.empty()) {
      session.out << "(a wider terminal shows " << left_out << ", too; --output csv has all)\n";
    }
  }
}

}  // namespace platen::platenctl
