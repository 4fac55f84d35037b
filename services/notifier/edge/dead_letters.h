// What nobody could use, on its way to platen.deadletter.v1.
#pragma once

#include <string>

#include "libs/alerting/effects.h"
#include "libs/base/time.h"
#include "services/notifier/edge/publish_queue.h"
#include "services/notifier/edge/topic_plan.h"

namespace platen::notifier::edge {

// The record for a dead letter that came from `topic`; of what is too large for one, the beginning.
OwnedRecord MakeDeadLetter(const alerting::DeadLetterEffect& effect,
                           const std::string& topic,
                           base::WallTime now,
                           const TopicPlan& plan);

}  // namespace platen::notifier::edge
