// What the relay itself writes to Kafka: directives and dead letters, as records. Pure.
#pragma once

#include <string_view>

#include "platen/ingest/v1/ingest.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/relay/core/relay_core.h"
#include "services/relay/edge/record_outbox.h"

namespace platen::relay::edge {

// The record of the topic that the directive's kind names; a removal is a tombstone.
// kInvalidArgument for one that this version does not know, or without a key: it is refused to the
// gateway.
absl::StatusOr<OwnedRecord> ToRecord(const ingest::v1::Directive& directive,
                                     std::string_view topic_prefix);

// A platen.event.v1.DeadLetter with the refused record's bytes; `reason` and `route` stand in
// headers too.
OwnedRecord ToRecord(const core::DeadLetter& letter,
                     std::string_view route,
                     std::string_view topic_prefix,
                     base::WallTime now);

}  // namespace platen::relay::edge
