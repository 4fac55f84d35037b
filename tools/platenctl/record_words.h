// What people have set about alerts, and what became of an alert, in words for people. Pure.
#pragma once

#include <string>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

namespace platen::platenctl {

// One line about a record: "alert.category is jam; after 10m → service-desk".
std::string RecordWords(const platen::rules::v1::Record& record);

// YAML of a file with this record, without what the gateway fills in: as `rules apply` takes it.
std::string ToYaml(platen::rules::v1::Record record);

// One line about an alert, alert_decision or notification_report of an alert's history.
std::string AlertHistoryWords(const platen::event::v1::Event& event);

// Who did it: a person, a rule, a receiver; empty where the device or Platen itself did.
std::string AlertHistoryAuthor(const platen::event::v1::Event& event);

}  // namespace platen::platenctl
