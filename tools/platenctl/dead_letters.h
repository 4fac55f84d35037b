// The dead letters of an installation: what nobody could use, as it stands in Kafka, and its way
// back.
//
// platenctl speaks to Kafka itself here: a dead letter is what no service takes, and the topic is
// the installation's. A letter that is replayed stays where it is until retention takes it; a
// marker of its own, behind it in the same partition, says that it was.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/pipeline.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"

namespace platen::platenctl {

// Where a letter stands in the topic: its name for people is "PARTITION:OFFSET".
using LetterId = std::pair<std::int32_t, std::int64_t>;

std::string ToText(LetterId id);

struct StoredLetter {
  base::WallTime stored;
  std::string key;
  std::string route;
  event::v1::DeadLetter letter;
  bool is_readable = true;  // False: it is no DeadLetter; `letter` is empty.
  bool is_replayed = false;
};

// By id, so by partition and age.
using LetterMap = std::map<LetterId, StoredLetter>;

// Which letters are meant. Pure.
struct LetterFilter {
  std::string reason;         // Empty: any.
  std::vector<LetterId> ids;  // Empty: any.
  bool with_replayed = false;

  bool Takes(LetterId id, const StoredLetter& stored) const;
};

// Puts one record of the topic into the map: a letter, or the marker of one that was replayed.
// Pure.
void Take(const broker::Partition& partition, const broker::RecordView& record, LetterMap& letters);

struct Letters {
  LetterMap letters;
  bool are_all = true;
};

// Everything that the topic has when it is asked; of each partition the oldest ones, where all of
// them would take more than about `bytes_max` of memory. kUnavailable where Kafka does not answer
// within `max_wait`.
absl::StatusOr<Letters> ReadLetters(broker::Broker& broker,
                                    const std::string& topic,
                                    std::size_t bytes_max,
                                    base::Duration max_wait,
                                    const base::Clock& clock);

// The record that a letter was, for the topic and partition that it came from. kFailedPrecondition
// with the reason where it can't be said again: it is no event, or its bytes were cut.
struct ReplayedRecord {
  broker::Partition to;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

absl::StatusOr<ReplayedRecord> ToReplay(const StoredLetter& stored);

// Writes the letters back to where they came from, each acknowledged by Kafka before it is marked.
// `done` hears of each: OK, or why it was not. The first trouble with Kafka itself ends it.
absl::Status Replay(broker::Broker& broker,
                    const std::string& topic,
                    const LetterMap& letters,
                    base::Duration max_wait,
                    const base::Clock& clock,
                    const std::function<void(LetterId, const absl::Status&)>& done);

}  // namespace platen::platenctl
