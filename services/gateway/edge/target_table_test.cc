#include "services/gateway/edge/target_table.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "services/gateway/edge/schema.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

// Instructions of SQLite's virtual machine, in hundreds: work that hangs on no clock.
std::int64_t work = 0;

int CountWork(sqlite3* database, char**, const sqlite3_api_routines*) {
  sqlite3_progress_handler(
      database,
      100,
      [](void*) {
        ++work;
        return 0;
      },
      nullptr);
  return SQLITE_OK;
}

class TargetTableTest : public ::testing::Test {
 protected:
  TargetTableTest() {
    // SQLite takes any function here and calls it with these arguments.
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&CountWork));
    auto database = sqlite::Database::Open(directory_.File("gateway.db"));
    sqlite3_reset_auto_extension();
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    EXPECT_TRUE(edge::PrepareSchema(*database_).ok());
  }

  // Registers so many printers at one site, and says what it took.
  std::int64_t Register(int printers) {
    std::vector<edge::Registration> batch;
    for (int i = 0; i < printers; ++i, ++registered_) {
      edge::Registration& one = batch.emplace_back();
      one.place = {"acme", "hq"};
      one.device = base::NewDeviceId();
      one.request_key = base::StrCat("request ", registered_);
      one.target.set_address(base::StrCat("10.0.", registered_ >> 8, ".", registered_ & 255));
      one.target.set_expected_serial(base::StrCat("SERIAL", registered_));
      one.target.set_installation("default");
    }
    const std::int64_t before = work;
    const auto done =
        edge::RegisterTargets(*database_, batch, edge::Registering::kKeep, 1'767'225'600'000);
    EXPECT_TRUE(done.ok()) << done.status();
    return work - before;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Database> database_;
  int registered_ = 0;
};

TEST_F(TargetTableTest, APrinterMoreCostsTheSameAtALargeSite) {
  Register(100);
  const std::int64_t at_first = Register(100);
  Register(3000);

  EXPECT_LT(Register(100), 2 * at_first);
}

}  // namespace
}  // namespace platen::gateway::testing
