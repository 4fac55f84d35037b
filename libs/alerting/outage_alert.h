// The outage of a site or a subnet as an alert: the notifier itself has found it, so it says it as
// collectors say theirs, on the alerts lane, as an alert of the device that was silent first.
//
//   deliver  knows of it and tells people of its beginning and end (site_outages.h)
//   gateway  shows it, and takes who cares for it
//   decide   keeps it like any alert, with who was told of it, but that no rule takes it and its
//            beginning and end are deliver's to tell; says who cares for it, and that nobody does
//            any more, into the outage's own group, where deliver tells it
//
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/alert_record.h"

namespace platen::alerting {

// "site-silent/…" or "subnet-silent/…". A device's alerts have no such ids.
bool IsOutage(std::string_view alert_id);

// What an outage's beginning or end tells, for the alerts lane. Said again it is the same.
event::v1::Event ToOutageEvent(const notifier::v1::Notification& told);

// That a beginning is kept quiet by an outage, for the history. Said again it is the same.
event::v1::Event ToInhibitionEvent(const notifier::v1::Notification& inhibited);

// Whoever took a message of an outage, as its report says; what is said of the outage is to reach
// its group. REQUIRES: the report is about an outage.
Told ToldOf(const event::v1::Event& report);

// What decide says of an outage, in the words and to the addresses of its beginning.
notifier::v1::Notification InWordsOf(const notifier::v1::Notification& beginning,
                                     const notifier::v1::Notification& said);

}  // namespace platen::alerting
