#include "tools/topics/run.h"

#include <set>

#include "libs/base/status.h"
#include "tools/topics/record_line.h"
#include "tools/topics/topic_file.h"

namespace platen::topics {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kPoll{200};

absl::Status Ensure(const Options& options, broker::Broker& broker, const Print& print) {
  PLATEN_ASSIGN_OR_RETURN(const auto topics, ReadTopics(options.file, options.prefix));
  PLATEN_RETURN_IF_ERROR(broker.EnsureTopics(topics, kPatience));
  print(base::StrCat(topics.size(), " topics are there, from ", topics.front().name));
  return absl::OkStatus();
}

// Shows records, and notes which partitions' ends were seen.
class Tail {
 public:
  explicit Tail(const Print& print) : print_(print) {}

  // True for the step that completes the ends of `partitions` partitions.
  bool OnStep(const broker::Subscriber::Step& step, std::size_t partitions) {
    if (const auto* batch = std::get_if<broker::RecordBatch>(&step)) {
      for (const broker::RecordView& record : batch->records) {
        print_(RecordLine(batch->partition, record));
      }
    }
    const auto* end = std::get_if<broker::EndReached>(&step);
    return end != nullptr && ended_.insert(end->position.partition.number).second &&
           ended_.size() == partitions;
  }

 private:
  const Print& print_;
  std::set<std::int32_t> ended_;
};

absl::Status ShowTopic(const Options& options, broker::Broker& broker, const Print& print) {
  const std::string topic = base::StrCat(options.prefix, ".", options.topic, ".v1");
  PLATEN_ASSIGN_OR_RETURN(const auto asker, broker.NewPublisher({}));
  PLATEN_ASSIGN_OR_RETURN(const std::int32_t partitions, asker->PartitionCount(topic));
  broker::SubscriberOptions wanted;
  wanted.use_committed = false;
  for (std::int32_t number = 0; number < partitions; ++number) {
    wanted.partitions.push_back(
        {{topic, number}, options.from_beginning ? broker::kBeginning : broker::kEnd});
  }
  PLATEN_ASSIGN_OR_RETURN(const auto subscriber, broker.NewSubscriber(wanted));
  Tail tail(print);
  while (true) {
    const auto step = subscriber->Poll(kPoll);
    // A broker that restarts is waited for.
    if (step.status().code() == absl::StatusCode::kUnavailable) continue;
    PLATEN_RETURN_IF_ERROR(step.status());
    if (!tail.OnStep(*step, static_cast<std::size_t>(partitions))) continue;
    print("{\"end_reached\":true}");
    if (options.until_end) return absl::OkStatus();
  }
}

}  // namespace

absl::Status Run(const Options& options, broker::Broker& broker, const Print& print) {
  const auto on_broker = [&](const absl::Status& status) {
    return status.ok() ? status : base::Annotate(status, "broker " + options.bootstrap_servers);
  };
  switch (options.verb) {
    case Verb::kHelp:
      print(Usage());
      return absl::OkStatus();
    case Verb::kEnsure:
      return on_broker(Ensure(options, broker, print));
    case Verb::kTail:
      return on_broker(ShowTopic(options, broker, print));
  }
  return absl::OkStatus();
}

}  // namespace platen::topics
