#include "services/collector/edge/spool_log.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/collector/edge/spool_fixture.h"

namespace platen::collector::edge {
namespace {

using event::v1::Event;
using event::v1::LANE_ALERTS;
using event::v1::LANE_LOGS;
using event::v1::LANE_TELEMETRY;

class SpoolLogTest : public testing::Test {
 protected:
  SpoolLogTest() { Open(); }

  void Open() {
    log_.reset();
    auto opened = SpoolLog::Open(options_, wall_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    log_ = *std::move(opened);
  }

  // Stamps and adds.
  Event Add(Event event) {
    EXPECT_TRUE(sequencer_.Stamp(event).ok());
    log_->Add(event, event.device_id()[0], ++last_token_);
    return event;
  }

  void Flush() {
    now_ += std::chrono::seconds(2);
    log_->Flush(now_, wall_, ended_);
  }

  std::size_t ended() const { return ended_.events.size(); }

  // Numbers of the lane's events that can be given out.
  std::vector<std::uint64_t> Numbers(event::v1::Lane lane) {
    std::vector<SpoolRow> rows;
    EXPECT_TRUE(log_->Take(lane, 100'000, rows).ok());
    std::vector<std::uint64_t> numbers;
    for (const SpoolRow& row : rows) numbers.push_back(row.sequence);
    log_->TakeBack();
    return numbers;
  }

  std::uint64_t Lost(event::v1::Lane lane, SpoolLoss loss) {
    return log_->figures().lost[core::PlaceOf(lane)][static_cast<std::size_t>(loss)];
  }

  testing_support::TemporaryDirectory directory_;
  SpoolLogOptions options_{.file = directory_.File("spool.sqlite"), .instance = "c-1"};
  event::Sequencer sequencer_{"c-1", 7};
  std::unique_ptr<SpoolLog> log_;
  std::uint64_t last_token_ = 0;
  base::MonotonicTime now_{std::chrono::seconds(100)};
  base::WallTime wall_ = base::WallFromMillis(1'000'000);
  SpoolLog::Ended ended_;
};

TEST_F(SpoolLogTest, WhatHasEndedIsThereInTheNextLifeAsItWas) {
  const Event first = Add(Reading('a', 1));
  const Event second = Add(Reading('b', 1));
  EXPECT_EQ(ended(), 0u) << "nothing is durable yet";
  Flush();
  EXPECT_EQ(ended(), 2u);
  Add(Reading('a', 2));  // Never written.

  Open();

  std::vector<SpoolRow> rows;
  ASSERT_TRUE(log_->Take(LANE_TELEMETRY, 10, rows).ok());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].bytes, first.SerializeAsString());
  EXPECT_EQ(rows[1].bytes, second.SerializeAsString());
  EXPECT_EQ(rows[0].epoch, 7u);
}

TEST_F(SpoolLogTest, AnEventLeavesWhenItWasDeliveredAndNotBefore) {
  Add(Alert('a', 1));
  Add(Alert('a', 2));
  Flush();
  std::vector<SpoolRow> rows;
  ASSERT_TRUE(log_->Take(LANE_ALERTS, 10, rows).ok());
  EXPECT_FALSE(log_->IsWaiting(LANE_ALERTS));
  log_->Delivered(rows[0].id);
  Flush();

  Open();

  EXPECT_EQ(Numbers(LANE_ALERTS), std::vector<std::uint64_t>{2});
}

TEST_F(SpoolLogTest, WhatIsFullGivesUpLogsThenOldReadingsThenAlerts) {
  options_.bytes_max = 12 * SpoolSizeOf(Add(Reading('a', 0)).ByteSizeLong() + 30);
  Open();
  for (int i = 1; i <= 4; ++i) {
    Add(Log('a', static_cast<std::uint64_t>(i)));
    Add(Reading('a', static_cast<std::uint64_t>(i)));
    Add(Alert('a', static_cast<std::uint64_t>(i)));
  }
  Flush();
  ASSERT_EQ(Numbers(LANE_LOGS).size(), 4u);

  for (std::uint64_t i = 5; i <= 9; ++i) Add(Alert('b', i));
  Flush();

  EXPECT_EQ(Numbers(LANE_ALERTS).size(), 9u);
  EXPECT_TRUE(Numbers(LANE_LOGS).empty());
  EXPECT_EQ(Lost(LANE_LOGS, SpoolLoss::kFull), 4u);
  ASSERT_FALSE(Numbers(LANE_TELEMETRY).empty());
  EXPECT_EQ(Numbers(LANE_TELEMETRY).back(), 5u) << "the newest stays";
  EXPECT_LE(log_->figures().bytes, options_.bytes_max);

  for (std::uint64_t i = 10; i <= 40; ++i) Add(Alert('b', i));
  Add(Log('a', 99));
  Flush();
  EXPECT_TRUE(Numbers(LANE_TELEMETRY).empty());
  EXPECT_TRUE(Numbers(LANE_LOGS).empty());
  EXPECT_EQ(Numbers(LANE_ALERTS).back(), 40u) << "an older alert gives way to a newer one";
  EXPECT_EQ(ended(), 12u + 5u + 31u + 1u) << "what gave way has ended as well";
}

TEST_F(SpoolLogTest, WhatKafkaMayHaveAlreadyIsNotGivenUp) {
  options_.bytes_max = 4 * SpoolSizeOf(Add(Reading('a', 0)).ByteSizeLong() + 30);
  Open();
  for (std::uint64_t i = 1; i <= 4; ++i) Add(Reading('a', i));
  Flush();
  std::vector<SpoolRow> given;
  ASSERT_TRUE(log_->Take(LANE_TELEMETRY, 2, given).ok());
  ASSERT_EQ(given.size(), 2u);

  for (std::uint64_t i = 5; i <= 6; ++i) Add(Reading('a', i));
  Flush();

  log_->TakeBack();
  const std::vector<std::uint64_t> left = Numbers(LANE_TELEMETRY);
  EXPECT_EQ(left.front(), given[0].sequence);
  EXPECT_EQ(left[1], given[1].sequence);
  EXPECT_EQ(left.back(), 7u);
}

TEST_F(SpoolLogTest, NumbersThatWereGivenUpAreOneGapUntilItsReportIsInTheSpool) {
  options_.bytes_max = 3 * SpoolSizeOf(Add(Reading('a', 0)).ByteSizeLong() + 30);
  Open();
  for (std::uint64_t i = 1; i <= 9; ++i) Add(Reading('a', i));
  Flush();
  Open();  // Gaps outlive the process.

  std::vector<Event> said = log_->TakeGaps(wall_);

  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].gap().reason(), event::v1::Gap::REASON_SHED);
  EXPECT_EQ(said[0].gap().stream(), "c-1/7/telemetry/default");
  EXPECT_EQ(said[0].gap().first(), 2u);
  EXPECT_EQ(said[0].gap().last() - said[0].gap().first() + 1, 9 - Numbers(LANE_TELEMETRY).size());
  EXPECT_TRUE(log_->TakeGaps(wall_).empty()) << "once in a life";

