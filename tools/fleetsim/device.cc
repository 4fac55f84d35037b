#include "tools/fleetsim/device.h"

#include <algorithm>
#include <utility>

namespace platen::fleetsim {
namespace {

using snmp::operator""_oid;
using base::MonotonicTime;

constexpr base::Duration kBootTime = std::chrono::seconds(5);
constexpr base::Duration kTick = std::chrono::milliseconds(10);
constexpr std::uint32_t kAlertIndexMax = 0x7fffffff;

std::uint32_t RecordedUptime(const PrinterModel& model) {
  const snmp::Varbind* row = model.recording().Find("1.3.6.1.2.1.1.3.0"_oid);
  return row == nullptr ? 0 : static_cast<std::uint32_t>(row->value.AsUnsigned().value_or(0));
}

}  // namespace

Device::Device(std::uint32_t number, const PrinterModel& model, MonotonicTime now)
    : model_(&model),
      number_(number),
      uptime_at_boot_(RecordedUptime(model)),
      boot_(now),
      settled_(now),
      identity_(number) {}

bool Device::Raise(MonotonicTime now, Condition condition, std::uint32_t index) {
  if (IsRaised(condition, index)) return false;
  Settle(now);
  AddAlert(now, condition, index);
  return true;
}

void Device::AddAlert(MonotonicTime now, Condition condition, std::uint32_t index) {
  alerts_.push_back(
      {.index = next_alert_, .ticks = uptime_ticks(now), .part = index, .condition = condition});
  next_alert_ = next_alert_ == kAlertIndexMax ? 1 : next_alert_ + 1;
  ++all_events_;
  if (TraitsOf(condition).critical) ++critical_events_;
}

std::size_t Device::Clear(MonotonicTime now,
                          std::optional<Condition> condition,
                          std::optional<std::uint32_t> index) {
  Settle(now);
  return std::erase_if(alerts_, [&](const Alert& alert) {
    return alert.condition == condition.value_or(alert.condition) &&
           alert.part == index.value_or(alert.part);
  });
}

bool Device::IsRaised(Condition condition, std::uint32_t index) const {
  return std::any_of(alerts_.begin(), alerts_.end(), [&](const Alert& alert) {
    return alert.condition == condition && alert.part == index;
  });
}

const Alert* Device::foremost() const {
  const auto at = std::find_if(alerts_.begin(), alerts_.end(), [](const Alert& alert) {
    return TraitsOf(alert.condition).critical;
  });
  if (at != alerts_.end()) return &*at;
  return alerts_.empty() ? nullptr : &alerts_.front();
}

bool Device::critical() const {
  const Alert* alert = foremost();
  return alert != nullptr && TraitsOf(alert->condition).critical;
}

void Device::Sleep(MonotonicTime now, bool asleep) {
  Settle(now);
  asleep_ = asleep;
}

void Device::Reboot(MonotonicTime now) {
  Settle(now);
  boot_ = now;
  uptime_at_boot_ = 0;
  pages_at_boot_ = pages_;
  ++reboots_;
  asleep_ = false;
  next_alert_ = 1;
  all_events_ = critical_events_ = 0;
  for (const Alert& alert : std::exchange(alerts_, {})) AddAlert(now, alert.condition, alert.part);
}

void Device::SwapBoard(MonotonicTime now) {
  pages_at_board_ = pages(now);
  Reboot(now);
}

std::uint64_t Device::counted(MonotonicTime now) const {
  // Printers of a model differ in more than what they have printed since they were recorded.
  constexpr std::uint64_t kPagesBetween = 1000;
  const std::uint64_t of_another =
      identity_ == number_ ? 0 : kPagesBetween * (1 + std::uint64_t{identity_});
  return pages(now) - pages_at_board_.value_or(0) + of_another;
}

void Device::Become(MonotonicTime now, std::uint32_t identity) {
  identity_ = identity;
  Reboot(now);
}

void Device::ReplaceSupply(MonotonicTime now, std::uint32_t index) {
  std::erase_if(supplies_, [index](const auto& each) { return each.first == index; });
  supplies_.emplace_back(index, pages(now));
}

std::optional<std::uint64_t> Device::PagesOfSupply(MonotonicTime now, std::uint32_t index) const {
  for (const auto& [place, since] : supplies_) {
    if (place == index) return pages(now) - since;
  }
  return std::nullopt;
}

bool Device::IsBooting(MonotonicTime now) const {
  return rebooted() && now - boot_ < kBootTime;
}

void Device::SetPrintRate(MonotonicTime now, double pages_per_minute) {
  Settle(now);
  pages_per_minute_ = std::clamp(pages_per_minute, 0.0, 10000.0);
}

void Device::Settle(MonotonicTime now) {
  pages_ += PrintedSinceSettled(now);
  settled_ = now;
}

std::uint64_t Device::PrintedSinceSettled(MonotonicTime now) const {
  if (!can_print()) return 0;
  return static_cast<std::uint64_t>(base::ToSeconds(now - settled_) / 60 * pages_per_minute_);
}

std::uint64_t Device::pages(MonotonicTime now) const {
  return pages_ + PrintedSinceSettled(now);
}

bool Device::IsPrinting(MonotonicTime now) const {
  if (!can_print()) return false;
  // As if its engine made thirty pages a minute: at a lower rate it rests for the remainder of each
  // minute.
  const std::int64_t second = base::ToMillis(now - boot_) / 1000 + number_ * 7;
  return static_cast<double>(second % 60) < 60 * std::min(1.0, pages_per_minute_ / 30);
}

std::uint32_t Device::uptime_ticks(MonotonicTime now) const {
  return uptime_at_boot_ + static_cast<std::uint32_t>((now - boot_) / kTick);
}

}  // namespace platen::fleetsim
