// What every channel owes, whatever it speaks, what those owe whose receivers may refuse a message,
// and those that speak TLS. A kind of channel instantiates the suites that are about it with its
// world, which says how its receiver is told to misbehave.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "services/notifier/edge/channels/test_notification.h"
#include "tests/contract/channel_world.h"

namespace platen::notifier::edge {

template <class World>
class ChannelContract : public testing::Test {
 protected:
  static std::string IdOf(const v1::Notification& notification) {
    return base::HexEncode(notification.id());
  }

  const v1::Notification raise_ = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const v1::Notification clear_ = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
};

TYPED_TEST_SUITE_P(ChannelContract);

TYPED_TEST_P(ChannelContract, HandsOverUnderTheNotificationsId) {
  TypeParam world(WorldOptions{});

  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(world.Send(this->clear_).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].id, this->IdOf(this->raise_));
  EXPECT_EQ(receipts[1].id, this->IdOf(this->clear_));
}

TYPED_TEST_P(ChannelContract, SaysTheSameAtEveryTry) {
  TypeParam world(WorldOptions{.answers = TypeParam::kBusy});

  EXPECT_EQ(world.Send(this->raise_, 1).outcome, core::SendOutcome::kRetry);
  EXPECT_EQ(world.Send(this->raise_, 2).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].id, receipts[1].id);
  EXPECT_EQ(receipts[0].content, receipts[1].content);
}

TYPED_TEST_P(ChannelContract, RepeatsTheIdWhereTheAnswerWasLost) {
  TypeParam world(WorldOptions{.answers = TypeParam::kLost});

  EXPECT_EQ(world.Send(this->raise_, 1).outcome, core::SendOutcome::kRetry);
  EXPECT_EQ(world.Send(this->raise_, 2).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u) << "the receiver had it both times, and can tell by the id";
  EXPECT_EQ(receipts[0].id, receipts[1].id);
}

TYPED_TEST_P(ChannelContract, RetriesWhereNobodyListens) {
  TypeParam world(WorldOptions{.sink_is_down = true});
  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kRetry);
}

TYPED_TEST_P(ChannelContract, RetriesWhereNoAnswerComes) {
  TypeParam world(WorldOptions{.sink_is_mute = true});
  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kRetry);
}

TYPED_TEST_P(ChannelContract, AMuteReceiverDelaysNoOtherTry) {
  TypeParam mute(WorldOptions{.sink_is_mute = true});
  TypeParam world(WorldOptions{});
  std::promise<core::SendResult> never;
  mute.channel().Send({.notification = std::make_shared<const v1::Notification>(this->raise_)},
                      [&never](core::SendResult result) { never.set_value(std::move(result)); });

  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(never.get_future().get().outcome, core::SendOutcome::kRetry);
}

TYPED_TEST_P(ChannelContract, AnswersEachOfManyTriesOnce) {
  TypeParam world(WorldOptions{});
  constexpr int kTries = 40;
  std::vector<std::promise<core::SendResult>> outcomes(kTries);
  for (int i = 0; i < kTries; ++i) {
    const auto notification = std::make_shared<const v1::Notification>(
        JamNotification(v1::NOTIFICATION_KIND_RAISED, "desk", "jam/" + std::to_string(i)));
    world.channel().Send({.notification = notification},
                         // A second call would throw, and end the test.
                         [&outcome = outcomes[static_cast<std::size_t>(i)]](
                             core::SendResult result) { outcome.set_value(std::move(result)); });
  }
  for (auto& outcome : outcomes) {
    EXPECT_EQ(outcome.get_future().get().outcome, core::SendOutcome::kDelivered);
  }
  EXPECT_EQ(world.Receipts().size(), std::size_t{kTries});
}

