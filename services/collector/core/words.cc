#include "services/collector/core/words.h"

#include <cmath>

#include "libs/base/status.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::Level;

// Units that read well behind a number; the MIB's odd ones are left out.
std::string_view UnitBehind(event::v1::LevelUnit unit) {
  switch (unit) {
    case event::v1::LEVEL_UNIT_IMPRESSIONS:
      return " impressions";
    case event::v1::LEVEL_UNIT_SHEETS:
      return " sheets";
    case event::v1::LEVEL_UNIT_HOURS:
      return " hours";
    case event::v1::LEVEL_UNIT_TENTHS_OF_GRAMS:
      return " × 0.1 g";
    case event::v1::LEVEL_UNIT_TENTHS_OF_MILLILITRES:
      return " × 0.1 ml";
    case event::v1::LEVEL_UNIT_FEET:
      return " feet";
    case event::v1::LEVEL_UNIT_METRES:
      return " m";
    case event::v1::LEVEL_UNIT_ITEMS:
      return " items";
    default:
      return "";
  }
}

std::string GroupedSigned(std::int64_t number) {
  return Grouped(number < 0 ? 0 : static_cast<std::uint64_t>(number));
}

std::string PercentWords(double percent) {
  const double rounded = std::round(percent * 10.0) / 10.0;
  const auto whole = static_cast<std::int64_t>(rounded);
  const auto tenths =
      static_cast<std::int64_t>(std::llround((rounded - static_cast<double>(whole)) * 10.0));
  return tenths == 0 ? StrCat(whole, " %") : StrCat(whole, ".", tenths, " %");
}

std::string ExactWords(const Level& level, LevelOf of) {
  if (of == LevelOf::kTray && level.value() == 0) {
    return level.has_capacity() ? StrCat("empty (holds ",
                                         GroupedSigned(level.capacity()),
                                         UnitBehind(level.unit()),
                                         ")")
                                : "empty";
  }
  if (!level.has_percent()) {
    return StrCat(GroupedSigned(level.value()),
                  UnitBehind(level.unit()),
                  ", the printer doesn't say of how many");
  }
  std::string words = PercentWords(level.percent());
  if (of == LevelOf::kReceptacle) words += " space left, by the standard";
  const bool says_more = level.has_capacity() && level.capacity() != 100;
  if (says_more) {
    words += StrCat(" (",
                    GroupedSigned(level.value()),
                    " of ",
                    GroupedSigned(level.capacity()),
                    UnitBehind(level.unit()),
                    ")");
  }
  return words;
}

std::string_view SomeWords(LevelOf of) {
  switch (of) {
    case LevelOf::kReceptacle:
    case LevelOf::kOutput:
      return "some space left, the printer doesn't say how much";
    case LevelOf::kTray:
      return "at least one sheet, the printer doesn't say how many";
    default:
      return "some left, the printer doesn't say how much";
  }
}

std::string_view ColourWords(event::v1::ColourClass colour) {
  switch (colour) {
    case event::v1::COLOUR_CLASS_MONOCHROME:
      return ", black";
    case event::v1::COLOUR_CLASS_COLOUR:
      return ", colour";
    case event::v1::COLOUR_CLASS_FULL_COLOUR:
      return ", full colour";
    case event::v1::COLOUR_CLASS_SINGLE_COLOUR:
      return ", single colour";
    case event::v1::COLOUR_CLASS_TWO_COLOUR:
      return ", two colours";
    default:
      return "";
  }
}

std::string_view FunctionWords(event::v1::MeterFunction function) {
  switch (function) {
    case event::v1::METER_FUNCTION_TOTAL:
      return "Total";
    case event::v1::METER_FUNCTION_PRINT:
      return "Prints";
    case event::v1::METER_FUNCTION_COPY:
      return "Copies";
    case event::v1::METER_FUNCTION_SCAN:
      return "Scans";
    case event::v1::METER_FUNCTION_FAX:
      return "Faxes";
    case event::v1::METER_FUNCTION_FAX_IN:
      return "Faxes received";
    case event::v1::METER_FUNCTION_FAX_OUT:
      return "Faxes sent";
    case event::v1::METER_FUNCTION_REPORT:
      return "Reports";
    case event::v1::METER_FUNCTION_SCAN_TO_EMAIL:
      return "Scans to e-mail";
    case event::v1::METER_FUNCTION_SCAN_TO_NETWORK:
      return "Scans to the network";
    default:
      return "Other";
  }
}

