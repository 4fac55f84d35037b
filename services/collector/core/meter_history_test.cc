#include "services/collector/core/meter_history.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/random.h"

namespace platen::collector::core {
namespace {

using event::v1::Meter;
using event::v1::ReadingQuality;

constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);

using Meters = google::protobuf::RepeatedPtrField<Meter>;

Meter Total(std::uint64_t value, std::string_view oid = "1.3.6.1.2.1.43.10.2.1.4.1.1") {
  Meter meter;
  meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
  meter.mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
  meter.mutable_kind()->set_size(event::v1::SIZE_CLASS_ALL);
  meter.mutable_kind()->set_sides(event::v1::SIDES_CLASS_ALL);
  meter.mutable_kind()->set_unit(event::v1::METER_UNIT_IMPRESSIONS);
  meter.set_source(event::v1::METER_SOURCE_STANDARD);
  meter.set_oid(std::string(oid));
  meter.set_value(value);
  return meter;
}

Meter Copies(std::uint64_t value) {
  Meter meter = Total(value, "1.3.6.1.4.1.9.1");
  meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_COPY);
  meter.set_source(event::v1::METER_SOURCE_VENDOR);
  return meter;
}

using Qualities = std::vector<int>;

Qualities QualityOf(const Meter& meter) {
  return {meter.quality().begin(), meter.quality().end()};
}

class MeterHistoryTest : public ::testing::Test {
 protected:
  // The judged counters of a reading an hour after the one before.
  std::vector<Meter> Read(const std::vector<Meter>& meters) {
    now_ += std::chrono::hours(1);
    Meters judged(meters.begin(), meters.end());
    left_out_ = JudgeMeters({serial_, now_, bounds_}, judged, history_).left_out;
    return {judged.begin(), judged.end()};
  }

  // The total's. Another counter keeps a total of 0 from being a reading of nothing but zeros.
  Meter ReadTotal(std::uint64_t value) { return Read({Total(value), Copies(7)}).front(); }

  // As another collector gets it, from the log.
  void HandOver() {
    collector::v1::MeterHistory restored;
    ASSERT_TRUE(restored.ParseFromString(history_.SerializeAsString()));
    history_ = restored;
  }

  std::string serial_ = "S1";
  base::WallTime now_ = kStart;
  const CounterBounds* bounds_ = nullptr;
  collector::v1::MeterHistory history_;
  std::size_t left_out_ = 0;
};

TEST_F(MeterHistoryTest, TheFirstValueIsABase) {
  const Meter first = ReadTotal(4711);
  EXPECT_EQ(first.epoch(), 1u);
  EXPECT_TRUE(IsChargeable(first));
}

TEST_F(MeterHistoryTest, AnEqualAndAHigherValueFollow) {
  ReadTotal(4711);
  for (const std::uint64_t value : {4711U, 4720U}) {
    const Meter meter = ReadTotal(value);
    EXPECT_EQ(meter.epoch(), 1u);
    EXPECT_EQ(QualityOf(meter), Qualities());
  }
}

TEST_F(MeterHistoryTest, AFallWithinTheSaveStepIsARollBackAndTheHighestStandsUntilPassed) {
  ReadTotal(4711);
  for (const std::uint64_t value : {4701U, 4710U}) {
    const Meter meter = ReadTotal(value);
    EXPECT_EQ(meter.epoch(), 1u);
    EXPECT_EQ(QualityOf(meter), Qualities({event::v1::READING_QUALITY_ROLLED_BACK}));
    EXPECT_FALSE(IsChargeable(meter));
  }
  EXPECT_TRUE(IsChargeable(ReadTotal(4711)));
}

