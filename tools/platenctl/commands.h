// The commands. Each takes what is left of the command line after its name, and returns what went
// wrong; run.cc turns that into words and an exit code.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "platen/config/v1/platenctl.pb.h"

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "tools/platenctl/arguments.h"
#include "tools/platenctl/connection.h"

namespace platen::platenctl {

// What every command is given.
struct Session {
  Connection& gateway;
  const platen::config::v1::Platenctl& context;
  const Arguments& arguments;
  const base::Clock& clock;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::string program;       // This program's own path.
  bool interactive = false;  // Somebody reads and types.
  std::size_t columns = 0;   // What the terminal shows in a line; 0: there is none.
};

struct Command {
  std::string_view name;  // "devices list".
  std::string_view operands;
  std::string_view help;
  std::vector<OptionSpec> options;
  std::size_t operands_min = 0;
  std::size_t operands_max = 0;
  absl::Status (*run)(Session&) = nullptr;
  // Nobody has to say which gateway; whoever calls it is told then.
  bool works_offline = false;
};

Command DevicesListCommand();
Command DevicesGetCommand();
Command DevicesHistoryCommand();
Command DevicesMergeCommand();
Command DevicesSplitCommand();
Command MetersCommand();
Command MetersVerifyCommand();
Command MetersConfirmCommand();
Command MetersEnterCommand();
Command AlertsAckCommand();
Command AlertsUnackCommand();
Command AlertsSilenceCommand();
Command AlertsUnsilenceCommand();
Command AlertsExplainCommand();
Command AlertsCommand();
Command AuditGapsCommand();
Command CollectorSlowCommand();
Command CollectorOwnersCommand();
Command CollectorCoverageCommand();
Command DeadletterListCommand();
Command DeadletterReplayCommand();
Command RulesApplyCommand();
Command RulesCheckCommand();
Command RulesListCommand();
Command RulesGetCommand();
Command RulesDeleteCommand();
Command RulesReplayCommand();
Command RulesTestCommand();
Command TargetsAddCommand();
Command TargetsChangeCommand();
Command TargetsImportCommand();
Command TargetsListCommand();
Command TargetsRemoveCommand();
Command StatusCommand();
Command TopCommand();

// What the pipeline does now.
absl::StatusOr<platen::fleet::v1::PipelineStatus> AskStatus(Session& session);

// "tenants/T/sites/S" by --tenant and --site; "-" for those not given.
std::string WherePlace(const Arguments& arguments);
inline constexpr OptionSpec kTenantOption = {"tenant", "TENANT", "only this tenant"};
inline constexpr OptionSpec kSiteOption = {"site", "SITE", "only this site"};
inline constexpr OptionSpec kLimitOption = {
    "limit", "N", "at most N lines; default all", 1, INT32_MAX};

// The device that `text` means: its name, id, serial number or address. kNotFound, or
// kFailedPrecondition where it means several.
absl::StatusOr<platen::fleet::v1::Device> FindDevice(Session& session, const std::string& text);

// The alert that `text` means: its name, "DEVICE/ALERT" as `alerts list` shows it, the id alone of
// a site or subnet that does not answer ("site-silent/…", "subnet-silent/…"), or a device that has
// one. Where a device alone is named, of its open alerts the only one, and unless `open_only` else
// the last that ended. kNotFound, or kFailedPrecondition, which names those that it may mean.
absl::StatusOr<platen::fleet::v1::AlertRecord> FindAlert(Session& session,
                                                         const std::string& text,
                                                         bool open_only);

}  // namespace platen::platenctl
