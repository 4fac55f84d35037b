// One virtual printer: what it has of its own, on top of its model. About 150 bytes.
//
// Pages are printed continuously at a rate and computed when asked for, so a fleet of thousands
// costs nothing while nobody looks.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/time.h"
#include "tools/fleetsim/condition.h"
#include "tools/fleetsim/printer_model.h"

namespace platen::fleetsim {

// A row of prtAlertTable.
struct Alert {
  std::uint32_t index = 0;  // prtAlertIndex.
  std::uint32_t ticks = 0;  // prtAlertTime: sysUpTime when it was raised.
  std::uint32_t part = 0;   // prtAlertGroupIndex: which cover, tray, supply.
  Condition condition = Condition::kJam;
};

// What the network between us and a device does.
struct Link {
  bool silent = false;
  std::uint8_t loss_percent = 0;
  std::uint16_t delay_ms = 0;
};

// Thread-confined. Borrows the model. `now` never goes back.
class Device {
 public:
  Device(std::uint32_t number, const PrinterModel& model, base::MonotonicTime now);

  // From 0; decides address, serial and MAC.
  std::uint32_t number() const { return number_; }

  const PrinterModel& model() const { return *model_; }

  // Raises a condition of the part `index`; false if it is raised already.
  bool Raise(base::MonotonicTime now, Condition condition, std::uint32_t index);
  // Clears one condition, of one part or of all; or everything. How many there were.
  std::size_t Clear(base::MonotonicTime now,
                    std::optional<Condition> condition,
                    std::optional<std::uint32_t> index);

  const std::vector<Alert>& alerts() const { return alerts_; }

  bool IsRaised(Condition condition, std::uint32_t index) const;
  // The one a person would see on the panel: the first critical one, else the first.
  const Alert* foremost() const;
  // It cannot print.
  bool critical() const;

  void Sleep(base::MonotonicTime now, bool asleep);

  bool asleep() const { return asleep_; }

  // Off and on again: the clock and the events start anew, what is wrong is found again, and for a
  // few seconds nothing answers.
  void Reboot(base::MonotonicTime now);
  bool IsBooting(base::MonotonicTime now) const;

  void SetPrintRate(base::MonotonicTime now, double pages_per_minute);

  double print_rate() const { return pages_per_minute_; }

  void PrintAtOnce(std::uint64_t pages) { pages_ += pages; }

  // Since the simulation began, and since the last reboot.
  std::uint64_t pages(base::MonotonicTime now) const;

  std::uint64_t pages_since_boot(base::MonotonicTime now) const {
    return pages(now) - pages_at_boot_;
  }

  bool rebooted() const { return reboots_ > 0; }

  // As SNMPv3 counts them (RFC 3414 §2.2): one at the start.
  std::int32_t boots() const { return static_cast<std::int32_t>(reboots_) + 1; }

  // Another board: the counters begin anew, serial number and MAC stay.
  void SwapBoard(base::MonotonicTime now);

  bool board_swapped() const { return pages_at_board_.has_value(); }

  // What the counters have counted: since the recording, or since the board was swapped. A device
  // that answers as another has that one's own.
  std::uint64_t counted(base::MonotonicTime now) const;

  // Answers as the printer `identity`: its serial number, MAC and counters. Its own number: itself.
  void Become(base::MonotonicTime now, std::uint32_t identity);

  std::uint32_t identity() const { return identity_; }

  // A new supply in the place `index`.
  void ReplaceSupply(base::MonotonicTime now, std::uint32_t index);
  // Pages printed with it; nothing where the recorded one is still in.
  std::optional<std::uint64_t> PagesOfSupply(base::MonotonicTime now, std::uint32_t index) const;

  // It prints for a part of each minute, each device at another time.
  bool IsPrinting(base::MonotonicTime now) const;

  // sysUpTime, in hundredths of a second: as recorded at the start, 0 after a reboot.
  std::uint32_t uptime_ticks(base::MonotonicTime now) const;

  // prtAlertAllEvents, prtAlertCriticalEvents and hrDeviceErrors, beyond what was recorded (until a
  // reboot).
  std::uint32_t all_events() const { return all_events_; }

  std::uint32_t critical_events() const { return critical_events_; }

  Link& link() { return link_; }

  const Link& link() const { return link_; }

  std::uint32_t requests = 0;  // That reached it.

 private:
  bool can_print() const { return !critical() && !asleep_ && pages_per_minute_ > 0; }

  // Keeps what was printed so far, before something changes that decides whether it prints.
  void Settle(base::MonotonicTime now);
  std::uint64_t PrintedSinceSettled(base::MonotonicTime now) const;
  void AddAlert(base::MonotonicTime now, Condition condition, std::uint32_t index);

  const PrinterModel* model_;
  std::uint32_t number_;
  std::uint32_t uptime_at_boot_ = 0;  // Ticks.
  base::MonotonicTime boot_;
  base::MonotonicTime settled_;
  std::uint64_t pages_ = 0;  // Up to settled_.
  std::uint64_t pages_at_boot_ = 0;
  double pages_per_minute_ = 0;
  std::uint32_t next_alert_ = 1;
  std::uint32_t all_events_ = 0;
  std::uint32_t critical_events_ = 0;
  Link link_;
  bool asleep_ = false;
  std::uint32_t reboots_ = 0;
  std::uint32_t identity_;
  std::optional<std::uint64_t> pages_at_board_;
  std::vector<Alert> alerts_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> supplies_;  // Place, and pages when put in.
};

}  // namespace platen::fleetsim
