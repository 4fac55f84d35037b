// Builds the events of one reading, in the order in which they happened, and brings the device's
// state up to date with what they say.
//
// Pure. For normalizer.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/collector/core/alert_life.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/supply_history.h"

namespace platen::collector::core {

class EventComposer {
 public:
  // All are borrowed.
  EventComposer(const Subject& subject,
                base::WallTime now,
                collector::v1::DeviceState& state,
                Outcome& outcome)
      : subject_(subject), now_(now), state_(state), outcome_(outcome) {}

  void Alerts(std::vector<AlertChange> changes);
  void Missed(event::v1::MissedAlerts missed);
  // Nothing where it is what people call the same.
  void Status(event::v1::StatusReport status);
  // Nothing where it has not changed.
  void Identity(event::v1::Identity identity);
  // Who answers in the device's place.
  void OtherDevice(const event::v1::Identity& found);
  void Mismatches(const std::vector<Disagreement>& news, const event::v1::MeterReading& reading);
  void Replacements(std::vector<Replaced> replaced);
  void Confirmations(const std::vector<ConfirmedByRule>& confirmed);
  void Order(event::v1::EpochConfirmation done);

  // A reading of an interval; nothing if that interval has been read. `fill` sets the body.
  template <class Fill>
  void Scheduled(const Reading& reading, ReadingKind kind, Fill fill) {
    std::optional<event::v1::Event> event = BeginScheduled(reading, kind);
    if (!event.has_value()) return;
    fill(*event);
    EndScheduled(reading, kind, *std::move(event));
  }

 private:
  std::optional<event::v1::Event> BeginScheduled(const Reading& reading, ReadingKind kind);
  void EndScheduled(const Reading& reading, ReadingKind kind, event::v1::Event event);
  event::v1::Event Instance(std::string_view condition);
  base::DeviceId Device() const;
  void AfterState(event::v1::Event event);

  const Subject& subject_;
  base::WallTime now_;
  collector::v1::DeviceState& state_;
  Outcome& outcome_;
};

}  // namespace platen::collector::core
