// Any text is read as a recording without harm; what was read can be written and is read the same
// again.
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/recording.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen::snmp;
  const Recording recording = ReadRecording({reinterpret_cast<const char*>(data), size});
  ABSL_RAW_CHECK(recording.listed.size() <= Recording::kListedMax,
                 "the list of damaged lines is bounded");
  std::string written;
  for (std::size_t i = 0; i < recording.rows.size(); ++i) {
    const Varbind& row = recording.rows[i];
    ABSL_RAW_CHECK(i == 0 || recording.rows[i - 1].name < row.name,
                   "rows are in order, each name once");
    ABSL_RAW_CHECK(recording.Find(row.name) == &row, "every row is found");
    written += ToSnmprec(row.view());
    written.push_back('\n');
  }
  const Recording again = ReadRecording(written);
  ABSL_RAW_CHECK(again.skipped == 0, "what we write, we read");
  ABSL_RAW_CHECK(again.rows == recording.rows, "and it is the same");
  return 0;
}
