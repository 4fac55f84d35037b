// Events of alerts as rules are tried on them: what is asked for, in the order in which it was
// stored.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AlertEventsTest : public StoreTest {
 protected:
  void Jam(std::uint8_t device, ev::AlertTransition transition) {
    ASSERT_EQ(StoreEvents({maker_.Jam(Device(device), ++jams_, transition)})->stored, 1U);
    clock_.Advance(std::chrono::minutes(1));
  }

  void Readings(int count) {
    std::vector<ev::Event> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(maker_.Meters(Device(1), 490'000 + ++readings_, 100));
    }
    ASSERT_TRUE(StoreEvents(events).ok());
  }

  std::int64_t Now() const { return base::ToMillis(clock_.WallNow()); }

  // "raised of 1", page by page.
  std::vector<std::string> Asked(edge::AlertEventQuery query) {
    std::vector<std::string> texts;
    do {
      const auto page = reader_->ListAlertEvents(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return texts;
      for (const fleet::DeviceHistoryRecord& record : page->items) {
        const ev::AlertTransition transition = record.event().alert().transition();
        texts.push_back((transition == ev::ALERT_TRANSITION_RAISED ? "raised of " : "ended of ") +
                        record.device().substr(record.device().size() - 1));
      }
      query.range.after = page->next;
    } while (!query.range.after.empty());
    return texts;
  }

  std::uint64_t jams_ = 0;
  int readings_ = 0;
};

TEST_F(AlertEventsTest, ComeInTheOrderInWhichTheyWereStoredAndWithoutWhatIsNone) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  EXPECT_THAT(Asked({}), IsEmpty());
  Readings(3);
  Jam(1, ev::ALERT_TRANSITION_RAISED);
  Readings(3);
  Jam(2, ev::ALERT_TRANSITION_RAISED);
  Jam(1, ev::ALERT_TRANSITION_ENDED);
  for (const int limit : {1, 2, 100}) {
    EXPECT_THAT(Asked({.range = {.limit = limit}}),
                ElementsAre("raised of 1", "raised of 2", "ended of 1"))
        << limit;
  }
}

TEST_F(AlertEventsTest, AreAskedForByTime) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Jam(1, ev::ALERT_TRANSITION_RAISED);
  Readings(5);
  const std::int64_t then = Now();
  Jam(1, ev::ALERT_TRANSITION_ENDED);
  EXPECT_THAT(Asked({.start_ms = then}), ElementsAre("ended of 1"));
  EXPECT_THAT(Asked({.end_ms = then}), ElementsAre("raised of 1"));
  EXPECT_THAT(Asked({.start_ms = Now()}), IsEmpty());
}

TEST_F(AlertEventsTest, OfOtherTenantsAreNotTold) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Jam(1, ev::ALERT_TRANSITION_RAISED);
  EXPECT_THAT(Asked({.range = {.tenants = {"initech"}}}), IsEmpty());
  EXPECT_THAT(Asked({.range = {.place = {"initech", ""}}}), IsEmpty());
  EXPECT_THAT(Asked({.range = {.place = {"acme", ""}, .tenants = {"acme"}}}),
              ElementsAre("raised of 1"));
}

}  // namespace
}  // namespace platen::gateway::testing
