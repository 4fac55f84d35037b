// What a printed test set should do to a printer's counters, and what it did.
//
// A test set is a few jobs whose numbers of pages add up to a different sum for each way of
// counting them, so that a counter shows by how much it moves what it counts. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/meter.pb.h"

#include "absl/status/statusor.h"

namespace platen::platenctl {

// Pages that are made in one way. A page is one side of a document.
struct TestJob {
  platen::event::v1::MeterFunction function = platen::event::v1::METER_FUNCTION_PRINT;
  bool colour = false;
  bool two_sided = false;
  bool large = false;
  std::string media_size = "iso_a4_210x297mm";  // PWG 5101.1.
  std::uint64_t pages = 0;
};

inline constexpr std::string_view kDefaultTestSet =
    "7 print mono; 13 print colour; 4 print mono two-sided";

// "7 print mono; 4 copy colour two-sided a3": jobs with semicolons between, each of words in any
// order. What is left out is print, mono, one-sided, a4. kInvalidArgument names the word, or says
// what is missing.
absl::StatusOr<std::vector<TestJob>> ParseTestSet(std::string_view text);

// "7 pages: print, black and white, one-sided, A4".
std::string JobWords(const TestJob& job);

enum class CounterFit : std::uint8_t {
  kFits,       // It moved as it should have.
  kDoesNot,    // It moved otherwise.
  kNotTested,  // The set has nothing that it counts, and it stood still.
  kNotThere,   // In one of the two readings only.
  kNotJudged,  // It counts what a test set can't say, or one of its values can't be trusted.
};

// "fits", "does not fit", …
std::string_view FitWord(CounterFit fit);

// One counter, before and after.
struct CounterCheck {
  platen::event::v1::Meter meter;         // Of the later reading that has it.
  std::optional<std::uint64_t> expected;  // By how much it should have moved.
  std::optional<std::int64_t> moved;      // By how much it did.
  CounterFit fit = CounterFit::kNotJudged;
  std::string note;  // Why, or what it looks like instead; empty where there is nothing to say.
};

// Every counter of both readings, in their order; the same counter is the one with the same rule
// and OID.
std::vector<CounterCheck> CheckCounters(const platen::event::v1::MeterReading& before,
                                        const platen::event::v1::MeterReading& after,
                                        std::span<const TestJob> jobs);

// What to write into the maker's profile for the counters that fit and are assumed so far; empty
// where there are none. `how`: "MFC-L8900CDW, firmware 1.4, 2026-01-31".
std::string ProfileLines(std::span<const CounterCheck> checks, std::string_view how);

}  // namespace platen::platenctl
