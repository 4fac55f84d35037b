// Proposed epochs of counters that become the ones in force: by a person's order, or by a rule
// whose evidence is beyond doubt. Until then nobody is charged; from then on pages count from the
// first value that was read in the epoch, which is a base.
//
// The rules. "wrap": the counter passed a bound at which counters are known to begin anew, and has
// gone on from there. "another-oid": the same device tells it elsewhere (a profile has changed, or
// found a better object), and it has gone on from there. "registered-serial": the counters are
// those of another serial number, and a person has registered that number for this device. A
// counter that fell to zero, or anywhere else, or jumped, waits for a person.
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/meter.pb.h"
#include "platen/event/v1/pipeline.pb.h"

namespace platen::collector::core {

// How often a counter has to move on in an epoch before a rule believes it.
inline constexpr std::uint32_t kAdvancesBelieved = 2;

// The rule by which the epoch that is proposed for `kept` is confirmed; empty where none does.
// `known_board`: the counters are those of the serial number that they always were of;
// `registered_board`: of another, which a person has registered.
std::string_view ConfirmingRule(const collector::v1::KeptMeter& kept,
                                bool known_board,
                                bool registered_board);

// The proposed epoch is in force. REQUIRES: one is proposed. Returns what is told of it, without
// kind, source and OID, which the history does not keep.
event::v1::ConfirmedEpoch Confirm(collector::v1::KeptMeter& kept);

// Carries out the target's order about epochs, if `state` has not seen it; nothing where it has. An
// order is carried out whole or refused whole: an epoch that is over by now, or another one that
// was proposed since, is not what the person has looked at.
std::optional<event::v1::EpochConfirmation> CarryOutOrder(const event::v1::Target& target,
                                                          collector::v1::DeviceState& state);

}  // namespace platen::collector::core
