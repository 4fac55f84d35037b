#include "tools/platenctl/history_words.h"

#include <set>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

using base::StrCat;
namespace ev = platen::event::v1;

std::string Named(std::string_view text, std::string_view nothing) {
  return text.empty() ? std::string(nothing) : StrCat("\"", text, "\"");
}

std::string ReplacementWords(const ev::SupplyReplacement& replaced) {
  const ev::Supply& supply = replaced.supply();
  std::string words =
      supply.description().empty() ? StrCat("supply ", supply.index()) : supply.description();
  words += replaced.evidence() == "serial" ? " replaced (another serial number)"
                                           : " replaced (by its level)";
  words += StrCat(": ",
                  replaced.has_level_before() ? LevelWords(replaced.level_before()) : "level",
                  replaced.has_level_before() ? " before" : " before not known");
  words += StrCat(", now ", LevelWords(supply.level()));
  if (!replaced.has_yield()) return words + "; yield not known";
  const bool colour = replaced.yield_kind().colour() > ev::COLOUR_CLASS_MONOCHROME;
  return StrCat(words,
                "; ",
                Grouped(replaced.yield()),
                colour ? " colour impressions" : " impressions",
                " with the one before");
}

std::string IdentityWords(const ev::IdentityReport& report) {
  const ev::Identity& to = report.identity();
  const ev::Identity& from = report.previous();
  if (!report.has_previous()) {
    return StrCat(
        "first read: ", to.model(), ", serial number ", Named(to.serial_number(), "none"));
  }
  std::string words;
  const auto compare = [&](std::string_view what, const std::string& a, const std::string& b) {
    if (a == b) return;
    words +=
        StrCat(words.empty() ? "" : "; ", what, " ", Named(a, "none"), " → ", Named(b, "none"));
  };
  compare("serial number", from.serial_number(), to.serial_number());
  compare("model", from.model(), to.model());
  compare("name", from.sys_name(), to.sys_name());
  compare("location", from.sys_location(), to.sys_location());
  const auto macs = [](const ev::Identity& identity) {
    std::string list;
    for (const std::string& mac : identity.mac_addresses()) list += (list.empty() ? "" : " ") + mac;
    return list;
  };
  compare("MAC", macs(from), macs(to));
  for (const ev::FirmwareVersion& version : to.firmware()) {
    for (const ev::FirmwareVersion& old : from.firmware()) {
      if (old.component() != version.component()) continue;
      compare("firmware " + version.component(), old.version(), version.version());
    }
  }
  return words.empty() ? "changed in something else" : words;
}

std::string TransferWords(const ev::DeviceTransfer& transfer) {
  const auto other = base::DeviceId::FromBytes(transfer.other_device_id());
  const std::string id = other.ok() ? other->ToHex() : "another device";
  std::string words;
  switch (transfer.kind()) {
    case ev::DeviceTransfer::KIND_MERGED:
      words = StrCat("turned out to be one with ", id);
      break;
    case ev::DeviceTransfer::KIND_SPLIT:
      words = StrCat("turned out to be another than ", id);
      break;
    case ev::DeviceTransfer::KIND_READDRESSED:
      words = StrCat("moved from ", transfer.from_address(), " to ", transfer.to_address());
      break;
    default:
      words = StrCat("moved from ", transfer.from_tenant(), "/", transfer.from_site());
  }
  if (!transfer.author().empty()) words += StrCat(", by ", transfer.author());
  return transfer.reason().empty() ? words : StrCat(words, ": ", transfer.reason());
}

std::string ConfirmationWords(const ev::EpochConfirmation& confirmation) {
  std::set<std::string> counters;
  std::string list;
  for (const ev::ConfirmedEpoch& epoch : confirmation.epochs()) {
    std::string words = MeterWords(epoch.kind());
    if (epoch.has_base()) words += StrCat(" from ", Grouped(epoch.base()));
    if (counters.insert(words).second) list += (list.empty() ? "" : ", ") + words;
  }
  const bool person = !confirmation.author().empty();
  const std::string who =
      person ? "by " + confirmation.author() : StrCat("by the rule \"", confirmation.rule(), "\"");
  if (!confirmation.refusal().empty()) {
    return StrCat("order ", who, " refused: ", confirmation.refusal());
  }
  return StrCat("new epoch confirmed ", who, ": ", confirmation.reason(), "; ", list);
}

}  // namespace

std::string HistoryKind(const ev::Event& event) {
  switch (event.body_case()) {
    case ev::Event::kSupplyReplacement:
      return "supply";
    case ev::Event::kIdentityReport:
      return "identity";
    case ev::Event::kDeviceTransfer:
      return "registry";
    case ev::Event::kOtherDevice:
      return "stranger";
    case ev::Event::kEpochConfirmation:
    case ev::Event::kMeterMismatch:
      return "counters";
    default:
      return "other";
  }
}

std::string HistoryWords(const ev::Event& event) {
  switch (event.body_case()) {
    case ev::Event::kSupplyReplacement:
      return ReplacementWords(event.supply_replacement());
    case ev::Event::kIdentityReport:
      return IdentityWords(event.identity_report());
    case ev::Event::kDeviceTransfer:
      return TransferWords(event.device_transfer());
    case ev::Event::kOtherDevice:
      return StrCat("another device answers at ",
                    event.other_device().address(),
                    ": ",
                    event.other_device().found().model(),
                    ", serial number ",
                    Named(event.other_device().found().serial_number(), "none"),
                    "; nothing of it is booked");
    case ev::Event::kEpochConfirmation:
      return ConfirmationWords(event.epoch_confirmation());
    case ev::Event::kMeterMismatch:
      return StrCat(MeterWords(event.meter_mismatch().preferred().kind()),
                    ": sources disagree, ",
                    Grouped(event.meter_mismatch().preferred().value()),
                    " and ",
                    Grouped(event.meter_mismatch().other().value()));
    default:
      return {};
  }
}

}  // namespace platen::platenctl
