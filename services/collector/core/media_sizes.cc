#include "services/collector/core/media_sizes.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace platen::collector::core {
namespace {

// Micrometres, the shorter side first.
struct Size {
  std::int64_t width;
  std::int64_t length;
  std::string_view name;
};

constexpr std::array kSizes = {
    Size{74'000, 105'000, "iso_a7_74x105mm"},
    Size{105'000, 148'000, "iso_a6_105x148mm"},
    Size{148'000, 210'000, "iso_a5_148x210mm"},
    Size{210'000, 297'000, "iso_a4_210x297mm"},
    Size{297'000, 420'000, "iso_a3_297x420mm"},
    Size{420'000, 594'000, "iso_a2_420x594mm"},
    Size{594'000, 841'000, "iso_a1_594x841mm"},
    Size{841'000, 1'189'000, "iso_a0_841x1189mm"},
    Size{225'000, 320'000, "iso_sra4_225x320mm"},
    Size{320'000, 450'000, "iso_sra3_320x450mm"},
    Size{125'000, 176'000, "iso_b6_125x176mm"},
    Size{176'000, 250'000, "iso_b5_176x250mm"},
    Size{128'000, 182'000, "jis_b6_128x182mm"},
    Size{182'000, 257'000, "jis_b5_182x257mm"},
    Size{257'000, 364'000, "jis_b4_257x364mm"},
    Size{100'000, 148'000, "jpn_hagaki_100x148mm"},
    Size{110'000, 220'000, "iso_dl_110x220mm"},
    Size{162'000, 229'000, "iso_c5_162x229mm"},
    Size{229'000, 324'000, "iso_c4_229x324mm"},
    Size{215'900, 279'400, "na_letter_8.5x11in"},
    Size{215'900, 355'600, "na_legal_8.5x14in"},
    Size{279'400, 431'800, "na_ledger_11x17in"},
    Size{304'800, 457'200, "na_arch-b_12x18in"},
    Size{139'700, 215'900, "na_invoice_5.5x8.5in"},
    Size{184'150, 266'700, "na_executive_7.25x10.5in"},
    Size{215'900, 330'200, "na_foolscap_8.5x13in"},
    Size{215'900, 340'360, "na_oficio_8.5x13.4in"},
    Size{104'775, 241'300, "na_number-10_4.125x9.5in"},
    Size{98'425, 190'500, "na_monarch_3.875x7.5in"},
    Size{101'600, 152'400, "na_index-4x6_4x6in"},
};

constexpr std::int64_t kTolerance = 1'000;
constexpr std::int64_t kUnitInches = 3;
constexpr std::int64_t kUnitMicrometres = 4;
constexpr std::int64_t kLargest = 100'000'000;

}  // namespace

std::string_view MediaSizeName(std::int64_t feed, std::int64_t across, std::int64_t unit) {
  if (feed <= 0 || across <= 0 || feed > kLargest || across > kLargest) return {};
  if (unit != kUnitInches && unit != kUnitMicrometres) return {};
  const auto micrometres = [unit](std::int64_t length) {
    return unit == kUnitMicrometres ? length : length * 254 / 100;
  };
  const std::int64_t width = micrometres(std::min(feed, across));
  const std::int64_t length = micrometres(std::max(feed, across));
  for (const Size& size : kSizes) {
    if (std::abs(size.width - width) <= kTolerance &&
        std::abs(size.length - length) <= kTolerance) {
      return size.name;
    }
  }
  return {};
}

}  // namespace platen::collector::core
