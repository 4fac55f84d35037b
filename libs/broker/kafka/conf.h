// librdkafka's configurations, as Platen needs them. For the .cc files of this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/broker/broker.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {

// Owns a C object of librdkafka.
template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using PartitionListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                         Destroy<rd_kafka_topic_partition_list_destroy>>;

// What librdkafka's callbacks find through rd_kafka_opaque().
struct HandleContext {
  std::function<void(std::string_view)> log;
  void* owner = nullptr;
};

// Each fails with kInvalidArgument for a property that librdkafka does not know or Platen fixes.
// `context` must outlive the handle made of the result.
absl::StatusOr<ConfPtr> AdminConf(const KafkaOptions& options, HandleContext* context);
absl::StatusOr<ConfPtr> PublisherConf(const KafkaOptions& options,
                                      const PublisherOptions& publisher,
                                      HandleContext* context);
absl::StatusOr<ConfPtr> SubscriberConf(const KafkaOptions& options,
                                       const SubscriberOptions& subscriber,
                                       HandleContext* context);

// A client of librdkafka, and of which TLS files it was made; none where it reads them itself.
struct Handle {
  rd_kafka_t* client = nullptr;
  std::shared_ptr<const TlsVersion> tls;
};

// Makes a client; takes the configuration. Its TLS files are the current ones of `options`.
absl::StatusOr<Handle> NewHandle(rd_kafka_type_t type, ConfPtr conf, const KafkaOptions& options);

// Whether a client that was made of `tls` is to be replaced.
bool IsFormer(const std::shared_ptr<const TlsVersion>& tls, const KafkaOptions& options);

}  // namespace platen::broker::kafka
