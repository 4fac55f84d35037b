#include "services/collector/core/cartridge_text.h"

#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

// The word behind `marker`, up to a separator; empty where there is none, or it says "unknown".
std::string WordAfter(std::string_view text, std::string_view marker) {
  const std::size_t at = text.find(marker);
  if (at == std::string_view::npos) return {};
  std::string_view rest = TrimBlanks(text.substr(at + marker.size()));
  rest = rest.substr(0, rest.find_first_of(" ;,\t\r\n"));
  const std::string lower = LowerCase(rest);
  return lower == "unknown" || lower == "none" || lower == "n/a" ? std::string()
                                                                 : std::string(rest);
}

}  // namespace

CartridgeNumbers FindCartridgeNumbers(std::string_view description) {
  CartridgeNumbers numbers;
  if (description.find(", PN ") != std::string_view::npos) {
    numbers.part_number = WordAfter(description, ", PN ");
    numbers.serial_number = WordAfter(description, ";SN");
    numbers.rule = "description/xerox-pn-sn";
  } else if (description.find("S/N:") != std::string_view::npos) {
    numbers.serial_number = WordAfter(description, "S/N:");
    numbers.rule = "description/samsung-s-n";
  }
  return numbers;
}

}  // namespace platen::collector::core
