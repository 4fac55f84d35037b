// The parts that every service's configuration has: administrator's port, logs, drain.
#pragma once

#include <string_view>

#include "platen/config/v1/common.pb.h"

#include "libs/service/faults.h"
#include "libs/service/main.h"

namespace platen::service {

// The options that `config` means. REQUIRES: ValidateCommon() found no fault in it. `Config` is any
// of the services' messages: it has admin, log and drain_timeout.
CommonOptions ToCommonOptions(const platen::config::v1::Admin& admin,
                              const platen::config::v1::Log& log,
                              const google::protobuf::Duration& drain_timeout);

template <class Config>
CommonOptions ToCommonOptions(const Config& config) {
  return ToCommonOptions(config.admin(), config.log(), config.drain_timeout());
}

// Faults of admin.listen, log.format, log.level and drain_timeout.
void ValidateCommon(const platen::config::v1::Admin& admin,
                    const platen::config::v1::Log& log,
                    const google::protobuf::Duration& drain_timeout,
                    FaultList& faults);

template <class Config>
void ValidateCommon(const Config& config, FaultList& faults) {
  ValidateCommon(config.admin(), config.log(), config.drain_timeout(), faults);
}

// One fault at `path` unless `value` is given.
void RequireValue(std::string_view value, std::string_view path, FaultList& faults);
// One fault unless `instance` can be the source of events: 1 to 127 characters of [A-Za-z0-9._-].
// Gateways refuse every event of a longer one.
void RequireInstance(std::string_view instance, FaultList& faults);
// One fault at `path` unless it names a file that can be read. An empty name is a fault too.
void RequireFile(const std::string& file, std::string_view path, FaultList& faults);
// One fault at `path` unless `duration` lies in [min, max].
void RequireDuration(const google::protobuf::Duration& duration,
                     base::Duration min,
                     base::Duration max,
                     std::string_view path,
                     FaultList& faults);

}  // namespace platen::service
