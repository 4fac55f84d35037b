// The fault laboratory's witness: reads everything that Kafka has from the beginning and goes on
// reading, so that what Kafka had is known even if it loses it later.
//
//   witness BOOTSTRAP LOG        ends with SIGTERM
//
// The log has a line for each record: "E topic partition offset id sha256" an event, with "
// RAISED|CHANGED|ENDED|… alert-id device-id JAM|…" behind it where it is an alert, and behind that
// a line "N stream number", its stream as gaps name it; "G stream first last" numbers that a gap
// tells as given up; "D id reason" a dead letter (id "-" where it holds no event); "C group topic
// partition offset" an offset that a group committed; "X topic partition offset sha256" bytes that
// are no event.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "absl/strings/string_view.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/lanes.h"
#include "tests/fault/digest.h"

namespace platen::fault {
namespace {

namespace ev = event::v1;

constexpr std::string_view kCommits = "__consumer_offsets";
constexpr std::chrono::milliseconds kPoll{200};

volatile std::sig_atomic_t g_stop = 0;

// Kafka's own encoding of what a group commits: big-endian numbers, texts with a length of two
// bytes.
class KafkaBytes {
 public:
  explicit KafkaBytes(std::string_view bytes) : bytes_(bytes) {}

  std::int64_t Number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : Take(size)) value = value << 8 | static_cast<std::uint8_t>(c);
    return static_cast<std::int64_t>(value);
  }

  std::string Text() { return std::string(Take(static_cast<std::size_t>(Number(2)))); }

 private:
  std::string_view Take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view bytes_;
};

// "RAISED" of "ALERT_TRANSITION_RAISED".
std::string LastWord(const std::string& name) {
  return name.substr(name.rfind('_') + 1);
}

class Witness {
 public:
  explicit Witness(std::FILE* log) : log_(log) {}

  void See(const broker::Partition& partition, const broker::RecordView& record) {
    if (!record.value.has_value()) return;
    if (partition.topic == kCommits) {
      SeeCommit(record);
    } else if (partition.topic == event::Topics("").deadletter()) {
      SeeDeadLetter(*record.value);
    } else {
      SeeEvent(partition, record);
    }
  }

  void Flush() { std::fflush(log_); }

 private:
  void SeeEvent(const broker::Partition& partition, const broker::RecordView& record) {
    ev::Event event;
    const std::string digest = Sha256Hex(*record.value);
    const bool parsed =
        event.ParseFromArray(record.value->data(), static_cast<int>(record.value->size()));
    if (!parsed || event.id().size() != base::EventId::kSize) {
      std::fprintf(log_,
                   "X %s %d %lld %s\n",
                   partition.topic.c_str(),
                   partition.number,
                   static_cast<long long>(record.offset),
                   digest.c_str());
      return;
    }
    std::fprintf(log_,
                 "E %s %d %lld %s %s",
                 partition.topic.c_str(),
                 partition.number,
                 static_cast<long long>(record.offset),
                 base::HexEncode(event.id()).c_str(),
                 digest.c_str());
    if (event.has_alert()) {
      std::fprintf(log_,
                   " %s %s %s %s",
                   LastWord(ev::AlertTransition_Name(event.alert().transition())).c_str(),
                   event.alert().alert_id().c_str(),
                   base::HexEncode(event.device_id()).c_str(),
                   LastWord(ev::AlertCategory_Name(event.alert().category())).c_str());
    }
    std::fputc('\n', log_);
    SeeNumbers(event);
  }

  void SeeNumbers(const ev::Event& event) {
    const ev::Source& source = event.source();
    std::fprintf(log_,
                 "N %s/%llu/%s/%s %llu\n",
                 source.instance().c_str(),
                 static_cast<unsigned long long>(source.epoch()),
                 std::string(event::LaneName(event.lane())).c_str(),
                 source.route().c_str(),
                 static_cast<unsigned long long>(source.sequence()));
    if (event.gap().reason() != ev::Gap::REASON_GIVEN_UP) return;
    std::fprintf(log_,
                 "G %s %llu %llu\n",
                 event.gap().stream().c_str(),
                 static_cast<unsigned long long>(event.gap().first()),
                 static_cast<unsigned long long>(event.gap().last()));
  }

