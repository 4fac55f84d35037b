// Writes records to the lanes' topics that nobody can use, each kind in each lane, all of a lane
// for one device, and says where they stand.
//
//   poison BOOTSTRAP DEVICES SEED     DEVICES: a file of device ids, 32 hexadecimal digits a line
//
// A line for each record, once Kafka has it: "kind topic partition offset sha256 bytes",
// the last two of what a dead letter can hold of it.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include "platen/event/v1/pipeline.pb.h"

#include "absl/strings/string_view.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/dead_letter.h"
#include "libs/event/lanes.h"
#include "tests/fault/digest.h"
#include "tests/fault/made_events.h"

namespace platen::fault {
namespace {

namespace ev = event::v1;

constexpr std::chrono::milliseconds kPoll{100};
constexpr char kStartGroup = 0x0b;  // Field 1, and what follows is within it.
constexpr char kBytesField = 0x0a;  // Field 1, a length behind it.
constexpr std::string_view kLength2To31 = "\x80\x80\x80\x80\x08";
constexpr std::string_view kLongVarint = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "poison: %s\n", std::string(what).c_str());
  std::exit(1);
}

struct Poison {
  std::string kind;
  std::optional<std::string> value;
};

// Each begins as an event that is right, so that only its own fault speaks against it.
class PoisonMaker {
 public:
  PoisonMaker(std::uint64_t seed, base::WallTime now, std::vector<base::DeviceId> devices)
      : now_(now),
        random_(seed),
        events_(seed, static_cast<std::uint64_t>(base::ToMillis(now)), std::move(devices)) {}

  // All of one device, whose key they get.
  std::vector<Poison> All(ev::Lane lane, const base::DeviceId& device) {
    device_ = std::string(device.bytes());
    std::vector<Poison> all;
    const auto add = [&all](std::string kind, std::string value) {
      all.push_back({std::move(kind), std::move(value)});
    };
    std::string noise(300, '\0');
    for (char& c : noise) c = static_cast<char>(random_.Below(256));
    add("noise", noise);
    const std::string whole = Right(lane).SerializeAsString();
    add("truncated", whole.substr(0, whole.size() - 1 - random_.Below(whole.size() / 2)));
    add("text", R"({"tenant": "acme", "alert": {"description": "no protobuf"}})");
    ev::DeadLetter other;
    other.set_payload(whole);
    other.set_reason("another schema");
    add("another-schema", other.SerializeAsString());
    add("too-large", Padded(lane, event::kEventBytesMax + 1).SerializeAsString());
    add("far-too-large", Padded(lane, 900'000).SerializeAsString());
    add("noise-990-kb", std::string(990'000, static_cast<char>(0x80 + random_.Below(100))));
    add("groups-20000-deep", std::string(20'000, kStartGroup));
    add("length-2^31", whole + kBytesField + std::string(kLength2To31));
    add("endless-varint", whole + kBytesField + std::string(kLongVarint));
    AddTexts(lane, all);
    add("no-bytes", "");
    all.push_back({"no-value", std::nullopt});
    return all;
  }

 private:
  // Of alerts, beginnings: an end alone is nobody's alarm.
  ev::Event Right(ev::Lane lane) {
    while (true) {
      ev::Event event = events_.Next(now_);
      if (event.lane() == lane && event.device_id() == device_ &&
          event.alert().transition() != ev::ALERT_TRANSITION_ENDED) {
        return event;
      }
    }
  }

  ev::Event Padded(ev::Lane lane, std::size_t bytes) {
    ev::Event event = Right(lane);
    event.set_traceparent(std::string(bytes, 'x'));
    return event;
  }

  void AddTexts(ev::Lane lane, std::vector<Poison>& all) {
    ev::Event event = Right(lane);
    std::string bytes = event.SerializeAsString();
    // Of the same length, in place: protobuf itself would not write it.
    const std::size_t at = bytes.find("headquarters");
    if (at == bytes.npos) Fail("an event without its site");
    all.push_back({"invalid-utf8", bytes.replace(at, 2, "\xc3\x28")});
    event = Right(lane);
    event.set_site(std::string("head\0quarters", 13));
    all.push_back({"nul", event.SerializeAsString()});
    event = Right(lane);
    event.set_id(std::string(16, '\x7f'));
    all.push_back({"another-id", event.SerializeAsString()});
    event = Right(lane);
    event.set_tenant("nobody");
    all.push_back({"foreign-tenant", event.SerializeAsString()});
  }

  const base::WallTime now_;
  base::Random random_;
  EventMaker events_;
  std::string device_;
};

int Run(char** argv) {
  broker::kafka::KafkaBroker kafka({.bootstrap_servers = argv[1], .client_id = "fault-poison"});
  auto publisher = kafka.NewPublisher({.linger = std::chrono::milliseconds(0)});
  if (!publisher.ok()) Fail(publisher.status().message());
  const std::uint64_t seed = std::strtoull(argv[3], nullptr, 10);
  base::Random random(seed);
  base::RealClock clock;
  const absl::StatusOr<std::vector<base::DeviceId>> read = ReadDevices(argv[2]);
  if (!read.ok()) Fail(read.status().message());
  const std::vector<base::DeviceId>& devices = *read;
  PoisonMaker maker(seed, clock.WallNow(), devices);
  std::map<broker::PublishId, std::string> unacknowledged;
  std::map<broker::PublishId, std::string> ends;
  for (const ev::Lane lane : event::kLanes) {
    const std::string topic = event::Topics("").Lane(lane);
    const auto partitions = (*publisher)->PartitionCount(topic);
    if (!partitions.ok()) Fail(partitions.status().message());
    const base::DeviceId& device = devices[random.Below(devices.size())];
    const std::int32_t partition = broker::PartitionFor(device.bytes(), *partitions);
    for (const Poison& poison : maker.All(lane, device)) {
      const auto accepted = (*publisher)
                                ->Publish({.topic = topic,
                                           .partition = partition,
                                           .key = device.bytes(),
                                           .value = poison.value});
      if (!accepted.ok()) Fail(accepted.status().message());
      unacknowledged[*accepted] = base::StrCat(poison.kind, " ", topic, " ", partition);
      const std::string kept =
          poison.value.value_or("").substr(0, event::kDeadLetterPayloadBytesMax);
      ends[*accepted] = base::StrCat(Sha256Hex(kept), " ", kept.size());
    }
  }
  while (!unacknowledged.empty()) {
    for (const broker::Delivery& delivery : (*publisher)->Poll(kPoll)) {
      if (!delivery.status.ok()) Fail(delivery.status.message());
      std::cout << unacknowledged[delivery.id] << ' ' << delivery.offset << ' ' << ends[delivery.id]
                << '\n';
      unacknowledged.erase(delivery.id);
    }
  }
  return 0;
}

}  // namespace
}  // namespace platen::fault

int main(int argc, char** argv) {
  if (argc != 4) platen::fault::Fail("usage: poison BOOTSTRAP DEVICES SEED");
  return platen::fault::Run(argv);
}
