#include "tools/fleetsim/device_mib.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace platen::fleetsim {
namespace {

using snmp::Oid;
using snmp::Value;
using snmp::operator""_oid;
using std::chrono::minutes;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};
constexpr Oid kPrinter = "1.3.6.1.2.1.43"_oid;

// The recordings of the repository; a device of each.
class DeviceMibTest : public testing::Test {
 protected:
  DeviceMibTest()
      : models_(*LoadModels(std::string(std::getenv("PLATEN_SOURCE_DIR")) +
                            "/tests/testdata/printers")) {}

  Device Make(std::string_view model, std::uint32_t number = 41) {
    for (const PrinterModel& each : models_) {
      if (each.name().starts_with(model)) return Device(number, each, kStart);
    }
    ADD_FAILURE() << "no model " << model;
    return Device(number, models_[0], kStart);
  }

  static Value Read(const Device& device, const Oid& name, base::MonotonicTime now = kStart) {
    DeviceMib mib(device, now);
    const auto value = mib.Get(name);
    EXPECT_TRUE(value.has_value()) << name.ToString();
    return value.has_value() ? Value(*value) : Value();
  }

  static std::int64_t Number(const Device& device,
                             const Oid& name,
                             base::MonotonicTime now = kStart) {
    return Read(device, name, now).AsInteger().value_or(-99);
  }

  static std::string Text(const Device& device, const Oid& name) {
    return std::string(Read(device, name).view().AsBytes().value_or("no text"));
  }

  std::vector<PrinterModel> models_;
};

TEST_F(DeviceMibTest, RecordingsAreWholeAndComplete) {
  EXPECT_GE(models_.size(), 10u);
  for (const PrinterModel& model : models_) {
    EXPECT_EQ(model.recording().skipped, 0u) << model.name();
    EXPECT_FALSE(model.serial().empty()) << model.name();
    for (const Oid& needed : {"1.3.6.1.2.1.1.1.0"_oid,
                              "1.3.6.1.2.1.25.3.2.1.5.1"_oid,
                              "1.3.6.1.2.1.25.3.5.1.1.1"_oid,
                              "1.3.6.1.2.1.43.5.1.1.19.1"_oid,
                              "1.3.6.1.2.1.43.6.1.1.3.1.1"_oid,
                              "1.3.6.1.2.1.43.7.1.1.4.1.1"_oid,
                              "1.3.6.1.2.1.43.8.2.1.10.1.1"_oid,
                              "1.3.6.1.2.1.43.9.2.1.5.1.1"_oid,
                              "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid,
                              "1.3.6.1.2.1.43.11.1.1.9.1.1"_oid,
                              "1.3.6.1.2.1.43.12.1.1.4.1.1"_oid,
                              "1.3.6.1.2.1.43.16.5.1.2.1.1"_oid,
                              "1.3.6.1.2.1.43.17.6.1.5.1.1"_oid}) {
      EXPECT_NE(model.recording().Find(needed), nullptr)
          << model.name() << " lacks " << needed.ToString();
    }
  }
}

TEST_F(DeviceMibTest, UndisturbedSaysWhatWasRecordedButForWhatIsItsOwn) {
  for (const PrinterModel& model : models_) {
    const Device device(3, model, kStart);
    DeviceMib mib(device, kStart);
    std::set<std::size_t> own;
    for (const Unique& unique : model.uniques()) own.insert(unique.row);
    std::size_t row = 0;
    for (auto next = mib.Next(Oid{0, 0}); next.has_value(); ++row) {
      const auto& recorded = model.recording().rows.at(row);
      ASSERT_EQ(next->name, recorded.name.view()) << model.name();
      if (!own.contains(row)) {
        EXPECT_EQ(Value(next->value), recorded.value)
            << model.name() << " " << recorded.name.ToString();
      }
      const Oid at(next->name);
      next = mib.Next(at);
    }
    EXPECT_EQ(row, model.recording().rows.size());
  }
}

TEST_F(DeviceMibTest, HasASerialMacAndNameOfItsOwn) {
  const Device first = Make("brother", 0);
  const Device other = Make("brother", 299);
  const Oid mac = "1.3.6.1.2.1.2.2.1.6.1"_oid;

  EXPECT_EQ(Text(other, "1.3.6.1.2.1.43.5.1.1.17.1"_oid), "E77123K9N000300");
  EXPECT_EQ(Text(other, "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.1.0"_oid), "E77123K9N000300");
  EXPECT_NE(Text(other, "1.3.6.1.4.1.2435.2.3.9.1.1.7.0"_oid).find("SN:E77123K9N000300;"),
            std::string::npos);
  EXPECT_EQ(Text(other, mac), std::string("\x00\x80\x77\x00\x01\x2c", 6));
  EXPECT_EQ(Text(other, "1.3.6.1.2.1.1.5.0"_oid), "BRW00807700012C");
  EXPECT_NE(Text(first, mac), Text(other, mac));
  EXPECT_NE(Text(other, mac), Text(other, "1.3.6.1.2.1.2.2.1.6.2"_oid));
  EXPECT_EQ(DeviceMib(other, kStart).Serial(), "E77123K9N000300");
}

