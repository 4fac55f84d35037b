#include "libs/broker/kafka/admin.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/errors.h"

namespace platen::broker::kafka {
namespace {

using HandlePtr = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using AdminOptionsPtr =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;

constexpr std::chrono::milliseconds kRecheck{50};
// Between looks at whether the process is to stop. A broker that needs longer for its answer is
// given twice as long each time.
constexpr std::chrono::milliseconds kLook{100};

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds wait) : end_(clock_.Now() + wait) {}

  // At least 1 ms, so that a call is tried once.
  int LeftMillis() const {
    return static_cast<int>(std::max<std::int64_t>(1, base::ToMillis(end_ - clock_.Now())));
  }

  bool passed() const { return clock_.Now() >= end_; }

 private:
  base::RealClock clock_;
  base::MonotonicTime end_;
};

absl::StatusOr<NewTopicPtr> NewTopic(const TopicSpec& spec) {
  char error[256];
  NewTopicPtr topic(rd_kafka_NewTopic_new(
      spec.name.c_str(), spec.partitions, spec.replication, error, sizeof error));
  if (topic == nullptr) return base::InvalidArgument("kafka: topic ", spec.name, ": ", error);
  for (const auto& [name, value] : spec.config) {
    const rd_kafka_resp_err_t result =
        rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return base::InvalidArgument("kafka: topic ", spec.name, ": property ", name);
    }
  }
  return topic;
}

absl::Status CreateResult(rd_kafka_event_t* event) {
  if (const auto error = rd_kafka_event_error(event)) return StatusOf(error, "creating topics");
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    const char* detail = rd_kafka_topic_result_error_string(results[i]);
    return base::Annotate(
        StatusOf(error, base::StrCat("creating topic ", rd_kafka_topic_result_name(results[i]))),
        detail != nullptr ? detail : "");
  }
  return absl::OkStatus();
}

absl::Status Create(rd_kafka_t* handle,
                    const std::vector<const TopicSpec*>& missing,
                    const Deadline& deadline) {
  std::vector<NewTopicPtr> topics;
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const TopicSpec* spec : missing) {
    PLATEN_ASSIGN_OR_RETURN(NewTopicPtr topic, NewTopic(*spec));
    raw.push_back(topic.get());
    topics.push_back(std::move(topic));
  }
  const AdminOptionsPtr options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  char error[256];
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), deadline.LeftMillis(), error, sizeof error);
  const QueuePtr queue(rd_kafka_queue_new(handle));
  rd_kafka_CreateTopics(handle, raw.data(), raw.size(), options.get(), queue.get());
  const EventPtr event(rd_kafka_queue_poll(queue.get(), deadline.LeftMillis() + 1000));
  if (event == nullptr) return base::Unavailable("kafka: no answer to the creation of topics");
  return CreateResult(event.get());
}

// Partitions that have a leader.
absl::StatusOr<std::int32_t> AskReadyPartitions(rd_kafka_t* handle,
                                                const std::string& name,
                                                std::chrono::milliseconds max_wait,
                                                bool& all_ready) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, name.c_str(), nullptr);
  if (topic == nullptr) return base::InvalidArgument("kafka: \"", name, "\" is no topic's name");
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle, 0, topic, &raw, static_cast<int>(max_wait.count()));
  rd_kafka_topic_destroy(topic);
  const std::string what = base::StrCat("asking for topic ", name);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, what);
  const MetadataPtr metadata(raw);
  if (metadata->topic_cnt != 1) return base::Unavailable("kafka: ", what, ": no answer about it");
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(found.err, what);
  all_ready = found.partition_cnt > 0;
  for (int i = 0; i < found.partition_cnt; ++i) {
    all_ready = all_ready && found.partitions[i].leader >= 0;
  }
  return found.partition_cnt;
}

absl::Status CheckCount(const TopicSpec& spec, std::int32_t found) {
  if (found == spec.partitions) return absl::OkStatus();
  return base::FailedPrecondition("kafka: topic ",
                                  spec.name,
                                  " has ",
                                  found,
                                  " partitions where ",
                                  spec.partitions,
                                  " are configured: a device's partition must never change, so "
                                  "correct the configured number");
}

// Waits until every topic has the partitions it should have, each with a leader.
absl::Status AwaitReady(rd_kafka_t* handle,
                        std::span<const TopicSpec> topics,
                        const Deadline& deadline) {
  for (const TopicSpec& spec : topics) {
    while (true) {
      bool ready = false;
      const auto found = AskReadyPartitions(
          handle, spec.name, std::chrono::milliseconds(deadline.LeftMillis()), ready);
      if (found.ok() && ready) {
        PLATEN_RETURN_IF_ERROR(CheckCount(spec, *found));
        break;
      }
      if (deadline.passed()) {
        return found.ok() ? base::Unavailable("kafka: topic ", spec.name, " has no leader yet")
                          : found.status();
      }
      std::this_thread::sleep_for(kRecheck);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::int32_t> AskPartitionCount(rd_kafka_t* handle,
                                               const std::string& topic,
                                               std::chrono::milliseconds max_wait,
                                               const std::function<bool()>& stopping) {
  const Deadline deadline(max_wait);
  for (std::chrono::milliseconds look = kLook;; look *= 2) {
    bool ready = false;
    const auto left = std::chrono::milliseconds(deadline.LeftMillis());
    const auto wait = stopping ? std::min(look, left) : left;
    const Deadline waited(wait);
    absl::StatusOr<std::int32_t> count = AskReadyPartitions(handle, topic, wait, ready);
    if (count.ok() || !absl::IsUnavailable(count.status())) return count;
    // Other troubles than silence are told at once.
    if (!waited.passed() || deadline.passed() || !stopping || stopping()) return count;
  }
}

absl::Status MakeTopics(const KafkaOptions& options,
                        std::span<const TopicSpec> topics,
                        std::chrono::milliseconds max_wait) {
  const Deadline deadline(max_wait);
  HandleContext context{.log = options.log};
  PLATEN_ASSIGN_OR_RETURN(ConfPtr conf, AdminConf(options, &context));
  // A producer's questions would create what they ask for where the broker allows it; a consumer's
  // do not.
  PLATEN_ASSIGN_OR_RETURN(const Handle made,
                          NewHandle(RD_KAFKA_CONSUMER, std::move(conf), options));
  const HandlePtr handle(made.client);
  std::vector<const TopicSpec*> missing;
  for (const TopicSpec& spec : topics) {
    const auto found = AskPartitionCount(handle.get(),
                                         spec.name,
                                         std::chrono::milliseconds(deadline.LeftMillis()),
                                         options.stopping);
    if (found.ok()) {
      PLATEN_RETURN_IF_ERROR(CheckCount(spec, *found));
    } else if (absl::IsNotFound(found.status())) {
      missing.push_back(&spec);
    } else {
      return found.status();
    }
  }
  if (missing.empty()) return absl::OkStatus();
  PLATEN_RETURN_IF_ERROR(Create(handle.get(), missing, deadline));
  return AwaitReady(handle.get(), topics, deadline);
}

}  // namespace platen::broker::kafka
