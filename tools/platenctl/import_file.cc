#include "tools/platenctl/import_file.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "tools/platenctl/arguments.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// One record of a CSV text, and the line on which it begins.
struct Record {
  std::vector<std::string> cells;
  int line = 0;
};

// Takes records off a text: quoted cells may hold separators and line ends.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  bool Next(Record& record) {
    while (at_ < text_.size()) {
      record = {.line = line_};
      ReadRecord(record);
      const bool empty = record.cells.size() == 1 && record.cells[0].empty();
      if (!empty && !record.cells[0].starts_with('#')) return true;
    }
    return false;
  }

 private:
  void ReadRecord(Record& record) {
    while (true) {
      record.cells.push_back(ReadCell());
      if (at_ >= text_.size()) return;
      const char end = text_[at_++];
      if (end == separator_) continue;
      ++line_;
      return;
    }
  }

  std::string ReadCell() {
    std::string cell;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          cell.push_back('"');
          ++at_;
        } else {
          quoted = !quoted;
        }
      } else if (!quoted && (c == separator_ || c == '\n')) {
        break;
      } else {
        if (c == '\n') ++line_;
        cell.push_back(c);
      }
    }
    return std::string(absl::StripAsciiWhitespace(cell));
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
};

// What a row is built from.
struct Row {
  std::string tenant;
  std::string site;
  fleet::Target target;
};

// Empty where the value is fine.
using Setter = std::function<std::string(Row&, const std::string&)>;

std::string SetPort(Row& row, const std::string& text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return "\"" + text + "\" is no port from 1 to 65535";
  }
  row.target.mutable_snmp()->set_port(port);
  return {};
}

std::string SetVersion(Row& row, const std::string& text) {
  static const std::map<std::string, ev::SnmpAccess::Version> kVersions = {
      {"1", ev::SnmpAccess::VERSION_V1},
      {"2c", ev::SnmpAccess::VERSION_V2C},
      {"3", ev::SnmpAccess::VERSION_V3}};
  const auto found = kVersions.find(text);
  if (found == kVersions.end()) return "\"" + text + "\" is no SNMP version: 1, 2c or 3";
  row.target.mutable_snmp()->set_version(found->second);
  return {};
}

std::string SetOtherAddress(Row& row, const std::string& text) {
  if (text != "yes" && text != "no") return "\"" + text + "\" is neither yes nor no";
  row.target.mutable_snmp()->set_accept_from_other_address(text == "yes");
  return {};
}

template <class Field>
Setter Text(Field field) {
  return [field](Row& row, const std::string& text) {
    *field(row) = text;
    return std::string();
  };
}

const std::map<std::string, Setter, std::less<>>& Columns() {
  static const std::map<std::string, Setter, std::less<>> kColumns = {
      {"accept_from_other_address", SetOtherAddress},
      {"address", Text([](Row& row) { return row.target.mutable_address(); })},
      {"tenant", Text([](Row& row) { return &row.tenant; })},
      {"site", Text([](Row& row) { return &row.site; })},
      {"site_name", Text([](Row& row) { return row.target.mutable_site_name(); })},
      {"display_name", Text([](Row& row) { return row.target.mutable_display_name(); })},
      {"customer", Text([](Row& row) { return row.target.mutable_customer(); })},
      {"location", Text([](Row& row) { return row.target.mutable_location(); })},
      {"credential",
       Text([](Row& row) { return row.target.mutable_snmp()->mutable_credential(); })},
      {"context", Text([](Row& row) { return row.target.mutable_snmp()->mutable_context(); })},
      {"installation", Text([](Row& row) { return row.target.mutable_installation(); })},
      {"expected_serial", Text([](Row& row) { return row.target.mutable_expected_serial(); })},
      {"port", SetPort},
      {"version", SetVersion}};
  return kColumns;
}

void AddFault(int line, std::string_view what, Import& import) {
  import.faults.push_back(base::StrCat("line ", line, ": ", what));
}

