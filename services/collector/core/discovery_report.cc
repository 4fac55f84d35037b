#include "services/collector/core/discovery_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/serial_number.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/agent_access.h"
#include "services/collector/core/device_identity.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using collector::v1::DiscoveryReport;
using collector::v1::FoundPrinter;
using event::v1::Identity;
using event::v1::Target;
using snmp::Endpoint;

Endpoint EndpointOf(const FoundPrinter& printer) {
  Target target;
  target.set_address(printer.address());
  target.mutable_snmp()->set_port(printer.port());
  return AccessOf(target).agent;
}

// By what a printer is known again: the same texts for the same printer.
std::vector<std::string> KeysOf(const Identity& identity) {
  std::vector<std::string> keys;
  const std::string serial =
      event::SerialEvidence(identity.manufacturer(), identity.serial_number());
  if (!serial.empty()) {
    keys.push_back(base::StrCat("serial ", LowerCase(identity.manufacturer()), " ", serial));
  }
  if (!identity.uuid().empty()) keys.push_back(base::StrCat("uuid ", LowerCase(identity.uuid())));
  for (const std::string& mac : identity.mac_addresses()) {
    keys.push_back(base::StrCat("mac ", LowerCase(mac)));
  }
  return keys;
}

// Printers by what they are known by.
class KnownBy {
 public:
  // Whoever was there first keeps a key.
  void Add(const Identity& identity, std::size_t place) {
    for (std::string& key : KeysOf(identity)) places_.emplace(std::move(key), place);
  }

  // The serial number is looked at first: it says most.
  std::optional<std::size_t> Find(const Identity& identity) const {
    for (const std::string& key : KeysOf(identity)) {
      if (const auto found = places_.find(key); found != places_.end()) return found->second;
    }
    return std::nullopt;
  }

 private:
  std::map<std::string, std::size_t> places_;
};

// What is to be polled, by where and by whom.
class Targets {
 public:
  explicit Targets(std::span<const Target> targets) {
    for (const Target& target : targets) {
      by_endpoint_.emplace(AccessOf(target).agent, &target);
      const std::string serial = event::SerialEvidence({}, target.expected_serial());
      if (!serial.empty()) by_serial_.emplace(serial, &target);
    }
  }

  const Target* At(const Endpoint& endpoint) const {
    const auto found = by_endpoint_.find(endpoint);
    return found == by_endpoint_.end() ? nullptr : found->second;
  }

  const Target* For(const Identity& identity) const {
    const auto found =
        by_serial_.find(event::SerialEvidence(identity.manufacturer(), identity.serial_number()));
    return found == by_serial_.end() ? nullptr : found->second;
  }

 private:
  std::map<Endpoint, const Target*> by_endpoint_;
  std::map<std::string, const Target*> by_serial_;
};

class Comparison {
 public:
  Comparison(const Discovered& discovered,
             const DiscoveryReport& previous,
             std::span<const Target> targets)
      : discovered_(discovered),
        previous_(previous.printers().begin(), previous.printers().end()),
        seen_again_(previous_.size(), false),
        all_targets_(targets),
        targets_(targets) {}

