// What an alert row or an error bit is about, in the field's own words: tables, no state.
//
// Codes and groups are those of IANA-PRINTER-MIB, keywords those of IPP's printer-state-reasons
// (RFC 8011, PWG 5100.9).
#pragma once

#include <string>
#include <string_view>

#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"

namespace platen::collector::core {

// One kind of condition; several views of the same condition (row, bit, cover) have the same name.
struct Condition {
  // "jam", "cover-open", "no-paper", …
  std::string_view name;
  event::v1::AlertCategory category = event::v1::ALERT_CATEGORY_ALARM;
  // IPP printer-state-reasons keyword.
  std::string_view keyword;
};

// What a row is about.
Condition ConditionOf(const event::v1::AlertRow& row);

// The condition of this name; one without a name where there is none.
Condition ConditionNamed(std::string_view name);

// Conditions of which one goes over into the other as things get worse ("low-toner", "no-toner")
// are a family, named by the worst of them; any other condition is a family of its own.
std::string_view FamilyOf(std::string_view condition);

// The keyword of printer-state-reasons for this very row, which says more than its condition's:
// "stapler-jam", "marker-supply-low" for ink.
std::string KeywordOf(const event::v1::AlertRow& row);

// What an error bit is about. Empty name for bits that devices don't use reliably (off-line) or
// that say nothing of their own (service requested).
Condition ConditionOf(event::v1::ErrorState state);

// Rows that are status lines and not faults: "Ready", asleep, warming up, something closed,
// configuration changed.
bool IsStatusLine(const event::v1::AlertRow& row);

// Severity 4 is an occurrence, whose end is open; everything else is a condition (RFC
// 3805, 2.2.13.4).
event::v1::AlertLifecycle LifecycleOf(const event::v1::AlertRow& row);

// The name of a condition for people: "paper jam".
std::string_view Words(std::string_view condition);

}  // namespace platen::collector::core
