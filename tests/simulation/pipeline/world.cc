#include "tests/simulation/pipeline/world.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/event/lanes.h"

namespace platen::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kStepsMax = 2000;
// Of these, for what follows when nothing goes wrong any more.
constexpr int kCalmSteps = 900;
constexpr int kStillSteps = 75;
constexpr int kCollectorsDrainSteps = 100;
constexpr int kDrainSteps = 125;
constexpr base::Duration kCalmStep = milliseconds(200);
constexpr base::Duration kSession = seconds(6);
// Polled, and not registered at the gateway: all that is said of it is refused there.
constexpr int kStranger = kRegisteredPrinters;

}  // namespace

void WorldSeen::Add(const WorldSeen& other) {
  steps += other.steps;
  crashes += other.crashes;
  cuts += other.cuts;
  clock_steps += other.clock_steps;
  disk_faults += other.disk_faults;
  rollbacks += other.rollbacks;
  rewinds += other.rewinds;
  duplicates += other.duplicates;
  handed_back += other.handed_back;
  dead_letters += other.dead_letters;
  dropped += other.dropped;
  events += other.events;
  jams += other.jams;
  notifications += other.notifications;
  outages += other.outages;
  spooled += other.spooled;
  shed += other.shed;
  passed += other.passed;
  told_by_term += other.told_by_term;
  given_up += other.given_up;
  spool_failures += other.spool_failures;
}

World::World(const WorldOptions& options, notifier::NotifierMetrics& metrics)
    : options_(options),
      random_(options.seed),
      trace_(clock_, options.tracing),
      broker_(clock_, options.seed + 1),
      gateway_(random_, clock_, trace_),
      printers_([this] {
        std::vector<SimPrinter> printers;
        for (int i = 0; i <= kRegisteredPrinters; ++i)
          printers.emplace_back(i, random_.Chance(0.6), clock_);
        return printers;
      }()),
      oracle_(broker_, gateway_, printers_, promises_, trace_),
      around_{clock_, random_, broker_, printers_, readings_, gateway_, metrics, promises_} {
  broker_.set_session_timeout(kSession);
  MakeTopics();
  stranger_ = *broker_.NewPublisher({});
  for (int i = 0; i < kRegisteredPrinters; ++i) {
    const SimPrinter& printer = printers_[static_cast<std::size_t>(i)];
    gateway_.Register(printer.id(), printer.address());
  }
  for (int i = 0; i < 2; ++i) {
    const std::string name = base::StrCat("collector-", i);
    collectors_.push_back({.name = name, .disk = std::make_unique<SimDisk>(name, random_, clock_)});
    relays_.push_back({.name = base::StrCat("relay-", i)});
    notifiers_.push_back({.name = base::StrCat("notifier-", i)});
  }
  event::v1::Target stranger;
  const SimPrinter& printer = printers_[kStranger];
  stranger.set_device_id(std::string(printer.id().bytes()));
  stranger.set_tenant("acme");
  stranger.set_site("hq");
  stranger.set_address(printer.address());
  const std::string value = stranger.SerializeAsString();
  stranger_
      ->Publish({.topic = event::Topics("platen").targets(),
                 .partition = broker::PartitionFor(printer.id().bytes(), kPartitions),
                 .key = printer.id().bytes(),
                 .value = value})
      .status()
      .IgnoreError();
  calm_ = 0.2 + 0.8 * random_.Unit();
}

World::~World() = default;

void World::MakeTopics() {
  const event::Topics topics("platen");
  std::vector<broker::TopicSpec> specs;
  for (const std::string& name : {topics.Lane(event::v1::LANE_ALERTS),
                                  topics.Lane(event::v1::LANE_TELEMETRY),
                                  topics.Lane(event::v1::LANE_LOGS),
                                  topics.targets(),
                                  topics.device_state(),
                                  topics.notifier_state(),
                                  topics.notifications(),
                                  topics.deliveries(),
                                  topics.deadletter(),
                                  topics.rules()}) {
    specs.push_back({.name = name, .partitions = kPartitions});
  }
  const absl::Status made = broker_.EnsureTopics(specs, milliseconds(0));
  if (!made.ok()) oracle_.Fail("no topics");
}

