// What a vendor's devices say beyond the standard MIBs, as data.
//
// A profile is a file of profiles/ (profiles/README.md says how to write one); reading it is the
// edge's job. Here is what it means: which devices it is for, which of their own OIDs are read, and
// what each one tells. Every rule names the source of the fact it rests on. A profile set is
// immutable after it is made, so any number of threads may share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/meter.pb.h"

#include "libs/snmp/oid.h"
#include "services/collector/core/alert_levels.h"
#include "services/collector/core/counter_bounds.h"
#include "services/collector/core/levels.h"
#include "services/collector/core/pattern.h"
#include "services/collector/core/profile_index.h"

namespace platen::collector::core {

// How the bytes of a value become text or a number.
enum class Decoding : std::uint8_t {
  kText,               // In the device's charset.
  kPml,                // HP: two bytes of symbol set, then text.
  kIeee754Hundredths,  // A big-endian binary32 in an OCTET STRING; the value in hundredths.
};

// Which text a rule looks at.
enum class TextSource : std::uint8_t {
  kOid,       // A value of the vendor's own.
  kSysDescr,  // sysDescr.
  kModel,     // The standard model name, hrDeviceDescr.
  kIeee1284,  // One value of the IEEE 1284 device id.
};

// What one piece of text tells. Unused members stay empty.
struct TextRule {
  TextSource from = TextSource::kOid;
  snmp::Oid oid;  // kOid.
  Decoding decode = Decoding::kText;
  std::optional<Pattern> pattern;  // What of the text counts; all of it where absent.
  std::string key;                 // kIeee1284: "MDL".
  std::string source;              // Where the fact comes from.
};

enum class IdentityField : std::uint8_t { kSerial, kModel, kIeee1284, kUuid, kAssetTag };

struct IdentityRule {
  IdentityField field = IdentityField::kSerial;
  TextRule text;
};

// A version: of a named component; or a table of names and versions; or, where `component` is
// empty and `text.pattern` has two groups, a list of "component version" in one text.
struct FirmwareRule {
  std::string component;
  TextRule text;
  snmp::Oid names;                // Table: column of names.
  snmp::Oid versions;             // Table: column of versions.
  std::vector<std::string> skip;  // Versions that mean "none".
  std::string source;
};

// How a counter is found: under one OID.
struct ScalarMeter {
  snmp::Oid oid;
  Decoding decode = Decoding::kText;  // kText: a number of any integer type.
};

// In a table whose other column tells what the row counts; both have the same index.
struct TypedRow {
  snmp::Oid types;
  snmp::Oid values;
  std::int64_t type = 0;
};

// The same with a column of labels, spelled as the device spells them.
struct LabelledRow {
  snmp::Oid labels;
  snmp::Oid values;
  std::string label;
};

// Brother: in records of key(1) 01 04 value(4, big-endian) in one OCTET STRING.
struct TlvRecord {
  snmp::Oid oid;
  std::uint8_t key = 0;
};

// For which of a profile's devices a rule is; without a condition for all of them. Matched by what
// is known of the device, from this reading or an earlier one.
struct OnlyFor {
  std::optional<Pattern> model;
  std::optional<Pattern> firmware;  // Any component's version.

  bool Fits(const event::v1::Identity& identity) const;
};

using MeterPlace = std::variant<ScalarMeter, TypedRow, LabelledRow, TlvRecord>;

// One counter of a profile.
struct MeterRule {
  std::string name;  // Unique in the profile: "counters.total".
  MeterPlace where;
  OnlyFor when;
  // Another name of the same counter, of an earlier rule: where that is found, this is not asked.
  std::optional<std::size_t> unless;
  event::v1::MeterKind kind;
  event::v1::MeterAssurance assurance = event::v1::METER_ASSURANCE_ASSUMED;
  std::string source;
};

// For which devices a profile is. Each member is enough by itself.
struct MatchRules {
  std::vector<snmp::Oid> sys_object_ids;  // Prefixes.
  std::vector<Pattern> sys_descrs;
  std::vector<Pattern> models;
  std::vector<snmp::Oid> present;  // Subtrees of which something was read: for recordings.
};

// Who sells the device, where the profile's family is sold under several names.
struct BrandRule {
  std::optional<Pattern> sys_descr;
  std::optional<Pattern> model;
  snmp::Oid sys_object_id;  // Prefix.
  std::string manufacturer;
};

// What is to be minded when such a device is asked.
struct Quirks {
  // The SNMP context in which it says what it does not say in the default one (HP: "Jetdirect").
  std::string context;
};

struct Profile {
  std::string name;
  std::uint32_t version = 1;
  std::string manufacturer;
  MatchRules match;
  std::vector<BrandRule> brands;
  std::vector<IdentityRule> identity;
  std::vector<FirmwareRule> firmware;
  std::vector<TextRule> console;  // Panel text.
  std::vector<MeterRule> meters;
  std::vector<LevelSentinel> level_sentinels;
  CounterBounds counters;
  std::vector<AlertLevelRule> alert_levels;
  Quirks quirks;

  // "brother@1".
  std::string id() const;
};

// What a device says of itself, by which its profile is chosen.
struct DeviceTraits {
  snmp::Oid sys_object_id;  // Empty where not known.
  std::string sys_descr;
  std::string model;
};

// The manufacturer as people write it.
const std::string& ManufacturerOf(const Profile& profile, const DeviceTraits& traits);

// Finds the profile of a device. Its cost does not grow with the number of profiles where the
// device has a sysObjectID that one of them knows (profile_index.h).
class ProfileSet {
 public:
  ProfileSet() = default;

  explicit ProfileSet(std::vector<Profile> profiles);

  // The profile for such a device: by the longest prefix of sysObjectID, else by sysDescr, else by
  // model, where several fit the first; null where none does. Borrowed from this set.
  const Profile* Match(const DeviceTraits& traits) const;

  // The profile of that name; null where there is none.
  const Profile* Find(std::string_view name) const;

  // The profile of which `present` finds a subtree with something in it: the last resort, for
  // recordings that lack everything else. Asks for each profile's subtrees in turn.
  template <class HasSubtree>
  const Profile* MatchPresent(const HasSubtree& has_subtree) const {
    for (const Profile& profile : profiles_) {
      for (const snmp::Oid& subtree : profile.match.present) {
        if (has_subtree(subtree)) return &profile;
      }
    }
    return nullptr;
  }

  const std::vector<Profile>& profiles() const { return profiles_; }

  bool empty() const { return profiles_.empty(); }

 private:
  std::vector<Profile> profiles_;
  TextMap<std::size_t> by_name_;
  PrefixIndex by_object_id_;
  PatternIndex by_sys_descr_;
  PatternIndex by_model_;
};

// The private OIDs that a profile's rules ask for, each once, in the rules' order.
struct VendorReads {
  std::vector<snmp::Oid> scalars;  // Whole instances, for GET.
  std::vector<snmp::Oid> columns;  // To walk.
};

enum class ReadPurpose : std::uint8_t {
  kEverything,
  kMeters,    // And whose they are.
  kFirmware,  // Identity and versions.
};

VendorReads ReadsOf(const Profile& profile, ReadPurpose purpose);

}  // namespace platen::collector::core
