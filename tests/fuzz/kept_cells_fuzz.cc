// Whatever stands in a state where a device's cells are kept: it is refused, or cells that come out
// as they went in.
#include <cstdint>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "services/collector/core/kept_cells.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen::collector::core;
  const auto cells = DecodeCells({reinterpret_cast<const char*>(data), size});
  if (!cells.has_value()) return 0;
  for (const KeptCell& cell : *cells) {
    if (cell.name.view().ber().size() > 255) return 0;  // More than EncodeCells() takes.
  }
  const auto again = DecodeCells(EncodeCells(*cells));
  ABSL_RAW_CHECK(again.has_value() && *again == *cells, "cells come out as they went in");
  return 0;
}