  options_.bytes_max = 1u << 20;
  Open();
  said = log_->TakeGaps(wall_);
  ASSERT_EQ(said.size(), 1u) << "its report was not durable";
  Add(said[0]);
  Flush();
  Open();
  EXPECT_TRUE(log_->TakeGaps(wall_).empty());
  EXPECT_EQ(Numbers(LANE_ALERTS).size(), 1u);
}

TEST_F(SpoolLogTest, NoEventOvertakesOneOfItsDeviceWhoseStateIsNotShared) {
  Add(Alert('a', 1));
  Add(Alert('b', 1));
  Flush();
  log_->AddState({.partition = 'a', .key = DeviceOf('a'), .term = 5, .value = "s"}, ++last_token_);
  Flush();
  std::vector<SpoolRow> rows;
  ASSERT_TRUE(log_->Take(LANE_ALERTS, 10, rows).ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].device, DeviceOf('b'));
  Add(Alert('a', 2));
  Flush();

  log_->Shared('a', DeviceOf('a'), log_->states().at('a').at(DeviceOf('a')).version);

  rows.clear();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(log_->Take(LANE_ALERTS, 10, rows).ok());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_LT(rows[0].sequence, rows[1].sequence);
}

TEST_F(SpoolLogTest, WhatRestsOnAStateThatNobodyWillShareIsGivenUpAndTheRestIsNot) {
  Add(Alert('a', 1));
  Add(Reading('a', 1));
  Add(Alert('b', 1));
  log_->AddState({.partition = 'a', .key = DeviceOf('a'), .term = 5, .value = "s"}, ++last_token_);
  Flush();

  ASSERT_TRUE(log_->Overtaken('a', {}).ok());
  Flush();

  EXPECT_EQ(Numbers(LANE_ALERTS), std::vector<std::uint64_t>{2});
  EXPECT_EQ(Numbers(LANE_TELEMETRY).size(), 1u);
  EXPECT_EQ(Lost(LANE_ALERTS, SpoolLoss::kOvertaken), 1u);
  const std::vector<Event> gaps = log_->TakeGaps(wall_);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().reason(), event::v1::Gap::REASON_GIVEN_UP) << "another one says it";
  Open();
  EXPECT_TRUE(log_->states().empty());
}

