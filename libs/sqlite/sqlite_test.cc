#include "libs/sqlite/sqlite.h"

#include <gtest/gtest.h>

#include "tests/support/child_process.h"

namespace platen::sqlite {
namespace {

class SqliteTest : public testing::Test {
 protected:
  std::string File() const { return directory_.File("t.sqlite"); }

  testing_support::TemporaryDirectory directory_;
};

TEST_F(SqliteTest, WhatWasCommittedIsThereForTheNextConnection) {
  {
    const auto database = *Database::Open(File());
    ASSERT_TRUE(database->Execute("CREATE TABLE t(a, b); INSERT INTO t VALUES(7, x'00ff')").ok());
  }
  const auto database = *Database::Open(File(), {.read_only = true});
  Statement read = *database->Prepare("SELECT a, b FROM t");
  ASSERT_TRUE(*read.Step());
  EXPECT_EQ(read.Int(0), 7);
  EXPECT_EQ(read.Bytes(1), std::string_view("\0\xff", 2));
  EXPECT_FALSE(*read.Step());
}

TEST_F(SqliteTest, AFileThatIsNoDatabaseIsDataLossAndNamesTheOption) {
  directory_.Write("t.sqlite", std::string(8192, 'x'));

  const auto opened = Database::Open(File(), {.named_by = "spool.here"});

  EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss) << opened.status();
  EXPECT_NE(opened.status().message().find("t.sqlite (spool.here)"), absl::string_view::npos);
}

TEST_F(SqliteTest, AnExclusiveFileIsNobodyElses) {
  const auto first = *Database::Open(File(), {.exclusive = true});
  ASSERT_TRUE(first->Execute("CREATE TABLE t(a)").ok());

  const auto second = Database::Open(File(), {.exclusive = true, .busy_timeout = {}});

  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable) << second.status();
}

TEST_F(SqliteTest, ABoundOfPagesIsAFullDisk) {
  const auto database = *Database::Open(File());
  ASSERT_TRUE(database->Execute("PRAGMA max_page_count=4; CREATE TABLE t(a)").ok());

  const absl::Status full = database->Execute("INSERT INTO t VALUES(zeroblob(65536))");

  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_TRUE(IsStoreFailure(full));
}

}  // namespace
}  // namespace platen::sqlite
