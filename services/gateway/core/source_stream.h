// One stream of a source's numbers, and its name as it stands in gaps: "INSTANCE/EPOCH/LANE/ROUTE".
// A source does not know its installation; the gateway does, by the relay that brings the numbers.
// Instances of two installations may have one name, as pods of two clusters have.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platen/event/v1/lane.pb.h"

namespace platen::gateway::core {

// In the order of members, so that later lives of an instance come behind the earlier ones.
struct SourceStream {
  std::string installation;
  std::string instance;
  std::uint64_t epoch = 0;
  platen::event::v1::Lane lane = platen::event::v1::LANE_UNSPECIFIED;
  std::string route;

  friend auto operator<=>(const SourceStream&, const SourceStream&) = default;
};

// Without the installation.
std::string ToName(const SourceStream& stream);

// Of no installation. Nothing where it is no such name, as that of a range of Kafka's offsets.
std::optional<SourceStream> ParseSourceStream(std::string_view name);

}  // namespace platen::gateway::core
