// Whatever stands in a profile's file: it is refused with file and line, or it can be used.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/edge/profile_files.h"
#include "tests/fuzz/printer_checks.h"

namespace {

using namespace platen;

const snmp::Recording& Printer() {
  static const snmp::Recording recording = snmp::ReadRecording(
      "1.3.6.1.2.1.1.1.0|4|ACME Laser 9\n"
      "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n"
      "1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5\n"
      "1.3.6.1.2.1.43.10.2.1.4.1.1|65|3914\n"
      "1.3.6.1.4.1.99999.1.0|4|S123\n"
      "1.3.6.1.4.1.99999.2.1|4|Total 1\n"
      "1.3.6.1.4.1.99999.3.1|65|17\n");
  return recording;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> faults;
  collector::core::Profile profile = collector::edge::ParseProfile("x.yaml", text, faults);
  for (const std::string& fault : faults) {
    ABSL_RAW_CHECK(fault.starts_with("x.yaml"), "a fault begins with its file");
  }
  if (!faults.empty()) return 0;
  ABSL_RAW_CHECK(!profile.name.empty(), "a profile has a name");
  const collector::core::ProfileSet profiles({std::move(profile)});
  const event::v1::DeviceSnapshot snapshot =
      collector::core::MakeSnapshot({.readings = Printer().rows, .profiles = &profiles});
  fuzz::CheckSnapshot(snapshot);
  return 0;
}
