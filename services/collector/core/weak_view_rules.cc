#include "services/collector/core/weak_view_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace platen::collector::core {
namespace {

using event::v1::Level;

// PrtSubUnitStatusTC: what the low three bits and the flags say.
constexpr std::int32_t kAvailability = 7;
constexpr std::int32_t kUnavailableOnRequest = 1;
constexpr std::int32_t kUnavailableBroken = 3;
constexpr std::int32_t kNonCriticalAlert = 8;
constexpr std::int32_t kCriticalAlert = 16;

constexpr std::int32_t kManualTray = 5;  // prtInputType

constexpr LevelNames kOfToner{"low-toner", "no-toner", kLowPercent};
constexpr LevelNames kOfPart{"part-near-end", "part-at-end", kPartLowPercent};

}  // namespace

bool SaysBroken(std::int32_t status) {
  return (status & kAvailability) == kUnavailableBroken && (status & kCriticalAlert) != 0;
}

bool SaysEmpty(std::int32_t status) {
  return (status & kAvailability) == kUnavailableOnRequest &&
         (status & (kNonCriticalAlert | kCriticalAlert)) != 0;
}

bool IsFedByHand(const event::v1::Input& input) {
  constexpr std::array<std::string_view, 6> kWords = {
      "bypass", "manual", "multi", "mp tray", "mp feeder", "auto select"};
  std::string name = input.name();
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(std::tolower(c));
  }
  return input.type() == kManualTray ||
         std::any_of(kWords.begin(), kWords.end(), [&name](std::string_view word) {
           return name.find(word) != std::string::npos;
         });
}

const LevelNames* LevelNamesOf(const event::v1::Supply& supply) {
  if (supply.supply_class() != event::v1::SUPPLY_CLASS_CONTAINER) return nullptr;
  switch (supply.type()) {
    case event::v1::SUPPLY_TYPE_TONER:
    case event::v1::SUPPLY_TYPE_TONER_CARTRIDGE:
    case event::v1::SUPPLY_TYPE_MATTE_TONER:
    case event::v1::SUPPLY_TYPE_INK:
    case event::v1::SUPPLY_TYPE_INK_CARTRIDGE:
    case event::v1::SUPPLY_TYPE_INK_RIBBON:
    case event::v1::SUPPLY_TYPE_MATTE_INK:
    case event::v1::SUPPLY_TYPE_SOLID_WAX:
    case event::v1::SUPPLY_TYPE_RIBBON_WAX:
      return &kOfToner;
    case event::v1::SUPPLY_TYPE_OPC:
    case event::v1::SUPPLY_TYPE_DEVELOPER:
    case event::v1::SUPPLY_TYPE_FUSER:
    case event::v1::SUPPLY_TYPE_CORONA_WIRE:
    case event::v1::SUPPLY_TYPE_CLEANER_UNIT:
    case event::v1::SUPPLY_TYPE_TRANSFER_UNIT:
    case event::v1::SUPPLY_TYPE_FUSER_CLEANING_PAD:
      return &kOfPart;
    default:
      return nullptr;
  }
}

std::optional<std::string_view> JudgeLevel(const LevelNames& names,
                                           const Level& level,
                                           std::optional<std::string_view> before) {
  if (level.state() == Level::STATE_AT_LEAST_SOME) {
    return before == names.low ? names.low : std::string_view();
  }
  if (level.state() != Level::STATE_EXACT || !level.has_percent()) return std::nullopt;
  const double percent = level.percent();
  const bool was_empty = before == names.empty;
  if (percent <= 0.0 || (was_empty && percent < kNoLongerEmptyPercent)) return names.empty;
  const bool was_low = was_empty || before == names.low;
  const double bound = was_low ? 2 * names.low_percent : names.low_percent;
  return percent <= names.low_percent || (was_low && percent < bound) ? names.low
                                                                      : std::string_view();
}

}  // namespace platen::collector::core
