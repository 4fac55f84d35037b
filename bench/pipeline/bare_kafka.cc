#include "bench/pipeline/bare_kafka.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "bench/pipeline/kafka_bench.h"

namespace platen::bench {
namespace {

void Set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
    Broken(error);
  }
}

rd_kafka_t* New(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char error[256];
  rd_kafka_t* handle = rd_kafka_new(type, conf, error, sizeof error);
  if (handle == nullptr) Broken(error);
  return handle;
}

// A consumer of partitions from their beginning, and its queue.
struct BareConsumer {
  BareConsumer(const std::string& address, const std::string& topic, int partitions) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    Set(conf, "bootstrap.servers", address);
    Set(conf, "group.id", "bench-bare");
    Set(conf, "enable.auto.commit", "false");
    // Room for everything: with less librdkafka 2.0 would sleep for up to a second at each full
    // queue.
    Set(conf, "queued.min.messages", "1000000");
    Set(conf, "queued.max.messages.kbytes", "1048576");
    handle = New(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(handle);
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; ++p) {
      rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    queue = rd_kafka_queue_get_consumer(handle);
  }

  ~BareConsumer() {
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }

  BareConsumer(const BareConsumer&) = delete;
  BareConsumer& operator=(const BareConsumer&) = delete;

  rd_kafka_t* handle = nullptr;
  rd_kafka_queue_t* queue = nullptr;
};

}  // namespace

struct BareProducer::State {
  rd_kafka_t* handle = nullptr;
  std::uint64_t delivered = 0;
};

BareProducer::BareProducer(const std::string& address, int linger_ms)
    : state_(std::make_unique<State>()) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", address);
  Set(conf, "enable.idempotence", "true");
  Set(conf, "linger.ms", std::to_string(linger_ms));
  Set(conf, "queue.buffering.max.kbytes", "65536");
  Set(conf, "queue.buffering.max.messages", "1000000");
  rd_kafka_conf_set_opaque(conf, state_.get());
  rd_kafka_conf_set_dr_msg_cb(conf,
                              [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
                                if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                                  Broken(rd_kafka_err2str(message->err));
                                ++static_cast<State*>(opaque)->delivered;
                              });
  state_->handle = New(RD_KAFKA_PRODUCER, conf);
}

BareProducer::~BareProducer() {
  rd_kafka_destroy(state_->handle);
}

void BareProducer::Run(const std::string& topic,
                       int partitions,
                       std::uint64_t count,
                       const std::string& value,
                       const Headers& headers) {
  const std::uint64_t goal = state_->delivered + count;
  const std::string key(16, 'k');
  for (std::uint64_t i = 0; i < count;) {
    rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
    for (const auto& [name, text] : headers) {
      rd_kafka_header_add(list,
                          name.data(),
                          static_cast<ssize_t>(name.size()),
                          text.data(),
                          static_cast<ssize_t>(text.size()));
    }
    const auto partition = static_cast<std::int32_t>(i % static_cast<std::uint64_t>(partitions));
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(state_->handle,
                          RD_KAFKA_V_TOPIC(topic.c_str()),
                          RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key.data(), key.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_HEADERS(list),
                          RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++i;
    } else {
      rd_kafka_headers_destroy(list);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || i % 256 == 0) {
      rd_kafka_poll(state_->handle, error != RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0);
    }
  }
  while (state_->delivered < goal) rd_kafka_poll(state_->handle, 10);
}

void CountRecords(const std::string& address,
                  const std::string& topic,
                  int partitions,
                  std::uint64_t count,
                  const std::function<void()>& started) {
  const BareConsumer consumer(address, topic, partitions);
  std::vector<rd_kafka_message_t*> messages(1000);
  std::uint64_t seen = 0;
  while (seen < count) {
    const ssize_t got =
        rd_kafka_consume_batch_queue(consumer.queue, 10, messages.data(), messages.size());
    if (seen == 0 && got > 0) started();
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++seen;
      rd_kafka_message_destroy(message);
    }
  }
}

struct BareReader::State {
  std::atomic<bool> stopping = false;
  std::thread thread;
};

BareReader::BareReader(const std::string& address,
                       const std::string& topic,
                       std::function<void(std::string_view)> on_value)
    : state_(std::make_unique<State>()) {
  state_->thread = std::thread([this, address, topic, on_value = std::move(on_value)] {
    const BareConsumer consumer(address, topic, 1);
    while (!state_->stopping) {
      rd_kafka_message_t* message = rd_kafka_consume_queue(consumer.queue, 50);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        on_value({static_cast<const char*>(message->payload), message->len});
      }
      rd_kafka_message_destroy(message);
    }
  });
}

BareReader::~BareReader() {
  state_->stopping = true;
  state_->thread.join();
}

}  // namespace platen::bench
