// What must hold of everything that was understood of a printer, whatever it said: for fuzz targets
// and for tests of damaged answers. Each ends the program where it does not hold.
#pragma once

#include <string_view>

#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/event.pb.h"

namespace platen::fuzz {

// Valid UTF-8 without control characters but line breaks and tabs.
void CheckText(std::string_view text);

// No number is invented, every text is safe, every table is bounded.
void CheckSnapshot(const event::v1::DeviceSnapshot& snapshot);

// It has an id, a body and a time, and nothing in it is negative that counts.
void CheckEvent(const event::v1::Event& event);

}  // namespace platen::fuzz
