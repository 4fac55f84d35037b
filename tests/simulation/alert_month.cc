#include "tests/simulation/alert_month.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::simulation {

enum class TroubleKind : std::uint8_t {
  kJam,
  kPaperOut,
  kPaperLow,
  kCover,
  kOutputFull,
  kSupplyLevel,
  kSupplyListed,
  kTonerOut,
  kWasteFull,
  kServiceCall,
  kFuser,
  kUnreachable,
  kAsleep,
  kConfiguration,
  kKinds,
};

namespace {

using event::v1::Event;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
// Monday, 2 November 2026, 00:00 UTC.
constexpr std::int64_t kBegin = 1'793'577'600'000;
// People work from eight to six in Berlin.
constexpr std::int64_t kWorkFrom = 7 * kHour;
constexpr std::int64_t kWorkTo = 17 * kHour;
constexpr int kPrintersASite = 40;
constexpr int kSitesACustomer = 8;

struct Trouble {
  const char* name;
  const char* description;
  event::v1::AlertCategory category;
  std::int32_t code;   // prtAlertCode.
  std::int32_t group;  // prtAlertGroup.
  event::v1::AlertTraining training;
  event::v1::AlertSeverity severity;
  // Beginnings in a device and month, for what does not come of pages or supplies.
  double a_month;
  // How long it lasts on average.
  double minutes;
};

constexpr auto kAlarm = event::v1::ALERT_CATEGORY_ALARM;
constexpr auto kWarning = event::v1::ALERT_SEVERITY_WARNING_BINARY;
constexpr auto kCritical = event::v1::ALERT_SEVERITY_CRITICAL;
constexpr auto kAnybody = event::v1::ALERT_TRAINING_UNTRAINED;
constexpr auto kOperator = event::v1::ALERT_TRAINING_TRAINED;
constexpr auto kEngineer = event::v1::ALERT_TRAINING_FIELD_SERVICE;
constexpr auto kNobody = event::v1::ALERT_TRAINING_NO_INTERVENTION;

constexpr std::array<Trouble, static_cast<std::size_t>(TroubleKind::kKinds)> kTroubles = {{
    // Most jams are pulled out within minutes; one in twelve stays until somebody comes by.
    {"jam", "Paper jam", event::v1::ALERT_CATEGORY_JAM, 8, 13, kOperator, kCritical, 0, 4},
    // A tray takes 500 sheets; whoever prints next fills it.
    {"paper-out", "Tray empty", kAlarm, 808, 8, kAnybody, kCritical, 0, 20},
    {"paper-low", "Paper low", kAlarm, 807, 8, kAnybody, kWarning, 0, 60},
    {"cover-open", "Cover open", kAlarm, 3, 6, kAnybody, kCritical, 3, 2},
    {"output-full", "Output tray full", kAlarm, 903, 9, kAnybody, kWarning, 0.5, 30},
    // Until somebody has changed the cartridge, some days after it ran low.
    {"supply-low",
     "Toner low",
     event::v1::ALERT_CATEGORY_SUPPLY,
     0,
     11,
     kOperator,
     kWarning,
     0,
     5760},
    {"toner-low", "Toner low", kAlarm, 1104, 11, kOperator, kWarning, 0, 5760},
    {"toner-out", "Toner empty", kAlarm, 1101, 11, kOperator, kCritical, 0, 120},
    {"waste-full", "Waste toner full", kAlarm, 1109, 11, kOperator, kCritical, 0.03, 1440},
    // A device calls an engineer some seven times in ten years.
    {"service",
     "Service call",
     event::v1::ALERT_CATEGORY_ERROR,
     30,
     5,
     kEngineer,
     kCritical,
     0.06,
     2160},
    {"fuser", "Fuser", event::v1::ALERT_CATEGORY_ERROR, 1001, 10, kEngineer, kCritical, 0.01, 2160},
    // Pulled plugs, moves, switches.
    {"unreachable",
     "does not answer",
     kAlarm,
     0,
     0,
     event::v1::ALERT_TRAINING_UNSPECIFIED,
     event::v1::ALERT_SEVERITY_UNSPECIFIED,
     0.25,
     180},
    {"asleep", "Sleeping", kAlarm, 23, 5, kNobody, kWarning, 40, 90},
    {"configuration", "Configuration changed", kAlarm, 7, 5, kNobody, kWarning, 1, 1},
}};

const Trouble& Of(TroubleKind kind) {
  return kTroubles[static_cast<std::size_t>(kind)];
}

bool IsWeekend(std::int64_t millis) {
  return (millis - kBegin) / kDay % 7 >= 5;
}

}  // namespace

