// A record as a line of JSON, for people and for tests.
#pragma once

#include <string>

#include "libs/broker/broker.h"

namespace platen::topics {

// {"topic":…,"partition":…,"offset":…,"append_time":"2026-…Z","key":…,"event_id":…,"device_id":…,
// "value":{…}}, without a line end. Keys that are not text, and ids, are in hexadecimal. The value
// is protobuf JSON of the message that the topic holds; absent for a tombstone; where the bytes are
// not that message, or the topic is not known here, "value_bytes" says how many there are.
std::string RecordLine(const broker::Partition& partition, const broker::RecordView& record);

}  // namespace platen::topics
