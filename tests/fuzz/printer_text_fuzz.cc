// Whatever bytes a printer calls text, in whatever charset it declares: what comes out is valid
// UTF-8 without control characters, bounded, and reads the same when it is decoded again.
//
// The first two bytes are the charset's MIBenum, big-endian; the rest is the text.
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "services/collector/core/cartridge_text.h"
#include "services/collector/core/text.h"
#include "tests/fuzz/printer_checks.h"

namespace {

using namespace platen;

constexpr int kUtf8 = 106;

void CheckDecoded(const std::string& text) {
  fuzz::CheckText(text);
  ABSL_RAW_CHECK(text.size() <= collector::core::kMaxTextBytes, "text is bounded");
  ABSL_RAW_CHECK(collector::core::DecodeText(text, kUtf8) == text, "text stays what it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const int charset = data[0] << 8 | data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string text = collector::core::DecodeText(bytes, charset);
  CheckDecoded(text);
  CheckDecoded(collector::core::DecodePml(bytes));
  if (const auto model = collector::core::Ieee1284Value(text, {"MDL", "MODEL"})) {
    fuzz::CheckText(*model);
    ABSL_RAW_CHECK(!model->empty(), "an absent value is not an empty one");
  }
  const auto numbers = collector::core::FindCartridgeNumbers(text);
  ABSL_RAW_CHECK(text.find(numbers.part_number) != std::string::npos,
                 "a number stands in the text");
  ABSL_RAW_CHECK(text.find(numbers.serial_number) != std::string::npos,
                 "a number stands in the text");
  return 0;
}