// Runs of blanks and line breaks as one blank each.
std::string Collapsed(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return std::string(TrimBlanks(line));
}

// A number for a pair of hexadecimal digits and its blank; nothing for anything else.
std::optional<char> HexPair(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (text.size() < 2 || digit(text[0]) < 0 || digit(text[1]) < 0) return std::nullopt;
  if (text.size() > 2 && text[2] != ' ') return std::nullopt;
  return static_cast<char>(digit(text[0]) * 16 + digit(text[1]));
}

// The whole of `text` as "4B 69 74 00".
std::optional<std::string> HexLine(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string decoded;
  while (!text.empty()) {
    const auto byte = HexPair(text);
    if (!byte.has_value()) return std::nullopt;
    decoded += *byte;
    text.remove_prefix(text.size() < 3 ? text.size() : 3);
  }
  return decoded;
}

}  // namespace

LevelOf LevelOfSupply(const event::v1::Supply& supply) {
  if (supply.supply_class() == event::v1::SUPPLY_CLASS_RECEPTACLE) return LevelOf::kReceptacle;
  if (supply.supply_class() == event::v1::SUPPLY_CLASS_CONTAINER) return LevelOf::kContainer;
  switch (supply.type()) {
    case event::v1::SUPPLY_TYPE_WASTE_TONER:
    case event::v1::SUPPLY_TYPE_WASTE_INK:
    case event::v1::SUPPLY_TYPE_WASTE_WAX:
    case event::v1::SUPPLY_TYPE_WASTE_WATER:
    case event::v1::SUPPLY_TYPE_WASTE_PAPER:
      return LevelOf::kReceptacle;
    default:
      return LevelOf::kContainer;
  }
}

std::string LevelWords(const Level& level, LevelOf of) {
  switch (level.state()) {
    case Level::STATE_EXACT:
      return ExactWords(level, of);
    case Level::STATE_AT_LEAST_SOME:
      return std::string(SomeWords(of));
    case Level::STATE_LOW_UNSPECIFIED:
      return "low, the printer doesn't say how much is left";
    case Level::STATE_UNLIMITED:
      return "no limit";
    case Level::STATE_NOT_REPORTED:
      return "no level, the printer doesn't offer one";
    default:
      return "unknown, the printer says that it doesn't know";
  }
}

std::string OneLine(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end != std::string_view::npos) {
    if (const auto rest = HexLine(Collapsed(text.substr(end + 1))); rest.has_value()) {
      return OneLine(DecodeText(StrCat(text.substr(0, end), *rest), 0));
    }
  }
  return Collapsed(text);
}

std::string SupplyName(const event::v1::Supply& supply) {
  std::string name = OneLine(supply.description());
  if (!name.empty()) return name;
  if (!supply.colorant().empty()) return StrCat(supply.colorant(), " supply ", supply.index());
  return StrCat("supply ", supply.index());
}

std::string MeterName(const event::v1::MeterKind& kind) {
  std::string name;
  if (kind.function() == event::v1::METER_FUNCTION_MODE) {
    name = kind.mode();
    for (char& c : name) {
      if (c == '-') c = ' ';
    }
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
      name[0] = static_cast<char>(name[0] - 'a' + 'A');
    }
  } else {
    name = FunctionWords(kind.function());
  }
  name += ColourWords(kind.colour());
  if (kind.size() == event::v1::SIZE_CLASS_LARGE) name += ", large";
  if (kind.size() == event::v1::SIZE_CLASS_SMALL) name += ", small";
  if (kind.size() == event::v1::SIZE_CLASS_NAMED) name += StrCat(", ", kind.media_size());
  if (kind.sides() == event::v1::SIDES_CLASS_TWO_SIDED) name += ", two-sided";
  if (kind.sides() == event::v1::SIDES_CLASS_ONE_SIDED) name += ", one-sided";
  if (kind.marker() != 0) name += StrCat(", marker ", kind.marker());
  return name;
}