TEST_F(DeviceMibTest, AJamMovesEverythingTogether) {
  Device device = Make("kyocera");
  const std::int64_t events = Number(device, "1.3.6.1.2.1.43.5.1.1.19.1"_oid);
  device.Raise(kStart + minutes(1), Condition::kJam, 1);

  EXPECT_EQ(Number(device, "1.3.6.1.2.1.25.3.2.1.5.1"_oid), 5);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.25.3.5.1.1.1"_oid), 1);
  EXPECT_EQ(Text(device, "1.3.6.1.2.1.25.3.5.1.2.1"_oid), "\x04");
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.5.1.1.19.1"_oid), events + 1);
  EXPECT_EQ(Text(device, "1.3.6.1.2.1.43.16.5.1.2.1.1"_oid), "Paper jam       ");
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.17.6.1.2.1.3"_oid), 1);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.17.6.1.3.1.3"_oid), 0);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.10.2.1.15.1.1"_oid), 19);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.18.1.1.2.1.1"_oid), 3);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.18.1.1.7.1.1"_oid), 8);

  device.Clear(kStart + minutes(2), std::nullopt, std::nullopt);

  EXPECT_EQ(Number(device, "1.3.6.1.2.1.25.3.2.1.5.1"_oid), 2);
  EXPECT_EQ(Text(device, "1.3.6.1.2.1.25.3.5.1.2.1"_oid), std::string(1, '\0'));
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.5.1.1.19.1"_oid), events + 1);
  EXPECT_FALSE(DeviceMib(device, kStart).Get("1.3.6.1.2.1.43.18.1.1.2.1.1"_oid).has_value());
}

TEST_F(DeviceMibTest, CoversTraysAndSuppliesShowTheirOwnTrouble) {
  Device device = Make("lexmark");
  device.Raise(kStart, Condition::kCoverOpen, 1);
  device.Raise(kStart, Condition::kPaperOut, 2);
  device.Raise(kStart, Condition::kTonerLow, 4);
  device.Raise(kStart, Condition::kService, 1);

  EXPECT_EQ(Number(device, kPrinter.Child({6, 1, 1, 3, 1, 1})), 5);  // An interlock.
  EXPECT_EQ(Number(device, kPrinter.Child({6, 1, 1, 3, 1, 2})), 6);
  EXPECT_EQ(Number(device, kPrinter.Child({8, 2, 1, 10, 1, 2})), 0);
  EXPECT_EQ(Number(device, kPrinter.Child({8, 2, 1, 11, 1, 2})), 17);
  EXPECT_EQ(Number(device, kPrinter.Child({8, 2, 1, 11, 1, 1})), 0);
  EXPECT_EQ(Number(device, kPrinter.Child({11, 1, 1, 9, 1, 4})), 255);
  EXPECT_EQ(Text(device, "1.3.6.1.2.1.25.3.5.1.2.1"_oid), std::string("\x69\x00", 2));
  EXPECT_EQ(Text(device, kPrinter.Child({18, 1, 1, 8, 1, 2})), "Tray 2 is empty");
  EXPECT_EQ(Text(device, kPrinter.Child({18, 1, 1, 8, 1, 3})), "Black Cartridge is low");
}

TEST_F(DeviceMibTest, InkHasCodesOfItsOwn) {
  Device device = Make("epson");
  device.Raise(kStart, Condition::kTonerLow, 1);

  EXPECT_EQ(Number(device, kPrinter.Child({18, 1, 1, 7, 1, 1})), 1105);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.25.3.2.1.5.1"_oid), 3);
  EXPECT_EQ(Text(device, "1.3.6.1.2.1.25.3.5.1.2.1"_oid),
            " ");  // 0x20, where nothing was recorded.
}

TEST_F(DeviceMibTest, WalksItsAlertTableInOrder) {
  Device device = Make("ricoh");
  for (const std::uint32_t tray : {1u, 2u, 3u}) device.Raise(kStart, Condition::kPaperLow, tray);
  DeviceMib mib(device, kStart);
  std::vector<Oid> names;
  for (auto next = mib.Next(Oid{0, 0}); next.has_value(); next = mib.Next(names.back())) {
    names.emplace_back(next->name);
    ASSERT_LT(names.size(), 10000u);
  }

  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(names.size(), device.model().recording().rows.size() + 3 * 9);
  for (const Oid& name : names) EXPECT_TRUE(mib.Get(name).has_value()) << name.ToString();
}

