// Part and serial numbers that makers write into a supply's description. They tell one cartridge
// from the next, so a replacement is seen even where the level says nothing. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace platen::collector::core {

// Empty members where the description has none.
struct CartridgeNumbers {
  std::string part_number;
  std::string serial_number;
  std::string_view rule;  // Which spelling was recognised.
};

// Knows "Black Toner, PN 006R01509;SN48178080E0000481" (Xerox) and "…S/N:CRUM-10011234567"
// (Samsung and its OEM engines). "unknown" is no number.
CartridgeNumbers FindCartridgeNumbers(std::string_view description);

}  // namespace platen::collector::core