std::vector<const Setter*> ReadHeader(const Record& header, Import& import) {
  std::vector<const Setter*> setters;
  bool has_address = false;
  for (const std::string& cell : header.cells) {
    const std::string name = absl::AsciiStrToLower(cell);
    const auto found = Columns().find(name);
    setters.push_back(found == Columns().end() ? nullptr : &found->second);
    has_address = has_address || name == "address";
    if (found != Columns().end()) continue;
    std::vector<std::string_view> known;
    for (const auto& [column, setter] : Columns()) known.push_back(column);
    const std::string nearest = base::NearestName(name, known);
    AddFault(header.line,
             base::StrCat("there is no column \"",
                          cell,
                          "\"",
                          nearest.empty() ? "" : base::StrCat("; did you mean ", nearest, "?")),
             import);
  }
  if (!has_address) {
    AddFault(header.line, "the first line names the columns; address is required", import);
  }
  return setters;
}

void ReadCsv(std::string_view text, const ImportDefaults& defaults, Import& import) {
  const std::string_view first = text.substr(0, text.find('\n'));
  CsvReader reader(text, first.find(';') != std::string_view::npos ? ';' : ',');
  Record record;
  if (!reader.Next(record)) return AddFault(1, "the file is empty", import);
  const std::vector<const Setter*> setters = ReadHeader(record, import);
  while (reader.Next(record)) {
    if (record.cells.size() > setters.size()) {
      AddFault(record.line, "more cells than there are columns", import);
      continue;
    }
    Row row{.tenant = defaults.tenant, .site = defaults.site};
    for (std::size_t i = 0; i < record.cells.size(); ++i) {
      if (setters[i] == nullptr || record.cells[i].empty()) continue;
      const std::string fault = (*setters[i])(row, record.cells[i]);
      if (!fault.empty()) AddFault(record.line, fault, import);
    }
    if (row.target.address().empty()) AddFault(record.line, "address is empty", import);
    fleet::CreateTargetRequest& request = import.requests.emplace_back();
    request.set_parent(base::StrCat("tenants/", row.tenant, "/sites/", row.site));
    *request.mutable_target() = std::move(row.target);
    import.lines.push_back(record.line);
  }
}

void ReadJsonLines(std::string_view text, const ImportDefaults& defaults, Import& import) {
  int line = 0;
  while (!text.empty()) {
    ++line;
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (absl::StripAsciiWhitespace(base::ToAbsl(one)).empty()) continue;
    fleet::CreateTargetRequest request;
    const auto status = google::protobuf::util::JsonStringToMessage(std::string(one), &request);
    if (!status.ok()) {
      AddFault(line,
               base::StrCat("no CreateTargetRequest in JSON: ", std::string(status.message())),
               import);
      continue;
    }
    if (request.parent().empty()) {
      request.set_parent(base::StrCat("tenants/", defaults.tenant, "/sites/", defaults.site));
    }
    import.requests.push_back(std::move(request));
    import.lines.push_back(line);
  }
}

// The gateway would refuse the second one; here its line can be named.
void FindRepeated(Import& import) {
  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < import.requests.size(); ++i) {
    const fleet::CreateTargetRequest& request = import.requests[i];
    if (request.target().address().empty()) continue;
    const std::string key = base::StrCat(
        request.parent(), " ", request.target().address(), " ", request.target().snmp().port());
    const auto [found, added] = seen.emplace(key, import.lines[i]);
    if (added) continue;
    AddFault(
        import.lines[i],
        base::StrCat(request.target().address(), " stands on line ", found->second, " already"),
        import);
  }
}

}  // namespace

Import ReadImport(std::string_view text, const ImportDefaults& defaults) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Import import;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    ReadJsonLines(text, defaults, import);
  } else {
    ReadCsv(text, defaults, import);
  }
  FindRepeated(import);
  return import;
}

std::string ImportColumns() {
  std::string names;
  for (const auto& [name, setter] : Columns()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace platen::platenctl
