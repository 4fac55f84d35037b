// What every broker adapter must keep: libs/broker/broker.h as tests. An adapter's test program
// includes this file and instantiates BrokerContract with its own harness.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/broker.h"

namespace platen::broker {

// One adapter under test.
class BrokerHarness {
 public:
  virtual ~BrokerHarness() = default;
  virtual Broker& broker() = 0;
  // What retention does.
  virtual void DeleteBelow(const PartitionOffset& position) = 0;
};

using HarnessFactory = std::function<std::unique_ptr<BrokerHarness>()>;

// What a subscriber said, in the order in which it did.
struct Heard {
  struct Record {
    Partition partition;
    std::int64_t offset = 0;
    std::string key;
    std::optional<std::string> value;
    std::map<std::string, std::string> headers;
  };

  std::vector<Record> records;
  std::vector<Partition> assigned;
  std::vector<Partition> revoked;
  std::vector<Partition> lost;
  std::vector<OutOfRange> out_of_range;
  std::vector<PartitionOffset> ends;
  std::vector<CommitResult> commits;

  std::vector<std::string> values() const {
    std::vector<std::string> result;
    for (const Record& record : records) result.push_back(record.value.value_or("(tombstone)"));
    return result;
  }

  void Hear(const RecordBatch& batch) {
    for (const RecordView& view : batch.records) {
      Record& record = records.emplace_back();
      record.partition = batch.partition;
      record.offset = view.offset;
      record.key = view.key;
      if (view.value) record.value = *view.value;
      for (const HeaderView& header : view.headers) {
        record.headers[std::string(header.name)] = header.value;
      }
    }
  }

  void Hear(const Assigned& step) { Append(assigned, step.partitions); }

  void Hear(const Revoked& step) { Append(revoked, step.partitions); }

  void Hear(const Lost& step) { Append(lost, step.partitions); }

  void Hear(const OutOfRange& step) { out_of_range.push_back(step); }

  void Hear(const EndReached& step) { ends.push_back(step.position); }

  void Hear(const CommitResult& step) { commits.push_back(step); }

  static void Append(std::vector<Partition>& to, const std::vector<Partition>& from) {
    to.insert(to.end(), from.begin(), from.end());
  }
};

class BrokerContract : public testing::TestWithParam<HarnessFactory> {
 protected:
  using Done = std::function<bool()>;

  static constexpr std::chrono::milliseconds kStep{20};
  // Only against a hang.
  static constexpr std::chrono::seconds kPatience{60};

  BrokerContract() : harness_(GetParam()()) {}

  Broker& broker() { return harness_->broker(); }

  // A topic of this test alone.
  std::string MakeTopic(std::int32_t partitions,
                        std::vector<std::pair<std::string, std::string>> config = {}) {
    const std::string name = Unique("topic");
    const std::vector<TopicSpec> specs = {
        {.name = name, .partitions = partitions, .config = std::move(config)}};
    const absl::Status made = broker().EnsureTopics(specs, kPatience);
    EXPECT_TRUE(made.ok()) << made;
    return name;
  }

  static std::string Unique(std::string_view kind) {
    return base::StrCat("contract.", kind, ".", base::SecureRandom64());
  }

  std::unique_ptr<Publisher> NewPublisher(const PublisherOptions& options = {}) {
    auto publisher = broker().NewPublisher(options);
    EXPECT_TRUE(publisher.ok()) << publisher.status();
    return *std::move(publisher);
  }

  std::unique_ptr<Subscriber> NewSubscriber(const SubscriberOptions& options) {
    auto subscriber = broker().NewSubscriber(options);
    EXPECT_TRUE(subscriber.ok()) << subscriber.status();
    return *std::move(subscriber);
  }

  // Publishes and waits for every delivery.
  std::vector<Delivery> PublishAll(Publisher& publisher,
                                   const std::vector<OutgoingRecord>& records) {
    for (const OutgoingRecord& record : records) {
      const auto id = publisher.Publish(record);
      EXPECT_TRUE(id.ok()) << id.status();
    }
    return Drain(publisher);
  }

  void PublishValues(const std::string& topic,
                     std::int32_t partition,
                     const std::vector<std::string>& values) {
    const auto publisher = NewPublisher();
    for (const std::string& value : values) {
      const auto id = publisher->Publish(
          {.topic = topic, .partition = partition, .key = "key", .value = value});
      EXPECT_TRUE(id.ok()) << id.status();
    }
    for (const Delivery& delivery : Drain(*publisher)) {
      EXPECT_TRUE(delivery.status.ok()) << delivery.status;
    }
  }

  std::vector<Delivery> Drain(Publisher& publisher) {
    std::vector<Delivery> deliveries;
    const auto poll = [&] {
      for (const Delivery& delivery : publisher.Poll(kStep)) deliveries.push_back(delivery);
    };
    const base::MonotonicTime deadline = clock_.Now() + kPatience;
    while (publisher.in_flight() > 0 && clock_.Now() < deadline) poll();
    poll();
    EXPECT_EQ(publisher.in_flight(), 0u);
    return deliveries;
  }

  // One Poll(). Errors that pass are passed over.
  void PollOnce(Subscriber& subscriber, Heard& heard) {
    auto step = subscriber.Poll(kStep);
    if (!step.ok()) {
      EXPECT_TRUE(absl::IsUnavailable(step.status())) << step.status();
      return;
    }
    std::visit([&](const auto& it) { heard.Hear(it); }, *step);
  }

  // Polls until `done`.
  testing::AssertionResult PollUntil(Subscriber& subscriber, Heard& heard, const Done& done) {
    const base::MonotonicTime deadline = clock_.Now() + kPatience;
    while (!done()) {
      if (clock_.Now() > deadline) return testing::AssertionFailure() << "never happened";
      PollOnce(subscriber, heard);
    }
    return testing::AssertionSuccess();
  }

  testing::AssertionResult CommitAndWait(Subscriber& subscriber, const PartitionOffset& next) {
    subscriber.Commit(next);
    Heard heard;
    return PollUntil(subscriber, heard, [&] {
      for (const CommitResult& result : heard.commits) {
        const auto& all = result.positions;
        if (result.status.ok() && std::find(all.begin(), all.end(), next) != all.end()) return true;
      }
      return false;
    });
  }

  base::RealClock clock_;
  const std::unique_ptr<BrokerHarness> harness_;
};

}  // namespace platen::broker
