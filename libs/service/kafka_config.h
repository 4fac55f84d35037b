// platen.config.v1.Kafka, checked and turned into what libs/broker/kafka takes. A target of its own
// (service_kafka), so that only services that speak to Kafka link librdkafka.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "platen/config/v1/common.pb.h"

#include "absl/status/statusor.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/service/faults.h"
#include "libs/service/lifecycle.h"

namespace platen::service {

// Properties of librdkafka that name TLS files.
inline constexpr std::array<std::string_view, 5> kKafkaFileProperties = {"ssl.certificate.location",
                                                                         "ssl.key.location",
                                                                         "ssl.ca.location",
                                                                         "ssl.crl.location",
                                                                         "ssl.keystore.location"};

// `path`: where the message stands in the configuration.
void ValidateKafka(const config::v1::Kafka& kafka, std::string_view path, FaultList& faults);

// `client_id`: "platenctl". Reads the password file; its errors pass through.
absl::StatusOr<broker::kafka::KafkaOptions> ToKafkaOptions(const config::v1::Kafka& kafka,
                                                           const std::string& client_id);

// The same for a service, "platen-relay/relay-0". What librdkafka has to say goes to the log: as a
// warning, or for what passes by itself (a broker that is starting, an election) at level debug.
// `lifecycle` must outlive the clients: once it is to stop, they wait for no broker.
absl::StatusOr<broker::kafka::KafkaOptions> ToKafkaOptions(const config::v1::Kafka& kafka,
                                                           const std::string& client_id,
                                                           const Lifecycle& lifecycle);

}  // namespace platen::service