TEST_F(SpoolLogTest, WhatStandsByItselfStaysUnderOtherNamesAndOutlivesAKill) {
  const Event begun = Add(Alert('a', 1, event::v1::ALERT_TRANSITION_RAISED, 1));
  Add(Alert('b', 1, event::v1::ALERT_TRANSITION_RAISED, 1));
  Add(Alert('a', 1, event::v1::ALERT_TRANSITION_ENDED, 2));
  Add(Alert('a', 2, event::v1::ALERT_TRANSITION_RAISED, 3));
  for (const char device : {'a', 'b'}) {
    log_->AddState({.partition = device, .key = DeviceOf(device), .term = 5, .value = "s"},
                   ++last_token_);
  }
  Flush();
  log_->Shared('b', DeviceOf('b'), log_->states().at('b').at(DeviceOf('b')).version);

  ASSERT_TRUE(log_->Overtaken('a', {.claimed = base::WallFromMillis(9000), .shared = {}}).ok());
  Open();  // Killed before it has forgotten the rest.
  ASSERT_TRUE(log_->Overtaken('a', {.claimed = base::WallFromMillis(9000), .shared = {}}).ok());
  log_->Shared('b', DeviceOf('b'), log_->states().at('b').at(DeviceOf('b')).version);
  Flush();

  EXPECT_EQ(Numbers(LANE_ALERTS), (std::vector<std::uint64_t>{1, 2, 3}));
  std::vector<SpoolRow> rows;
  ASSERT_TRUE(log_->Take(LANE_ALERTS, 10, rows).ok());
  Event said;
  ASSERT_TRUE(said.ParseFromString(rows.at(0).bytes));
  EXPECT_EQ(said.alert().alert_id(), "jam/1~5");
  EXPECT_NE(said.id(), begun.id());
  EXPECT_EQ(said.source().sequence(), begun.source().sequence());
  for (const SpoolRow& row : rows) log_->Delivered(row.id);
  Flush();
  EXPECT_EQ(log_->figures().bytes, 0u);
}

TEST_F(SpoolLogTest, ADiskThatIsFullWhenItWasOvertakenIsTriedAgainAndNothingIsSaidMeanwhile) {
  Add(Alert('a', 1, event::v1::ALERT_TRANSITION_RAISED, 1));
  Add(Alert('a', 1, event::v1::ALERT_TRANSITION_ENDED, 2));
  log_->AddState({.partition = 'a', .key = DeviceOf('a'), .term = 5, .value = "s"}, ++last_token_);
  Flush();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);

  EXPECT_FALSE(log_->Overtaken('a', {}).ok());
  EXPECT_TRUE(Numbers(LANE_ALERTS).empty());

  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  Flush();
  EXPECT_TRUE(log_->Overtaken('a', {}).ok());
  EXPECT_EQ(Numbers(LANE_ALERTS).size(), 2u);
}

// --- Disks ---------------------------------------------------------------------------------------

