// Which device is due next. A binary heap of (time, device) that a table of positions keeps
// addressable, so that a device is in it once and can be moved: O(log n) each, 16 bytes a device
// and no allocation once it has grown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/time.h"

namespace platen::collector::core {

// A device's place in the device table.
using DeviceSlot = std::uint32_t;

// Thread-confined.
class DueQueue {
 public:
  // Puts `device` at `due`, or moves it there.
  void Set(DeviceSlot device, base::MonotonicTime due);

  // Takes it out, if it is in.
  void Remove(DeviceSlot device);

  // The earliest time; nothing when empty.
  std::optional<base::MonotonicTime> next() const;

  // The earliest device that is due at `now`, taken out.
  std::optional<DeviceSlot> Pop(base::MonotonicTime now);

  // The next one, and two of which one is the next but one.
  std::array<std::optional<DeviceSlot>, 3> soon() const;

  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    base::MonotonicTime due;
    DeviceSlot device;
  };

  static constexpr std::uint32_t kAbsent = ~std::uint32_t{0};

  void Place(std::size_t at, const Entry& entry);
  void Up(std::size_t at);
  void Down(std::size_t at);

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> position_;  // By device.
};

}  // namespace platen::collector::core
