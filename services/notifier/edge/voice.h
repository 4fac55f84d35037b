// What the notifier has to say itself: reports, gaps, signs of life, as events of the alerts lane.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"
#include "libs/event/sequence.h"
#include "services/notifier/edge/publish_queue.h"

namespace platen::notifier::edge {

struct VoiceOptions {
  // This source's name and life.
  std::string instance;
  std::uint64_t epoch = 0;
  std::string version;
  base::WallTime start_time;
  // Topic of the alerts lane, and its partitions.
  std::string topic;
  std::int32_t partitions = 0;
  base::Duration interval = std::chrono::seconds(30);
};

using Figures = std::vector<std::pair<std::string, double>>;

// Thread-confined, with its queue.
class Voice {
 public:
  // `queue` must outlive this.
  Voice(VoiceOptions options, PublishQueue& queue);

  // Numbers the event and sends it to its device's partition, or this source's. `done` as in
  // PublishQueue. An event whose id can't be derived is said to have failed at once.
  void Say(event::v1::Event event, PublishQueue::Done done);

  // A sign of life where the last one is `interval` ago. To be called often.
  void OnTimer(base::MonotonicTime now, base::WallTime wall, const Figures& figures);

  // Numbers [wanted, earliest) of `stream` are missing: Kafka's retention ate them before they were
  // read.
  void SayGap(base::WallTime wall,
              const std::string& stream,
              std::int64_t wanted,
              std::int64_t earliest);

 private:
  // An event about this source; each call is another occurrence.
  event::v1::Event AboutMyself(base::WallTime wall);
  event::v1::Event MakeHeartbeat(base::WallTime wall, const Figures& figures);

  const VoiceOptions options_;
  PublishQueue& queue_;
  event::Sequencer sequencer_;
  std::uint64_t said_ = 0;
  std::optional<base::MonotonicTime> last_beat_;
  // Numbers on their way to Kafka, by route: the highest number that counts is below the first.
  std::map<std::string, std::set<std::uint64_t>> on_their_way_;
};

}  // namespace platen::notifier::edge
