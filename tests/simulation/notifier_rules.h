// Rules and what people do about alerts, as a seed chooses them. Whatever is chosen, `desk` and
// `erp` are told of what stays open for long, and nobody else but `pager`, when nobody acknowledges
// it.
#pragma once

#include <string>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "libs/base/random.h"
#include "libs/base/time.h"

namespace platen::notifier {

// All three are told of everything, at once.
std::vector<rules::v1::Record> EverybodyAtOnce();

// With after, damping, groups, an escalation, an inhibition, hours, or without.
std::vector<rules::v1::Record> ChooseRules(base::Random& random);

// A silence of everything, over within a minute.
rules::v1::Record ChooseSilence(base::Random& random, base::WallTime now);

// Somebody takes care of it, for a minute at the most.
rules::v1::Record ChooseAcknowledgement(base::Random& random,
                                        base::WallTime now,
                                        const std::string& device_id,
                                        const std::string& alert_id);

}  // namespace platen::notifier