  void SeeDeadLetter(std::string_view value) {
    ev::DeadLetter letter;
    ev::Event refused;
    if (!letter.ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
    const bool known =
        refused.ParseFromString(letter.payload()) && refused.id().size() == base::EventId::kSize;
    std::fprintf(log_,
                 "D %s %s\n",
                 known ? base::HexEncode(refused.id()).c_str() : "-",
                 letter.reason().c_str());
  }

  void SeeCommit(const broker::RecordView& record) {
    KafkaBytes key(record.key);
    if (key.Number(2) > 1) return;  // Of the group itself, not of an offset.
    const std::string group = key.Text();
    const std::string topic = key.Text();
    const auto partition = static_cast<int>(key.Number(4));
    KafkaBytes value(*record.value);
    value.Number(2);
    std::fprintf(log_,
                 "C %s %s %d %lld\n",
                 group.c_str(),
                 topic.c_str(),
                 partition,
                 static_cast<long long>(value.Number(8)));
  }

  std::FILE* const log_;
};

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "witness: %s\n", std::string(what).c_str());
  std::exit(1);
}

std::vector<broker::PartitionOffset> EverythingOf(broker::Broker& kafka) {
  std::vector<broker::PartitionOffset> all;
  const event::Topics topics("");
  const auto publisher = kafka.NewPublisher({});
  if (!publisher.ok()) Fail(publisher.status().message());
  for (const std::string& topic : {topics.Lane(ev::LANE_ALERTS),
                                   topics.Lane(ev::LANE_TELEMETRY),
                                   topics.Lane(ev::LANE_LOGS),
                                   topics.deadletter(),
                                   std::string(kCommits)}) {
    absl::StatusOr<std::int32_t> count = (*publisher)->PartitionCount(topic);
    // Kafka makes the topic of commits when the first group begins.
    while (!count.ok() && g_stop == 0) count = (*publisher)->PartitionCount(topic);
    for (std::int32_t i = 0; i < count.value_or(0); ++i) {
      all.push_back({{topic, i}, broker::kBeginning});
    }
  }
  return all;
}

int Run(char** argv) {
  broker::kafka::KafkaBroker kafka({.bootstrap_servers = argv[1], .client_id = "fault-witness"});
  std::FILE* log = std::fopen(argv[2], "a");
  if (log == nullptr) Fail("the log can't be written");
  Witness witness(log);
  broker::SubscriberOptions options;
  options.partitions = EverythingOf(kafka);
  options.use_committed = false;
  auto subscriber = kafka.NewSubscriber(options);
  if (!subscriber.ok()) Fail(subscriber.status().message());
  while (g_stop == 0) {
    const auto step = (*subscriber)->Poll(kPoll);
    if (!step.ok() && !absl::IsUnavailable(step.status())) Fail(step.status().message());
    if (!step.ok()) continue;
    if (const auto* batch = std::get_if<broker::RecordBatch>(&*step)) {
      for (const broker::RecordView& record : batch->records) witness.See(batch->partition, record);
      witness.Flush();
    } else if (const auto* gone = std::get_if<broker::OutOfRange>(&*step)) {
      (*subscriber)->StartAt({gone->partition, gone->earliest});
    }
  }
  std::fclose(log);
  return 0;
}

}  // namespace
}  // namespace platen::fault

int main(int argc, char** argv) {
  if (argc != 3) platen::fault::Fail("usage: witness BOOTSTRAP LOG");
  std::signal(SIGTERM, [](int) { platen::fault::g_stop = 1; });
  return platen::fault::Run(argv);
}
