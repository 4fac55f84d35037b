#include "services/gateway/edge/write_queue.h"

#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::edge {
namespace {

class CountingObserver final : public TransactionObserver {
 public:
  absl::Status BeforeCommit(Database&) override { return absl::OkStatus(); }

  void OnCommit() override { ++commits; }

  void OnRollback(const absl::Status&) override { ++rollbacks; }

  int commits = 0;
  int rollbacks = 0;
};

class WriteQueueTest : public ::testing::Test {
 protected:
  WriteQueueTest() : database_(*Database::Open(directory_.File("q.db"))) {
    EXPECT_TRUE(database_->Execute("CREATE TABLE t(x)").ok());
  }

  // Keeps the writer busy until the returned promise is set, so that what follows waits together.
  std::promise<void> Block() {
    std::promise<void> release;
    auto released = std::make_shared<std::future<void>>(release.get_future());
    auto begun = std::make_shared<std::promise<void>>();
    EXPECT_TRUE(queue_
                    .Submit({.apply =
                                 [released, begun](Database&) {
                                   begun->set_value();
                                   released->wait();
                                   return absl::OkStatus();
                                 },
                             .done = [](const absl::Status&) {}})
                    .ok());
    begun->get_future().wait();
    return release;
  }

  WriteJob Insert(absl::Status result = absl::OkStatus(),
                  std::shared_ptr<OrderGate> gate = nullptr) {
    return {.apply =
                [result](Database& database) {
                  return result.ok() ? database.Execute("INSERT INTO t VALUES(1)") : result;
                },
            .done =
                [this](const absl::Status& status) {
                  answers_.push_back(status.code());
                  ++answered_;
                },
            .bytes = 10,
            .gate = std::move(gate)};
  }

  std::int64_t Rows() { return database_->QueryInt("SELECT count(*) FROM t")->value(); }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
  CountingObserver observer_;
  std::vector<absl::StatusCode> answers_;  // The writing thread's; to be read after Stop().
  std::atomic<std::size_t> answered_ = 0;
  WriteQueue queue_{{.queue_bytes_max = 30}, *database_, observer_};
};

using ::testing::ElementsAre;
constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

TEST_F(WriteQueueTest, WhatWaitsSharesACommit) {
  std::promise<void> release = Block();
  ASSERT_TRUE(queue_.Submit(Insert()).ok());
  ASSERT_TRUE(queue_.Submit(Insert()).ok());
  release.set_value();
  queue_.Stop();

  EXPECT_THAT(answers_, ElementsAre(kOk, kOk));
  EXPECT_EQ(observer_.commits, 2) << "the blocker, and both inserts together";
  EXPECT_EQ(Rows(), 2);
}

TEST_F(WriteQueueTest, AFullQueueRefuses) {
  std::promise<void> release = Block();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue_.Submit(Insert()).ok());

  EXPECT_EQ(queue_.Submit(Insert()).code(), absl::StatusCode::kResourceExhausted);
  release.set_value();
}

TEST_F(WriteQueueTest, AStoreFailureFailsTheWholeTransactionAndTheOrderBehindIt) {
  auto gate = std::make_shared<OrderGate>();
  std::promise<void> release = Block();
  ASSERT_TRUE(queue_.Submit(Insert()).ok());
  ASSERT_TRUE(queue_.Submit(Insert(absl::UnavailableError("disk"), gate)).ok());
  release.set_value();
  while (answered_ < 2) std::this_thread::yield();
  std::promise<void> again = Block();
  ASSERT_TRUE(queue_.Submit(Insert(absl::OkStatus(), gate)).ok());
  ASSERT_TRUE(queue_.Submit(Insert()).ok());
  again.set_value();
  queue_.Stop();

  EXPECT_THAT(answers_, ElementsAre(kUnavailable, kUnavailable, kUnavailable, kOk));
  EXPECT_EQ(observer_.rollbacks, 1);
  EXPECT_EQ(Rows(), 1);
}

TEST_F(WriteQueueTest, AJobsOwnErrorHarmsNoOther) {
  std::promise<void> release = Block();
  ASSERT_TRUE(queue_.Submit(Insert(absl::NotFoundError("no such target"))).ok());
  ASSERT_TRUE(queue_.Submit(Insert()).ok());
  release.set_value();
  queue_.Stop();

  EXPECT_THAT(answers_, ElementsAre(absl::StatusCode::kNotFound, kOk));
  EXPECT_EQ(Rows(), 1);
}

TEST_F(WriteQueueTest, AStoppedQueueRefuses) {
  queue_.Stop();
  EXPECT_EQ(queue_.Submit(Insert()).code(), kUnavailable);
}

}  // namespace
}  // namespace platen::gateway::edge
