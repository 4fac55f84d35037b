#include "libs/service/rule_file.h"

#include <set>

#include "libs/base/status.h"
#include "libs/rules/rule_book.h"
#include "libs/service/config.h"
#include "libs/service/faults.h"

namespace platen::service {

absl::StatusOr<std::vector<rules::v1::Record>> ReadRuleFile(const std::string& path) {
  rules::v1::RuleFile file;
  FaultList faults;
  LoadConfig({.file = path}, file, faults);
  std::set<std::string> names;
  for (int i = 0; i < file.records_size(); ++i) {
    const rules::v1::Record& record = file.records(i);
    const std::string at = base::StrCat("records[", i, "]");
    if (const absl::Status status = rules::CheckRecord(record); !status.ok()) {
      faults.Add(at, std::string(status.message()));
    } else if (!names.insert(record.name()).second) {
      faults.Add(at, base::StrCat("'", record.name(), "': there is another record of this name"));
    }
  }
  if (!faults.empty()) return base::InvalidArgument(faults.ToString());
  return std::vector<rules::v1::Record>(file.records().begin(), file.records().end());
}

}  // namespace platen::service
