// Why a device that no longer answers may be silent: only what is known.
//
// Pure.
#pragma once

#include <string_view>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

namespace platen::collector::core {

// What is known of a device that has just not answered, from how it was when it last did.
event::v1::SilenceReason SilenceReasonOf(const collector::v1::DeviceState& state);

// Whether the alert table says that the device is being switched off (code 504, powerDown).
bool SaysPowerDown(const event::v1::DeviceSnapshot& snapshot);

// For people, as what follows "does not answer SNMP: ".
std::string_view Words(event::v1::SilenceReason reason);

}  // namespace platen::collector::core
