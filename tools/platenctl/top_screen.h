// One screen about the pipeline and the fleet. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/time.h"

namespace platen::platenctl {

struct Screen {
  std::size_t width = 100;
  std::size_t height = 0;  // 0: as many lines as it takes.
  bool colour = false;
};

struct TopState {
  platen::fleet::v1::PipelineStatus status;
  std::vector<platen::fleet::v1::AlertRecord> open_alerts;  // Newest first.
  std::string gateway;
  base::WallTime now;
};

// Lines that end in a newline, none wider than the screen.
std::string RenderTop(const TopState& state, const Screen& screen);

}  // namespace platen::platenctl
