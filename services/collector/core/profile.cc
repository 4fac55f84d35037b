#include "services/collector/core/profile.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

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

bool OnlyFor::Fits(const event::v1::Identity& identity) const {
  if (model.has_value() && !Matches(*model, identity.model())) return false;
  return !firmware.has_value() ||
         std::ranges::any_of(identity.firmware(), [this](const event::v1::FirmwareVersion& each) {
           return Matches(*firmware, each.version());
         });
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

ProfileSet::ProfileSet(std::vector<Profile> profiles) : profiles_(std::move(profiles)) {
  for (std::size_t i = 0; i < profiles_.size(); ++i) {
    const Profile& profile = profiles_[i];
    by_name_.try_emplace(profile.name, i);
    for (const snmp::Oid& prefix : profile.match.sys_object_ids) by_object_id_.Add(prefix, i);
    for (const Pattern& pattern : profile.match.sys_descrs) by_sys_descr_.Add(pattern, i);
    for (const Pattern& pattern : profile.match.models) by_model_.Add(pattern, i);
  }
}

const Profile* ProfileSet::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &profiles_[found->second];
}

const Profile* ProfileSet::Match(const DeviceTraits& traits) const {
  std::optional<std::size_t> found = by_object_id_.Find(traits.sys_object_id);
  if (!found.has_value()) found = by_sys_descr_.Find(traits.sys_descr);
  if (!found.has_value()) found = by_model_.Find(traits.model);
  return found.has_value() ? &profiles_[*found] : nullptr;
}

VendorReads ReadsOf(const Profile& profile, ReadPurpose purpose) {
  VendorReads reads;
  for (const IdentityRule& rule : profile.identity) {
    // Whose counters they are has to be known with each of their readings.
    if (purpose != ReadPurpose::kMeters || rule.field == IdentityField::kSerial) {
      AddOnce(reads.scalars, rule.text.oid);
    }
  }
  if (purpose == ReadPurpose::kEverything) {
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
