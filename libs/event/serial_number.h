// A serial number as evidence of who a device or a cartridge is: the same number in every spelling
// that devices give it, and nothing where it says nothing.
//
// Collector and gateway compare serial numbers by it, so that both see the same device. Pure.
#pragma once

#include <string>
#include <string_view>

namespace platen::event {

// In upper case, without blanks, control characters and leading zeros (agents of one device differ
// in them), and without Sharp's "X00" or "00" at the end. Empty where it is no evidence:
// placeholders
// ("0000", "XXXXXXX", "not set", "unknown", "1234567890"). `manufacturer`: as people write it;
// empty where unknown.
std::string SerialEvidence(std::string_view manufacturer, std::string_view serial_number);

}  // namespace platen::event
