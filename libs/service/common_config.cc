#include "libs/service/common_config.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/config_values.h"

namespace platen::service {

using google::protobuf::Duration;
using platen::config::v1::Admin;

CommonOptions ToCommonOptions(const Admin& admin,
                              const platen::config::v1::Log& log,
                              const Duration& drain_timeout) {
  CommonOptions options;
  if (!admin.listen().empty()) options.admin_address = admin.listen();
  if (const base::Duration drain = event::FromProto(drain_timeout);
      drain > base::Duration::zero()) {
    options.drain_timeout = drain;
  }
  options.log_format = ParseLogFormat(log.format()).value_or(LogFormat::kJson);
  options.log_level = ParseLogLevel(log.level()).value_or(LogLevel::kInfo);
  return options;
}

void ValidateCommon(const Admin& admin,
                    const platen::config::v1::Log& log,
                    const Duration& drain_timeout,
                    FaultList& faults) {
  if (!admin.listen().empty()) {
    if (const absl::Status valid = CheckAdminAddress(admin.listen()); !valid.ok()) {
      faults.Add("admin.listen", std::string(valid.message()));
    }
  }
  if (!log.format().empty()) {
    if (const auto format = ParseLogFormat(log.format()); !format.ok()) {
      faults.Add("log.format", std::string(format.status().message()));
    }
  }
  if (!log.level().empty()) {
    if (const auto level = ParseLogLevel(log.level()); !level.ok()) {
      faults.Add("log.level", std::string(level.status().message()));
    }
  }
  RequireDuration(
      drain_timeout, base::Duration::zero(), std::chrono::hours(1), "drain_timeout", faults);
}

void RequireValue(std::string_view value, std::string_view path, FaultList& faults) {
  if (value.empty()) faults.Add(path, "is required");
}

void RequireInstance(std::string_view instance, FaultList& faults) {
  if (instance.empty()) return RequireValue(instance, "instance", faults);
  const bool sound = std::ranges::all_of(instance, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (!sound || instance.size() > 127) {
    faults.Add("instance", "must be 1 to 127 characters of [A-Za-z0-9._-]");
  }
}

void RequireFile(const std::string& file, std::string_view path, FaultList& faults) {
  if (file.empty()) {
    faults.Add(path, "is required");
  } else if (access(file.c_str(), R_OK) != 0) {
    faults.Add(path, base::StrCat("cannot read '", file, "': ", base::ErrnoMessage(errno)));
  }
}

void RequireDuration(const Duration& duration,
                     base::Duration min,
                     base::Duration max,
                     std::string_view path,
                     FaultList& faults) {
  const base::Duration value = event::FromProto(duration);
  if (value >= min && value <= max) return;
  faults.Add(path,
             base::StrCat(FormatDuration(value),
                          " is not from ",
                          FormatDuration(min),
                          " to ",
                          FormatDuration(max)));
}

}  // namespace platen::service
