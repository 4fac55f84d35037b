#include "services/collector/core/record_press.h"

#include <string>

#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

std::string Noise(std::uint64_t seed, std::size_t size) {
  base::Random random(seed);
  std::string bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random.Below(256)));
  return bytes;
}

// A record as another one of `model` has it, but for its own name and counters.
struct Printer {
  Printer(std::uint64_t model, std::uint64_t number)
      : target(base::StrCat("acme/hq/192.0.2.", number)),
        state(base::StrCat(Noise(model, 1500), "X", number * 7919, Noise(model + 1000, 500))) {}

  OpenRecord record() const { return {.target = target, .state = state}; }

  std::string target;
  std::string state;
};

void ExpectSame(const OpenRecord& opened, const Printer& printer) {
  EXPECT_EQ(opened.target, printer.target);
  EXPECT_EQ(opened.state, printer.state);
}

TEST(RecordPressTest, GivesBackWhatItWasGivenWhateverElseItHasPressedSince) {
  RecordPress press;
  std::vector<std::pair<Printer, PressedRecord>> fleet;
  for (std::uint64_t number = 0; number < 60; ++number) {
    const Printer printer(number % 5, number);
    fleet.emplace_back(printer, press.Press(printer.record(), number % 5));
  }
  EXPECT_EQ(press.dictionaries(), 5);
  for (const auto& [printer, pressed] : fleet) ExpectSame(press.Open(pressed), printer);
}

TEST(RecordPressTest, APrinterOfAModelThatIsKnownTakesATenth) {
  RecordPress press;
  for (std::uint64_t number = 0; number < RecordPress::kSeenAtLeast; ++number) {
    (void)press.Press(Printer(1, number).record(), 1);
  }
  const Printer another(1, 4711);
  EXPECT_LT(press.Press(another.record(), 1).pressed_size, another.state.size() / 10);
}

TEST(RecordPressTest, WhatIsNotLikeItsKindIsKeptAllTheSame) {
  RecordPress press;
  for (std::uint64_t number = 0; number < 10; ++number) {
    const Printer printer(number, number);  // All different, and said to be alike.
    ExpectSame(press.Open(press.Press(printer.record(), 1)), printer);
  }
}

TEST(RecordPressTest, EmptyPartsStayEmpty) {
  RecordPress press;
  for (int i = 0; i < 10; ++i) {
    const PressedRecord nothing = press.Press({}, 0);
    EXPECT_TRUE(press.Open(nothing).target.empty());
    EXPECT_TRUE(press.Open(nothing).state.empty());
    const PressedRecord fresh = press.Press({.target = "acme/hq", .state = {}}, 0);
    EXPECT_EQ(press.Open(fresh).target, "acme/hq");
    EXPECT_TRUE(press.Open(fresh).state.empty());
  }
  EXPECT_EQ(press.Open({}).target, "");
}

TEST(RecordPressTest, PressesWhatIsOpen) {
  RecordPress press;
  const Printer printer(1, 1);
  PressedRecord pressed = press.Press(printer.record(), 1);
  for (int i = 0; i < 10; ++i) pressed = press.Press(press.Open(pressed), 1);
  ExpectSame(press.Open(pressed), printer);
}

TEST(RecordPressTest, ModelsBeyondItsBoundArePressedAlone) {
  RecordPress press;
  for (std::uint64_t kind = 0; kind < RecordPress::kDictionariesMax + 50; ++kind) {
    for (std::uint64_t number = 0; number < RecordPress::kSeenAtLeast; ++number) {
      const Printer printer(kind, number);
      ExpectSame(press.Open(press.Press(printer.record(), kind)), printer);
    }
  }
  EXPECT_EQ(press.dictionaries(), RecordPress::kDictionariesMax);
}

}  // namespace
}  // namespace platen::collector::core
