// What is told of a site, or a subnet of one, that does not answer: its beginning and its end.
//
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::alerting {

// The beginning, of these devices' beginnings, the oldest first; `silent`: how many there are
// together with those told of before; `subnet`: empty for the whole site. Its incident is derived
// from the first one's, so that all receivers mean the same. The event's device is that of the
// first one, its alert "site-silent/…" or "subnet-silent/…". REQUIRES: at least one.
notifier::v1::Notification MakeSiteBeginning(
    base::WallTime now,
    const std::vector<const notifier::v1::Notification*>& devices,
    std::size_t silent,
    const std::string& subnet);

// The end; `still`: how many of those that it kept quiet do not answer all the same.
notifier::v1::Notification MakeSiteEnd(base::WallTime now,
                                       const notifier::v1::Notification& beginning,
                                       std::size_t still);

// The end of a subnet's that is told as its site's from now on.
notifier::v1::Notification MakeSubnetEnd(base::WallTime now,
                                         const notifier::v1::Notification& beginning);

// The id of the beginning, of which the end is known.
base::NotificationId BeginningOf(const notifier::v1::Notification& end);

}  // namespace platen::alerting
