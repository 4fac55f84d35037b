// What printers do in the world, and the clock that all look at.
#include "libs/base/status.h"
#include "tests/simulation/pipeline/world.h"

namespace platen::simulation {
namespace {

using event::v1::ALERT_TRANSITION_ENDED;
using event::v1::ALERT_TRANSITION_RAISED;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

// What is to be told exactly once must be there to be seen: a jam is cleared once Kafka has its
// beginning, or once a collector that looks on has spooled it; and the next one comes once Kafka
// has its end.
void World::ActPrinters() {
  for (std::size_t i = 0; i < kRegisteredPrinters; ++i) {
    SimPrinter& printer = printers_[i];
    const bool is_watched = passing_.has_value() && passing_->printer == i;
    if (printer.silent ? random_.Chance(0.02) : !is_watched && random_.Chance(0.0005)) {
      printer.silent = !printer.silent && faults_;
    }
    if (!printer.jammed() && oracle_.ended(i) == printer.jams()) {
      if (faults_ && random_.Chance(0.02)) {
        printer.Jam();
        trace_.Say("printer ", i, ": jams, the ", printer.jams(), ". time");
      }
    } else if (printer.jammed() && oracle_.raised(i) == printer.jams()) {
      if (!faults_ || random_.Chance(0.05)) {
        printer.Clear();
        trace_.Say("printer ", i, ": is cleared");
      }
    } else if (printer.jammed() && faults_ && !passing_.has_value() && random_.Chance(0.1)) {
      LetPass(i);
    }
  }
}

// Clears a jam that only one collector knows of, which owns the printer's partition. Until it has
// seen the end nothing else goes wrong, and nobody reaches Kafka.
void World::LetPass(std::size_t number) {
  SimPrinter& printer = printers_[number];
  const std::string device(printer.id().bytes());
  const std::int32_t partition = broker::PartitionFor(device, kPartitions);
  for (std::size_t i = 0; i < collectors_.size(); ++i) {
    auto& place = collectors_[i];
    if (place.process == nullptr || !place.process->spool().is_away()) continue;
    if (!place.process->Owns(partition)) continue;
    // What is seen must have room: beyond, alarms are shed at last, and told as lost.
    if (place.process->spool().figures().log.bytes > kSpoolBytesMax / 4) continue;
    const Promises::Sight begun = promises_.SightOf(place.name, device, ALERT_TRANSITION_RAISED);
    if (begun.epoch != place.process->epoch() || oracle_.HasBegun(number, begun.event)) continue;
    if (begun.term != oracle_.claimed(printer.id())) continue;
    passing_ = Passing{.printer = number, .witness = i, .until = clock_.Now() + seconds(30)};
    place.disk->Heal();
    printer.silent = false;
    printer.Clear();
    trace_.Say("printer ", number, ": is cleared while Kafka is away");
    WatchPassing();
    return;
  }
}

void World::WatchPassing() {
  const SimPrinter& printer = printers_[passing_->printer];
  auto& witness = collectors_[passing_->witness];
  const std::string device(printer.id().bytes());
  const Promises::Sight begun = promises_.SightOf(witness.name, device, ALERT_TRANSITION_RAISED);
  const Promises::Sight over = promises_.SightOf(witness.name, device, ALERT_TRANSITION_ENDED);
  // Whoever counts on gives the same name again.
  const bool seen = over.alert == begun.alert && over.term == begun.term;
  if (!seen && clock_.Now() > passing_->until)
    oracle_.Fail("nobody sees that a printer is cleared");
  for (auto& place : collectors_) {
    // Seen: the other may be the first to be back, and take over.
    const base::Duration away = milliseconds(seen ? random_.Below(4000) : 1000);
    if (place.process != nullptr) place.process->link().CutAll(away);
    place.starts = std::max(place.starts, clock_.Now() + away);
  }
  if (!seen) return;
  passing_.reset();
  ++seen_.passed;
  if (!random_.Chance(0.7)) return;
  EndLife(witness);
  witness.starts = clock_.Now() + milliseconds(random_.Below(25'000));
  trace_.Say(witness.name, ": crashes with what it has seen");
  ++seen_.crashes;
}

// Whether an alert's end was seen before another claimed the device, a collector tells by two
// clocks: both are the one that steps.
bool World::IsClockInUse() const {
  for (const auto& place : collectors_) {
    if (place.process == nullptr) continue;
    if (place.process->link().is_cut() || place.process->spool().log().HoldsStates()) return true;
  }
  for (std::size_t i = 0; i < kRegisteredPrinters; ++i) {
    if (printers_[i].jams() > oracle_.ended(i) && !printers_[i].jammed()) return true;
  }
  return false;
}

void World::StepClock() {
  if (IsClockInUse()) return;
  const base::Duration by = seconds(static_cast<int>(random_.Below(600)) - 300);
  clock_.StepWall(by);
  trace_.Say("the wall clock steps by ", base::ToMillis(by), " ms");
  ++seen_.clock_steps;
}

}  // namespace platen::simulation
