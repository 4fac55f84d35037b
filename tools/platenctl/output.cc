#include "tools/platenctl/output.h"

#include <google/protobuf/util/json_util.h>

#include "libs/base/status.h"

namespace platen::platenctl {

absl::StatusOr<Format> ReadFormat(const Arguments& arguments) {
  const std::string name = arguments.Get("output", "table");
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "csv") return Format::kCsv;
  return base::InvalidArgument("--output is table, json or csv, not ", name);
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) return "{}";
  return json;
}

void Write(const Table& table, Format format, std::string_view nothing, std::ostream& out) {
  if (format == Format::kCsv) {
    out << table.ToCsv();
  } else if (table.empty()) {
    out << nothing << '\n';
  } else {
    out << table.ToText();
  }
}

}  // namespace platen::platenctl
