#include "libs/snmp/recording.h"

#include <algorithm>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/snmp/recording_line.h"

namespace platen::snmp {
namespace {

using internal::IsWalkLine;
using internal::ParseSnmprecLine;
using internal::ParseWalkLine;
using internal::Trim;

// A line of .snmprec begins with an OID and a bar.
bool IsSnmprecLine(std::string_view line) {
  const std::size_t end = line.find_first_not_of(".0123456789");
  return end != std::string_view::npos && end > 0 && line[end] == '|';
}

bool IsComment(std::string_view line) {
  return Trim(line).empty() || Trim(line).front() == '#';
}

// Collects lines into rows. A line that begins no row continues snmpwalk's value before it, if
// there is one.
class Reader {
 public:
  void Take(std::string_view line) {
    ++number_;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (IsWalkLine(line)) {
      FinishWalkValue();
      walk_value_ = std::string(line);
      walk_line_ = number_;
    } else if (IsSnmprecLine(line)) {
      FinishWalkValue();
      Put(ParseSnmprecLine(line), number_);
    } else if (line == "End of MIB") {
      // snmpwalk -v1 says so at its end; it belongs to no value.
      FinishWalkValue();
    } else if (!walk_value_.empty()) {
      walk_value_.append("\n").append(line);
    } else if (!IsComment(line)) {
      Skip(number_, "neither OID|TAG|VALUE nor OID = TYPE: VALUE");
    }
  }

  Recording Finish() {
    FinishWalkValue();
    const auto by_name = [](const Varbind& a, const Varbind& b) { return a.name < b.name; };
    std::stable_sort(recording_.rows.begin(), recording_.rows.end(), by_name);
    const auto same = [](const Varbind& a, const Varbind& b) { return a.name == b.name; };
    const auto end = std::unique(recording_.rows.begin(), recording_.rows.end(), same);
    recording_.rows.erase(end, recording_.rows.end());
    return std::move(recording_);
  }

 private:
  void FinishWalkValue() {
    if (!walk_value_.empty()) Put(ParseWalkLine(walk_value_), walk_line_);
    walk_value_.clear();
  }

  void Put(absl::StatusOr<Varbind> row, std::size_t line) {
    if (row.ok()) {
      recording_.rows.push_back(*std::move(row));
    } else if (!absl::IsNotFound(row.status())) {
      Skip(line, base::ToStd(row.status().message()));
    }
  }

  void Skip(std::size_t line, std::string_view reason) {
    ++recording_.skipped;
    if (recording_.listed.size() < Recording::kListedMax)
      recording_.listed.push_back({line, std::string(reason)});
  }

  Recording recording_;
  std::size_t number_ = 0;
  std::string walk_value_;
  std::size_t walk_line_ = 0;
};

// What a reader of .snmprec takes as it stands: no line ends, no control characters, no blanks at
// the ends.
bool IsPlainText(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string IpToText(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text.push_back('.');
    text += std::to_string(static_cast<std::uint8_t>(byte));
  }
  return text;
}

}  // namespace

const Varbind* Recording::Find(OidView name) const {
  const std::size_t after = IndexAfter(name);
  if (after == 0 || rows[after - 1].name.view() != name) return nullptr;
  return &rows[after - 1];
}

std::size_t Recording::IndexAfter(OidView name) const {
  const auto at =
      std::upper_bound(rows.begin(), rows.end(), name, [](OidView wanted, const Varbind& row) {
        return wanted < row.name.view();
      });
  return static_cast<std::size_t>(at - rows.begin());
}

Recording ReadRecording(std::string_view text) {
  Reader reader;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.Take(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return reader.Finish();
}

std::string ToSnmprec(const VarbindView& varbind) {
  const ValueView& value = varbind.value;
  const std::string tag = std::to_string(static_cast<int>(value.type()));
  const std::string start = base::StrCat(varbind.name.ToString(), "|", tag);
  if (value.is_number()) {
    if (const auto number = value.AsInteger()) return base::StrCat(start, "|", *number);
    return base::StrCat(start, "|", value.raw_number());
  }
  if (const auto oid = value.AsOid()) return base::StrCat(start, "|", oid->ToString());
  const std::string_view bytes = value.raw_bytes();
  if (value.type() == ValueType::kIpAddress && bytes.size() == 4)
    return base::StrCat(start, "|", IpToText(bytes));
  if (value.type() == ValueType::kOctetString && IsPlainText(bytes))
    return base::StrCat(start, "|", bytes);
  if (bytes.empty()) return start + "|";
  return base::StrCat(start, "x|", base::HexEncode(bytes));
}

}  // namespace platen::snmp
