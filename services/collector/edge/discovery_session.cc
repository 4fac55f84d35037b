#include "services/collector/edge/discovery_session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/collector/core/printer_oids.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"

namespace platen::collector::edge {
namespace {

namespace oids = core::oids;

// Addresses that are waited for, and hosts that are read, at the same time.
constexpr std::size_t kOpenMax = 1024;
// Of each step: a switch has thousands of interfaces, and none of them is asked for.
constexpr std::size_t kWalkedMax = 1000;

core::ReadingPlan HelloPlan() {
  return {.scalars = {oids::kSysDescr, oids::kSysObjectId, oids::kSysUpTime}};
}

core::ReadingPlan IsPrinterPlan() {
  core::ReadingPlan plan;
  plan.subtrees = {oids::kHrPrinterEntry.Child(oids::kHrPrinterStatus),
                   oids::kGeneralEntry.Child(oids::kPrinterName),
                   oids::kGeneralEntry.Child(oids::kSerialNumber)};
  plan.walked_max = kWalkedMax;
  return plan;
}

bool HasPrinterObjects(std::span<const snmp::Varbind> values) {
  return std::ranges::any_of(values, [](const snmp::Varbind& each) {
    return core::HasValue(each) && (each.name.StartsWith(oids::kHrPrinterEntry) ||
                                    each.name.StartsWith(oids::kGeneralEntry));
  });
}

ReaderOptions ReaderOptionsFor(const DiscoveryOptions& options) {
  ReaderOptions reader;
  reader.timeout = options.timeout;
  reader.retries = std::max(options.tries, 1u) - 1;
  reader.in_flight_max = kOpenMax;
  reader.requests_per_second = options.per_second;
  reader.links = options.links;
  reader.communities = {{"default", options.community}};
  if (options.user.has_value()) reader.users = {{"default", *options.user}};
  return reader;
}

}  // namespace

DiscoverySession::DiscoverySession(const DiscoveryOptions& options,
                                   snmp::Datagrams& network,
                                   const core::ProfileSet& profiles,
                                   snmp::SipKey key)
    : options_(options),
      profiles_(profiles),
      sweep_(options.addresses.size(),
             {.per_second = options.per_second,
              .tries = options.tries,
              .open_max = kOpenMax,
              .seed = key.k0}),
      reader_(ReaderOptionsFor(options), network, key),
      hosts_(kOpenMax) {
  for (std::size_t slot = kOpenMax; slot-- > 0;) {
    free_.push_back(static_cast<core::DeviceSlot>(slot));
  }
}

void DiscoverySession::Poll(base::MonotonicTime now) {
  while (const auto question = sweep_.Next(now)) Greet(*question);
  answers_.clear();
  reader_.Poll(now, answers_);
  for (core::ReadAnswer& answer : answers_) OnAnswer(std::move(answer));
}

std::optional<base::MonotonicTime> DiscoverySession::next() const {
  const auto reading = reader_.next();
  const auto asking = sweep_.next_time();
  if (!reading.has_value() || !asking.has_value()) return reading.has_value() ? reading : asking;
  return std::min(*reading, *asking);
}

core::Discovered DiscoverySession::Take() {
  found_.asked = options_.addresses;
  found_.questions = questions();
  return std::move(found_);
}

event::v1::SnmpAccess::Version DiscoverySession::VersionOf(std::uint32_t attempt) const {
  using event::v1::SnmpAccess;
  if (options_.version != SnmpAccess::VERSION_UNSPECIFIED) return options_.version;
  return attempt % 2 == 0 ? SnmpAccess::VERSION_V2C : SnmpAccess::VERSION_V1;
}

void DiscoverySession::Greet(const core::Sweep::Question& question) {
  // The sweep has no more open than there are slots.
  const core::DeviceSlot slot = free_.back();
  free_.pop_back();
  Host& host = hosts_[slot];
  host = {.place = question.place,
          .endpoint = options_.addresses.At(question.place, options_.port),
          .version = VersionOf(question.attempt),
          .reading = host.reading};
  Ask(slot, Stage::kHello, HelloPlan());
}

void DiscoverySession::Ask(core::DeviceSlot slot, Stage stage, core::ReadingPlan plan) {
  Host& host = hosts_[slot];
  host.stage = stage;
  reader_.Start(
      {.id = {slot, ++host.reading},
       .access = {.agent = host.endpoint, .version = host.version, .credential = "default"},
       .plan = std::move(plan),
       .once = stage == Stage::kHello});
}

void DiscoverySession::OnAnswer(core::ReadAnswer answer) {
  const core::DeviceSlot slot = answer.id.device;
  Host& host = hosts_[slot];
  if (answer.result != core::ReadAnswer::Result::kAnswered && host.stage == Stage::kHello) {
    const bool refused = answer.result == core::ReadAnswer::Result::kRefused;
    if (refused) ++found_.refusals;
    return End(slot, refused);
  }
  std::ranges::move(answer.values, std::back_inserter(host.values));
  core::SortReadings(host.values);
  GoOn(slot);
}

void DiscoverySession::GoOn(core::DeviceSlot slot) {
  Host& host = hosts_[slot];
  if (host.stage == Stage::kHello) return Ask(slot, Stage::kIsPrinter, IsPrinterPlan());
  const core::Profile* profile = core::ChooseProfile(host.values, profiles_);
  if (host.stage == Stage::kIsPrinter) {
    if (HasPrinterObjects(host.values) || profile != nullptr) {
      core::ReadingPlan plan = core::FirmwarePlan(nullptr);
      plan.walked_max = kWalkedMax;
      return Ask(slot, Stage::kIdentity, std::move(plan));
    }
    ++found_.others;
    return End(slot, true);
  }
  if (host.stage == Stage::kIdentity && profile != nullptr) {
    core::ReadingPlan plan = core::VendorPlan(*profile, core::ReadPurpose::kFirmware);
    plan.walked_max = kWalkedMax;
    if (!plan.empty()) return Ask(slot, Stage::kVendor, std::move(plan));
  }
  Keep(host);
  End(slot, true);
}

void DiscoverySession::Keep(const Host& host) {
  const event::v1::DeviceSnapshot snapshot =
      core::MakeSnapshot({.readings = host.values,
                          .profiles = &profiles_,
                          .parts = core::Part::kIdentity,
                          .address = host.endpoint.AddressToString()});
  collector::v1::FoundPrinter& printer = found_.printers.emplace_back();
  printer.set_address(host.endpoint.AddressToString());
  printer.set_port(host.endpoint.port);
  printer.set_version(host.version);
  *printer.mutable_identity() = snapshot.identity();
  printer.set_profile(snapshot.profile());
}

void DiscoverySession::End(core::DeviceSlot slot, bool answered) {
  const std::uint64_t place = hosts_[slot].place;
  hosts_[slot].values.clear();
  reader_.Forget(slot);
  free_.push_back(slot);
  sweep_.OnEnd(place, answered);
}

}  // namespace platen::collector::edge
