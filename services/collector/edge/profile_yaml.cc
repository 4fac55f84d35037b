#include "services/collector/edge/profile_yaml.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/edge/yaml_fields.h"

namespace platen::collector::edge {
namespace {

using base::StrCat;
using core::Decoding;
using core::FirmwareRule;
using core::IdentityField;
using core::IdentityRule;
using core::MeterRule;
using core::Pattern;
using core::Profile;
using core::TextRule;
using core::TextSource;

core::MatchRules ReadMatch(const YAML::Node& document, YamlFaults& faults) {
  core::MatchRules match;
  const YAML::Node node = document["match"];
  if (!node || !node.IsMap()) {
    faults.Add(document, "match is missing");
    return match;
  }
  faults.RefuseUnknownKeys(node, {"sys_object_id", "sys_descr", "model", "present"});
  const auto oids = [&](std::string_view key, std::vector<snmp::Oid>& into) {
    ForEach(
        node, key, faults, [&](const YAML::Node& each) { into.push_back(OidOf(each, faults)); });
  };
  const auto patterns = [&](std::string_view key, std::vector<Pattern>& into) {
    ForEach(node, key, faults, [&](const YAML::Node& each) {
      into.push_back(PatternOf(each, faults));
    });
  };
  oids("sys_object_id", match.sys_object_ids);
  oids("present", match.present);
  patterns("sys_descr", match.sys_descrs);
  patterns("model", match.models);
  return match;
}

core::BrandRule ReadBrand(const YAML::Node& node, YamlFaults& faults) {
  faults.RefuseUnknownKeys(node, {"sys_descr", "model", "sys_object_id", "manufacturer"});
  core::BrandRule brand;
  brand.manufacturer = RequiredText(node, "manufacturer", faults);
  if (node["sys_descr"]) brand.sys_descr = PatternOf(node["sys_descr"], faults);
  if (node["model"]) brand.model = PatternOf(node["model"], faults);
  if (node["sys_object_id"]) brand.sys_object_id = OidOf(node["sys_object_id"], faults);
  return brand;
}

TextRule ReadTextRule(const YAML::Node& node, YamlFaults& faults) {
  constexpr Word<TextSource> kSources[] = {{"oid", TextSource::kOid},
                                           {"sys_descr", TextSource::kSysDescr},
                                           {"model", TextSource::kModel},
                                           {"ieee1284", TextSource::kIeee1284}};
  constexpr Word<Decoding> kDecodings[] = {{"text", Decoding::kText}, {"pml", Decoding::kPml}};
  TextRule rule;
  rule.source = RequiredText(node, "source", faults);
  if (node["from"]) rule.from = OneOf(node["from"], kSources, faults);
  if (rule.from == TextSource::kOid) rule.oid = OidAt(node, "oid", faults);
  if (rule.from != TextSource::kOid && node["oid"])
    faults.Add(node, "oid and from exclude each other");
  if (rule.from == TextSource::kIeee1284) rule.key = RequiredText(node, "key", faults);
  if (node["decode"]) rule.decode = OneOf(node["decode"], kDecodings, faults);
  if (node["pattern"]) rule.pattern = PatternOf(node["pattern"], faults);
  return rule;
}

IdentityRule ReadIdentity(const YAML::Node& node, YamlFaults& faults) {
  constexpr Word<IdentityField> kFields[] = {{"serial", IdentityField::kSerial},
                                             {"model", IdentityField::kModel},
                                             {"ieee1284", IdentityField::kIeee1284},
                                             {"uuid", IdentityField::kUuid},
                                             {"asset_tag", IdentityField::kAssetTag}};
  faults.RefuseUnknownKeys(node, {"field", "oid", "from", "decode", "pattern", "key", "source"});
  IdentityRule rule;
  rule.text = ReadTextRule(node, faults);
  if (node["field"]) {
    rule.field = OneOf(node["field"], kFields, faults);
  } else {
    faults.Add(node, "field is missing");
  }
  return rule;
}

FirmwareRule ReadFirmware(const YAML::Node& node, YamlFaults& faults) {
  faults.RefuseUnknownKeys(node,
                           {"component",
                            "oid",
                            "from",
                            "decode",
                            "pattern",
                            "key",
                            "source",
                            "names",
                            "versions",
                            "skip"});
  FirmwareRule rule;
  rule.source = RequiredText(node, "source", faults);
  ForEach(node, "skip", faults, [&](const YAML::Node& each) {
    rule.skip.push_back(each.as<std::string>(""));
  });
  if (node["versions"]) {
    rule.names = OidAt(node, "names", faults);
    rule.versions = OidAt(node, "versions", faults);
    return rule;
  }
  rule.text = ReadTextRule(node, faults);
  rule.component = Text(node, "component", faults);
  const bool is_list = rule.text.from == TextSource::kSysDescr && rule.text.pattern.has_value() &&
                       rule.text.pattern->regex.mark_count() >= 2;
  if (rule.component.empty() && !is_list) {
    faults.Add(node,
               "component is missing (only a pattern on sys_descr with two groups needs none)");
  }
  return rule;
}

// "total" is METER_FUNCTION_TOTAL: the words are the contract's, in lower case.
template <class Enum, class Parse>
Enum WordOf(const YAML::Node& parent,
            std::string_view key,
            std::string_view prefix,
            Enum otherwise,
            const Parse& parse,
            YamlFaults& faults) {
  const YAML::Node node = parent[std::string(key)];
  if (!node) return otherwise;
  std::string name = StrCat(prefix, node && node.IsScalar() ? node.Scalar() : std::string());
  std::ranges::transform(
      name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  Enum value = otherwise;
  if (!parse(name, &value) || static_cast<int>(value) == 0) {
    faults.Add(node, StrCat("no such ", key, " in platen.event.v1: ", name));
  }
  return value;
}

event::v1::MeterKind ReadKind(const YAML::Node& rule, YamlFaults& faults) {
  using namespace event::v1;  // NOLINT(google-build-using-namespace): five enums of one package.
  MeterKind kind;
  const YAML::Node node = rule["counts"];
  if (!node || !node.IsMap() || !node["function"]) {
    faults.Add(rule, "counts: {function: …} is missing");
    return kind;
  }
  faults.RefuseUnknownKeys(node,
                           {"function", "colour", "size", "sides", "unit", "media_size", "mode"});
  kind.set_function(WordOf(
      node, "function", "METER_FUNCTION_", METER_FUNCTION_TOTAL, MeterFunction_Parse, faults));
  kind.set_colour(
      WordOf(node, "colour", "COLOUR_CLASS_", COLOUR_CLASS_ALL, ColourClass_Parse, faults));
  kind.set_size(WordOf(node, "size", "SIZE_CLASS_", SIZE_CLASS_ALL, SizeClass_Parse, faults));
  kind.set_sides(WordOf(node, "sides", "SIDES_CLASS_", SIDES_CLASS_ALL, SidesClass_Parse, faults));
  kind.set_unit(
      WordOf(node, "unit", "METER_UNIT_", METER_UNIT_IMPRESSIONS, MeterUnit_Parse, faults));
  kind.set_media_size(Text(node, "media_size", faults));
  kind.set_mode(Text(node, "mode", faults));
  if ((kind.size() == SIZE_CLASS_NAMED) != !kind.media_size().empty()) {
    faults.Add(node, "size: named and media_size belong together");
  }
  return kind;
}

core::MeterPlace ReadPlace(const YAML::Node& node, YamlFaults& faults) {
  constexpr Word<Decoding> kDecodings[] = {{"number", Decoding::kText},
                                           {"ieee754-hundredths", Decoding::kIeee754Hundredths}};
  constexpr std::int64_t kInt32Max = 2147483647;
  if (node["records"]) {
    return core::TlvRecord{OidAt(node, "records", faults),
                           static_cast<std::uint8_t>(Number(node, "key", 0, 255, faults))};
  }
  const YAML::Node table = node["table"];
  if (!table) {
    core::ScalarMeter scalar{.oid = OidAt(node, "oid", faults)};
    if (node["decode"]) scalar.decode = OneOf(node["decode"], kDecodings, faults);
    return scalar;
  }
  if (!table.IsMap()) {
    faults.Add(table, "table must be {types: …, values: …} or {labels: …, values: …}");
    return {};
  }
  faults.RefuseUnknownKeys(table, {"types", "labels", "values"});
  if (table["labels"]) {
    return core::LabelledRow{OidAt(table, "labels", faults),
                             OidAt(table, "values", faults),
                             RequiredText(node, "label", faults)};
  }
  return core::TypedRow{OidAt(table, "types", faults),
                        OidAt(table, "values", faults),
                        Number(node, "type", 0, kInt32Max, faults)};
}

core::OnlyFor ReadWhen(const YAML::Node& node, YamlFaults& faults) {
  core::OnlyFor when;
  if (!node.IsMap() || node.size() == 0) {
    faults.Add(node, "when must be {model: …} or {firmware: …} or both");
    return when;
  }
  faults.RefuseUnknownKeys(node, {"model", "firmware"});
  if (node["model"]) when.model = PatternOf(node["model"], faults);
  if (node["firmware"]) when.firmware = PatternOf(node["firmware"], faults);
  return when;
}

MeterRule ReadMeter(const YAML::Node& node, YamlFaults& faults) {
  constexpr Word<event::v1::MeterAssurance> kAssurances[] = {
      {"assumed", event::v1::METER_ASSURANCE_ASSUMED},
      {"verified", event::v1::METER_ASSURANCE_VERIFIED}};
  faults.RefuseUnknownKeys(node,
                           {"name",
                            "oid",
                            "decode",
                            "table",
                            "type",
                            "label",
                            "records",
                            "key",
                            "when",
                            "unless",
                            "counts",
                            "assurance",
                            "source"});
  MeterRule rule;
  rule.name = RequiredText(node, "name", faults);
  rule.source = RequiredText(node, "source", faults);
  rule.where = ReadPlace(node, faults);
  if (node["when"]) rule.when = ReadWhen(node["when"], faults);
  rule.kind = ReadKind(node, faults);
  if (node["assurance"]) rule.assurance = OneOf(node["assurance"], kAssurances, faults);
  return rule;
}

core::LevelSentinel ReadSentinel(const YAML::Node& node, YamlFaults& faults) {
  using event::v1::Level;
  constexpr Word<Level::State> kStates[] = {{"low", Level::STATE_LOW_UNSPECIFIED},
                                            {"some", Level::STATE_AT_LEAST_SOME},
                                            {"unknown", Level::STATE_UNKNOWN}};
  faults.RefuseUnknownKeys(node, {"raw", "means", "source"});
  RequiredText(node, "source", faults);
  // Below 0: a number that counts something must stay a number.
  return {.raw = Number(node, "raw", -2147483648LL, -1, faults),
          .state = OneOf(node["means"], kStates, faults)};
}

void ReadMeters(const YAML::Node& document, Profile& profile, YamlFaults& faults) {
  std::map<std::string, std::size_t> places;
  ForEachRule(document, "meters", faults, [&](const YAML::Node& node) {
    MeterRule rule = ReadMeter(node, faults);
    if (const std::string other = Text(node, "unless", faults); !other.empty()) {
      const auto earlier = places.find(other);
      if (earlier != places.end()) rule.unless = earlier->second;
      if (earlier == places.end()) {
        faults.Add(node["unless"], StrCat("no meter before this one is named ", other));
      }
    }
    if (!places.try_emplace(rule.name, profile.meters.size()).second) {
      faults.Add(node, StrCat("another meter is named ", rule.name));
    }
    profile.meters.push_back(std::move(rule));
  });
}

}  // namespace

void YamlFaults::Add(const YAML::Node& at, std::string_view what) {
  const int line = at.IsDefined() ? at.Mark().line + 1 : 1;
  faults_.push_back(StrCat(file_, ":", line < 1 ? 1 : line, ": ", what));
}

void YamlFaults::RefuseUnknownKeys(const YAML::Node& node,
                                   std::initializer_list<std::string_view> known) {
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>("");
    if (std::ranges::find(known, key) == known.end()) {
      Add(entry.first, StrCat("unknown key '", key, "'"));
    } else if (!seen.insert(key).second) {
      Add(entry.first, StrCat("key '", key, "' is there twice"));
    }
  }
}

Profile ReadProfile(const YAML::Node& document, YamlFaults& faults) {
  Profile profile;
  if (!document.IsMap()) {
    faults.Add(document, "a profile must be a mapping");
    return profile;
  }
  faults.RefuseUnknownKeys(document,
                           {"name",
                            "version",
                            "manufacturer",
                            "match",
                            "brands",
                            "identity",
                            "firmware",
                            "console",
                            "levels",
                            "meters",
                            "counters",
                            "alert_levels",
                            "quirks"});
  profile.name = RequiredText(document, "name", faults);
  profile.version = static_cast<std::uint32_t>(Number(document, "version", 1, 1000000, faults));
  profile.manufacturer = RequiredText(document, "manufacturer", faults);
  profile.match = ReadMatch(document, faults);
  ForEachRule(document, "brands", faults, [&](const YAML::Node& node) {
    profile.brands.push_back(ReadBrand(node, faults));
  });
  ForEachRule(document, "identity", faults, [&](const YAML::Node& node) {
    profile.identity.push_back(ReadIdentity(node, faults));
  });
  ForEachRule(document, "firmware", faults, [&](const YAML::Node& node) {
    profile.firmware.push_back(ReadFirmware(node, faults));
  });
  ForEachRule(document, "console", faults, [&](const YAML::Node& node) {
    faults.RefuseUnknownKeys(node, {"oid", "source"});
    profile.console.push_back(ReadTextRule(node, faults));
  });
  ForEachRule(document, "levels", faults, [&](const YAML::Node& node) {
    profile.level_sentinels.push_back(ReadSentinel(node, faults));
  });
  ReadMeters(document, profile, faults);
  ReadBehaviour(document, profile, faults);
  return profile;
}

}  // namespace platen::collector::edge
