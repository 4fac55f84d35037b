// What the relay has to say itself: as a source of its own it reports, on the alerts lane, what it
// could not forward.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/event/sequence.h"
#include "services/relay/edge/record_outbox.h"

namespace platen::relay::edge {

struct VoiceOptions {
  // This source's name and life.
  std::string instance;
  std::uint64_t epoch = 0;
  // Two installations may have topics of one name.
  std::string installation;
  std::string topic_prefix;
};

// Thread-safe: shared by the pipelines, whose events are numbered together.
class Voice {
 public:
  explicit Voice(VoiceOptions options);

  // The record of an event that says that [gap.wanted, gap.earliest) of its partition was never
  // forwarded on `route`. Its id follows from installation, topic, partition and range: said again
  // by another relay, or in another life, it is the same event. Each call takes a number, so the
  // record is to be published. kInvalidArgument where the range is empty.
  absl::StatusOr<OwnedRecord> SayGap(const broker::OutOfRange& gap,
                                     std::string_view route,
                                     base::WallTime now);

 private:
  const VoiceOptions options_;
  std::mutex mutex_;
  event::Sequencer sequencer_;
};

}  // namespace platen::relay::edge