AlertMonth::AlertMonth(const MonthOptions& options) : options_(options), random_(options.seed) {
  const auto count = static_cast<std::size_t>(options.devices);
  devices_.resize(count);
  silences_.resize(count);
  numbers_.assign(count, std::vector<std::uint32_t>(kTroubles.size()));
  MakeSites();
  for (std::int32_t number = 0; number < options.devices; ++number) {
    MakeNights(number);
    MakeTroubles(number);
  }
  MakeOutages();
  std::sort(happenings_.begin(), happenings_.end(), [](const auto& left, const auto& right) {
    return std::tie(left.millis, left.device, left.kind, left.number, left.ends) <
           std::tie(right.millis, right.device, right.kind, right.number, right.ends);
  });
}

base::WallTime AlertMonth::begin() const {
  return base::WallFromMillis(kBegin);
}

base::WallTime AlertMonth::end() const {
  return base::WallFromMillis(kBegin + options_.days * kDay);
}

void AlertMonth::MakeSites() {
  for (int i = 0; i < options_.devices; ++i) {
    // Sites of different sizes: each device opens one with this chance.
    if (i == 0 || random_.Chance(1.0 / kPrintersASite)) {
      const auto number = sites_.size();
      sites_.push_back({.tenant = base::StrCat("customer-", number / kSitesACustomer + 1),
                        .name = base::StrCat("site-", number + 1)});
    }
    Device& device = devices_[static_cast<std::size_t>(i)];
    device.site = static_cast<int>(sites_.size()) - 1;
    // A few print most: 1,500 pages in the middle, 4,000 on average.
    device.pages = 500 + Exponential(3500);
    device.total = Exponential(150'000);
    // One in twenty is worn, and jams ten times as often.
    device.jams = random_.Chance(0.05) ? 4.0 : 0.4;
    device.colour = random_.Chance(0.4);
    device.off_at_night = random_.Chance(0.1);
    device.lists_supplies = random_.Chance(0.5);
  }
}

void AlertMonth::MakeTroubles(std::int32_t number) {
  const Device& device = devices_[static_cast<std::size_t>(number)];
  const double months = options_.days / 30.0;
  const auto count_of = [&](double mean) {
    int count = 0;
    for (double left = mean * months; (left -= Exponential(1)) > 0;) ++count;
    return count;
  };
  for (int i = count_of(device.pages / 1000 * device.jams); i > 0; --i) {
    Add(number, TroubleKind::kJam, WorkingMoment(), Exponential(random_.Chance(0.08) ? 60 : 4));
  }
  for (int i = count_of(device.pages / 500); i > 0; --i) {
    const std::int64_t at = WorkingMoment();
    Add(number, TroubleKind::kPaperLow, at - kHour, 60);
    Add(number, TroubleKind::kPaperOut, at, Exponential(20));
  }
  // Black lasts 8,000 pages, each of three colours 12,000.
  const double supplies = device.pages / 8000 + (device.colour ? device.pages / 4000 : 0);
  for (int i = count_of(supplies); i > 0; --i) {
    const std::int64_t at = WorkingMoment();
    const double minutes = Exponential(Of(TroubleKind::kSupplyLevel).minutes);
    Add(number, TroubleKind::kSupplyLevel, at, minutes);
    if (device.lists_supplies) Add(number, TroubleKind::kSupplyListed, at + kHour, minutes);
    if (random_.Chance(0.1)) {
      Add(number,
          TroubleKind::kTonerOut,
          at + static_cast<std::int64_t>(minutes * kMinute),
          Exponential(120));
    }
  }
  for (int i = count_of(Of(TroubleKind::kServiceCall).a_month); i > 0; --i) {
    std::int64_t at = WorkingMoment();
    // People switch it off and on, some of them many times.
    const std::uint64_t tries = random_.Chance(0.3) ? 2 + random_.Below(6) : 0;
    for (std::uint64_t each = 0; each < tries; ++each, at += 5 * kMinute) {
      Add(number, TroubleKind::kServiceCall, at, 3);
    }
    Add(number, TroubleKind::kServiceCall, at, Exponential(2160));
  }
  for (const TroubleKind kind : {TroubleKind::kCover,
                                 TroubleKind::kOutputFull,
                                 TroubleKind::kWasteFull,
                                 TroubleKind::kFuser,
                                 TroubleKind::kUnreachable,
                                 TroubleKind::kAsleep,
                                 TroubleKind::kConfiguration}) {
    const bool any_time = kind == TroubleKind::kUnreachable || kind == TroubleKind::kAsleep;
    for (int i = count_of(Of(kind).a_month); i > 0; --i) {
      Add(number, kind, any_time ? AnyMoment() : WorkingMoment(), Exponential(Of(kind).minutes));
    }
  }
}

// Off an hour or so before or after people go, on when the first of them prints.
void AlertMonth::MakeNights(std::int32_t number) {
  if (!devices_[static_cast<std::size_t>(number)].off_at_night) return;
  for (int day = 0; day < options_.days; ++day) {
    const std::int64_t midnight = kBegin + day * kDay;
    if (IsWeekend(midnight)) continue;
    const auto wobble = static_cast<std::int64_t>(random_.Below(2 * kHour));
    const std::int64_t off = midnight + kWorkTo - kHour + wobble;
    std::int64_t on = midnight + kDay + kWorkFrom - kHour / 2;
    while (IsWeekend(on)) on += kDay;
    on += static_cast<std::int64_t>(random_.Below(2 * kHour));
    Add(number,
        TroubleKind::kUnreachable,
        off,
        static_cast<double>(on - off) / static_cast<double>(kMinute));
  }
}

// A site's network is away for all of its printers, once in two months, for half an hour.
void AlertMonth::MakeOutages() {
  for (int site = 0; site < static_cast<int>(sites_.size()); ++site) {
    if (!random_.Chance(0.5 * options_.days / 30.0)) continue;
    const std::int64_t at = AnyMoment();
    const double minutes = Exponential(30);
    for (std::int32_t number = 0; number < options_.devices; ++number) {
      if (devices_[static_cast<std::size_t>(number)].site != site) continue;
      Add(number,
          TroubleKind::kUnreachable,
          at + static_cast<std::int64_t>(random_.Below(5 * kMinute)),
          minutes);
    }
  }
}

bool AlertMonth::IsSilent(std::int32_t device, std::int64_t from, std::int64_t until) const {
  const auto& silences = silences_[static_cast<std::size_t>(device)];
  return std::any_of(silences.begin(), silences.end(), [&](const auto& silence) {
    return from < silence.second && silence.first < until;
  });
}

void AlertMonth::Add(std::int32_t device, TroubleKind kind, std::int64_t at, double minutes) {
  const std::int64_t until =
      at + std::max(kMinute / 2, static_cast<std::int64_t>(minutes * static_cast<double>(kMinute)));
  const std::int64_t last = base::ToMillis(end());
  if (at < kBegin || at >= last) return;
  if (kind == TroubleKind::kUnreachable) {
    if (IsSilent(device, at, until)) return;
    silences_[static_cast<std::size_t>(device)].emplace_back(at, until);
  }
  const std::uint32_t number =
      ++numbers_[static_cast<std::size_t>(device)][static_cast<std::size_t>(kind)];
  happenings_.push_back({.millis = at, .device = device, .kind = kind, .number = number});
  if (until >= last) return;
  // A device that loses its rows, or starts anew, ends some of them without a word.
  const double fate = random_.Unit();
  happenings_.push_back({.millis = until,
                         .device = device,
                         .kind = kind,
                         .ends = true,
                         .end = kind == TroubleKind::kUnreachable || fate > 0.05
                                    ? event::v1::ALERT_END_CLEARED
                                    : (fate > 0.02 ? event::v1::ALERT_END_WITHDRAWN
                                                   : event::v1::ALERT_END_SUPERSEDED),
                         .number = number});
}

std::int64_t AlertMonth::WorkingMoment() {
  while (true) {
    const auto day =
        static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(options_.days)));
    const std::int64_t midnight = kBegin + day * kDay;
    if (IsWeekend(midnight)) continue;
    return midnight + kWorkFrom + static_cast<std::int64_t>(random_.Below(kWorkTo - kWorkFrom));
  }
}