  std::vector<FoundPrinter> Run() {
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      before_by_endpoint_.emplace(EndpointOf(previous_[i]), i);
      if (previous_[i].same_as().empty()) before_.Add(previous_[i].identity(), i);
    }
    std::map<Endpoint, FoundPrinter> found;
    for (const FoundPrinter& each : discovered_.printers) found[EndpointOf(each)] = each;
    for (const auto& [endpoint, printer] : found) printers_.push_back(printer);
    MarkSecondAddresses();
    for (FoundPrinter& printer : printers_) MatchByAddress(printer);
    for (FoundPrinter& printer : printers_) Judge(printer);
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      if (!seen_again_[i]) KeepMissing(previous_[i]);
    }
    AddSilentTargets();
    std::ranges::sort(printers_, {}, EndpointOf);
    return std::move(printers_);
  }

 private:
  // Of the addresses of one printer, which it is to be known by: the one that is polled, else the
  // one of the last report, else the first.
  int RankOf(const FoundPrinter& printer) const {
    const Endpoint endpoint = EndpointOf(printer);
    if (targets_.At(endpoint) != nullptr) return 0;
    return before_by_endpoint_.contains(endpoint) ? 1 : 2;
  }

  void MarkSecondAddresses() {
    for (const int rank : {0, 1, 2}) {
      for (std::size_t i = 0; i < printers_.size(); ++i) {
        if (RankOf(printers_[i]) != rank) continue;
        if (const auto first = here_.Find(printers_[i].identity())) {
          printers_[i].set_same_as(printers_[*first].address());
        } else {
          here_.Add(printers_[i].identity(), i);
        }
      }
    }
  }

  void MatchByAddress(FoundPrinter& printer) {
    const auto before = before_by_endpoint_.find(EndpointOf(printer));
    if (before == before_by_endpoint_.end()) return;
    const FoundPrinter& was = previous_[before->second];
    if (!IsSameDevice(was.identity(), printer.identity())) return;
    printer.set_state(FoundPrinter::STATE_HERE);
    Continue(before->second, printer);
  }

  void Judge(FoundPrinter& printer) {
    *printer.mutable_last_seen_time() = event::ToProto(discovered_.end);
    if (printer.state() == FoundPrinter::STATE_UNSPECIFIED) {
      const auto before = before_.Find(printer.identity());
      if (before.has_value() && !seen_again_[*before] && printer.same_as().empty()) {
        printer.set_state(FoundPrinter::STATE_MOVED);
        printer.set_previous_address(previous_[*before].address());
        Continue(*before, printer);
      } else {
        printer.set_state(FoundPrinter::STATE_NEW);
        *printer.mutable_first_seen_time() = event::ToProto(discovered_.end);
      }
    }
    if (targets_.At(EndpointOf(printer)) != nullptr) return JudgeRegistered(printer);
    const Target* elsewhere = targets_.For(printer.identity());
    if (elsewhere == nullptr) elsewhere = TargetBefore(printer);
    if (elsewhere == nullptr) {
      if (printer.state() == FoundPrinter::STATE_HERE) printer.clear_previous_address();
      return;
    }
    printer.set_registered(true);
    if (!printer.same_as().empty()) return;
    printer.set_state(FoundPrinter::STATE_MOVED);
    printer.set_previous_address(elsewhere->address());
  }

  // A target names its address: it is what is polled, and nothing new, unless another one was
  // there.
  void JudgeRegistered(FoundPrinter& printer) {
    printer.set_registered(true);
    const bool fresh = printer.state() == FoundPrinter::STATE_NEW &&
                       !before_by_endpoint_.contains(EndpointOf(printer));
    const bool followed =
        printer.state() == FoundPrinter::STATE_MOVED && TargetBefore(printer) == nullptr;
    if (fresh || followed) printer.set_state(FoundPrinter::STATE_HERE);
    if (printer.state() != FoundPrinter::STATE_MOVED) printer.clear_previous_address();
  }

  // The target at the address where it was before it moved.
  const Target* TargetBefore(const FoundPrinter& printer) const {
    if (printer.previous_address().empty()) return nullptr;
    FoundPrinter before = printer;
    before.set_address(printer.previous_address());
    return targets_.At(EndpointOf(before));
  }

  void Continue(std::size_t before, FoundPrinter& printer) {
    seen_again_[before] = true;
    *printer.mutable_first_seen_time() = previous_[before].first_seen_time();
    // Asked only because of the last time.
    if (printer.found_by().empty()) *printer.mutable_found_by() = previous_[before].found_by();
    if (printer.previous_address().empty()) {
      printer.set_previous_address(previous_[before].previous_address());
    }
  }

  void KeepMissing(const FoundPrinter& before) {
    if (!before.same_as().empty()) return;
    const Endpoint endpoint = EndpointOf(before);
    FoundPrinter missing = before;
    missing.set_registered(targets_.At(endpoint) != nullptr ||
                           targets_.For(before.identity()) != nullptr);
    const bool asked = discovered_.asked.Contains(endpoint);
    missing.set_state(asked ? FoundPrinter::STATE_GONE : FoundPrinter::STATE_NOT_ASKED);
    const base::Duration age = discovered_.end - event::FromProto(before.last_seen_time());
    if (!missing.registered() && age > kForgetFoundAfter) return;
    printers_.push_back(std::move(missing));
  }

  // Targets that were asked, and that no report knows yet.
  void AddSilentTargets() {
    std::map<Endpoint, bool> told;
    for (const FoundPrinter& printer : printers_) {
      told[EndpointOf(printer)] = true;
      if (printer.registered() && !printer.previous_address().empty()) {
        FoundPrinter before = printer;
        before.set_address(printer.previous_address());
        told[EndpointOf(before)] = true;
      }
    }
    for (const Target& target : all_targets_) {
      const AgentAccess access = AccessOf(target);
      if (!discovered_.asked.Contains(access.agent) || told[access.agent]) continue;
      told[access.agent] = true;
      FoundPrinter& silent = printers_.emplace_back();
      silent.set_state(FoundPrinter::STATE_GONE);
      silent.set_address(access.agent.AddressToString());
      silent.set_port(access.agent.port);
      silent.set_version(access.version);
      silent.mutable_identity()->set_serial_number(target.expected_serial());
      silent.set_registered(true);
    }
  }

  const Discovered& discovered_;
  const std::vector<FoundPrinter> previous_;
  std::vector<bool> seen_again_;  // By their places.
  std::span<const Target> all_targets_;
  const Targets targets_;
  std::map<Endpoint, std::size_t> before_by_endpoint_;
  KnownBy before_;
  KnownBy here_;
  std::vector<FoundPrinter> printers_;
};

}  // namespace

