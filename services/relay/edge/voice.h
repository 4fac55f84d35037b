// What the relay has to say itself: as a source of its own it reports, on the alerts lane, what it
// could not forward, and which of its own numbers Kafka has.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
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
  std::string version;
  base::WallTime start_time;
};

// An event of the relay's own, and its number on its route.
struct OwnWord {
  OwnedRecord record;
  std::uint64_t number = 0;
};

// Thread-safe: shared by the pipelines, whose events are numbered together.
class Voice {
 public:
  explicit Voice(VoiceOptions options);

  // The record of an event that says that [gap.wanted, gap.earliest) of its partition was never
  // forwarded on `route`. Its id follows from installation, topic, partition and range: said again
  // by another relay, or in another life, it is the same event. Each call takes a number, so the
  // record is to be published. kInvalidArgument where the range is empty.
  absl::StatusOr<OwnWord> SayGap(const broker::OutOfRange& gap,
                                 std::string_view route,
                                 base::WallTime now);

  // A sign of life for `route`, which claims its numbers up to the first that Kafka has not
  // acknowledged.
  absl::StatusOr<OwnWord> SayHeartbeat(std::string_view route, base::WallTime now);

  // Kafka has the number of the route.
  void OnAcknowledged(const std::string& route, std::uint64_t number);

 private:
  absl::StatusOr<OwnWord> Stamp(event::v1::Event event);

  const VoiceOptions options_;
  std::mutex mutex_;
  event::Sequencer sequencer_;
  // By route: numbers that Kafka has not acknowledged.
  std::map<std::string, std::set<std::uint64_t>> open_;
  std::uint64_t heartbeats_ = 0;
};

}  // namespace platen::relay::edge