TEST_F(DeviceMibTest, CountsPagesWhereverTheMakerDoes) {
  Device device = Make("brother");
  const std::int64_t life = Number(device, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid);
  const std::string records = Text(device, "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"_oid);
  device.PrintAtOnce(300);

  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid), life + 300);
  EXPECT_EQ(Number(device, "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.52.21.1.3.1"_oid), 39113 + 300);
  const std::string after = Text(device, "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"_oid);
  ASSERT_EQ(after.size(), records.size());
  const auto number = [&](std::size_t record) {
    std::uint32_t value = 0;
    for (std::size_t i = 3; i < 7; ++i)
      value = value << 8 | static_cast<std::uint8_t>(after[7 * record + i]);
    return value;
  };
  EXPECT_EQ(number(0), 48213u + 300);
  EXPECT_EQ(number(1), 30101u + 200);
  EXPECT_EQ(number(2), 18112u + 100);
}

TEST_F(DeviceMibTest, CountsSheetsWhereTheLifeCountIsInSheets) {
  Device device = Make("ricoh");
  const std::int64_t life = Number(device, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid);
  device.PrintAtOnce(100);

  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid), life + 75);
}

TEST_F(DeviceMibTest, UsesSuppliesAndPaperUpAndRefillsThem) {
  Device device = Make("konica");
  device.SetPrintRate(kStart, 60);
  const Oid toner = kPrinter.Child({11, 1, 1, 9, 1, 4});
  const Oid tray = kPrinter.Child({8, 2, 1, 10, 1, 1});
  const std::int64_t toner_before = Number(device, toner);
  const std::int64_t tray_before = Number(device, tray);

  EXPECT_LT(Number(device, tray, kStart + minutes(1)), tray_before);
  EXPECT_LT(Number(device, toner, kStart + minutes(20)), toner_before);
  for (int hour = 0; hour < 100; ++hour) {
    const base::MonotonicTime now = kStart + std::chrono::hours(hour);
    EXPECT_GE(Number(device, toner, now), 20);
    EXPECT_LE(Number(device, toner, now), 100);
    EXPECT_GE(Number(device, tray, now), 100);
    EXPECT_LE(Number(device, tray, now), 500);
  }
}

TEST_F(DeviceMibTest, AfterARebootItsEventsAndPowerOnCountStartAnew) {
  Device device = Make("hp");
  device.PrintAtOnce(10);
  device.Reboot(kStart + minutes(1));
  device.PrintAtOnce(3);
  const base::MonotonicTime now = kStart + minutes(2);

  EXPECT_EQ(Number(device, "1.3.6.1.2.1.1.3.0"_oid, now), 6000);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.5.1.1.19.1"_oid, now), 0);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.10.2.1.5.1.1"_oid, now), 3);
  EXPECT_EQ(Number(device, "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid, now), 96410 + 13);
}

TEST_F(DeviceMibTest, ANewSupplyIsFullAndEmptiesAgain) {
  Device device = Make("xerox");
  const Oid level = "1.3.6.1.2.1.43.11.1.1.9.1.1"_oid;
  const Oid capacity = "1.3.6.1.2.1.43.11.1.1.8.1.1"_oid;
  ASSERT_LT(Number(device, level), Number(device, capacity));

  device.ReplaceSupply(kStart, 1);

  EXPECT_EQ(Number(device, level), Number(device, capacity));
  device.PrintAtOnce(2000);
  EXPECT_EQ(Number(device, level), Number(device, capacity) * 9 / 10);
}

TEST_F(DeviceMibTest, AnotherBoardCountsFromZeroAndIsTheSamePrinter) {
  Device device = Make("xerox");
  const Oid count = "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid;
  const std::string serial = DeviceMib(device, kStart).Serial();
  device.PrintAtOnce(20);

  device.SwapBoard(kStart);

  EXPECT_EQ(Read(device, count).AsUnsigned(), 0u);
  device.PrintAtOnce(7);
  EXPECT_EQ(Read(device, count).AsUnsigned(), 7u);
  EXPECT_EQ(DeviceMib(device, kStart).Serial(), serial);
}

TEST_F(DeviceMibTest, ADeviceAnswersAsAnotherUntilItIsItselfAgain) {
  Device device = Make("xerox", 4);
  const Device other = Make("xerox", 9);
  const Oid count = "1.3.6.1.2.1.43.10.2.1.4.1.1"_oid;
  const auto own = Read(device, count).AsUnsigned();

  device.Become(kStart, 9);

  EXPECT_EQ(DeviceMib(device, kStart).Serial(), DeviceMib(other, kStart).Serial());
  EXPECT_NE(Read(device, count).AsUnsigned(), own);
  device.Become(kStart, 4);
  EXPECT_EQ(Read(device, count).AsUnsigned(), own);
}

}  // namespace
}  // namespace platen::fleetsim