TEST_F(SpoolLogTest, KilledInTheMiddleItHasAllThatHadEndedAndNoHalfOfAnything) {
  for (int round = 0; round < 5; ++round) {
    log_.reset();
    std::array<int, 2> told{};
    ASSERT_EQ(pipe(told.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Open();
      for (;;) {
        for (int i = 0; i < 20; ++i) Add(i % 4 == 0 ? Alert('a', 1) : Reading('a', 1));
        Flush();
        const std::uint64_t count = sequencer_.highest().begin()->second;
        if (write(told[1], &count, sizeof count) < 0) _exit(1);
      }
    }
    close(told[1]);
    std::uint64_t alerts = 0;
    for (int i = 0; i < 3 + 7 * round; ++i) {
      ASSERT_EQ(read(told[0], &alerts, sizeof alerts), static_cast<ssize_t>(sizeof alerts));
    }
    kill(child, SIGKILL);
    while (read(told[0], &alerts, sizeof alerts) > 0) {
    }
    waitpid(child, nullptr, 0);
    close(told[0]);

    Open();
    const std::vector<std::uint64_t> there = Numbers(LANE_ALERTS);
    ASSERT_GE(there.size(), alerts);
    for (std::size_t i = 0; i < there.size(); ++i) ASSERT_EQ(there[i], i + 1);
    EXPECT_TRUE(log_->trouble().ok()) << log_->trouble();
    log_.reset();
    std::filesystem::remove(options_.file);
    std::filesystem::remove(options_.file + "-wal");
  }
}

TEST_F(SpoolLogTest, ADiskThatIsFullKeepsEventsInMemoryThenGivesUpAndGoesOnWhenThereIsRoom) {
  Add(Alert('a', 1));
  Flush();
  options_.memory_bytes_max = 20'000;
  Open();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{100'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);

  std::size_t added = 0;
  while (log_->trouble().ok() && added < 10'000) {
    for (int i = 0; i < 50; ++i, ++added) Add(Reading('a', added));
    Flush();
  }
  EXPECT_FALSE(log_->trouble().ok());
  const std::size_t before_bound = ended();
  EXPECT_LT(before_bound, added) << "what is not durable has not ended";
  for (int i = 0; i < 500; ++i, ++added) Add(Reading('a', added));
  const Event alert = Add(Alert('a', 2));
  ++added;
  Flush();
  EXPECT_GT(Lost(LANE_TELEMETRY, SpoolLoss::kMemory), 0u);
  EXPECT_EQ(Lost(LANE_ALERTS, SpoolLoss::kMemory), 0u);

  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  Flush();
  EXPECT_TRUE(log_->trouble().ok()) << log_->trouble();
  EXPECT_EQ(ended(), added + 1);
  const std::uint64_t lost = Lost(LANE_TELEMETRY, SpoolLoss::kMemory);
  Open();
  EXPECT_EQ(Numbers(LANE_ALERTS).size(), 2u);
  EXPECT_EQ(Numbers(LANE_TELEMETRY).size() + lost, added - 1);
  std::uint64_t reported = 0;
  for (const Event& event : log_->TakeGaps(wall_)) {
    reported += event.gap().last() - event.gap().first() + 1;
  }
  EXPECT_EQ(reported, lost);
}

TEST_F(SpoolLogTest, ADamagedFileIsSetAsideAndWhatCanBeReadIsTakenOver) {
  for (std::uint64_t i = 0; i < 400; ++i) Add(Reading('a', i));
  Add(Alert('a', 1));
  Flush();
  log_.reset();
  const auto size = std::filesystem::file_size(options_.file);
  std::filesystem::resize_file(options_.file, size / 2);

  Open();

  EXPECT_TRUE(log_->trouble().ok()) << log_->trouble();
  EXPECT_EQ(log_->figures().set_aside, 1u);
  EXPECT_TRUE(std::filesystem::exists(options_.file + ".damaged-1000000"));
  const std::vector<Event> gaps = log_->TakeGaps(wall_);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().reason(), event::v1::Gap::REASON_CORRUPT);
  EXPECT_NE(gaps[0].gap().detail().find("spool.sqlite.damaged-1000000"), std::string::npos);
  Add(Alert('a', 2));
  Flush();
  EXPECT_FALSE(Numbers(LANE_ALERTS).empty()) << "it goes on";
}

TEST_F(SpoolLogTest, AFileOfSomethingElseIsSetAside) {
  log_.reset();
  std::ofstream(options_.file) << std::string(20'000, 'x');

  Open();

  EXPECT_EQ(log_->figures().set_aside, 1u);
  Add(Alert('a', 1));
  Flush();
  EXPECT_EQ(ended(), 1u);
}

TEST_F(SpoolLogTest, AnEventWhoseBytesHaveChangedOnTheDiskIsAGapAndNotAnEvent) {
  Add(Reading('a', 1));
  Add(Reading('a', 2));
  Flush();
  log_.reset();
  {
    const auto database = *sqlite::Database::Open(options_.file);
    ASSERT_TRUE(database
                    ->Execute("UPDATE events SET bytes = zeroblob(length(bytes)) "
                              "WHERE sequence = 1")
                    .ok());
  }

  Open();

  EXPECT_EQ(Numbers(LANE_TELEMETRY), std::vector<std::uint64_t>{2});
  EXPECT_EQ(Lost(LANE_TELEMETRY, SpoolLoss::kDamaged), 1u);
  const std::vector<Event> gaps = log_->TakeGaps(wall_);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().reason(), event::v1::Gap::REASON_CORRUPT);
  EXPECT_EQ(gaps[0].gap().first(), 1u);
}

}  // namespace
}  // namespace platen::collector::edge
