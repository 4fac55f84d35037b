#include "libs/alerting/tally.h"

#include <algorithm>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/enum_names.h"

namespace platen::alerting {

using notifier::v1::Notification;
using notifier::v1::NotificationKind;

namespace {

constexpr std::int64_t kMillisPerHour = 3'600'000;
constexpr std::string_view kSeveral = "several";

std::string CategoryOf(const event::v1::Event& event) {
  const auto category = event.alert().category();
  if (!event::v1::AlertCategory_IsValid(category)) return "unspecified";
  return event::ShortEnumName(*event::v1::AlertCategory_descriptor()->FindValueByNumber(category));
}

// What all share, or "several".
void Share(std::string said, std::string& all) {
  if (all.empty()) {
    all = std::move(said);
  } else if (all != said) {
    all = kSeveral;
  }
}

}  // namespace

// An end has no rule of its own: it is the one of the beginning.
std::string Tally::RuleOf(const std::string& receiver, const Part& part) {
  const std::string key = base::StrCat(receiver, "/", *part.incident);
  const auto known = rules_.find(key);
  const std::string rule = known == rules_.end() ? *part.rule : known->second;
  if (part.kind == notifier::v1::NOTIFICATION_KIND_CLEARED) {
    if (known != rules_.end()) rules_.erase(known);
  } else if (known == rules_.end()) {
    rules_[key] = rule;
  }
  return rule;
}

void Tally::Count(base::WallTime at, const Notification& message) {
  std::vector<Part> parts;
  for (const notifier::v1::DigestMember& member : message.members()) {
    parts.push_back(
        {member.kind(), &member.incident_id(), &member.rule(), &member.title(), &member.event()});
  }
  if (parts.empty()) {
    parts.push_back({message.kind(),
                     &message.incident_id(),
                     &message.rule(),
                     &message.title(),
                     &message.event()});
  }
  std::string rule;
  std::string category;
  Counts counts{.messages = 1};
  for (const Part& part : parts) {
    Share(RuleOf(message.receiver(), part), rule);
    Share(CategoryOf(*part.event), category);
    switch (part.kind) {
      case notifier::v1::NOTIFICATION_KIND_RAISED: {
        ++counts.beginnings;
        const std::string id = base::HexEncode(part.event->device_id());
        Device& device = devices_[id];
        device = {.id = id, .title = *part.title, .beginnings = device.beginnings + 1};
        break;
      }
      case notifier::v1::NOTIFICATION_KIND_CLEARED:
        ++counts.ends;
        break;
      default:
        ++counts.others;
    }
  }
  Counts& row = rows_[{message.receiver(), rule, category}];
  row.messages += counts.messages;
  row.beginnings += counts.beginnings;
  row.ends += counts.ends;
  row.others += counts.others;
  ++messages_;
  ++hours_[base::ToMillis(at) / kMillisPerHour];
}

std::vector<TallyRow> Tally::Rows() const {
  std::vector<TallyRow> rows;
  for (const auto& [key, counts] : rows_) {
    rows.push_back({.receiver = std::get<0>(key),
                    .rule = std::get<1>(key),
                    .category = std::get<2>(key),
                    .messages = counts.messages,
                    .beginnings = counts.beginnings,
                    .ends = counts.ends,
                    .others = counts.others});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const TallyRow& left, const TallyRow& right) {
    return left.messages > right.messages;
  });
  return rows;
}

Tally::Hour Tally::BusiestHour() const {
  Hour busiest;
  for (const auto& [hour, messages] : hours_) {
    if (messages <= busiest.messages) continue;
    busiest = {base::WallFromMillis(hour * kMillisPerHour), messages};
  }
  return busiest;
}

Tally::Device Tally::BusiestDevice() const {
  Device busiest;
  for (const auto& [id, device] : devices_) {
    if (device.beginnings > busiest.beginnings) busiest = device;
  }
  return busiest;
}

}  // namespace platen::alerting
