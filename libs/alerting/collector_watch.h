// Whether any collector is left: known from heartbeats, which all lie in one partition of the
// alerts lane. Where a partition takes what others write, and no collector's heartbeat is in it,
// the collectors are gone or cut off from Kafka; where nobody's is, it is Kafka that is away, and
// that says nothing of collectors.
//
// That they are gone is said as collectors say their alarms, on the alerts lane: of each tenant, an
// alert of the device with the lowest id, which rules decide as any other.
//
// Pure. Thread-confined, with the DecideCore that has it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/site_roll.h"
#include "libs/base/time.h"

namespace platen::alerting {

// "collectors-gone/…". A device's alerts have no such ids.
bool AreCollectorsGone(std::string_view alert_id);

// What whoever reads of it can do, for people.
std::string_view WhatToDoAboutCollectors();

class CollectorWatch {
 public:
  // Key of its record in the state.
  static constexpr std::string_view kStateKey = "collectors";
  // Time between two heartbeats counts up to here: beyond, the partition was not shown to work.
  // Sources say theirs every 30 s.
  static constexpr base::Duration kProofHolds = std::chrono::seconds(45);

  // What its record says; absent: a tombstone.
  void Restore(std::optional<notifier::v1::CollectorsGone> gone) { gone_ = std::move(gone); }

  // A heartbeat was read at `now`, which may have gone back. Collectors are gone once `gone_after`
  // has passed in which others were heard, and are back with the first that is. True: what gone()
  // says has changed, and is to be kept before it is said.
  bool OnHeartbeat(base::WallTime now,
                   bool is_collector,
                   base::Duration gone_after,
                   const SiteRoll& roll);

  // Until it was said that they are back, and OnEndSaid() was called.
  const std::optional<notifier::v1::CollectorsGone>& gone() const { return gone_; }

  void OnEndSaid() { gone_.reset(); }

  // How long others were heard and no collector.
  base::Duration unheard() const { return unheard_; }

 private:
  std::optional<base::WallTime> last_beat_;
  // Of a collector; of anybody where none has been heard.
  base::WallTime since_;
  base::Duration unheard_{0};
  std::optional<notifier::v1::CollectorsGone> gone_;
};

// For the alerts lane: that they are gone, or back, for each device of `gone`. Said again it is the
// same. REQUIRES: an end_time where `is_over`.
std::vector<event::v1::Event> ToEvents(const notifier::v1::CollectorsGone& gone, bool is_over);

}  // namespace platen::alerting