std::int64_t AlertMonth::AnyMoment() {
  return kBegin +
         static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(options_.days * kDay)));
}

double AlertMonth::Exponential(double mean) {
  return -mean * std::log(1 - random_.Unit());
}

double AlertMonth::WorkDone(std::int64_t millis) const {
  const std::int64_t passed = millis - kBegin;
  const std::int64_t days = passed / kDay;
  const std::int64_t working_days = days / 7 * 5 + std::min<std::int64_t>(days % 7, 5);
  double done = static_cast<double>(working_days);
  if (days % 7 < 5) {
    const std::int64_t today = std::clamp(passed % kDay, kWorkFrom, kWorkTo) - kWorkFrom;
    done += static_cast<double>(today) / static_cast<double>(kWorkTo - kWorkFrom);
  }
  return done / (30.0 / 7 * 5);
}

Event AlertMonth::EventOf(const Happening& happening) const {
  const Trouble& trouble = Of(happening.kind);
  const Device& device = devices_[static_cast<std::size_t>(happening.device)];
  const Site& site = sites_[static_cast<std::size_t>(device.site)];
  Event event;
  const std::string hex = base::StrCat(1'000'000'000 + happening.device);
  const auto kind = static_cast<int>(happening.kind);
  const std::string number = base::StrCat(10'000'000 + happening.number);
  event.set_id(
      base::StrCat(hex.substr(4), 10 + kind, happening.ends ? "e" : "b", number.substr(1)));
  event.set_device_id(base::StrCat("device", hex));
  event.set_tenant(site.tenant);
  event.set_site(site.name);
  *event.mutable_observation_time() = event::ToProto(base::WallFromMillis(happening.millis));
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(base::StrCat(trouble.name, "/", happening.number));
  alert.set_instance(happening.number);
  alert.set_transition(happening.ends ? event::v1::ALERT_TRANSITION_ENDED
                                      : event::v1::ALERT_TRANSITION_RAISED);
  alert.set_end(happening.end);
  alert.set_origin(happening.kind == TroubleKind::kUnreachable ? event::v1::ALERT_ORIGIN_PLATEN
                                                               : event::v1::ALERT_ORIGIN_DEVICE);
  if (happening.kind == TroubleKind::kUnreachable) alert.set_reason_keyword("timed-out");
  alert.set_category(trouble.category);
  alert.set_severity(trouble.severity);
  alert.set_training(trouble.training);
  alert.set_code(trouble.code);
  alert.set_group(trouble.group);
  alert.set_description(trouble.description);
  alert.mutable_counters()->set_total(
      static_cast<std::uint64_t>(device.total + device.pages * WorkDone(happening.millis)));
  alert.mutable_device()->set_model("Model");
  alert.mutable_device()->set_serial_number(hex);
  return event;
}

}  // namespace platen::simulation
