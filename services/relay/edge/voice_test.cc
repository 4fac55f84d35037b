#include "services/relay/edge/voice.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "libs/event/identity.h"

namespace platen::relay::edge {
namespace {

const broker::OutOfRange kGap{{"demo.telemetry.v1", 3}, 100, 250};

event::v1::Event Said(Voice& voice, base::WallTime now = base::WallFromMillis(1000)) {
  event::v1::Event event;
  EXPECT_TRUE(event.ParseFromString(voice.SayGap(kGap, "east", now)->record.value.value_or("")));
  return event;
}

TEST(VoiceTest, AGapIsAnEventOfTheAlertsLaneAboutNoDevice) {
  Voice voice(
      {.instance = "relay-0", .epoch = 7, .installation = "campus", .topic_prefix = "demo"});

  const OwnedRecord record = voice.SayGap(kGap, "east", base::WallFromMillis(1000))->record;

  EXPECT_EQ(record.topic, "demo.alerts.v1");
  const auto route = std::find(record.headers.begin(),
                               record.headers.end(),
                               std::pair<std::string, std::string>("route", "east"));
  EXPECT_NE(route, record.headers.end());
  const event::v1::Event event = Said(voice);
  EXPECT_EQ(event.lane(), event::v1::LANE_ALERTS);
  EXPECT_TRUE(event.device_id().empty());
  EXPECT_EQ(event.gap().reason(), event::v1::Gap::REASON_RETENTION);
  EXPECT_EQ(event.gap().stream(), "campus/demo.telemetry.v1/3");
  EXPECT_EQ(event.gap().first(), 100u);
  EXPECT_EQ(event.gap().last(), 249u);
  EXPECT_EQ(event.source().instance(), "relay-0");
  EXPECT_EQ(event.source().epoch(), 7u);
  EXPECT_EQ(event.source().sequence(), 2u) << "numbers have no holes";
  EXPECT_EQ(event.id(), event::DeriveId(event)->bytes());
}

TEST(VoiceTest, AGapSaidAgainByAnotherRelayIsTheSameEvent) {
  Voice one({.instance = "relay-0", .epoch = 7, .installation = "campus"});
  Voice other({.instance = "relay-1", .epoch = 9, .installation = "campus"});
  Voice elsewhere({.instance = "relay-0", .epoch = 7, .installation = "town"});

  EXPECT_EQ(Said(one).id(), Said(other, base::WallFromMillis(99'000)).id());
  EXPECT_NE(Said(one).id(), Said(elsewhere).id());
}

TEST(VoiceTest, NothingMissingIsNoGap) {
  Voice voice({.instance = "relay-0", .epoch = 7});

  EXPECT_FALSE(voice.SayGap({{"t", 0}, 100, 100}, "default", {}).ok());
  EXPECT_FALSE(voice.SayGap({{"t", 0}, 100, 20}, "default", {}).ok());
}

// Without it nobody could tell a number that got lost from one that was never said.
TEST(VoiceTest, AHeartbeatClaimsWhatKafkaHasOfItsRouteAndNothingBehindAHole) {
  Voice voice({.instance = "relay-0", .epoch = 7, .installation = "campus"});
  const auto claims = [&voice](std::string_view route) {
    event::v1::Event event;
    const OwnWord word = *voice.SayHeartbeat(route, base::WallFromMillis(1000));
    EXPECT_TRUE(event.ParseFromString(word.record.value.value_or("")));
    EXPECT_EQ(event.lane(), event::v1::LANE_ALERTS);
    EXPECT_EQ(event.heartbeat().role(), "relay");
    std::vector<std::uint64_t> claimed;
    for (const auto& stream : event.heartbeat().streams()) {
      EXPECT_EQ(stream.route(), route);
      claimed.push_back(stream.highest_sequence());
    }
    return claimed;
  };
  using Claims = std::vector<std::uint64_t>;
  const std::uint64_t first = voice.SayGap(kGap, "east", {})->number;
  const std::uint64_t second = voice.SayGap({{"demo.logs.v1", 0}, 1, 2}, "east", {})->number;
  voice.OnAcknowledged("east", second);
  EXPECT_EQ(claims("east"), Claims{0});
  EXPECT_EQ(claims("west"), Claims{});

  voice.OnAcknowledged("east", first);
  EXPECT_EQ(claims("east"), Claims{second}) << "but for the heartbeat before, on its way";
  EXPECT_EQ(claims("west"), Claims{0});
}

}  // namespace
}  // namespace platen::relay::edge
