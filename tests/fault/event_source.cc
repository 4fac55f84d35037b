// The fault laboratory's load: says events to Kafka at a bounded rate, and keeps a ledger of what
// it tried and what Kafka acknowledged. What is acknowledged there is owed by Platen from then on.
//
//   event_source BOOTSTRAP DEVICES LEDGER SEED RATE     DEVICES: a file of device ids, 32
//   hexadecimal digits a line
//
// The ledger gets a line before an event is given to Kafka, "A id sha256 lane partition", and one
// when Kafka has acknowledged it, "K id". At SIGTERM nothing new is said; it ends with 0 once
// everything tried has been acknowledged.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "libs/base/real_clock.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/headers.h"
#include "libs/event/lanes.h"
#include "tests/fault/digest.h"
#include "tests/fault/made_events.h"

namespace platen::fault {
namespace {

constexpr std::chrono::milliseconds kTick{20};
// What waits for Kafka at most: minutes of an outage at the laboratory's rates.
constexpr std::size_t kUnacknowledgedMax = 100'000;

volatile std::sig_atomic_t g_stop = 0;

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "event_source: %s\n", std::string(what).c_str());
  std::exit(1);
}

struct Made {
  std::string id;
  std::string topic;
  std::int32_t partition = 0;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Source {
 public:
  Source(EventMaker maker, std::unique_ptr<broker::Publisher> publisher, std::FILE* ledger)
      : maker_(std::move(maker)), publisher_(std::move(publisher)), ledger_(ledger) {}

  void Make(base::WallTime now) {
    if (unacknowledged_.size() + waiting_.size() >= kUnacknowledgedMax) return;
    const event::v1::Event event = maker_.Next(now);
    Made made{.id = base::HexEncode(event.id()),
              .topic = event::Topics("").Lane(event.lane()),
              .key = event.device_id(),
              .value = event.SerializeAsString(),
              .headers = event::MakeHeaders(event)};
    const auto partitions = publisher_->PartitionCount(made.topic);
    if (!partitions.ok()) Fail(partitions.status().message());
    made.partition = broker::PartitionFor(made.key, *partitions);
    std::fprintf(ledger_,
                 "A %s %s %s %d\n",
                 made.id.c_str(),
                 Sha256Hex(made.value).c_str(),
                 made.topic.c_str(),
                 made.partition);
    waiting_.push_back(std::move(made));
  }

  void Work() {
    std::fflush(ledger_);  // Before anybody can see the events.
    while (!waiting_.empty() && Publish(waiting_.front())) waiting_.pop_front();
    for (const broker::Delivery& delivery : publisher_->Poll(kTick)) {
      const auto found = unacknowledged_.find(delivery.id);
      if (!delivery.status.ok()) Fail(delivery.status.message());
      std::fprintf(ledger_, "K %s\n", found->second.c_str());
      unacknowledged_.erase(found);
    }
    std::fflush(ledger_);
  }

  bool idle() const { return waiting_.empty() && unacknowledged_.empty(); }

 private:
  bool Publish(const Made& made) {
    const std::vector<broker::HeaderView> headers = broker::ViewsOf(made.headers);
    const auto accepted = publisher_->Publish({.topic = made.topic,
                                               .partition = made.partition,
                                               .key = made.key,
                                               .value = made.value,
                                               .headers = headers});
    if (absl::IsResourceExhausted(accepted.status())) return false;
    if (!accepted.ok()) Fail(accepted.status().message());
    unacknowledged_.emplace(*accepted, made.id);
    return true;
  }

  EventMaker maker_;
  const std::unique_ptr<broker::Publisher> publisher_;
  std::FILE* const ledger_;
  std::deque<Made> waiting_;
  std::unordered_map<broker::PublishId, std::string> unacknowledged_;
};

int Run(char** argv) {
  broker::kafka::KafkaBroker kafka({.bootstrap_servers = argv[1], .client_id = "fault-source"});
  auto publisher = kafka.NewPublisher({.linger = std::chrono::milliseconds(5)});
  if (!publisher.ok()) Fail(publisher.status().message());
  std::FILE* ledger = std::fopen(argv[3], "a");
  if (ledger == nullptr) Fail("the ledger can't be written");
  base::RealClock clock;
  const auto epoch = static_cast<std::uint64_t>(base::ToMillis(clock.WallNow()));
  const std::uint64_t seed = std::strtoull(argv[4], nullptr, 10);
  auto devices = ReadDevices(argv[2]);
  if (!devices.ok()) Fail(devices.status().message());
  Source source(EventMaker(seed, epoch, *std::move(devices)), std::move(*publisher), ledger);
  const double rate = std::strtod(argv[5], nullptr);
  const base::MonotonicTime start = clock.Now();
  double made = 0;
  while (g_stop == 0 || !source.idle()) {
    const std::chrono::duration<double> gone = clock.Now() - start;
    // What could not be said while Kafka's client blocked is not caught up with.
    made = std::max(made, gone.count() * rate - rate);
    for (; g_stop == 0 && made < gone.count() * rate; ++made) source.Make(clock.WallNow());
    source.Work();
  }
  std::fclose(ledger);
  return 0;
}

}  // namespace
}  // namespace platen::fault

int main(int argc, char** argv) {
  if (argc != 6) platen::fault::Fail("usage: event_source BOOTSTRAP DEVICES LEDGER SEED RATE");
  std::signal(SIGTERM, [](int) { platen::fault::g_stop = 1; });
  return platen::fault::Run(argv);
}
