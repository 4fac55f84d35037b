// The id of an event: derived from what every observer of the same fact reads alike, so that the
// same fact found twice (by a retry, a rebalance, two collectors during a hand-over) is the same
// event.
//
// Layout: 48 bits of milliseconds since the Unix epoch, big-endian (0 where no trustworthy time is
// known), then the first 80 bits of SHA-256 over the fields listed in identity.cc in a fixed
// encoding, never over protobuf bytes. Ids of one store are therefore nearly sorted by time, and a
// store appends instead of scattering.
#pragma once

#include "platen/event/v1/event.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::event {

// The kind's name as it stands in the id and in ce_type: "alert", "meter_reading", … Empty where no
// body is set.
std::string_view KindName(v1::Event::BodyCase body);

// The id that `event` must have. Uses tenant, device_id, source.instance (facts about a collector
// only, and not for a missing range), the kind, chunk.part, the occurrence, and occurrence_time for
// the first 48 bits. kInvalidArgument where the occurrence or the body is missing.
absl::StatusOr<base::EventId> DeriveId(const v1::Event& event);

// A time that a device's clock told may stand in an id and in occurrence_time only if it lies
// between 2005-01-01 and a day after `now`.
bool IsPlausible(base::WallTime told, base::WallTime now);

}  // namespace platen::event
