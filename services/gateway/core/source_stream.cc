#include "services/gateway/core/source_stream.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"

namespace platen::gateway::core {

std::string ToName(const SourceStream& stream) {
  return base::StrCat(
      stream.instance, "/", stream.epoch, "/", event::LaneName(stream.lane), "/", stream.route);
}

std::optional<SourceStream> ParseSourceStream(std::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(name), '/');
  // An instance's name may have any character.
  if (parts.size() < 4) return std::nullopt;
  const std::size_t end = parts.size() - 3;
  SourceStream stream{.route = parts.back()};
  const auto lane = event::LaneFromName(parts[end + 1]);
  if (!absl::SimpleAtoi(parts[end], &stream.epoch) || !lane.ok()) return std::nullopt;
  stream.lane = *lane;
  for (std::size_t i = 0; i < end; ++i) stream.instance += (i == 0 ? "" : "/") + parts[i];
  return stream;
}

}  // namespace platen::gateway::core