TEST_F(MeterHistoryTest, AMakersOwnBoundsAreTakenWhereTheProfileHasThem) {
  const CounterBounds bounds{.save_step = 1, .impressions_per_minute = 10, .wraps = {5000}};
  bounds_ = &bounds;
  ReadTotal(4711);
  EXPECT_EQ(QualityOf(ReadTotal(4710)), Qualities({event::v1::READING_QUALITY_ROLLED_BACK}));
  EXPECT_EQ(QualityOf(ReadTotal(4709)),
            Qualities({event::v1::READING_QUALITY_IMPLAUSIBLE,
                       event::v1::READING_QUALITY_EPOCH_PROPOSED}));
  HandOver();
  EXPECT_EQ(QualityOf(ReadTotal(4990)), Qualities());
  EXPECT_EQ(
      QualityOf(ReadTotal(10)),
      Qualities({event::v1::READING_QUALITY_WRAPPED, event::v1::READING_QUALITY_EPOCH_PROPOSED}));
  EXPECT_EQ(QualityOf(ReadTotal(6900)),
            Qualities({event::v1::READING_QUALITY_IMPLAUSIBLE,
                       event::v1::READING_QUALITY_EPOCH_PROPOSED}));
}

TEST_F(MeterHistoryTest, AFallNearZeroProposesAnEpochThatStaysProposed) {
  ReadTotal(4711);
  for (const std::uint64_t value : {0U, 12U, 4000U, 4700U, 4711U, 4720U, 9000U}) {
    const Meter meter = ReadTotal(value);
    EXPECT_EQ(meter.epoch(), 2u) << value;
    EXPECT_EQ(QualityOf(meter), Qualities({event::v1::READING_QUALITY_EPOCH_PROPOSED})) << value;
  }
}

TEST_F(MeterHistoryTest, AFallToTheMiddleIsImplausibleToo) {
  ReadTotal(4711);
  EXPECT_EQ(QualityOf(ReadTotal(3000)),
            Qualities({event::v1::READING_QUALITY_IMPLAUSIBLE,
                       event::v1::READING_QUALITY_EPOCH_PROPOSED}));
}

