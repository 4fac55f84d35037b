// What cores ask of the outside. The wiring publishes; when Kafka has acknowledged (or refused for
// good) what carries a token, the core is told by that token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platen/event/v1/pipeline.pb.h"

namespace platen::alerting {

// Names something published until it is acknowledged. Unique within one core.
using Token = std::uint64_t;

// Everything below `next` in this partition of the core's input has ended.
struct CommitEffect {
  std::int32_t partition = 0;
  std::int64_t next = 0;
};

// A record for platen.deadletter.v1; the wiring adds topic and time.
struct DeadLetterEffect {
  Token token = 0;
  // Device id where known, for the key.
  std::string key;
  event::v1::DeadLetter letter;
};

// A record that came in.
struct InputRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string_view value;
};

}  // namespace platen::alerting
