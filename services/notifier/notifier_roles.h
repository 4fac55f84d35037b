// What a notifier's process does: decide, deliver, or both. A role is its pipeline with its thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/service/main.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

// Whether the configuration gives this role to the process: where it names none, it has both.
bool HasRole(const config::v1::Notifier& config, config::v1::NotifierRole role);

class Role {
 public:
  virtual ~Role() = default;

  // "decide", "deliver": as checks, logs and groups name it.
  virtual std::string_view name() const = 0;

  // Makes all that follows from the changed configuration, so that whatever can fail fails before
  // anything has changed.
  virtual absl::Status Prepare(const config::v1::Notifier& changed) = 0;

  // Takes over what was prepared last. Returns once that holds.
  virtual absl::Status TakeOver() = 0;
};

// The roles of the configuration, with their parts and checks in `service`: those that tell before
// those that decide, so that nobody is told through a channel that is not there yet. Reads secrets
// and rules. All arguments must outlive the roles.
absl::StatusOr<std::vector<std::unique_ptr<Role>>> MakeRoles(
    const PipelineContext& pipeline,
    const config::v1::Notifier& config,
    std::uint64_t epoch,
    base::Random& random,
    service::ServiceContext<config::v1::Notifier>& service);

}  // namespace platen::notifier
