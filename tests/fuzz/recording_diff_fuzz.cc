// Whatever two recordings of a printer say, A before a line "==" and B behind it: the events that B
// makes have ids of their own that follow from them, and words for people.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/recording_diff.h"
#include "services/collector/core/snapshot.h"
#include "tests/fuzz/printer_checks.h"

namespace {

using namespace platen;

collector::core::Recorded Understand(std::string_view text) {
  static const collector::core::ProfileSet kNoProfiles;
  const snmp::Recording recording = snmp::ReadRecording(text);
  const collector::core::Readings readings(recording.rows);
  return {.snapshot =
              collector::core::MakeSnapshot({.readings = recording.rows, .profiles = &kNoProfiles}),
          .rows_complete = !readings.Below(collector::core::oids::kPrinterMib).empty()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kBetween = "\n==\n";
  const std::string_view both(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = both.find(kBetween);
  if (cut == std::string_view::npos) return 0;
  const collector::core::Recorded a = Understand(both.substr(0, cut));
  const collector::core::Recorded b = Understand(both.substr(cut + kBetween.size()));
  std::set<std::string> ids;
  for (const event::v1::Event& event : collector::core::EventsBetween(a, b)) {
    fuzz::CheckEvent(event);
    ABSL_RAW_CHECK(ids.insert(event.id()).second, "no event is told twice");
    const std::string words = collector::core::EventWords(event, a.snapshot);
    fuzz::CheckText(words);
    ABSL_RAW_CHECK(!words.empty() && words.find('\n') == std::string::npos, "a line an event");
  }
  return 0;
}
