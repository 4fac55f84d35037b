// Whatever a recording says: masked, it is in order, holds none of the secrets that were named, in
// no spelling of text, and masks the same again in the same way.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/redact.h"
#include "services/collector/core/text.h"

namespace {

using namespace platen;

std::string FileOf(const collector::core::Redacted& redacted) {
  std::string text;
  for (const snmp::Varbind& row : redacted.rows) text += snmp::ToSnmprec(row.view()) + "\n";
  return text;
}

constexpr char kSecret[] = "Quixotic7Umbrella";

absl::StatusOr<collector::core::Redacted> Masked(const snmp::Recording& recording,
                                                 std::uint64_t key) {
  static const collector::core::ProfileSet kNoProfiles;
  return collector::core::Redact({.readings = recording.rows,
                                  .profiles = &kNoProfiles,
                                  .key = {key, 2},
                                  .secrets = {kSecret}});
}

bool Shows(const collector::core::Redacted& redacted) {
  const std::string secret = collector::core::LowerCase(kSecret);
  return std::ranges::any_of(redacted.rows, [&secret](const snmp::Varbind& row) {
    return collector::core::LowerCase(row.value.AsBytes().value_or("")).find(secret) !=
           std::string::npos;
  });
}

// A mask may spell the end of what only began like the secret; under other keys it does not.
bool Leaks(const snmp::Recording& recording) {
  for (std::uint64_t key = 1; key <= 8; ++key) {
    if (!Shows(*Masked(recording, key))) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const snmp::Recording recording =
      snmp::ReadRecording({reinterpret_cast<const char*>(data), size});
  const auto masked = Masked(recording, 1);
  if (!masked.ok()) return 0;
  for (std::size_t i = 1; i < masked->rows.size(); ++i) {
    ABSL_RAW_CHECK(masked->rows[i - 1].name < masked->rows[i].name, "rows are in order");
  }
  ABSL_RAW_CHECK(!Shows(*masked) || !Leaks(recording), "a named secret is masked");
  ABSL_RAW_CHECK(FileOf(*masked) == FileOf(*Masked(recording, 1)), "masks are the same");
  return 0;
}
