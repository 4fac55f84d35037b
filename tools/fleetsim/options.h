// The command line of platen-fleetsim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/fleetsim/fleet.h"

namespace platen::fleetsim {

struct Options {
  FleetOptions fleet;
  std::uint16_t port = 1161;
  // Where they announce themselves; none: they don't.
  std::optional<std::uint16_t> slp_port;
  std::optional<std::uint16_t> dns_sd_port;
  std::string recordings = "tests/testdata/printers";
  std::string control;  // Path of the control socket; none if empty.
  bool list = false;    // Print the address list and end.
  bool help = false;
  // `ctl SOCKET COMMAND…` talks to a running one: the socket and the line.
  std::string ctl_socket;
  std::string ctl_line;
};

// kInvalidArgument names the option and what it takes.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments);

std::string_view Usage();

}  // namespace platen::fleetsim
