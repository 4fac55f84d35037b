#include "services/notifier/notifier.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/service/epoch.h"
#include "libs/service/kafka_config.h"
#include "libs/service/kafka_tls_watch.h"
#include "libs/service/log.h"
#include "services/notifier/notifier_config.h"
#include "services/notifier/notifier_metrics.h"
#include "services/notifier/notifier_roles.h"

namespace platen::notifier {

using Config = config::v1::Notifier;

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

  NotifierMetrics metrics(context.metrics, ChannelKinds());
  const PipelineContext pipeline{broker, context.clock, metrics};
  PLATEN_ASSIGN_OR_RETURN(const std::vector<std::unique_ptr<Role>> roles,
                          MakeRoles(pipeline, config, epoch, random, context));
  context.on_reload = [&roles](const Config& changed) -> absl::Status {
    // Whatever can fail comes first: after it, all is taken over.
    for (const auto& role : roles) PLATEN_RETURN_IF_ERROR(role->Prepare(changed));
    absl::Status taken;
    for (const auto& role : roles) taken.Update(role->TakeOver());
    return taken;
  };
  std::vector<std::string> names;
  for (const auto& role : roles) names.emplace_back(role->name());
  service::LogInfo("notifier starts",
                   {{"instance", config.instance()},
                    {"epoch", epoch},
                    {"roles", absl::StrJoin(names, ", ")},
                    {"receivers", config.receivers_size()}});
  return context.lifecycle.Run();
}

}  // namespace platen::notifier
