#include "libs/service/lifecycle.h"

#include <csignal>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"

namespace platen::service {
namespace {

using ::testing::ElementsAre;

class LifecycleTest : public ::testing::Test {
 protected:
  Part Noting(const std::string& name, absl::Status outcome = absl::OkStatus()) {
    return {.name = name,
            .start =
                [this, name, outcome] {
                  notes_.push_back("start " + name);
                  return outcome;
                },
            .stop = [this, name](base::MonotonicTime) { notes_.push_back("stop " + name); }};
  }

  // A part that, once everything runs, does `act` on the main thread's behalf.
  static Part Acting(std::function<void()> act) {
    return {.name = "act", .start = [act = std::move(act)] {
              act();
              return absl::OkStatus();
            }};
  }

  const base::RealClock clock_;
  std::vector<std::string> notes_;
};

TEST_F(LifecycleTest, StartsInOrderAndStopsInReverse) {
  Lifecycle lifecycle({}, clock_);
  lifecycle.AddPart(Noting("store"));
  lifecycle.AddPart(Noting("server"));
  lifecycle.AddPart(Acting([&] { lifecycle.RequestStop(); }));

  EXPECT_TRUE(lifecycle.Run().ok());

  EXPECT_THAT(notes_, ElementsAre("start store", "start server", "stop server", "stop store"));
}

TEST_F(LifecycleTest, DrainsAtEachOfItsSignals) {
  for (const int signal : {SIGTERM, SIGINT}) {
    notes_.clear();
    Lifecycle lifecycle({}, clock_);
    lifecycle.AddPart(Noting("store"));
    lifecycle.AddPart(Acting([=] { kill(getpid(), signal); }));
    EXPECT_TRUE(lifecycle.Run().ok());
    EXPECT_TRUE(lifecycle.draining());
    EXPECT_THAT(notes_, ElementsAre("start store", "stop store"));
  }
}

TEST_F(LifecycleTest, ASignalWhileAPartStartsStartsNoOther) {
  Lifecycle lifecycle({}, clock_);
  lifecycle.AddPart(Noting("store"));
  lifecycle.AddPart(Acting([] { kill(getpid(), SIGTERM); }));
  lifecycle.AddPart(Noting("never"));
  EXPECT_FALSE(lifecycle.stop_requested());

  EXPECT_TRUE(lifecycle.Run().ok());

  EXPECT_TRUE(lifecycle.stop_requested());
  EXPECT_FALSE(lifecycle.started());
  EXPECT_THAT(notes_, ElementsAre("start store", "stop store"));
}

TEST_F(LifecycleTest, ASignalBeforeItRunsIsAWishToStop) {
  Lifecycle lifecycle({}, clock_);
  lifecycle.AddPart(Noting("never"));
  kill(getpid(), SIGINT);

  EXPECT_TRUE(lifecycle.stop_requested());
  EXPECT_TRUE(lifecycle.Run().ok());

  EXPECT_THAT(notes_, ElementsAre());
}

TEST_F(LifecycleTest, AFailedStartStopsWhatHasStarted) {
  Lifecycle lifecycle({}, clock_);
  lifecycle.AddPart(Noting("store"));
  lifecycle.AddPart(Noting("server", base::Unavailable("port taken")));
  lifecycle.AddPart(Noting("never"));

  EXPECT_EQ(lifecycle.Run().message(), "starting server: port taken");

  EXPECT_FALSE(lifecycle.started());
  EXPECT_THAT(notes_, ElementsAre("start store", "start server", "stop store"));
}

TEST_F(LifecycleTest, AFailureWhileRunningDrainsAndIsReturned) {
  Lifecycle lifecycle({}, clock_);
  lifecycle.AddPart(Noting("store"));
  lifecycle.AddPart(Acting([&] {
    lifecycle.Fail(base::Internal("disk gone"));
    lifecycle.Fail(base::Internal("and then more"));
  }));

  EXPECT_EQ(lifecycle.Run().message(), "disk gone");

  EXPECT_THAT(notes_, ElementsAre("start store", "stop store"));
}

TEST_F(LifecycleTest, HangUpReloadsAndGoesOn) {
  Lifecycle lifecycle({}, clock_);
  int reloads = 0;
  lifecycle.OnReload([&] {
    if (++reloads == 1) {
      kill(getpid(), SIGHUP);
    } else {
      lifecycle.RequestStop();
    }
  });
  lifecycle.AddPart(Acting([] { kill(getpid(), SIGHUP); }));

  EXPECT_TRUE(lifecycle.Run().ok());

  EXPECT_EQ(reloads, 2);
}

TEST_F(LifecycleTest, ASecondSignalEndsAtOnce) {
  std::promise<int> exited;
  Lifecycle lifecycle({.exit_now = [&](int code) { exited.set_value(code); }}, clock_);
  lifecycle.AddPart({.name = "slow", .stop = [&](base::MonotonicTime) {
                       kill(getpid(), SIGTERM);
                       EXPECT_EQ(exited.get_future().get(), 130);
                     }});
  lifecycle.AddPart(Acting([] { kill(getpid(), SIGTERM); }));
  EXPECT_TRUE(lifecycle.Run().ok());
}

TEST_F(LifecycleTest, AStopBeyondTheDeadlineEndsTheProcessWithFailure) {
  std::promise<int> exited;
  Lifecycle lifecycle({.drain_timeout = std::chrono::milliseconds(20),
                       .exit_now = [&](int code) { exited.set_value(code); }},
                      clock_);
  lifecycle.AddPart({.name = "hangs", .stop = [&](base::MonotonicTime) {
                       EXPECT_EQ(exited.get_future().get(), 1);
                     }});
  lifecycle.AddPart(Acting([&] { lifecycle.RequestStop(); }));
  EXPECT_TRUE(lifecycle.Run().ok());
}

TEST_F(LifecycleTest, PartsLearnTheDeadline) {
  Lifecycle lifecycle({.drain_timeout = std::chrono::minutes(1)}, clock_);
  base::MonotonicTime deadline;
  lifecycle.AddPart({.name = "store", .stop = [&](base::MonotonicTime d) { deadline = d; }});
  lifecycle.AddPart(Acting([&] { lifecycle.RequestStop(); }));
  EXPECT_TRUE(lifecycle.Run().ok());
  EXPECT_GT(deadline, clock_.Now());
}

}  // namespace
}  // namespace platen::service
