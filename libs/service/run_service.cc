#include <cstdio>
#include <cstdlib>
#include <optional>

#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/service/command_line.h"
#include "libs/service/main.h"
#include "libs/service/reload.h"

#ifndef PLATEN_VERSION
#error "the build defines PLATEN_VERSION"
#endif

namespace platen::service {
namespace internal {
namespace {

using google::protobuf::Message;
using Action = CommandLine::Action;

constexpr int kExitUsage = 2;

void Print(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

// The effective configuration; its faults go to `faults`.
std::unique_ptr<Message> Load(const UntypedDefinition& definition,
                              const CommandLine& line,
                              FaultList& faults) {
  std::unique_ptr<Message> config(definition.defaults.New());
  config->CopyFrom(definition.defaults);
  const ConfigSources sources{
      .file = line.config_file, .environment = PlatenEnvironment(), .sets = line.sets};
  // Ranges and combinations are judged even where keys are unknown, so that one run lists
  // everything. Of a file that cannot be read nobody knows what it lacks.
  if (LoadConfig(sources, *config, faults)) definition.validate(*config, faults);
  return config;
}

// Re-reads the configuration and hands it to the service; whatever goes wrong, the process runs on
// with what it has.
class Reloader {
 public:
  // `config` is what the process starts with. All must outlive this.
  Reloader(const UntypedDefinition& definition,
           const CommandLine& line,
           const Message& config,
           Metrics& metrics,
           const base::Clock& clock)
      : definition_(definition),
        line_(line),
        clock_(clock),
        reloadable_(definition.reloadable),
        in_force_(config.New()),
        taken_(Reloads(metrics, "success")),
        refused_(Reloads(metrics, "failure")),
        successful_(metrics.AddGauge(
            "platen_config_last_reload_successful",
            "1 if the configuration in use is the one last read, 0 if that had faults.")),
        taken_at_(metrics.AddGauge("platen_config_last_reload_success_timestamp_seconds",
                                   "When the configuration in use was read.")) {
    reloadable_.push_back("log.level");
    in_force_->CopyFrom(config);
    NoteTaken();
  }

  void Reload(const std::function<absl::Status(const Message&)>& apply) {
    FaultList faults;
    std::unique_ptr<Message> config = Load(definition_, line_, faults);
    RefuseFixedChanges(*in_force_, *config, reloadable_, faults);
    absl::Status outcome;
    if (!faults.empty()) {
      for (const Fault& fault : faults.faults())
        LogError("fault in the configuration", {{"fault", fault.ToString()}});
      outcome = base::InvalidArgument("faults: ", faults.faults().size());
    } else if (apply != nullptr) {
      outcome = apply(*config);
    }
    if (!outcome.ok()) {
      refused_.Increment();
      successful_.Set(0);
      LogError("configuration not reloaded; the former one stays", {{"reason", outcome.message()}});
      return;
    }
    in_force_ = std::move(config);
    SetLogLevel(line_.log_level.value_or(definition_.common(*in_force_).log_level));
    taken_.Increment();
    NoteTaken();
    LogInfo("configuration reloaded");
  }

 private:
  static Counter& Reloads(Metrics& metrics, const std::string& result) {
    return metrics.AddCounter(
        "platen_config_reloads_total", "Configurations read at SIGHUP.", {{"result", result}});
  }

  void NoteTaken() {
    successful_.Set(1);
    taken_at_.Set(static_cast<double>(base::ToMillis(clock_.WallNow())) / 1000);
  }

  const UntypedDefinition& definition_;
  const CommandLine& line_;
  const base::Clock& clock_;
  std::vector<std::string> reloadable_;
  std::unique_ptr<Message> in_force_;
  Counter& taken_;
  Counter& refused_;
  Gauge& successful_;
  Gauge& taken_at_;
};

void AddProcessMetrics(const std::string& name, Metrics& metrics) {
  metrics
      .AddGauge("platen_build_info",
                "Always 1; the version is in the label.",
                {{"version", Version()}, {"service", name}})
      .Set(1);
  metrics.AddGaugeFunction("platen_log_lines_dropped",
                           "Log lines dropped since the start because their queue was full.",
                           {},
                           [] { return static_cast<double>(DroppedLogLines()); });
}

absl::Status Ready(const Lifecycle& lifecycle) {
  if (lifecycle.draining()) return base::Unavailable("draining");
  if (!lifecycle.started()) return base::Unavailable("starting");
  return absl::OkStatus();
}

absl::Status RunWith(const UntypedDefinition& definition,
                     const CommandLine& line,
                     const Message& config,
                     const CommonOptions& common) {
  const base::RealClock clock;
  Metrics metrics;
  AddProcessMetrics(definition.name, metrics);
  Lifecycle lifecycle({.drain_timeout = common.drain_timeout}, clock);
  const InstalledLog log({.format = line.log_format.value_or(common.log_format),
                          .level = line.log_level.value_or(common.log_level)});
  AdminServer admin({.address = common.admin_address}, metrics);
  admin.AddReadinessCheck("lifecycle", [&] { return Ready(lifecycle); });
  absl::Status outcome = admin.Start();
  if (outcome.ok()) {
    LogInfo("starting",
            {{"service", definition.name},
             {"version", Version()},
             {"pid", getpid()},
             {"admin_port", admin.port()}});
    Reloader reloader(definition, line, config, metrics, clock);
    std::function<absl::Status(const Message&)> on_reload;
    lifecycle.OnReload([&] { reloader.Reload(on_reload); });
    // The first part, so the last to be stopped: what it asks for checks, pages and figures lives
    // in definition.run(), which goes on once the lifecycle has ended.
    lifecycle.AddPart({.name = "admin", .stop = [&admin](base::MonotonicTime) { admin.Stop(); }});
    UntypedContext context{metrics, admin, lifecycle, clock, on_reload};
    outcome = definition.run(config, context);
    admin.Stop();
    if (!outcome.ok() && !lifecycle.started() && lifecycle.stop_requested()) {
      // Nothing was taken in: there is nothing to drain, and what the start waited for is of no
      // interest any more.
      LogInfo("stopped while starting", {{"reason", outcome.message()}});
      outcome = absl::OkStatus();
    }
  }
  if (outcome.ok()) {
    LogInfo("stopped", {{"service", definition.name}});
  } else {
    LogError("failed", {{"service", definition.name}, {"reason", outcome.message()}});
  }
  return outcome;
}

}  // namespace

int RunUntyped(int argc, const char* const* argv, const UntypedDefinition& definition) {
  const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) {
    Print(stderr, base::StrCat(definition.name, ": ", line.status().message(), "\n"));
    return kExitUsage;
  }
  if (line->action == Action::kHelp) {
    Print(stdout, HelpText(definition.name, definition.description));
    return EXIT_SUCCESS;
  }
  if (line->action == Action::kVersion) {
    Print(stdout, base::StrCat(definition.name, " ", Version(), "\n"));
    return EXIT_SUCCESS;
  }
  std::optional<HeldSignals> held;
  if (line->action == Action::kRun) held.emplace();
  FaultList faults;
  const std::unique_ptr<Message> config = Load(definition, *line, faults);
  if (!faults.empty()) {
    Print(stderr, faults.ToString());
    return EXIT_FAILURE;
  }
  if (line->action == Action::kPrintConfig) Print(stdout, PrintConfig(*config));
  if (line->action != Action::kRun) return EXIT_SUCCESS;
  return RunWith(definition, *line, *config, definition.common(*config)).ok() ? EXIT_SUCCESS
                                                                              : EXIT_FAILURE;
}

}  // namespace internal

std::string Version() {
  return PLATEN_VERSION;
}

}  // namespace platen::service
