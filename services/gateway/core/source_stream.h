// The name of one stream of a source's numbers, as it stands in gaps:
// "INSTANCE/EPOCH/LANE/ROUTE".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platen/event/v1/lane.pb.h"

namespace platen::gateway::core {

struct SourceStream {
  std::string instance;
  std::uint64_t epoch = 0;
  platen::event::v1::Lane lane = platen::event::v1::LANE_UNSPECIFIED;
  std::string route;
};

std::string ToName(const SourceStream& stream);

// Nothing where it is no such name, as that of a range of Kafka's offsets.
std::optional<SourceStream> ParseSourceStream(std::string_view name);

}  // namespace platen::gateway::core
