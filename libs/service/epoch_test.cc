#include "libs/service/epoch.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace platen::service {
namespace {

constexpr base::WallTime kNow = base::WallFromMillis(1'767'225'600'000);

class EpochTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "epochXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern + "/state";
  }

  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(dir_).parent_path());
  }

  std::string dir_;
};

TEST_F(EpochTest, GrowsWithEveryLifeEvenIfTheClockStandsStillOrGoesBack) {
  const std::uint64_t first = *TakeEpoch(dir_, kNow);
  EXPECT_EQ(*TakeEpoch(dir_, kNow), first + 1);
  EXPECT_EQ(*TakeEpoch(dir_, kNow - std::chrono::hours(5)), first + 2);
}

TEST_F(EpochTest, SaysWhichFileIsBroken) {
  ASSERT_TRUE(TakeEpoch(dir_, kNow).ok());
  std::ofstream(dir_ + "/epoch") << "nonsense";

  const absl::Status status = TakeEpoch(dir_, kNow).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find(dir_ + "/epoch"), std::string::npos);
}

}  // namespace
}  // namespace platen::service