DiscoveryReport MakeDiscoveryReport(const Discovered& discovered,
                                    const DiscoveryReport& previous,
                                    std::span<const Target> targets) {
  DiscoveryReport report;
  *report.mutable_begin_time() = event::ToProto(discovered.begin);
  *report.mutable_end_time() = event::ToProto(discovered.end);
  for (std::string& range : discovered.asked.ToStrings()) report.add_ranges(std::move(range));
  report.set_addresses(discovered.asked.size());
  report.set_questions(discovered.questions);
  report.set_others(discovered.others);
  report.set_refusals(discovered.refusals);
  report.mutable_announcements()->Assign(discovered.announcements.begin(),
                                         discovered.announcements.end());
  report.mutable_unconfirmed()->Assign(discovered.unconfirmed.begin(),
                                       discovered.unconfirmed.end());
  for (FoundPrinter& printer : Comparison(discovered, previous, targets).Run()) {
    *report.add_printers() = std::move(printer);
  }
  return report;
}

std::size_t CountFound(const DiscoveryReport& report, FoundPrinter::State state) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.printers(), [state](const FoundPrinter& printer) {
        return printer.state() == state && printer.same_as().empty();
      }));
}

std::vector<const FoundPrinter*> ToRegister(const DiscoveryReport& report) {
  std::vector<const FoundPrinter*> printers;
  for (const FoundPrinter& printer : report.printers()) {
    const bool answers = printer.state() == FoundPrinter::STATE_NEW ||
                         printer.state() == FoundPrinter::STATE_HERE ||
                         printer.state() == FoundPrinter::STATE_MOVED;
    if (answers && !printer.registered() && printer.same_as().empty()) printers.push_back(&printer);
  }
  return printers;
}

}  // namespace platen::collector::core
