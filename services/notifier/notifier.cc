#include "services/notifier/notifier.h"

#include <string>
#include <utility>

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/service/epoch.h"
#include "libs/service/kafka_config.h"
#include "libs/service/kafka_tls_watch.h"
#include "libs/service/log.h"
#include "services/notifier/decide_pipeline.h"
#include "services/notifier/deliver_pipeline.h"
#include "services/notifier/notifier_config.h"
#include "services/notifier/notifier_metrics.h"
#include "services/notifier/pipeline_thread.h"

namespace platen::notifier {
namespace {

using Config = config::v1::Notifier;

PipelineOptions ToPipelineOptions(const Config& config,
                                  std::string_view stage,
                                  std::uint64_t epoch) {
  const std::string& prefix = config.kafka().topic_prefix();
  return {.topics = event::Topics(prefix),
          .group_prefix = prefix.empty() ? "platen" : prefix,
          .instance = base::StrCat(config.instance(), "-", stage),
          .epoch = epoch,
          .version = service::Version()};
}

service::Part ThreadPart(const std::string& name, PipelineThread& thread) {
  return {.name = name,
          .start =
              [&thread] {
                thread.Start();
                return absl::OkStatus();
              },
          .stop = [&thread](base::MonotonicTime deadline) { thread.Stop(deadline); }};
}

void AddChecks(service::AdminServer& admin, const std::string& name, PipelineThread& thread) {
  admin.AddLivenessCheck(name, [&thread] { return thread.CheckAlive(); });
  admin.AddReadinessCheck(name, [&thread] { return thread.CheckReady(); });
}

}  // namespace

absl::Status RunNotifier(const Config& config, service::ServiceContext<Config>& context) {
  PLATEN_ASSIGN_OR_RETURN(
      broker::kafka::KafkaOptions kafka,
      service::ToKafkaOptions(
          config.kafka(), base::StrCat("platen-notifier/", config.instance()), context.lifecycle));
  PLATEN_ASSIGN_OR_RETURN(
      const auto kafka_tls,
      service::KafkaTlsWatch::Start(config.kafka(), kafka, context.metrics, context.clock));
  broker::kafka::KafkaBroker broker(std::move(kafka));
  PLATEN_ASSIGN_OR_RETURN(const std::uint64_t epoch,
                          service::TakeEpoch(config.state_dir(), context.clock.WallNow()));
  base::Random random(base::SecureRandom64());

  // From the end to the beginning: who is told, …
  edge::Transfers transfers;
  PLATEN_ASSIGN_OR_RETURN(Channels channels, MakeChannels(config, transfers));
  NotifierMetrics metrics(context.metrics, ChannelKinds());
  const PipelineContext pipeline{broker, context.clock, metrics};
  // … when each receiver is tried, …
  core::DeliverOptions deliver_options;
  deliver_options.queue.backoff.max = std::chrono::minutes(1);
  deliver_options.epoch = epoch;
  DeliverPipeline deliver(pipeline,
                          ToPipelineOptions(config, "deliver", epoch),
                          deliver_options,
                          std::move(channels),
                          random);
  // … and what is worth telling.
  PLATEN_ASSIGN_OR_RETURN(const std::vector<rules::v1::Record> rules, ToRules(config));
  DecidePipeline decide(pipeline, ToPipelineOptions(config, "decide", epoch), {}, rules);

  PipelineThread deliver_thread("deliver", deliver, context.clock);
  PipelineThread decide_thread("decide", decide, context.clock);
  AddChecks(context.admin, "deliver", deliver_thread);
  AddChecks(context.admin, "decide", decide_thread);
  context.lifecycle.AddPart(ThreadPart("deliver", deliver_thread));
  context.lifecycle.AddPart(ThreadPart("decide", decide_thread));
  Config in_force = config;
  context.on_reload = [&](const Config& changed) -> absl::Status {
    // Whatever can fail comes first: after it, all is taken over.
    PLATEN_ASSIGN_OR_RETURN(Channels made, MakeChannels(changed, transfers));
    PLATEN_ASSIGN_OR_RETURN(const std::vector<rules::v1::Record> changed_rules, ToRules(changed));
    // Deliver before decide, so that nobody is told through a channel that is not there yet.
    deliver_thread.Call(
        [&] { deliver.SetChannels(std::move(made), ChangedReceivers(in_force, changed)); });
    absl::Status taken;
    decide_thread.Call([&] { taken = decide.SetRules(changed_rules); });
    in_force = changed;
    return taken;
  };
  service::LogInfo(
      "notifier starts",
      {{"instance", config.instance()}, {"epoch", epoch}, {"receivers", config.receivers_size()}});
  return context.lifecycle.Run();
}

}  // namespace platen::notifier