TEST_F(MeterHistoryTest, OneOddValueEndsWithTheCounterThatGoesOn) {
  ReadTotal(4711);
  for (const std::uint64_t odd : {0U, 4'000'000'000U}) {
    EXPECT_FALSE(IsChargeable(ReadTotal(odd)));
    const Meter back = ReadTotal(4720);
    EXPECT_EQ(back.epoch(), 1u);
    EXPECT_TRUE(IsChargeable(back));
  }
  EXPECT_EQ(ReadTotal(3).epoch(), 4u);  // 2 and 3 were said.
}

TEST_F(MeterHistoryTest, EveryKnownBoundIsAWrap) {
  for (const std::uint64_t bound : {1'000'000ULL, 1ULL << 24, 1ULL << 32}) {
    history_.Clear();
    ReadTotal(bound - 20);
    const Meter wrapped = ReadTotal(15);
    EXPECT_EQ(wrapped.epoch(), 2u);
    EXPECT_EQ(
        QualityOf(wrapped),
        Qualities({event::v1::READING_QUALITY_WRAPPED, event::v1::READING_QUALITY_EPOCH_PROPOSED}));
    EXPECT_FALSE(IsChargeable(ReadTotal(40)));
  }
}

TEST_F(MeterHistoryTest, MoreThanTheEnginePrintsIsImplausibleHoweverOftenItIsRead) {
  ReadTotal(4711);
  EXPECT_EQ(QualityOf(ReadTotal(5'000'000)),
            Qualities({event::v1::READING_QUALITY_IMPLAUSIBLE,
                       event::v1::READING_QUALITY_EPOCH_PROPOSED}));
  now_ += std::chrono::hours(24 * 365);  // In a year, an engine could.
  EXPECT_FALSE(IsChargeable(ReadTotal(5'000'000)));
  EXPECT_FALSE(IsChargeable(ReadTotal(5'000'010)));
}

TEST_F(MeterHistoryTest, AfterALongSilenceTheSameRiseIsPlausible) {
  ReadTotal(4711);
  now_ += std::chrono::hours(24 * 30);
  EXPECT_TRUE(IsChargeable(ReadTotal(500'000)));
}

TEST_F(MeterHistoryTest, AClockThatWasSetBackSaysNothingOfSpeed) {
  ReadTotal(4711);
  now_ -= std::chrono::hours(100);
  EXPECT_TRUE(IsChargeable(ReadTotal(9000)));
}

TEST_F(MeterHistoryTest, AReadingOfNothingButZerosIsNoReading) {
  Read({Total(4711), Copies(7)});
  for (const Meter& meter : Read({Total(0), Copies(0)})) {
    EXPECT_EQ(meter.epoch(), 1u);
    EXPECT_EQ(QualityOf(meter), Qualities({event::v1::READING_QUALITY_IMPLAUSIBLE}));
  }
  EXPECT_TRUE(IsChargeable(Read({Total(4712), Copies(7)}).front()));
}

TEST_F(MeterHistoryTest, ZerosAreNoBase) {
  EXPECT_FALSE(IsChargeable(Read({Total(0), Copies(0)}).front()));
  Read({Total(4711), Copies(7)});
  EXPECT_EQ(history_.meters(0).good().value(), 4711u);
}

TEST_F(MeterHistoryTest, AnotherSerialNumberProposesAnEpochUntilTheFirstIsBack) {
  ReadTotal(4711);
  serial_ = "S2";
  EXPECT_EQ(ReadTotal(4715).epoch(), 2u);
  EXPECT_FALSE(IsChargeable(ReadTotal(4800)));
  serial_ = "";  // Not said this time.
  EXPECT_EQ(ReadTotal(4810).epoch(), 2u);
  serial_ = "S3";
  EXPECT_EQ(ReadTotal(4820).epoch(), 3u);
  serial_ = "S1";
  EXPECT_EQ(ReadTotal(4720).epoch(), 1u);
}

TEST_F(MeterHistoryTest, AnotherOidForTheSameCounterProposesAnEpoch) {
  Read({Total(4711)});
  const Meter other = Read({Total(4712, "1.3.6.1.4.1.9.2")}).front();
  EXPECT_EQ(QualityOf(other), Qualities({event::v1::READING_QUALITY_EPOCH_PROPOSED}));
  EXPECT_TRUE(IsChargeable(Read({Total(4713)}).front()));
}

TEST_F(MeterHistoryTest, CountersOfOneKindAreToldApartByTheirOid) {
  Read({Total(100, "1.1"), Total(9000, "1.2")});
  const auto swapped = Read({Total(9001, "1.2"), Total(101, "1.1")});
  EXPECT_TRUE(IsChargeable(swapped[0]));
  EXPECT_TRUE(IsChargeable(swapped[1]));
}

TEST_F(MeterHistoryTest, ACounterThatIsMissingKeepsItsHistory) {
  Read({Total(4711), Copies(1000)});
  Read({Copies(1001)});
  EXPECT_EQ(Read({Total(12), Copies(1001)}).front().epoch(), 2u);
}

TEST_F(MeterHistoryTest, CountersBeyondTheBoundAreCountedAndNotCharged) {
  std::vector<Meter> meters;
  for (std::uint32_t department = 1; department <= kMetersKept + 2; ++department) {
    meters.push_back(Total(department));
    meters.back().mutable_kind()->set_department(department);
  }
  const auto judged = Read(meters);
  EXPECT_EQ(left_out_, 2u);
  EXPECT_EQ(judged.back().epoch(), 0u);
  EXPECT_FALSE(IsChargeable(judged.back()));
  EXPECT_EQ(history_.meters_size(), kMetersKept);
}

TEST_F(MeterHistoryTest, AHandedOverHistoryJudgesAlike) {
  const std::vector<std::uint64_t> values{
      4711, 4705, 4711, 0, 12, 4720, 4730, 5'000'000, 4731, 999'990, 20, 20, 40};
  std::vector<std::string> kept;
  for (const bool hand_over : {false, true}) {
    history_.Clear();
    now_ = kStart;
    std::vector<std::string> said;
    for (const std::uint64_t value : values) {
      if (hand_over) HandOver();
      said.push_back(ReadTotal(value).DebugString());
    }
    if (hand_over) {
      EXPECT_EQ(said, kept);
    }
    kept = said;
  }
}

// --- Whatever happens to a device, nobody pays for a page that was not printed -------------------

// A printer with one counter, and the things that happen to counters.
class Printer {
 public:
  explicit Printer(base::Random& random) : random_(random), value_(random.Below(2'000'000) + 1) {}

  void Live(base::Duration passed) {
    const auto minutes = static_cast<std::uint64_t>(base::ToMillis(passed) / 60'000);
    const std::uint64_t most = random_.Below(4) == 0 ? minutes * 60 : minutes;
    const std::uint64_t pages = random_.Below(most + 1);
    printed_ += pages;
    value_ += pages;
    if (value_ >= wrap_) value_ -= wrap_;
    switch (random_.Below(40)) {
      case 0:  // The power was cut: the last pages are forgotten.
        value_ -= std::min(value_, random_.Below(CounterBounds().save_step + 1));
        break;
      case 1:  // NVRAM cleared.
        value_ = random_.Below(20);
        break;
      case 2:  // Another board, with its own number: any value.
        Swap(static_cast<int>(random_.Below(5)));
        break;
      case 3:  // Another board without one: what it reads is below, or beyond what could be
               // printed.
        value_ = random_.Below(2) == 0 ? value_ / 2 : value_ + 3'000'000'000;
        if (value_ >= wrap_) value_ = 0;
        break;
      case 4:
        wrap_ = value_ < 1'000'000 ? 1'000'000 : value_ < (1U << 24) ? 1U << 24 : 1ULL << 32;
        break;
      default:
        break;
    }
  }

  std::uint64_t value() const { return value_; }

  std::uint64_t printed() const { return printed_; }

  std::string serial() const { return "S" + std::to_string(board_); }

 private:
  // Boards keep their counters while they lie on the shelf.
  void Swap(int board) {
    shelf_[board_] = value_;
    board_ = board;
    const auto kept = shelf_.find(board);
    value_ = kept != shelf_.end() ? kept->second : random_.Below(4'000'000);
  }

  base::Random& random_;
  std::uint64_t value_;
  std::uint64_t wrap_ = 1ULL << 32;
  std::uint64_t printed_ = 0;
  int board_ = 0;
  std::map<int, std::uint64_t> shelf_;
};

// Charges as the contract says: the difference of two chargeable values of one epoch.
class Bill {
 public:
  void Add(const Meter& meter) {
    if (!IsChargeable(meter)) return;
    if (last_.has_value() && last_->epoch() == meter.epoch()) {
      ASSERT_GE(meter.value(), last_->value());
      pages_ += meter.value() - last_->value();
    }
    last_ = meter;
  }

  std::uint64_t pages() const { return pages_; }

 private:
  std::optional<Meter> last_;
  std::uint64_t pages_ = 0;
};

TEST(MeterHistoryPropertyTest, NobodyPaysForMoreThanWasPrinted) {
  std::uint64_t charged = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    base::Random random(seed);
    Printer printer(random);
    Bill bill;
    collector::v1::MeterHistory history;
    base::WallTime now = kStart;
    for (int i = 0; i < 100; ++i) {
      const base::Duration passed = std::chrono::minutes(5 + random.Below(600));
      now += passed;
      printer.Live(passed);
      if (random.Below(5) == 0) continue;  // Nobody asked, or nothing arrived.
      if (random.Below(5) == 0) history.ParseFromString(history.SerializeAsString());
      const bool zeros = random.Below(30) == 0;
      const std::string serial = printer.serial();
      Meters meters;
      *meters.Add() = Total(zeros ? 0 : printer.value());
      JudgeMeters({serial, now}, meters, history);
      const int times = random.Below(10) == 0 ? 2 : 1;
      for (int time = 0; time < times; ++time) bill.Add(meters[0]);
    }
    EXPECT_LE(bill.pages(), printer.printed()) << "seed " << seed;
    charged += bill.pages();
  }
  EXPECT_GT(charged, 0u);
}

}  // namespace
}  // namespace platen::collector::core
