// The part of a profile that says how the maker's devices behave: counters, alert levels, quirks.
#include <charconv>
#include <limits>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/edge/profile_yaml.h"
#include "services/collector/edge/yaml_fields.h"

namespace platen::collector::edge {
namespace {

using base::StrCat;
using core::AlertLevelRule;
using core::CodeRange;

// The element or, where it is none, the elements of `node[key]`.
template <class Each>
void ForOneOrEach(const YAML::Node& node,
                  const std::string& key,
                  YamlFaults& faults,
                  const Each& each) {
  const YAML::Node value = node[key];
  if (value && value.IsScalar()) return each(value);
  ForEach(node, key, faults, each);
}

void ReadCounters(const YAML::Node& document, core::CounterBounds& bounds, YamlFaults& faults) {
  constexpr std::int64_t kStepMax = 1000;
  constexpr std::int64_t kSpeedMax = 100'000;
  constexpr std::int64_t kWrapMin = 1000;
  const YAML::Node node = document["counters"];
  if (!node) return;
  if (!node.IsMap()) return faults.Add(node, "counters must be a mapping");
  faults.RefuseUnknownKeys(node, {"save_step", "impressions_per_minute", "wraps", "source"});
  RequiredText(node, "source", faults);
  if (node["save_step"]) {
    bounds.save_step = static_cast<std::uint64_t>(Number(node, "save_step", 0, kStepMax, faults));
  }
  if (node["impressions_per_minute"]) {
    bounds.impressions_per_minute =
        static_cast<std::uint64_t>(Number(node, "impressions_per_minute", 1, kSpeedMax, faults));
  }
  if (!node["wraps"]) return;
  bounds.wraps.clear();
  ForEach(node, "wraps", faults, [&](const YAML::Node& each) {
    bounds.wraps.push_back(static_cast<std::uint64_t>(NumberOf(
        each, "each of wraps", kWrapMin, std::numeric_limits<std::int64_t>::max(), faults)));
  });
}

// "8" or "30200-30299".
CodeRange ReadCodes(const YAML::Node& node, YamlFaults& faults) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  const char* const end = text.data() + text.size();
  CodeRange range;
  auto read = std::from_chars(text.data(), end, range.low);
  range.high = range.low;
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-') {
    read = std::from_chars(read.ptr + 1, end, range.high);
  }
  if (read.ec != std::errc() || read.ptr != end || range.low < 1 || range.high < range.low) {
    faults.Add(
        node,
        StrCat("'", text, "' is no alert code, like 8, nor a range of them, like 30200-30299"));
  }
  return range;
}

AlertLevelRule ReadAlertLevel(const YAML::Node& node, YamlFaults& faults) {
  using namespace event::v1;  // NOLINT(google-build-using-namespace): two enums of one package.
  constexpr Word<AlertSeverity> kSeverities[] = {{"critical", ALERT_SEVERITY_CRITICAL},
                                                 {"warning", ALERT_SEVERITY_WARNING},
                                                 {"warning_binary", ALERT_SEVERITY_WARNING_BINARY},
                                                 {"other", ALERT_SEVERITY_OTHER}};
  constexpr Word<AlertTraining> kTrainings[] = {{"untrained", ALERT_TRAINING_UNTRAINED},
                                                {"trained", ALERT_TRAINING_TRAINED},
                                                {"field_service", ALERT_TRAINING_FIELD_SERVICE},
                                                {"management", ALERT_TRAINING_MANAGEMENT},
                                                {"no_intervention", ALERT_TRAINING_NO_INTERVENTION},
                                                {"unknown", ALERT_TRAINING_UNKNOWN},
                                                {"other", ALERT_TRAINING_OTHER}};
  faults.RefuseUnknownKeys(node, {"codes", "groups", "severity", "training", "level", "source"});
  AlertLevelRule rule;
  rule.source = RequiredText(node, "source", faults);
  rule.level = static_cast<std::uint32_t>(Number(node, "level", 1, core::kAlertLevelMax, faults));
  ForOneOrEach(node, "codes", faults, [&](const YAML::Node& each) {
    rule.codes.push_back(ReadCodes(each, faults));
  });
  ForOneOrEach(node, "groups", faults, [&](const YAML::Node& each) {
    constexpr std::int64_t kGroupMax = 65535;
    rule.groups.push_back(
        static_cast<std::int32_t>(NumberOf(each, "each of groups", 1, kGroupMax, faults)));
  });
  ForOneOrEach(node, "severity", faults, [&](const YAML::Node& each) {
    rule.severity.push_back(OneOf(each, kSeverities, faults));
  });
  ForOneOrEach(node, "training", faults, [&](const YAML::Node& each) {
    rule.training.push_back(OneOf(each, kTrainings, faults));
  });
  return rule;
}

void ReadQuirks(const YAML::Node& document, core::Quirks& quirks, YamlFaults& faults) {
  constexpr std::size_t kContextMax = 32;  // As SnmpAdminString limits it for SNMPv3.
  const YAML::Node node = document["quirks"];
  if (!node) return;
  if (!node.IsMap()) return faults.Add(node, "quirks must be a mapping");
  faults.RefuseUnknownKeys(node, {"context", "source"});
  RequiredText(node, "source", faults);
  quirks.context = Text(node, "context", faults);
  if (quirks.context.size() > kContextMax) {
    faults.Add(node["context"], StrCat("context has more than ", kContextMax, " bytes"));
  }
}

}  // namespace

void ReadBehaviour(const YAML::Node& document, core::Profile& profile, YamlFaults& faults) {
  ReadCounters(document, profile.counters, faults);
  ForEachRule(document, "alert_levels", faults, [&](const YAML::Node& node) {
    profile.alert_levels.push_back(ReadAlertLevel(node, faults));
  });
  ReadQuirks(document, profile.quirks, faults);
}

}  // namespace platen::collector::edge
