// What a service's main() calls: options, configuration, logs, metrics, admin port, signals; then
// the service itself.
//
//   int main(int argc, char** argv) {
//     return platen::service::RunService<RelayConfig>(argc, argv, {
//         .name = "platen-relay",
//         .description = "Forwards events from Kafka to a gateway.",
//         .defaults = DefaultRelayConfig(),
//         .validate = ValidateRelayConfig,
//         .common = ToCommonOptions<RelayConfig>,  // libs/service/common_config.h
//         .run = RunRelay});
//   }
//
//   absl::Status RunRelay(const RelayConfig& config, ServiceContext<RelayConfig>& context) {
//     Uplink uplink(…);                       // Collaborators, by constructor, in the order of the
//     pipeline. context.lifecycle.AddPart({.name = "uplink", .start = …, .stop = …}); return
//     context.lifecycle.Run();         // Until a signal; then the parts have stopped.
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "libs/service/admin_server.h"
#include "libs/service/config.h"
#include "libs/service/lifecycle.h"
#include "libs/service/log.h"
#include "libs/service/metrics.h"

namespace platen::service {

// What RunService itself takes from a service's configuration. --log-format and --log-level win
// over the last two.
struct CommonOptions {
  std::string admin_address = "127.0.0.1:0";
  base::Duration drain_timeout = std::chrono::seconds(25);
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
};

// What a running service is given. Everything outlives its run function, on whose thread (the main
// one) it is used.
template <class Config>
struct ServiceContext {
  Metrics& metrics;
  // Listens already; /readyz says no until all parts have started, and while draining. Asks its
  // checks and pages, and the metrics their functions, until lifecycle.Run() returns: they may look
  // at what the run function owns. REQUIRES: nothing fails between their registration and
  // lifecycle.Run().
  AdminServer& admin;
  Lifecycle& lifecycle;
  const base::Clock& clock;
  // Called at SIGHUP, on the main thread, with a configuration that is valid as a whole and differs
  // from the one in force in nothing but ServiceDefinition::reloadable. Takes over all of it or
  // returns an error, which is logged and counted; the service then goes on with what it had.
  std::function<absl::Status(const Config&)>& on_reload;
};

template <class Config>
struct ServiceDefinition {
  std::string name;         // The program's name: "platen-relay".
  std::string description;  // One sentence for --help.
  Config defaults;
  std::function<void(const Config&, FaultList&)> validate;
  std::function<CommonOptions(const Config&)> common;
  std::function<absl::Status(const Config&, ServiceContext<Config>&)> run;
  // Keys that the service takes over at SIGHUP ("receivers", "limits.queue_bytes"). A file that
  // changes any other is refused as a whole, but for log.level, which needs nothing of the service.
  std::vector<std::string> reloadable;
};

namespace internal {

struct UntypedContext {
  Metrics& metrics;
  AdminServer& admin;
  Lifecycle& lifecycle;
  const base::Clock& clock;
  std::function<absl::Status(const google::protobuf::Message&)>& on_reload;
};

struct UntypedDefinition {
  std::string name;
  std::string description;
  const google::protobuf::Message& defaults;
  std::function<void(const google::protobuf::Message&, FaultList&)> validate;
  std::function<CommonOptions(const google::protobuf::Message&)> common;
  std::function<absl::Status(const google::protobuf::Message&, UntypedContext&)> run;
  std::vector<std::string> reloadable;
};

int RunUntyped(int argc, const char* const* argv, const UntypedDefinition& definition);

}  // namespace internal

// Returns the exit code: 0 after a drain, 1 after a failure or for a faulty configuration, 2 for
// wrong usage. REQUIRES: called on the main thread, before any other thread exists.
template <class Config>
int RunService(int argc, const char* const* argv, const ServiceDefinition<Config>& definition) {
  using google::protobuf::Message;
  const auto typed = [](const Message& message) -> const Config& {
    return static_cast<const Config&>(message);
  };
  return internal::RunUntyped(
      argc,
      argv,
      {.name = definition.name,
       .description = definition.description,
       .defaults = definition.defaults,
       .validate =
           [&](const Message& config, FaultList& faults) {
             if (definition.validate != nullptr) definition.validate(typed(config), faults);
           },
       .common =
           [&](const Message& config) {
             return definition.common == nullptr ? CommonOptions()
                                                 : definition.common(typed(config));
           },
       .run =
           [&](const Message& config, internal::UntypedContext& context) {
             std::function<absl::Status(const Config&)> on_reload;
             context.on_reload = [&](const Message& changed) {
               return on_reload == nullptr ? absl::OkStatus() : on_reload(typed(changed));
             };
             ServiceContext<Config> typed_context{
                 context.metrics, context.admin, context.lifecycle, context.clock, on_reload};
             absl::Status outcome = definition.run(typed(config), typed_context);
             context.on_reload = nullptr;
             return outcome;
           },
       .reloadable = definition.reloadable});
}

// The version of this build: "0.1.0".
std::string Version();

}  // namespace platen::service