std::string World::Run() {
  const auto storm = static_cast<int>(200 + random_.Below(kStepsMax - kCalmSteps - 200));
  trace_.Say("the storm begins, for ", storm, " steps");
  for (int i = 0; (i < storm || passing_.has_value()) && !failed(); ++i) {
    passing_.has_value() ? WatchPassing() : Mischief();
    ActPrinters();
    Turns(0.7);
    Step(milliseconds(350));
  }
  if (!failed()) EndFaults();
  if (!failed() && Settle()) oracle_.CheckEnd();
  for (const auto& place : relays_) {
    if (place.process != nullptr) CountRelay(*place.process);
  }
  for (auto& place : collectors_) EndLife(place);
  const Fates& fates = oracle_.fates();
  seen_.rollbacks = gateway_.seen().rollbacks;
  seen_.rewinds = gateway_.seen().rewinds;
  seen_.duplicates = gateway_.seen().duplicates;
  seen_.dead_letters = fates.quarantined;
  seen_.dropped = fates.dropped;
  seen_.events = fates.received;
  seen_.notifications = oracle_.notifications();
  seen_.shed = promises_.shed();
  seen_.told_by_term = oracle_.told_by_term();
  seen_.given_up = promises_.given_up();
  for (const auto& place : collectors_) seen_.spool_failures += place.disk->failures();
  for (const SimPrinter& printer : printers_)
    seen_.jams += static_cast<std::uint64_t>(printer.jams());
  return oracle_.violation();
}

// --- A step --------------------------------------------------------------------------------------

void World::Step(base::Duration longest) {
  Look();
  ++seen_.steps;
  const auto most = static_cast<std::uint64_t>(base::ToMillis(longest));
  clock_.Advance(faults_ ? milliseconds(20 + random_.Below(most)) : longest);
}

void World::Look() {
  oracle_.Look();
  for (auto& place : collectors_) {
    if (place.process != nullptr) oracle_.Check(place.name, *place.process);
  }
  for (const auto& place : relays_) {
    if (place.process == nullptr) continue;
    for (const auto& lane : place.process->lanes()) {
      oracle_.Check(lane->core().totals(), lane->core().in_flight());
    }
  }
}

template <class Process>
void World::StartDue(std::vector<Place<Process>>& places) {
  for (Place<Process>& place : places) {
    if (place.process != nullptr || clock_.Now() < place.starts) continue;
    trace_.Say(place.name, ": starts, epoch ", lives_ + 1);
    if constexpr (std::is_same_v<Process, CollectorProcess>) {
      place.process = std::make_unique<Process>(around_, place.name, ++lives_, *place.disk);
    } else {
      place.process = std::make_unique<Process>(around_, place.name, ++lives_);
    }
  }
}

void World::StartDue() {
  StartDue(collectors_);
  StartDue(relays_);
  StartDue(notifiers_);
  if (gateway_.is_up() || clock_.Now() < gateway_starts_) return;
  trace_.Say("gateway: starts");
  gateway_.Start();
}

void World::Turns(double chance) {
  StartDue();
  stranger_->Poll(milliseconds(0));
  for (auto& place : collectors_) {
    if (place.process != nullptr && random_.Chance(chance)) place.process->Turn();
    if (place.process == nullptr || !place.disk->is_killed()) continue;
    trace_.Say(place.name, ": is killed while it writes to its disk");
    EndLife(place);
    ++seen_.crashes;
  }
  for (auto& place : relays_) {
    if (place.process != nullptr && random_.Chance(chance)) place.process->Turn(random_);
  }
  if (random_.Chance(chance)) gateway_.Turn();
  for (auto& place : notifiers_) {
    if (place.process != nullptr && random_.Chance(chance)) place.process->Turn();
  }
}

// --- What goes wrong -----------------------------------------------------------------------------

void World::Mischief() {
  if (clock_.Now() >= kafka_hurt_until_) broker_.set_faults({});
  if (!random_.Chance(0.10 * calm_)) return;
  using Act = void (World::*)();
  static constexpr Act kActs[] = {&World::CrashOne,
                                  &World::CrashOne,
                                  &World::CutOne,
                                  &World::CutOne,
                                  &World::HurtDisk,
                                  &World::HurtSpool,
                                  &World::HurtKafka,
                                  &World::TakeKafkaAway,
                                  &World::StepClock,
                                  &World::EatRange,
                                  &World::PutGarbage,
                                  &World::Rename};
  (this->*kActs[random_.Below(std::size(kActs))])();
}

