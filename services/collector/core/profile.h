// What a vendor's devices say beyond the standard MIBs, as data.
//
// A profile is a file of profiles/ (profiles/README.md says how to write one); reading it is the
// edge's job. Here is what it means: which devices it is for, which of their own OIDs are read, and
// what each one tells. Every rule names the source of the fact it rests on. A profile set is
// immutable after it is made, so any number of threads may share it.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platen/event/v1/meter.pb.h"

#include "libs/snmp/oid.h"
#include "services/collector/core/levels.h"

namespace platen::collector::core {

// How the bytes of a value become text or a number.
enum class Decoding : std::uint8_t {
  kText,               // In the device's charset.
  kPml,                // HP: two bytes of symbol set, then text.
  kIeee754Hundredths,  // A big-endian binary32 in an OCTET STRING; the value in hundredths.
};

// A regular expression of a profile, with its text for people. Searched in at most
// kMaxPatternInput bytes.
struct Pattern {
  std::string text;
  std::regex regex;
};

inline constexpr std::size_t kMaxPatternInput = 512;

// The first group of `pattern` in `text` (the whole match where it has none); nothing without a
// match.
std::optional<std::string> Extract(const Pattern& pattern, std::string_view text);

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

using MeterPlace = std::variant<ScalarMeter, TypedRow, LabelledRow, TlvRecord>;

// One counter of a profile.
struct MeterRule {
  std::string name;  // Unique in the profile: "counters.total".
  MeterPlace where;
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

class ProfileSet {
 public:
  ProfileSet() = default;

  explicit ProfileSet(std::vector<Profile> profiles) : profiles_(std::move(profiles)) {}

  // The profile for such a device: by the longest prefix of sysObjectID, else by sysDescr, else by
  // model; null where none fits. Borrowed from this set.
  const Profile* Match(const DeviceTraits& traits) const;

  // The profile of that name; null where there is none.
  const Profile* Find(std::string_view name) const;

  // The profile of which `present` finds a subtree with something in it: the last resort, for
  // recordings that lack everything else.
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
};

// The private OIDs that a profile's rules ask for, each once, in the rules' order.
struct VendorReads {
  std::vector<snmp::Oid> scalars;  // Whole instances, for GET.
  std::vector<snmp::Oid> columns;  // To walk.
};

enum class ReadPurpose : std::uint8_t { kEverything, kMeters, kFirmware };

VendorReads ReadsOf(const Profile& profile, ReadPurpose purpose);

}  // namespace platen::collector::core
