// Makes events as the fault laboratory's source does, and says them to nobody:
//
//   made_lines DEVICES SEED COUNT     DEVICES: a file of device ids, 32 hexadecimal digits a line
//
// A line for each: "lane id bytes", the lane's number, the rest in hexadecimal digits.
#include <cstdio>
#include <cstdlib>

#include "libs/base/ids.h"
#include "libs/base/real_clock.h"
#include "tests/fault/made_events.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: made_lines DEVICES SEED COUNT\n");
    return 2;
  }
  auto devices = platen::fault::ReadDevices(argv[1]);
  if (!devices.ok()) {
    std::fprintf(stderr, "made_lines: %s\n", std::string(devices.status().message()).c_str());
    return 1;
  }
  platen::base::RealClock clock;
  const platen::base::WallTime now = clock.WallNow();
  const auto epoch = static_cast<std::uint64_t>(platen::base::ToMillis(now));
  platen::fault::EventMaker maker(std::strtoull(argv[2], nullptr, 10), epoch, *std::move(devices));
  for (std::uint64_t left = std::strtoull(argv[3], nullptr, 10); left > 0; --left) {
    const platen::event::v1::Event event = maker.Next(now);
    std::printf("%d %s %s\n",
                event.lane(),
                platen::base::HexEncode(event.id()).c_str(),
                platen::base::HexEncode(event.SerializeAsString()).c_str());
  }
  return 0;
}
