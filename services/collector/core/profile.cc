#include "services/collector/core/profile.h"

#include <algorithm>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

std::string_view Searched(std::string_view text) {
  return text.substr(0, kMaxPatternInput);
}

bool Matches(const Pattern& pattern, std::string_view text) {
  const std::string_view searched = Searched(text);
  return std::regex_search(searched.begin(), searched.end(), pattern.regex);
}

bool MatchesAny(const std::vector<Pattern>& patterns, std::string_view text) {
  return !text.empty() && std::ranges::any_of(patterns, [text](const Pattern& pattern) {
    return Matches(pattern, text);
  });
}

// Length of the longest prefix of `oid` in `prefixes`; 0 where none is one.
std::size_t LongestPrefix(const std::vector<snmp::Oid>& prefixes, const snmp::Oid& oid) {
  std::size_t longest = 0;
  for (const snmp::Oid& prefix : prefixes) {
    if (!oid.empty() && oid.StartsWith(prefix)) {
      longest = std::max(longest, prefix.view().ber().size());
    }
  }
  return longest;
}

void AddOnce(std::vector<snmp::Oid>& oids, const snmp::Oid& oid) {
  if (!oid.empty() && std::ranges::find(oids, oid) == oids.end()) oids.push_back(oid);
}

void AddReads(const MeterRule& rule, VendorReads& reads) {
  if (const auto* scalar = std::get_if<ScalarMeter>(&rule.where)) {
    AddOnce(reads.scalars, scalar->oid);
  } else if (const auto* record = std::get_if<TlvRecord>(&rule.where)) {
    AddOnce(reads.scalars, record->oid);
  } else if (const auto* typed = std::get_if<TypedRow>(&rule.where)) {
    AddOnce(reads.columns, typed->types);
    AddOnce(reads.columns, typed->values);
  } else if (const auto* labelled = std::get_if<LabelledRow>(&rule.where)) {
    AddOnce(reads.columns, labelled->labels);
    AddOnce(reads.columns, labelled->values);
  }
}

}  // namespace

std::optional<std::string> Extract(const Pattern& pattern, std::string_view text) {
  const std::string_view searched = Searched(text);
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_search(searched.begin(), searched.end(), match, pattern.regex)) {
    return std::nullopt;
  }
  return match.size() > 1 ? match[1].str() : match[0].str();
}

std::string Profile::id() const {
  return base::StrCat(name, "@", version);
}

const std::string& ManufacturerOf(const Profile& profile, const DeviceTraits& traits) {
  for (const BrandRule& brand : profile.brands) {
    const bool fits =
        (brand.sys_descr.has_value() && Matches(*brand.sys_descr, traits.sys_descr)) ||
        (brand.model.has_value() && Matches(*brand.model, traits.model)) ||
        (!brand.sys_object_id.empty() && !traits.sys_object_id.empty() &&
         traits.sys_object_id.StartsWith(brand.sys_object_id));
    if (fits) return brand.manufacturer;
  }
  return profile.manufacturer;
}

const Profile* ProfileSet::Find(std::string_view name) const {
  for (const Profile& profile : profiles_) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

const Profile* ProfileSet::Match(const DeviceTraits& traits) const {
  const Profile* best = nullptr;
  std::size_t longest = 0;
  for (const Profile& profile : profiles_) {
    const std::size_t length = LongestPrefix(profile.match.sys_object_ids, traits.sys_object_id);
    if (length > longest) {
      longest = length;
      best = &profile;
    }
  }
  if (best != nullptr) return best;
  for (const Profile& profile : profiles_) {
    if (MatchesAny(profile.match.sys_descrs, traits.sys_descr)) return &profile;
  }
  for (const Profile& profile : profiles_) {
    if (MatchesAny(profile.match.models, traits.model)) return &profile;
  }
  return nullptr;
}

VendorReads ReadsOf(const Profile& profile, ReadPurpose purpose) {
  VendorReads reads;
  if (purpose == ReadPurpose::kEverything) {
    for (const IdentityRule& rule : profile.identity) AddOnce(reads.scalars, rule.text.oid);
    for (const TextRule& rule : profile.console) AddOnce(reads.scalars, rule.oid);
  }
  if (purpose != ReadPurpose::kMeters) {
    for (const FirmwareRule& rule : profile.firmware) {
      AddOnce(reads.scalars, rule.text.oid);
      AddOnce(reads.columns, rule.names);
      AddOnce(reads.columns, rule.versions);
    }
  }
  if (purpose != ReadPurpose::kFirmware) {
    for (const MeterRule& rule : profile.meters) AddReads(rule, reads);
  }
  return reads;
}

}  // namespace platen::collector::core