TYPED_TEST_P(ChannelContract, ShowsNothingThatTurnsTheDirectionOfWritingOrControlsTerminals) {
  const std::vector<std::string> marks = {"\x01",
                                          "\x1B",
                                          "\u0085",
                                          "\u009B",
                                          "\u061C",
                                          "\u200E",
                                          "\u200F",
                                          "\u202A",
                                          "\u202B",
                                          "\u202C",
                                          "\u202D",
                                          "\u202E",
                                          "\u2028",
                                          "\u2066",
                                          "\u2067",
                                          "\u2068",
                                          "\u2069"};
  std::string turned = "a";
  for (const std::string& mark : marks) turned += mark + "b";
  const auto turn = [&turned](v1::Notification& notification) {
    event::v1::Alert& alert = *notification.mutable_event()->mutable_alert();
    alert.set_category(event::v1::ALERT_CATEGORY_ALARM);
    for (std::string* const text : {alert.mutable_description(),
                                    alert.mutable_where(),
                                    alert.mutable_paper_source(),
                                    alert.mutable_media_size(),
                                    alert.mutable_console_text()}) {
      *text = turned;
    }
    event::v1::DeviceLabel& device = *alert.mutable_device();
    for (std::string* const text : {device.mutable_manufacturer(),
                                    device.mutable_model(),
                                    device.mutable_serial_number(),
                                    device.mutable_display_name(),
                                    device.mutable_customer(),
                                    device.mutable_site(),
                                    device.mutable_location(),
                                    device.mutable_address(),
                                    device.mutable_asset_tag()}) {
      *text = turned;
    }
    notification.set_title(turned);
    notification.set_author(turned);
    notification.set_note(turned);
  };
  v1::Notification single = this->raise_;
  turn(single);
  v1::Notification digest = DigestNotification();
  turn(digest);
  for (v1::DigestMember& member : *digest.mutable_members()) {
    *member.mutable_event() = single.event();
    member.set_title(turned);
    member.set_author(turned);
    member.set_note(turned);
  }
  TypeParam world(WorldOptions{});

  EXPECT_EQ(world.Send(single).outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(world.Send(digest).outcome, core::SendOutcome::kDelivered);

  const std::vector<std::string> shown = world.ShownTexts();
  EXPECT_THAT(shown, testing::Contains(testing::HasSubstr("bb")));
  for (const std::string& text : shown) {
    for (const std::string& mark : marks) EXPECT_THAT(text, testing::Not(testing::HasSubstr(mark)));
  }
}

TYPED_TEST_P(ChannelContract, LeaksNoSecretAndNothingOfTheMessageIntoItsResults) {
  const std::vector<WorldOptions> worlds = {
      {},
      {.answers = TypeParam::kBusy},
      {.answers = TypeParam::kLost},
      {.answers = TypeParam::kRefusal},
      {.channel_allows_plaintext = false},
      {.sink_speaks_tls = true, .channel_allows_plaintext = false, .channel_trusts_sink = false},
      {.sink_is_down = true},
  };
  for (const WorldOptions& options : worlds) {
    TypeParam world(options);
    const core::SendResult result = world.Send(this->raise_);
    EXPECT_FALSE(result.detail.empty());
    for (const std::string& secret : world.secrets()) {
      EXPECT_THAT(result.detail, testing::Not(testing::HasSubstr(secret)));
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(ChannelContract,
                            HandsOverUnderTheNotificationsId,
                            SaysTheSameAtEveryTry,
                            RepeatsTheIdWhereTheAnswerWasLost,
                            RetriesWhereNobodyListens,
                            RetriesWhereNoAnswerComes,
                            AMuteReceiverDelaysNoOtherTry,
                            AnswersEachOfManyTriesOnce,
                            ShowsNothingThatTurnsTheDirectionOfWritingOrControlsTerminals,
                            LeaksNoSecretAndNothingOfTheMessageIntoItsResults);

template <class World>
class ChannelRefusalContract : public ChannelContract<World> {};

TYPED_TEST_SUITE_P(ChannelRefusalContract);

TYPED_TEST_P(ChannelRefusalContract, DoesNotInsistWhereItIsRefused) {
  TypeParam world(WorldOptions{.answers = TypeParam::kRefusal});
  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kRefused);
}

REGISTER_TYPED_TEST_SUITE_P(ChannelRefusalContract, DoesNotInsistWhereItIsRefused);

template <class World>
class ChannelTlsContract : public ChannelContract<World> {};

TYPED_TEST_SUITE_P(ChannelTlsContract);

TYPED_TEST_P(ChannelTlsContract, SaysNothingWithoutEncryptionUnlessAllowedTo) {
  TypeParam world(WorldOptions{.channel_allows_plaintext = false});

  EXPECT_EQ(world.Send(this->raise_).outcome, core::SendOutcome::kRetry);

  EXPECT_TRUE(world.Receipts().empty());
}

TYPED_TEST_P(ChannelTlsContract, SpeaksTlsWithAServerThatItsAuthorityVouchesFor) {
  TypeParam world(WorldOptions{.sink_speaks_tls = true, .channel_allows_plaintext = false});

  const core::SendResult result = world.Send(this->raise_);

  EXPECT_EQ(result.outcome, core::SendOutcome::kDelivered) << result.detail;
}

TYPED_TEST_P(ChannelTlsContract, SaysNothingToAServerThatNobodyVouchesFor) {
  TypeParam world(WorldOptions{
      .sink_speaks_tls = true, .channel_allows_plaintext = false, .channel_trusts_sink = false});

  const core::SendResult result = world.Send(this->raise_);

  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_THAT(result.detail, testing::HasSubstr("certificate")) << "the operator sees why";
  EXPECT_TRUE(world.Receipts().empty());
}

REGISTER_TYPED_TEST_SUITE_P(ChannelTlsContract,
                            SaysNothingWithoutEncryptionUnlessAllowedTo,
                            SpeaksTlsWithAServerThatItsAuthorityVouchesFor,
                            SaysNothingToAServerThatNobodyVouchesFor);

}  // namespace platen::notifier::edge
