#include "services/collector/core/meter_sources.h"

#include <algorithm>

namespace platen::collector::core {
namespace {

using event::v1::Meter;

// The whole device's total. Of several markers, each has its own, comparable to no vendor's total.
bool IsTotal(const Meter& meter) {
  const event::v1::MeterKind& kind = meter.kind();
  return kind.function() == event::v1::METER_FUNCTION_TOTAL &&
         kind.colour() == event::v1::COLOUR_CLASS_ALL && kind.size() == event::v1::SIZE_CLASS_ALL &&
         kind.sides() == event::v1::SIDES_CLASS_ALL && kind.marker() == 0 && kind.department() == 0;
}

// A life count whose unit the device does not say is taken for what the vendor counts.
bool IsComparable(const Meter& standard, const Meter& vendor) {
  return standard.kind().unit() == vendor.kind().unit() ||
         standard.kind().unit() == event::v1::METER_UNIT_OTHER;
}

bool StandardIsPreferred(const Meter& standard, const Meter& vendor) {
  return standard.kind().unit() == vendor.kind().unit() &&
         vendor.assurance() != event::v1::METER_ASSURANCE_VERIFIED;
}

void AddMismatch(Meter& meter) {
  const auto& known = meter.quality();
  if (std::find(known.begin(), known.end(), event::v1::READING_QUALITY_MISMATCH) == known.end()) {
    meter.add_quality(event::v1::READING_QUALITY_MISMATCH);
  }
}

int IndexOf(const google::protobuf::RepeatedPtrField<Meter>& meters, const Meter* meter) {
  int index = 0;
  while (&meters[index] != meter) ++index;
  return index;
}

}  // namespace

std::vector<Disagreement> CompareSources(const google::protobuf::RepeatedPtrField<Meter>& meters,
                                         const std::vector<FollowedMeter>& followed,
                                         std::uint64_t save_step) {
  std::vector<Disagreement> news;
  const auto standard = std::find_if(followed.begin(), followed.end(), [](const auto& each) {
    return each.meter->source() == event::v1::METER_SOURCE_STANDARD && IsTotal(*each.meter) &&
           IsChargeable(*each.meter);
  });
  if (standard == followed.end()) return news;
  for (const FollowedMeter& each : followed) {
    if (each.meter->source() == event::v1::METER_SOURCE_STANDARD || !IsTotal(*each.meter) ||
        !IsChargeable(*each.meter) || !IsComparable(*standard->meter, *each.meter)) {
      continue;
    }
    const std::uint64_t low = std::min(standard->meter->value(), each.meter->value());
    const std::uint64_t high = std::max(standard->meter->value(), each.meter->value());
    const std::uint64_t allowed = std::max(save_step, high / 1000);
    if (high - low <= (each.kept->disagrees() ? allowed / 2 : allowed)) {
      each.kept->set_disagrees(false);
      continue;
    }
    AddMismatch(*standard->meter);
    AddMismatch(*each.meter);
    if (each.kept->disagrees()) continue;
    each.kept->set_disagrees(true);
    const int first = IndexOf(meters, standard->meter);
    const int second = IndexOf(meters, each.meter);
    const bool prefers_standard = StandardIsPreferred(*standard->meter, *each.meter);
    news.push_back(prefers_standard ? Disagreement{.preferred = first, .other = second}
                                    : Disagreement{.preferred = second, .other = first});
  }
  return news;
}

}  // namespace platen::collector::core
