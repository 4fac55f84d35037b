// Names of media sizes (PWG 5101.1, "self-describing names") by their dimensions.
//
// Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace platen::collector::core {

// The name of a medium of these dimensions, whichever way it is fed, in units of prtInputDimUnit
// (3: 0.0001 inches, 4: micrometres); empty where it is none of the common sizes within a
// millimetre, or where the device does not know (negative).
std::string_view MediaSizeName(std::int64_t feed, std::int64_t across, std::int64_t unit);

}  // namespace platen::collector::core
