// What can be wrong with a printer, and how the Printer MIB says it (RFC 3805, IANA-PRINTER-MIB).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace platen::fleetsim {

enum class Condition : std::uint8_t {
  kJam,
  kCoverOpen,
  kPaperOut,
  kPaperLow,
  kTrayMissing,
  kTonerLow,
  kTonerEmpty,
  kWasteFull,
  kService,
};

// Where in the MIB the thing is that has the condition; an alert's group.
enum class Part : std::uint8_t {
  kGeneral = 5,
  kCover = 6,
  kInput = 8,
  kMarker = 10,
  kSupply = 11,
  kMediaPath = 13
};

struct ConditionTraits {
  Condition condition;
  std::string_view word;  // In commands.
  Part part;
  bool critical;                // It cannot print now.
  std::uint16_t error_bits;     // hrPrinterDetectedErrorState; 0x8000 is bit 0, lowPaper.
  std::uint16_t code;           // prtAlertCode.
  std::uint16_t ink_code;       // The same for a supply that is ink.
  std::uint8_t training;        // prtAlertTrainingLevel.
  std::uint8_t subunit_status;  // PrtSubUnitStatus of input or marker.
  std::string_view text;        // prtAlertDescription, behind the name of the part.
  std::string_view panel;       // First line of the console.
};

std::span<const ConditionTraits> AllConditions();
const ConditionTraits& TraitsOf(Condition condition);
std::optional<Condition> FindCondition(std::string_view word);

}  // namespace platen::fleetsim
