// Names of records of platen.rules.v1, which say what a record is and for whom it holds
// (proto/platen/rules/v1/rules.proto).
//
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/event/labels.h"

namespace platen::rules {

// What a record is; each has a word of its own in names.
enum class RecordKind : std::uint8_t {
  kRule,
  kSilence,
  kAcknowledgement,
  kCalendar,
  kInhibition,
  kEscalation,
  kRoster,
  kContact,
};

// "rules", "silences", …
std::string_view CollectionOf(RecordKind kind);

// kInvalidArgument with the nearest word where it is none.
absl::StatusOr<RecordKind> KindOfCollection(std::string_view collection);

struct RecordName {
  // Empty where it holds for all customers, and for all sites.
  std::string tenant;
  std::string site;
  RecordKind kind = RecordKind::kRule;
  // The last part. Of an acknowledgement: "DEVICE.ALERT".
  std::string id;

  // Whether it holds for what is at this site of this customer.
  bool Covers(std::string_view at_tenant, std::string_view at_site) const {
    return (tenant.empty() || tenant == at_tenant) && (site.empty() || site == at_site);
  }

  // kInvalidArgument, with how it would be right.
  static absl::StatusOr<RecordName> Parse(std::string_view name);

  std::string ToString() const;
};

// The longest name is an acknowledgement's, with its device and alert.
inline constexpr std::size_t kRecordNameBytesMax =
    std::string_view("tenants//sites//acknowledgements/.").size() + 2 * event::kLabelBytesMax +
    2 * base::DeviceId::kSize + event::kAlertIdBytesMax;
static_assert(kRecordNameBytesMax == 447, "rules.proto says so");

}  // namespace platen::rules