template <class Process>
void World::Crash(std::vector<Place<Process>>& places) {
  Place<Process>& place = places[random_.Below(places.size())];
  if (place.process == nullptr) return;
  if constexpr (std::is_same_v<Process, RelayProcess>) CountRelay(*place.process);
  if constexpr (std::is_same_v<Process, CollectorProcess>) EndLife(place);
  place.process.reset();
  const base::Duration away = milliseconds(random_.Chance(0.5) ? 0 : random_.Below(12'000));
  place.starts = clock_.Now() + away;
  trace_.Say(place.name, ": crashes, for ", base::ToMillis(away), " ms");
  ++seen_.crashes;
}

// Without a word. Its disk may lose power with it.
void World::EndLife(Place<CollectorProcess>& place) {
  if (place.process == nullptr) return;
  seen_.outages += place.process->spool().figures().outages;
  seen_.spooled += place.process->spool().figures().log.written;
  place.disk->Kill();
  place.process.reset();
  place.disk->Recover(random_.Chance(0.5));
}

void World::CrashGateway() {
  if (!gateway_.is_up()) return;
  gateway_.Crash();
  gateway_starts_ = clock_.Now() + milliseconds(random_.Below(5000));
  ++seen_.crashes;
}

void World::CrashOne() {
  switch (random_.Below(4)) {
    case 0:
      return Crash(collectors_);
    case 1:
      return Crash(relays_);
    case 2:
      return Crash(notifiers_);
    default:
      return CrashGateway();
  }
}

template <class Process>
void World::CutKafka(std::vector<Place<Process>>& places) {
  Place<Process>& place = places[random_.Below(places.size())];
  if (place.process == nullptr) return;
  const base::Duration time = milliseconds(500 + random_.Below(14'000));
  const bool all = random_.Chance(0.5);
  all ? place.process->link().CutAll(time) : place.process->link().CutGroup(time);
  trace_.Say(place.name,
             ": is cut off from ",
             all ? "Kafka" : "its group's coordinator",
             " for ",
             base::ToMillis(time),
             " ms");
  ++seen_.cuts;
}

void World::CutOne() {
  switch (random_.Below(5)) {
    case 0:
      return CutKafka(collectors_);
    case 1:
      return CutKafka(relays_);
    case 2:
      return CutKafka(notifiers_);
    default:
      break;
  }
  Place<RelayProcess>& place = relays_[random_.Below(relays_.size())];
  if (place.process == nullptr) return;
  ++seen_.cuts;
  if (random_.Chance(0.5)) {
    const std::size_t lane = random_.Below(2);
    trace_.Say(place.name, ": its stream of lane ", lane, " breaks");
    return place.process->ResetStream(lane);
  }
  const base::Duration time = milliseconds(random_.Below(8000));
  place.process->wire_cut().until = clock_.Now() + time;
  trace_.Say(place.name, ": is cut off from the gateway for ", base::ToMillis(time), " ms");
}

void World::HurtDisk() {
  const base::Duration time = milliseconds(random_.Below(4000));
  ++seen_.disk_faults;
  switch (random_.Below(3)) {
    case 0:
      trace_.Say("gateway: its disk stands still for ", base::ToMillis(time), " ms");
      return gateway_.SlowDisk(time);
    case 1:
      trace_.Say("gateway: its disk is full for ", base::ToMillis(time), " ms");
      return gateway_.FillDisk(time);
    default:
      trace_.Say("gateway: its next commit fails");
      return gateway_.FailNextCommit();
  }
}

void World::HurtSpool() {
  Place<CollectorProcess>& place = collectors_[random_.Below(collectors_.size())];
  const base::Duration time = milliseconds(random_.Below(10'000));
  ++seen_.disk_faults;
  switch (random_.Below(4)) {
    case 0:
      trace_.Say(place.name, ": its disk is full for ", base::ToMillis(time), " ms");
      return place.disk->Fill(time);
    case 1:
      trace_.Say(place.name, ": its disk fails for ", base::ToMillis(time), " ms");
      return place.disk->Fail(time);
    case 2:
      trace_.Say(place.name, ": its disk is slow");
      return place.disk->Slow(milliseconds(random_.Below(2000)));
    default:
      trace_.Say(place.name, ": is to be killed while it writes");
      return place.disk->KillWithin(40);
  }
}

// From the collectors' point of view.
void World::TakeKafkaAway() {
  const base::Duration time = milliseconds(3000 + random_.Below(25'000));
  trace_.Say("kafka: is away for all collectors for ", base::ToMillis(time), " ms");
  for (auto& place : collectors_) {
    if (place.process != nullptr) place.process->link().CutAll(time);
  }
  ++seen_.cuts;
}

void World::HurtKafka() {
  const base::Duration time = milliseconds(random_.Below(8000));
  kafka_hurt_until_ = clock_.Now() + time;
  broker_.set_faults({.delayed_delivery = 0.5 * random_.Unit(),
                      .repeated_append = 0.1 * random_.Unit(),
                      .full_queue = 0.3 * random_.Unit(),
                      .unavailable = 0.3 * random_.Unit(),
                      .stalled_fetch = 0.2 * random_.Unit(),
                      .stall_max = seconds(1),
                      .failed_commit = 0.3 * random_.Unit(),
                      .lost_session = random_.Chance(0.3) ? 0.01 : 0});
  trace_.Say("kafka: is in trouble for ", base::ToMillis(time), " ms");
}

// Retention is faster than the relay. Only where nobody but the relay reads.
void World::EatRange() {
  if (!random_.Chance(0.3)) return;
  const broker::Partition partition{event::Topics("platen").Lane(event::v1::LANE_TELEMETRY),
                                    static_cast<std::int32_t>(random_.Below(kPartitions))};
  // What nobody has ever committed begins where the log does.
  const auto committed = broker_.Committed(kRelayGroups[1], partition);
  if (!committed) return;
  const auto eaten = *committed + static_cast<std::int64_t>(random_.Below(4));
  broker_.DeleteBelow({partition, eaten});
  trace_.Say("kafka: retention eats ", partition.topic, "/", partition.number, " below ", eaten);
}

void World::PutGarbage() {
  const bool empty = random_.Chance(0.3);
  const std::string topic = event::Topics("platen").Lane(
      random_.Chance(0.5) ? event::v1::LANE_ALERTS : event::v1::LANE_TELEMETRY);
  broker::OutgoingRecord record;
  record.topic = topic;
  record.partition = static_cast<std::int32_t>(random_.Below(kPartitions));
  record.key = "stranger";
  record.value = empty ? std::string_view() : std::string_view("\x0a\xff no event");
  stranger_->Publish(record).status().IgnoreError();
}

void World::Rename() {
  const std::size_t printer = random_.Below(kRegisteredPrinters);
  gateway_.Rename(printers_[printer].id(), base::StrCat("name-", ++names_));
}

// --- The end -------------------------------------------------------------------------------------

void World::EndFaults() {
  trace_.Say("the storm is over");
  faults_ = false;
  broker_.set_faults({});
  gateway_.Heal();
  gateway_starts_ = {};
  const auto heal = [](auto& places) {
    for (auto& place : places) {
      place.starts = {};
      if (place.process != nullptr) place.process->link().Heal();
    }
  };
  heal(collectors_);
  for (auto& place : collectors_) place.disk->Heal();
  heal(relays_);
  heal(notifiers_);
  for (auto& place : relays_) {
    if (place.process != nullptr) place.process->wire_cut() = {};
  }
  for (SimPrinter& printer : printers_) printer.silent = false;
  StartDue();
}

bool World::PassUntil(int steps_max, const std::function<bool()>& done) {
  for (int i = 0; i < steps_max && !failed(); ++i) {
    if (done()) return true;
    ActPrinters();
    Turns(1);
    Step(kCalmStep);
  }
  return false;
}

// Everything that still happens is seen and told; then the collectors stop as they do on SIGTERM,
// nothing comes any more, and what is on its way arrives.
bool World::Settle() {
  const bool calm =
      PassUntil(kCalmSteps - kCollectorsDrainSteps - kDrainSteps, [this, steps = 0]() mutable {
        // Readings that began in the storm may still end in silence.
        if (++steps < kStillSteps) return false;
        for (std::size_t i = 0; i < kRegisteredPrinters; ++i) {
          if (printers_[i].jammed() || oracle_.ended(i) != printers_[i].jams()) return false;
        }
        return gateway_.OpenAlerts() == 0;
      });
  if (!calm) {
    oracle_.Fail(base::StrCat("all printers could be read, and what they said never came:",
                              oracle_.WhatIsLeft()));
    return false;
  }
  trace_.Say("the collectors stop");
  for (auto& place : collectors_) place.process->Stop();
  const bool stopped = PassUntil(kCollectorsDrainSteps, [this] {
    bool all = true;
    for (auto& place : collectors_) {
      if (place.process == nullptr || !place.process->is_over()) {
        all = all && place.process == nullptr;
        continue;
      }
      place.process.reset();
      place.starts = base::MonotonicTime::max();
    }
    return all;
  });
  if (!stopped) {
    oracle_.Fail("a collector does not stop");
    return false;
  }
  const bool drained = PassUntil(kDrainSteps, [this] { return oracle_.IsDrained(); });
  if (!drained) oracle_.Fail(base::StrCat("something is never done:", oracle_.WhatIsLeft()));
  return drained;
}

void World::CountRelay(const RelayProcess& relay) {
  for (const auto& lane : relay.lanes()) seen_.handed_back += lane->core().totals().handed_back;
}

}  // namespace platen::simulation
