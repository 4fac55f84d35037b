#include "libs/rules/record_name.h"

#include <algorithm>
#include <array>

#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/event/labels.h"

namespace platen::rules {
namespace {

// By the number of the kind.
constexpr std::array<std::string_view, 8> kCollections = {"rules",
                                                          "silences",
                                                          "acknowledgements",
                                                          "calendars",
                                                          "inhibitions",
                                                          "escalations",
                                                          "rosters",
                                                          "contacts"};

std::string_view TakePart(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return part;
}

}  // namespace

std::string_view CollectionOf(RecordKind kind) {
  return kCollections[static_cast<std::size_t>(kind)];
}

absl::StatusOr<RecordKind> KindOfCollection(std::string_view collection) {
  const auto found = std::find(kCollections.begin(), kCollections.end(), collection);
  if (found != kCollections.end()) return static_cast<RecordKind>(found - kCollections.begin());
  const std::string nearest = base::NearestName(collection, kCollections);
  if (!nearest.empty()) {
    return base::InvalidArgument("there are no '", collection, "'; did you mean '", nearest, "'?");
  }
  std::string all;
  for (const std::string_view each : kCollections)
    all += base::StrCat(all.empty() ? "" : ", ", each);
  return base::InvalidArgument("there are no '", collection, "'; there are ", all);
}

absl::StatusOr<RecordName> RecordName::Parse(std::string_view name) {
  if (name.size() > kRecordNameBytesMax) {
    return base::InvalidArgument("a name has at most ", kRecordNameBytesMax, " bytes");
  }
  RecordName parsed;
  std::string_view rest = name;
  std::string_view part = TakePart(rest);
  if (part == "tenants") {
    parsed.tenant = TakePart(rest);
    part = TakePart(rest);
    if (part == "sites") {
      parsed.site = TakePart(rest);
      part = TakePart(rest);
      if (!event::IsLabel(parsed.site))
        return base::InvalidArgument("'", name, "': no site's name");
    }
    if (!event::IsLabel(parsed.tenant))
      return base::InvalidArgument("'", name, "': no tenant's name");
  }
  const auto found = std::find(kCollections.begin(), kCollections.end(), part);
  if (found == kCollections.end()) {
    const std::string nearest = base::NearestName(part, kCollections);
    return base::InvalidArgument(
        "'",
        name,
        "': a name is rules/NAME, tenants/TENANT/rules/NAME or "
        "tenants/TENANT/sites/SITE/rules/NAME",
        nearest.empty() ? "" : base::StrCat("; did you mean '", nearest, "'?"));
  }
  parsed.kind = static_cast<RecordKind>(found - kCollections.begin());
  parsed.id = rest;
  const bool is_good = parsed.kind == RecordKind::kAcknowledgement
                           ? !rest.empty() && !parsed.site.empty()
                           : event::IsLabel(rest);
  if (!is_good) {
    return base::InvalidArgument("'",
                                 name,
                                 "': '",
                                 rest,
                                 "' can't be the name of one of the ",
                                 part,
                                 ": [a-z0-9-], at most 63");
  }
  return parsed;
}

std::string RecordName::ToString() const {
  std::string name;
  if (!tenant.empty()) name += base::StrCat("tenants/", tenant, "/");
  if (!site.empty()) name += base::StrCat("sites/", site, "/");
  return base::StrCat(name, CollectionOf(kind), "/", id);
}

}  // namespace platen::rules
