#include "libs/service/kafka_config.h"

#include "libs/base/status.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"
#include "libs/service/log.h"

namespace platen::service {
namespace {

constexpr base::Duration kReloadIntervalMax = std::chrono::hours(1);

}  // namespace

void ValidateKafka(const config::v1::Kafka& kafka, std::string_view path, FaultList& faults) {
  const std::string parent(path);
  RequireValue(kafka.bootstrap_servers(), parent + ".bootstrap_servers", faults);
  if (!kafka.sasl_password_file().empty()) {
    RequireFile(kafka.sasl_password_file(), parent + ".sasl_password_file", faults);
  }
  for (const std::string_view property : kKafkaFileProperties) {
    const auto found = kafka.properties().find(std::string(property));
    if (found == kafka.properties().end() || found->second == "probe") continue;
    RequireFile(found->second, base::StrCat(parent, ".properties.", property), faults);
  }
  RequireDuration(kafka.tls_reload_interval(),
                  base::Duration::zero(),
                  kReloadIntervalMax,
                  parent + ".tls_reload_interval",
                  faults);
}

absl::StatusOr<broker::kafka::KafkaOptions> ToKafkaOptions(const config::v1::Kafka& kafka,
                                                           const std::string& client_id) {
  broker::kafka::KafkaOptions options;
  options.bootstrap_servers = kafka.bootstrap_servers();
  options.client_id = client_id;
  options.properties = {kafka.properties().begin(), kafka.properties().end()};
  if (!kafka.sasl_password_file().empty()) {
    PLATEN_ASSIGN_OR_RETURN(options.sasl_password, ReadSecretFile(kafka.sasl_password_file()));
  }
  if (kafka.producer_queue_bytes() > 0) {
    options.producer_queue_bytes = kafka.producer_queue_bytes();
  }
  return options;
}

absl::StatusOr<broker::kafka::KafkaOptions> ToKafkaOptions(const config::v1::Kafka& kafka,
                                                           const std::string& client_id,
                                                           const Lifecycle& lifecycle) {
  PLATEN_ASSIGN_OR_RETURN(broker::kafka::KafkaOptions options, ToKafkaOptions(kafka, client_id));
  options.log = [](std::string_view line) {
    const bool passing = broker::kafka::IsPassing(line);
    Log(passing ? LogLevel::kDebug : LogLevel::kWarning, "kafka client", {{"says", line}});
  };
  options.stopping = [&lifecycle] { return lifecycle.stop_requested() || lifecycle.draining(); };
  return options;
}

}  // namespace platen::service
