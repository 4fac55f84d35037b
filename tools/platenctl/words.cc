#include "tools/platenctl/words.h"

#include <algorithm>

#include <google/protobuf/util/time_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "libs/base/status.h"

namespace platen::platenctl {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

std::string EnumWords(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::string words = absl::AsciiStrToLower(base::ToAbsl(name));
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string StateWord(fleet::Device::State state) {
  return EnumWords(fleet::Device::State_Name(state), "STATE_");
}

std::string Age(const google::protobuf::Timestamp& time, base::WallTime now) {
  if (time.seconds() == 0) return "-";
  const std::int64_t seconds =
      std::max<std::int64_t>(0, base::ToMillis(now) / 1000 - time.seconds());
  if (seconds < 120) return base::StrCat(seconds, " s");
  if (seconds < 2 * 3600) return base::StrCat(seconds / 60, " min");
  if (seconds < 2 * 86400) return base::StrCat(seconds / 3600, " h");
  return base::StrCat(seconds / 86400, " d");
}

std::string Time(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return {};
  google::protobuf::Timestamp whole = time;
  whole.set_nanos(0);
  return google::protobuf::util::TimeUtil::ToString(whole);
}

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string MeterWords(const ev::MeterKind& kind) {
  std::string words = kind.function() == ev::METER_FUNCTION_MODE
                          ? kind.mode()
                          : EnumWords(ev::MeterFunction_Name(kind.function()), "METER_FUNCTION_");
  const auto add = [&words](const std::string& more) { words += ", " + more; };
  if (kind.colour() == ev::COLOUR_CLASS_MONOCHROME) {
    add("black and white");
  } else if (kind.colour() > ev::COLOUR_CLASS_ALL) {
    add(EnumWords(ev::ColourClass_Name(kind.colour()), "COLOUR_CLASS_"));
  }
  if (kind.size() == ev::SIZE_CLASS_NAMED) {
    add(kind.media_size());
  } else if (kind.size() > ev::SIZE_CLASS_ALL) {
    add(EnumWords(ev::SizeClass_Name(kind.size()), "SIZE_CLASS_"));
  }
  if (kind.sides() == ev::SIDES_CLASS_ONE_SIDED) add("one-sided");
  if (kind.sides() == ev::SIDES_CLASS_TWO_SIDED) add("two-sided");
  if (kind.marker() != 0) add(base::StrCat("marker ", kind.marker()));
  if (kind.department() != 0) add(base::StrCat("department ", kind.department()));
  return words;
}

std::vector<std::string> MeterLines(const google::protobuf::RepeatedPtrField<ev::Meter>& meters) {
  std::vector<std::string> lines;
  for (const ev::Meter& meter : meters) {
    std::string line = base::StrCat(
        MeterWords(meter.kind()), ": ", Grouped(meter.value()), " ", UnitWord(meter.kind().unit()));
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  return lines;
}

std::string UnitWord(ev::MeterUnit unit) {
  return EnumWords(ev::MeterUnit_Name(unit), "METER_UNIT_");
}

std::string SourceWord(ev::MeterSource source) {
  return EnumWords(ev::MeterSource_Name(source), "METER_SOURCE_");
}

std::string QualityWords(const ev::Meter& meter) {
  std::string words;
  for (const int quality : meter.quality()) {
    if (quality == ev::READING_QUALITY_GOOD) continue;
    const auto name = ev::ReadingQuality_Name(static_cast<ev::ReadingQuality>(quality));
    words += (words.empty() ? "" : ", ") + EnumWords(name, "READING_QUALITY_");
  }
  return words;
}

std::string LevelWords(const ev::Level& level) {
  switch (level.state()) {
    case ev::Level::STATE_EXACT:
      if (level.has_percent()) return absl::StrFormat("%.0f %%", level.percent());
      return level.has_capacity() ? base::StrCat(level.value(), " of ", level.capacity())
                                  : base::StrCat(level.value());
    case ev::Level::STATE_AT_LEAST_SOME:
      return "some left, the printer doesn't say how much";
    case ev::Level::STATE_LOW_UNSPECIFIED:
      return "low";
    case ev::Level::STATE_UNLIMITED:
      return "unlimited";
    case ev::Level::STATE_NOT_REPORTED:
      return "not reported";
    default:
      return "not known to the printer";
  }
}

bool IsLow(const ev::Supply& supply) {
  const ev::Level& level = supply.level();
  return level.state() == ev::Level::STATE_LOW_UNSPECIFIED ||
         (level.state() == ev::Level::STATE_EXACT && level.has_percent() && level.percent() < 10.0);
}

std::string AlertWords(const ev::Alert& alert) {
  std::string words = alert.description();
  if (words.empty()) words = alert.reason_keyword();
  if (words.empty()) words = alert.alert_id();
  if (absl::AsciiStrToLower(words).find(absl::AsciiStrToLower(alert.where())) ==
      std::string::npos) {
    words += " (" + alert.where() + ")";
  }
  return words;
}

std::string CategoryWord(ev::AlertCategory category) {
  return EnumWords(ev::AlertCategory_Name(category), "ALERT_CATEGORY_");
}

std::string_view LastSegment(std::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

std::string_view DeviceOfAlert(std::string_view alert_name) {
  return alert_name.substr(0, alert_name.find("/alerts/"));
}

}  // namespace platen::platenctl
