// What a record names that somebody has to set: calendars, contacts, rosters, escalations.
//
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "libs/rules/record_name.h"

namespace platen::rules {

inline constexpr std::string_view kContacts = "contacts/";
inline constexpr std::string_view kRosters = "rosters/";

struct Reference {
  RecordKind kind = RecordKind::kContact;
  std::string id;

  // "calendar 'office'".
  std::string ToString() const;
};

// In the order in which the record names them, some perhaps twice. A rule that is off names
// nothing.
std::vector<Reference> ReferencesOf(const v1::Record& record);

// The names under which it may be set for what is at a site of a tenant, the narrowest first.
std::vector<std::string> NamesOf(RecordKind kind,
                                 std::string_view id,
                                 std::string_view tenant,
                                 std::string_view site);

}  // namespace platen::rules
