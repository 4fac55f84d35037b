// A snapshot as a page for people: what `probe` and `explain` print on a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platen/event/v1/device.pb.h"

#include "services/collector/core/trace.h"

namespace platen::collector::core {

struct ReportStyle {
  bool colour = false;  // ANSI colours.
  bool unicode = true;  // Block characters; '#' and '.' otherwise.
};

// The whole page; ends with a line break.
std::string Report(const event::v1::DeviceSnapshot& snapshot, const ReportStyle& style);

// One line, without a line break: address, model, serial, state, the lowest supply.
std::string ReportLine(const event::v1::DeviceSnapshot& snapshot, const ReportStyle& style);

// Field, OID, what was sent, and the rule of every value, in columns.
std::string TraceTable(const Trace& trace, const ReportStyle& style);

// Columns that `text` takes on a terminal: Chinese, Japanese and Korean characters take two.
std::size_t DisplayWidth(std::string_view utf8);

}  // namespace platen::collector::core
