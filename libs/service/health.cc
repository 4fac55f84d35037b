#include "libs/service/health.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/json.h"

namespace platen::service {

void HealthChecks::Add(std::string name, HealthCheck check) {
  const std::lock_guard lock(mutex_);
  checks_.insert_or_assign(std::move(name), std::move(check));
}

HealthChecks::Outcome HealthChecks::Ask(const std::string& word) const {
  const std::lock_guard lock(mutex_);
  Outcome outcome;
  std::string checks;
  for (const auto& [name, check] : checks_) {
    const absl::Status status = check();
    outcome.ok = outcome.ok && status.ok();
    checks += base::StrCat(checks.empty() ? "" : ",", "{\"name\":", JsonString(name));
    checks += status.ok()
                  ? ",\"ok\":true}"
                  : ",\"ok\":false,\"reason\":" + JsonString(base::ToStd(status.message())) + "}";
  }
  outcome.json = base::StrCat(
      "{", JsonString(word), ":", outcome.ok ? "true" : "false", ",\"checks\":[", checks, "]}\n");
  return outcome;
}

}  // namespace platen::service
