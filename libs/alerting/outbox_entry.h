// Entries of an alert's outbox: what was decided, as it is kept until it is said, and as it is
// said.
//
// Pure.
#pragma once

#include <span>
#include <string>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/alert_record.h"
#include "libs/base/time.h"

namespace platen::alerting {

// An entry about the incident that `event` is about, with the next number; without receivers.
// REQUIRES: the event's ids have 16 bytes.
notifier::v1::OutboxEntry MakeEntry(base::WallTime now,
                                    const event::v1::Event& event,
                                    notifier::v1::NotificationKind kind,
                                    AlertRecord& record);

// `rule`: by which they are told; empty: by none, as of an end.
void AddReceivers(std::span<const Told> receivers,
                  const std::string& rule,
                  notifier::v1::OutboxEntry& entry);

// The entry's decision as an event of the alerts lane, for the history; source and id are for
// event::Sequencer to fill in. Said again it is the same. REQUIRES: the entry has a decision.
event::v1::Event ToDecisionEvent(const notifier::v1::OutboxEntry& entry);

}  // namespace platen::alerting
