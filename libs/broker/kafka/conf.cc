#include "libs/broker/kafka/conf.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/staged_files.h"

namespace platen::broker::kafka {
namespace {

// What no configuration file may change, because a promise rests on it.
constexpr std::array<std::string_view, 17> kFixed = {
    "acks",
    "auto.offset.reset",
    "client.id",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "group.id",
    "group.instance.id",
    "message.send.max.retries",
    "message.timeout.ms",
    "partition.assignment.strategy",
    "request.required.acks",
    "retries",
    "session.timeout.ms",
    "transactional.id",
};

absl::Status Set(rd_kafka_conf_t* conf, std::string_view name, std::string_view value) {
  char error[256];
  if (rd_kafka_conf_set(
          conf, std::string(name).c_str(), std::string(value).c_str(), error, sizeof error) !=
      RD_KAFKA_CONF_OK) {
    // librdkafka's own words may repeat the value, which may be a secret.
    return base::InvalidArgument("kafka: property \"", name, "\" is unknown or its value is wrong");
  }
  return absl::OkStatus();
}

absl::Status SetAll(rd_kafka_conf_t* conf,
                    std::initializer_list<std::pair<std::string_view, std::string>> properties) {
  for (const auto& [name, value] : properties) {
    PLATEN_RETURN_IF_ERROR(Set(conf, name, value));
  }
  return absl::OkStatus();
}

// The cooperative assignor loops without end where two members have one client.id.
std::string UniqueClientId(const KafkaOptions& options, std::string_view kind) {
  return base::StrCat(
      options.client_id, "-", kind, "-", absl::StrFormat("%08x", base::SecureRandom64() >> 32));
}

void Log(const rd_kafka_t* handle, int /*level*/, const char* facility, const char* message) {
  // Remarks about the configuration: that gapless guarantees are experimental is known here.
  if (std::string_view(facility) == "CONFWARN") return;
  const auto* context = static_cast<const HandleContext*>(rd_kafka_opaque(handle));
  if (context->log) context->log(base::StrCat(facility, ": ", message));
}

absl::StatusOr<ConfPtr> BaseConf(const KafkaOptions& options,
                                 std::string_view kind,
                                 HandleContext* context) {
  if (options.bootstrap_servers.empty()) {
    return base::InvalidArgument("kafka: bootstrap_servers is empty");
  }
  ConfPtr conf(rd_kafka_conf_new());
  PLATEN_RETURN_IF_ERROR(SetAll(conf.get(),
                                {{"bootstrap.servers", options.bootstrap_servers},
                                 {"client.id", UniqueClientId(options, kind)},
                                 {"socket.nagle.disable", "true"},
                                 {"socket.keepalive.enable", "true"},
                                 {"reconnect.backoff.ms", "50"},
                                 {"reconnect.backoff.max.ms", "1000"},
                                 {"log.connection.close", "false"}}));
  for (const auto& [name, value] : options.properties) {
    if (std::ranges::find(kFixed, name) != kFixed.end()) {
      return base::InvalidArgument(
          "kafka: property \"", name, "\" is fixed: Platen's promises rest on it");
    }
    PLATEN_RETURN_IF_ERROR(Set(conf.get(), name, value));
  }
  if (!options.sasl_password.empty()) {
    PLATEN_RETURN_IF_ERROR(Set(conf.get(), "sasl.password", options.sasl_password));
  }
  rd_kafka_conf_set_opaque(conf.get(), context);
  rd_kafka_conf_set_log_cb(conf.get(), Log);
  return conf;
}

std::size_t Kibibytes(std::size_t bytes) {
  return std::max<std::size_t>(1, bytes / 1024);
}

}  // namespace

absl::StatusOr<ConfPtr> AdminConf(const KafkaOptions& options, HandleContext* context) {
  return BaseConf(options, "admin", context);
}

absl::StatusOr<ConfPtr> PublisherConf(const KafkaOptions& options,
                                      const PublisherOptions& publisher,
                                      HandleContext* context) {
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, BaseConf(options, "publisher", context));
  const std::size_t queue_bytes =
      publisher.queue_bytes > 0 ? publisher.queue_bytes : options.producer_queue_bytes;
  PLATEN_RETURN_IF_ERROR(SetAll(
      conf.get(),
      {{"enable.idempotence", "true"},
       {"acks", "all"},
       {"message.timeout.ms", "0"},
       // A batch refused for good must stop what is behind it: the publisher sends everything again
       // in order, on a new handle.
       {"enable.gapless.guarantee", "true"},
       {"linger.ms", base::StrCat(publisher.linger.count())},
       // The publisher bounds its queue itself, by bytes; librdkafka's bounds only back that up.
       {"queue.buffering.max.kbytes", base::StrCat(Kibibytes(2 * queue_bytes) + 1024)},
       {"queue.buffering.max.messages", "0"}}));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return conf;
}

absl::StatusOr<ConfPtr> SubscriberConf(const KafkaOptions& options,
                                       const SubscriberOptions& subscriber,
                                       HandleContext* context) {
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, BaseConf(options, "subscriber", context));
  const std::size_t prefetch = Kibibytes(subscriber.prefetch_bytes);
  // librdkafka demands room for the largest record.
  const std::size_t fetch_bytes = std::max<std::size_t>(subscriber.prefetch_bytes, 1u << 20);
  // assign() asks for a group's name though partitions named by the caller have none.
  const std::string group =
      subscriber.group.empty() ? UniqueClientId(options, "nogroup") : subscriber.group;
  PLATEN_RETURN_IF_ERROR(SetAll(conf.get(),
                                {{"group.id", group},
                                 {"group.instance.id", subscriber.instance_id},
                                 {"partition.assignment.strategy", "cooperative-sticky"},
                                 {"session.timeout.ms", "6000"},
                                 {"heartbeat.interval.ms", "500"},
                                 {"max.poll.interval.ms", "60000"},
                                 {"enable.auto.commit", "false"},
                                 {"enable.auto.offset.store", "false"},
                                 {"auto.offset.reset", "error"},
                                 {"enable.partition.eof", "true"},
                                 // Longest wait of a fetch, and so of a partition that joins it.
                                 {"fetch.wait.max.ms", "200"},
                                 // One answer of the broker is as large as all that is prefetched.
                                 {"fetch.max.bytes", base::StrCat(fetch_bytes)},
                                 {"queued.max.messages.kbytes", base::StrCat(prefetch)},
                                 {"queued.min.messages", "1000000"}}));
  return conf;
}

absl::StatusOr<Handle> NewHandle(rd_kafka_type_t type, ConfPtr conf, const KafkaOptions& options) {
  Handle handle;
  StagedFiles staged;  // Until the client has read them.
  if (options.tls != nullptr) {
    handle.tls = options.tls->current();
    for (const auto& [name, content] : handle.tls->files) {
      PLATEN_ASSIGN_OR_RETURN(const std::string path, staged.Add(content));
      PLATEN_RETURN_IF_ERROR(Set(conf.get(), name, path));
    }
  }
  char error[512];
  handle.client = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (handle.client == nullptr) {
    return base::InvalidArgument("kafka: the client can't be made: ", error);
  }
  static_cast<void>(conf.release());  // The handle owns it now.
  if (handle.tls != nullptr) options.tls->TellUse(rd_kafka_name(handle.client), *handle.tls);
  return handle;
}

bool IsFormer(const std::shared_ptr<const TlsVersion>& tls, const KafkaOptions& options) {
  return tls != nullptr && tls->number != options.tls->number();
}

}  // namespace platen::broker::kafka
