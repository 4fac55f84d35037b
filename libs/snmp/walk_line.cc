#include <algorithm>
#include <string>

#include "libs/base/status.h"
#include "libs/snmp/recording_line.h"

namespace platen::snmp::internal {
namespace {

constexpr std::string_view kEquals = " = ";

// snmpwalk writes text in quotes, with a backslash before quotes and backslashes.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    plain.push_back(text[escaped ? ++i : i]);
  }
  return plain;
}

// "3", "up(1)", "(12345) 0:02:03.45", "75 percent": the number in it.
std::string_view NumberIn(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open != std::string_view::npos) {
    const std::size_t close = text.find(')', open);
    if (close != std::string_view::npos) return text.substr(open + 1, close - open - 1);
  }
  return text.substr(0, text.find(' '));
}

// "80 00 lowPaper(0)": the leading pairs of digits, as snmpwalk adds the bits' names.
std::string_view HexIn(std::string_view text) {
  std::size_t end = 0;
  while (end + 1 < text.size() && FromHex(text.substr(end, 2)).has_value() &&
         (end + 2 == text.size() || text[end + 2] == ' ' || text[end + 2] == '\n')) {
    end += 3;
  }
  return text.substr(0, std::min(end, text.size()));
}

struct NamedType {
  std::string_view name;
  ValueType type;
};

constexpr NamedType kNumbers[] = {
    {"INTEGER", ValueType::kInteger},
    {"Counter32", ValueType::kCounter32},
    {"Gauge32", ValueType::kGauge32},
    {"Unsigned32", ValueType::kGauge32},
    {"Timeticks", ValueType::kTimeTicks},
    {"Counter64", ValueType::kCounter64},
};

absl::StatusOr<Value> ParseTyped(std::string_view type, std::string_view text) {
  for (const NamedType& number : kNumbers) {
    if (type == number.name) return ParseNumber(number.type, NumberIn(text));
  }
  if (type == "STRING") return Value::Octets(Unquote(text));
  if (type == "Hex-STRING" || type == "BITS") {
    const auto bytes = FromHex(type == "BITS" ? HexIn(text) : text);
    if (!bytes.has_value()) return base::InvalidArgument("the value is not hexadecimal");
    return Value::Octets(*bytes);
  }
  if (type == "OID") {
    PLATEN_ASSIGN_OR_RETURN(const Oid oid, Oid::Parse(text));
    return Value::ObjectId(oid);
  }
  if (type == "IpAddress") {
    PLATEN_ASSIGN_OR_RETURN(const Varbind row, ParseSnmprecLine(base::StrCat("1.3|64|", text)));
    return row.value;
  }
  return base::InvalidArgument("the type is not one that snmpwalk -On writes");
}

absl::StatusOr<Value> ParseWalkValue(std::string_view text) {
  if (text.starts_with("No Such ") || text.starts_with("No more variables")) {
    return base::NotFound("the agent has no such value");
  }
  if (text == "\"\"" || text.empty()) return Value::Octets("");
  if (text == "NULL") return Value();
  // "Wrong Type (should be INTEGER): Gauge32: 4" says the true type behind the complaint.
  if (text.starts_with("Wrong Type")) {
    const std::size_t end = text.find("): ");
    if (end != std::string_view::npos) text.remove_prefix(end + 3);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    // With -Ot net-snmp writes nothing but the number for TimeTicks, and only for them.
    const auto ticks = ParseNumber(ValueType::kTimeTicks, text);
    return ticks.ok() ? ticks : base::InvalidArgument("no type in front of the value");
  }
  return ParseTyped(text.substr(0, colon), Trim(text.substr(colon + 1)));
}

}  // namespace

bool IsWalkLine(std::string_view line) {
  const std::size_t name_end = line.find_first_not_of(".0123456789");
  return name_end != std::string_view::npos && name_end > 0 &&
         line.substr(name_end).starts_with(" =");
}

absl::StatusOr<Varbind> ParseWalkLine(std::string_view line) {
  const std::size_t equals = line.find(kEquals);
  // An empty value leaves a line that ends with the sign.
  const std::size_t name_end = equals == std::string_view::npos ? line.find(" =") : equals;
  if (name_end == std::string_view::npos) return base::InvalidArgument("not OID = TYPE: VALUE");
  PLATEN_ASSIGN_OR_RETURN(Oid name, Oid::Parse(line.substr(0, name_end)));
  const std::string_view text =
      equals == std::string_view::npos ? "" : Trim(line.substr(equals + kEquals.size()));
  PLATEN_ASSIGN_OR_RETURN(Value value, ParseWalkValue(text));
  return Varbind(std::move(name), std::move(value));
}

}  // namespace platen::snmp::internal
