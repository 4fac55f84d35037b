// A snapshot's values as people say them. Never a number that the printer did not give. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/meter.pb.h"
#include "platen/event/v1/supply.pb.h"

namespace platen::collector::core {

// What a level is of: the words differ.
enum class LevelOf : std::uint8_t { kContainer, kReceptacle, kTray, kOutput };

// By class where the device gives it, else by type: waste collects in receptacles.
LevelOf LevelOfSupply(const event::v1::Supply& supply);

// "89 % (5,340 of 6,000)", "some left, the printer doesn't say how much", …
std::string LevelWords(const event::v1::Level& level, LevelOf of);

// "Black Toner", on one line. Undoes one known damage: a second line that is the rest of the text
// in hexadecimal, as recorders and some devices leave it.
std::string OneLine(std::string_view text);

// The supply's description, or its type where it has none: "supply 5".
std::string SupplyName(const event::v1::Supply& supply);

// "Prints, black, A3".
std::string MeterName(const event::v1::MeterKind& kind);

// "impressions"; empty where the device does not say.
std::string_view UnitWords(event::v1::MeterUnit unit);

// "15,232".
std::string Grouped(std::uint64_t number);

// "idle", "printing"; empty where the device does not say.
std::string_view Words(event::v1::PrinterStatus status);
std::string_view Words(event::v1::DeviceStatus status);
// "paper jam", "door open".
std::string_view Words(event::v1::ErrorState state);
std::string_view Words(event::v1::AlertSeverity severity);
// "the printer is asleep"; empty where nothing is said against a reading.
std::string_view Words(event::v1::ReadingQuality quality);

// "6 days 2 h", from hundredths of a second.
std::string UptimeWords(std::uint64_t ticks);

// "Not available: serial, no standard value and no profile for this model".
std::string Sentence(const event::v1::Unavailable& missing);

}  // namespace platen::collector::core
