// What people may order about alerts (platen.rules.v1.RulesService): who may set which record, and
// what a record must be before it is kept. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platen/rules/v1/rules_service.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/rules/record_name.h"
#include "services/gateway/core/access.h"
#include "services/gateway/core/names.h"

namespace platen::gateway::core {

inline constexpr int kRecordsInOneCallMax = 1000;
inline constexpr std::size_t kRecordBytesMax = 64 * 1024;
// Of one tenant, and of those that hold for all; of all together there are rules::kRecordsMax.
inline constexpr std::int64_t kRecordsOfTenantMax = 20'000;
inline constexpr base::Duration kCareMax = std::chrono::hours(24 * 31);

// Where records are set: what holds for all, for a tenant, or for a site of it.
struct RecordScope {
  std::string tenant;
  std::string site;

  friend bool operator==(const RecordScope&, const RecordScope&) = default;

  // Whether what has this name is set at the scope itself or below it.
  bool Contains(const rules::RecordName& name) const {
    return (tenant.empty() || tenant == name.tenant) && (site.empty() || site == name.site);
  }
};

// "", "tenants/T" or "tenants/T/sites/S". kInvalidArgument with the form.
absl::StatusOr<RecordScope> ParseRecordScope(std::string_view parent);

// kPermissionDenied unless the caller may set records of this kind, and for this tenant; "" stands
// for what holds for all, which is for callers without tenants of their own.
absl::Status CheckMaySet(const Caller& caller, std::string_view tenant, rules::RecordKind kind);
// The same for whoever reads.
absl::Status CheckMaySeeRecords(const Caller& caller, std::string_view tenant);

// Records that may be kept, with the author and time at which they are set, and how they are named.
struct RecordOrder {
  RecordScope scope;
  bool prune = false;
  std::vector<rules::v1::Record> records;
  std::vector<rules::RecordName> names;  // Of the same order.
};

// kInvalidArgument with the record's position and what is wrong; kPermissionDenied.
absl::StatusOr<RecordOrder> CheckApply(const rules::v1::ApplyRecordsRequest& request,
                                       const Caller& caller,
                                       base::WallTime now);

// How the record of an alert's acknowledgement is called.
std::string AcknowledgementName(const AlertPlace& alert);

// The acknowledgement of an alert, of an instance still to be filled in. kInvalidArgument for its
// ttl or note.
absl::StatusOr<rules::v1::Record> MakeAcknowledgement(const AlertPlace& alert,
                                                      base::Duration ttl,
                                                      const std::string& note,
                                                      const std::string& author,
                                                      base::WallTime now);

// When a record is of no use to anybody any more, in milliseconds since the Unix epoch; 0: never.
std::int64_t UselessMillis(const rules::v1::Record& record);

// Whether a set of records that is applied with `prune` says which of these there are: people set
// silences and acknowledgements as things happen.
bool IsPruned(rules::RecordKind kind);

}  // namespace platen::gateway::core
