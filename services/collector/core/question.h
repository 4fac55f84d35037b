// What to ask a device: whole tables, or by name what it is known to have; and what is learned from
// the answer for the questions to come.
//
// Pure.
#pragma once

#include <memory>
#include <optional>

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/device_table.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/known_reading.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/reading_plan.h"

namespace platen::collector::core {

struct Question {
  ReadingPlan plan;
  // What the plan rests on; null where it asks for whole tables.
  std::unique_ptr<const KnownReading> known;
};

// The question of a reading that is due. May make it a full one: where it is not known what the
// device has, or not true any more. A plan that is empty: the device has nothing of it. REQUIRES:
// the device has a round, of that kind.
Question AskScheduled(Device& device, const collector::v1::DeviceState& state, const Now& now);

// What else to ask after a status poll whose answer is `first`; nothing where that is all.
std::optional<Question> AskDetail(Device& device,
                                  const collector::v1::DeviceState& state,
                                  const ReadAnswer& first,
                                  const Now& now);

// After an answer that says that the device has not what it had: whole tables, and for all but a
// status poll a full reading.
Question AskAnew(Device& device);

// Keeps in `state` what the next questions rest on, and lets a full reading be due where it is not
// true any more. `reading` was made of `answer`, and the state has seen it.
void LearnFrom(Device& device,
               const Reading& reading,
               const ReadAnswer& answer,
               const Now& now,
               collector::v1::DeviceState& state);

}  // namespace platen::collector::core
