// Whether the one who answers at a device's address is that device.
//
// The evidence, in this order: the serial number that a person has agreed for the target; the one
// under which the device is known; its UUID; its MAC addresses. A serial number that changes while
// the UUID or an interface stays is a board that was given another number, and the same device; one
// that changes with all of them is another device. Counters, levels and alerts of another device
// are nobody's: they must not be booked on this one.
//
// Pure.
#pragma once

#include <string>

#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/pipeline.pb.h"

namespace platen::collector::core {

// Who answers.
enum class Answerer : std::uint8_t {
  kExpected,  // The device, as far as anybody can tell.
  kUnclear,   // Another serial number, and nothing else was read: a full reading has to tell.
  kOther,     // Another device.
};

// `known`: who the device is by the state; default where nobody knows. `found`: what the reading
// says; `whole`: it was a full one, so that what it does not say the device does not have.
Answerer WhoAnswers(const event::v1::Target& target,
                    const event::v1::Identity& known,
                    const event::v1::Identity& found,
                    bool whole);

// The serial number that is expected, as SerialEvidence() has it: the target's, else the known one.
std::string ExpectedSerial(const event::v1::Target& target, const event::v1::Identity& known);

// Whether another device at the target's address is an alarm: the address is this device's alone.
bool AddressIsFixed(const event::v1::Target& target);

// Whether `a` and `b` are the same device, by what both say.
bool IsSameDevice(const event::v1::Identity& a, const event::v1::Identity& b);

}  // namespace platen::collector::core
