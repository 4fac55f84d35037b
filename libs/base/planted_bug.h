// Bugs that are put into the program on purpose, one at a time, to see that the simulation finds
// them (`make simulation-selftest`, tests/simulation/README.md).
//
// Only a build with PLATEN_PLANTED_BUGS has them; there the environment's PLATEN_PLANTED_BUG names
// the one that is to be in a program. In every other IsPlanted() is a constant, and nothing of them
// is left in the program.
#pragma once

#ifdef PLATEN_PLANTED_BUGS
#include <cstdio>
#include <cstdlib>
#endif
#include <string_view>
#include <utility>

namespace platen::base {

// Each is named for what the program does wrong then.
enum class PlantedBug {
  kNone,
  kCommitsBeforeAck,        // Relay: an offset may be committed as soon as its record is read.
  kCommitsOverHoles,        // Relay, notifier: what has ended is committed over what has not.
  kLosesWakeUp,             // Relay: nobody comes back when a retry's delay is over.
  kForgetsWindow,           // Relay: what was sent and not answered is gone with its stream.
  kReordersRetry,           // Relay: the first two batches change places when they are sent again.
  kTakesHandedBackForDone,  // Relay: what a rebalance takes away unsent counts as ended.
  kForgetsDeadLetter,       // Relay: a refused record has ended before Kafka has its dead letter.
  kAcksDirectiveEarly,      // Relay: an order is acknowledged before Kafka has it.
  kPassesGapSilently,       // Relay: reads on behind what retention ate, and says nothing.
  kIdFromClock,             // Collector: when a fact was seen goes into its id.
  kEventBeforeState,        // Collector: an event is produced before the state that it rests on.
  kIgnoresFence,            // Collector: an owner goes on though another has claimed a higher term.
  kOwnsWithoutClaim,        // Collector: an owner polls as soon as the group has said so.
  kBelievesLateState,       // Collector: restores what stands behind the claim of the next owner.
  kTrustsUnreadWrite,       // Collector: a write counts though a claim may stand before it.
  kForgetsSpooled,          // Collector: what the spool gives to Kafka's client leaves it at once.
  kAnswersBeforeSync,       // Collector: what goes to the spool is durable before its disk says so.
  kShedsSilently,           // Collector: what gives way in the spool is not told as a gap.
  kPassesSpooledState,      // Collector: an event goes past the spool though its state is in it.
  kGivesUpSilently,         // Collector: numbers that it gives up with a partition are not told.
  kNamesKnownAlert,         // Collector: overtaken, it renames an alert that the successor knows.
  kAnswersBeforeCommit,     // Gateway: a batch is accepted whatever becomes of its transaction.
  kAuditsAfterDeduplication,  // Gateway: numbers of events that are known already are not recorded.
  kAuditsOutsideTransaction,  // Gateway: numbers outlive the transaction that is rolled back.
  kForgetsOutbox,             // Notifier: its state does not carry what is still to be said.
  kForgetsInhibition,         // Notifier: people are told of what something else keeps quiet.
};

#ifdef PLATEN_PLANTED_BUGS

inline constexpr std::pair<std::string_view, PlantedBug> kPlantedBugs[] = {
    {"commits-before-ack", PlantedBug::kCommitsBeforeAck},
    {"commits-over-holes", PlantedBug::kCommitsOverHoles},
    {"loses-wake-up", PlantedBug::kLosesWakeUp},
    {"forgets-window", PlantedBug::kForgetsWindow},
    {"reorders-retry", PlantedBug::kReordersRetry},
    {"takes-handed-back-for-done", PlantedBug::kTakesHandedBackForDone},
    {"forgets-dead-letter", PlantedBug::kForgetsDeadLetter},
    {"acks-directive-early", PlantedBug::kAcksDirectiveEarly},
    {"passes-gap-silently", PlantedBug::kPassesGapSilently},
    {"id-from-clock", PlantedBug::kIdFromClock},
    {"event-before-state", PlantedBug::kEventBeforeState},
    {"ignores-fence", PlantedBug::kIgnoresFence},
    {"owns-without-claim", PlantedBug::kOwnsWithoutClaim},
    {"believes-late-state", PlantedBug::kBelievesLateState},
    {"trusts-unread-write", PlantedBug::kTrustsUnreadWrite},
    {"forgets-spooled", PlantedBug::kForgetsSpooled},
    {"answers-before-sync", PlantedBug::kAnswersBeforeSync},
    {"sheds-silently", PlantedBug::kShedsSilently},
    {"passes-spooled-state", PlantedBug::kPassesSpooledState},
    {"gives-up-silently", PlantedBug::kGivesUpSilently},
    {"names-known-alert", PlantedBug::kNamesKnownAlert},
    {"answers-before-commit", PlantedBug::kAnswersBeforeCommit},
    {"audits-after-deduplication", PlantedBug::kAuditsAfterDeduplication},
    {"audits-outside-transaction", PlantedBug::kAuditsOutsideTransaction},
    {"forgets-outbox", PlantedBug::kForgetsOutbox},
    {"forgets-inhibition", PlantedBug::kForgetsInhibition},
};

// A name that is no bug's ends the program with status 2.
inline PlantedBug FromEnvironment() {
  const char* const name = std::getenv("PLATEN_PLANTED_BUG");
  if (name == nullptr) return PlantedBug::kNone;
  for (const auto& [known, bug] : kPlantedBugs) {
    if (known == name) return bug;
  }
  std::fprintf(stderr, "PLATEN_PLANTED_BUG: '%s' is no planted bug\n", name);
  std::exit(2);
}

inline const PlantedBug g_planted_bug = FromEnvironment();

inline bool IsPlanted(PlantedBug bug) {
  return g_planted_bug == bug;
}

#else

constexpr bool IsPlanted(PlantedBug /*bug*/) {
  return false;
}

#endif

}  // namespace platen::base
