// What the gateway says, in words for people. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/repeated_field.h>
#include <google/protobuf/timestamp.pb.h>

#include "platen/event/v1/meter.pb.h"
#include "platen/event/v1/supply.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/time.h"

namespace platen::platenctl {

// "ok", "alert", …
std::string StateWord(platen::fleet::v1::Device::State state);

// "12 s", "3 min", "5 h", "2 d" before `now`; "-" where `time` is not set.
std::string Age(const google::protobuf::Timestamp& time, base::WallTime now);

// "2026-01-31T12:00:00Z"; empty where it is not set.
std::string Time(const google::protobuf::Timestamp& time);

// "1,234,567".
std::string Grouped(std::uint64_t number);

// "total", "print, colour", "copy, black and white, large, two-sided".
std::string MeterWords(const platen::event::v1::MeterKind& kind);
// A device may tell the same by a standard and by its vendor's counter: each word and number once,
// "total: 1,234 impressions".
std::vector<std::string> MeterLines(
    const google::protobuf::RepeatedPtrField<platen::event::v1::Meter>& meters);
// "impressions", "sheets", …
std::string UnitWord(platen::event::v1::MeterUnit unit);

// Who says so: "standard", "vendor".
std::string SourceWord(platen::event::v1::MeterSource source);

// What keeps a counter from being charged as it is: "epoch proposed, implausible"; empty where it
// is good.
std::string QualityWords(const platen::event::v1::Meter& meter);

// "62 %", "some left", "low", "not known", "120 of 500 sheets".
std::string LevelWords(const platen::event::v1::Level& level);
bool IsLow(const platen::event::v1::Supply& supply);

// One line about an alert: "Paper jam in tray 2 (media-jam)".
std::string AlertWords(const platen::event::v1::Alert& alert);
// "error", "jam", "alarm".
std::string CategoryWord(platen::event::v1::AlertCategory category);

// The last segment of a resource name.
std::string_view LastSegment(std::string_view name);
// The device's name that is the parent of an alert's.
std::string_view DeviceOfAlert(std::string_view alert_name);

// "STATE_OK" → "ok", "METER_FUNCTION_FAX_IN" → "fax in", by the prefix that is cut.
std::string EnumWords(std::string_view name, std::string_view prefix);

}  // namespace platen::platenctl