std::string_view UnitWords(event::v1::MeterUnit unit) {
  switch (unit) {
    case event::v1::METER_UNIT_IMPRESSIONS:
      return "impressions";
    case event::v1::METER_UNIT_SHEETS:
      return "sheets";
    case event::v1::METER_UNIT_IMAGES:
      return "images";
    case event::v1::METER_UNIT_PAGES:
      return "pages";
    case event::v1::METER_UNIT_EVENTS:
      return "times";
    case event::v1::METER_UNIT_MILLIMETRES:
      return "mm";
    case event::v1::METER_UNIT_SECONDS:
      return "s";
    case event::v1::METER_UNIT_A4_EQUIVALENT_HUNDREDTHS:
      return "hundredths of A4 pages";
    default:
      return "";
  }
}

std::string Grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return grouped;
}

std::string_view Words(event::v1::PrinterStatus status) {
  switch (status) {
    case event::v1::PRINTER_STATUS_OTHER:
      return "asleep, off-line or stopped";
    case event::v1::PRINTER_STATUS_UNKNOWN:
      return "unknown";
    case event::v1::PRINTER_STATUS_IDLE:
      return "idle";
    case event::v1::PRINTER_STATUS_PRINTING:
      return "printing";
    case event::v1::PRINTER_STATUS_WARMUP:
      return "warming up";
    default:
      return "";
  }
}

std::string_view Words(event::v1::DeviceStatus status) {
  switch (status) {
    case event::v1::DEVICE_STATUS_UNKNOWN:
      return "unknown";
    case event::v1::DEVICE_STATUS_RUNNING:
      return "running";
    case event::v1::DEVICE_STATUS_WARNING:
      return "warning";
    case event::v1::DEVICE_STATUS_TESTING:
      return "testing";
    case event::v1::DEVICE_STATUS_DOWN:
      return "down";
    default:
      return "";
  }
}

std::string_view Words(event::v1::ErrorState state) {
  constexpr std::string_view kWords[] = {"",
                                         "paper low",
                                         "no paper",
                                         "toner low",
                                         "no toner",
                                         "door open",
                                         "paper jam",
                                         "off-line",
                                         "service requested",
                                         "input tray missing",
                                         "output tray missing",
                                         "supply missing",
                                         "output nearly full",
                                         "output full",
                                         "input tray empty",
                                         "maintenance overdue"};
  const auto index = static_cast<std::size_t>(state);
  return index < std::size(kWords) ? kWords[index] : "";
}

std::string_view Words(event::v1::ReadingQuality quality) {
  switch (quality) {
    case event::v1::READING_QUALITY_ASLEEP:
      return "the printer is asleep";
    case event::v1::READING_QUALITY_JAMMED:
      return "it is jammed";
    case event::v1::READING_QUALITY_COVER_OPEN:
      return "a cover is open";
    case event::v1::READING_QUALITY_JUST_BOOTED:
      return "it has just started";
    case event::v1::READING_QUALITY_IMPLAUSIBLE:
      return "all levels are at one end, as of a printer that is not at work";
    case event::v1::READING_QUALITY_PARTIAL:
      return "not everything was read";
    default:
      return "";
  }
}

std::string_view Words(event::v1::AlertSeverity severity) {
  switch (severity) {
    case event::v1::ALERT_SEVERITY_CRITICAL:
      return "can't print";
    case event::v1::ALERT_SEVERITY_WARNING:
    case event::v1::ALERT_SEVERITY_WARNING_BINARY:
      return "warning";
    case event::v1::ALERT_SEVERITY_OTHER:
      return "note";
    default:
      return "";
  }
}

std::string UptimeWords(std::uint64_t ticks) {
  const std::uint64_t minutes = ticks / 6000;
  const std::uint64_t hours = minutes / 60;
  const std::uint64_t days = hours / 24;
  if (days > 0) return StrCat(days, days == 1 ? " day " : " days ", hours % 24, " h");
  if (hours > 0) return StrCat(hours, " h ", minutes % 60, " min");
  return StrCat(minutes, " min");
}

std::string Sentence(const event::v1::Unavailable& missing) {
  return StrCat("Not available: ", missing.what(), ", ", missing.why());
}

}  // namespace platen::collector::core
