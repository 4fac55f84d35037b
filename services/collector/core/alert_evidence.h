// What one sighting holds for and against an alert that is open.
//
// Pure.
#pragma once

#include <span>
#include <string_view>

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/alert_book.h"
#include "services/collector/core/alert_views.h"

namespace platen::collector::core {

class Evidence {
 public:
  // `weak`: what the weak views say. All are borrowed.
  Evidence(const AlertSighting& sighting, const Places& places, std::span<const Sighting> weak)
      : sighting_(sighting), places_(places), weak_(weak) {}

  // Which views carry it now; one that was not read stays as it was.
  void Look(collector::v1::OpenAlert& open) const;

  // The bit that carries it is that of a row at another place.
  bool BelongsElsewhere(const collector::v1::OpenAlert& open) const;

  // Whether an alert that its tray no longer carries goes on by the bit, which may be a poll later
  // than what the tray says. A supply's level is read so seldom that a bit which is still there is
  // another supply's.
  bool GoesOnByBit(const collector::v1::OpenAlert& open) const;

  // Whether a fault of this condition is listed.
  bool HasRowOf(std::string_view condition) const;

 private:
  const event::v1::DeviceSnapshot& snapshot() const { return *sighting_.snapshot; }

  void LookAtTold(collector::v1::OpenAlert& open) const;
  bool IsStillWeaklySeen(const collector::v1::OpenAlert& open) const;
  bool HasFamilyRowAt(const collector::v1::OpenAlert& open, const Place& place) const;

  const AlertSighting& sighting_;
  const Places& places_;
  std::span<const Sighting> weak_;
};

}  // namespace platen::collector::core
