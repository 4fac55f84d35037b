#include "libs/links/link_keys.h"

#include <set>

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"

namespace platen::links {
namespace {

const base::WallTime kNow = base::WallFromMillis(1767225600000);
const std::string kKey(32, 'k');
const std::string kOther(32, 'o');
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

LinkKeys Keys(const std::string& lines) {
  return LinkKeys::Parse(lines).value();
}

v1::AcknowledgeLink Link() {
  v1::AcknowledgeLink link;
  link.set_tenant("acme");
  link.set_site("hq");
  link.set_device_id(std::string(16, '\1'));
  link.set_alert_id("jam/1");
  link.set_instance(3);
  link.set_receiver("contacts/alice");
  link.set_notification_id(std::string(16, '\2'));
  *link.mutable_expire_time() = event::ToProto(kNow + std::chrono::hours(24));
  return link;
}

bool IsForged(const absl::StatusOr<v1::AcknowledgeLink>& opened) {
  return opened.status().code() == absl::StatusCode::kInvalidArgument;
}

TEST(LinkKeysTest, WhatWasSignedIsOpenedAndFitsIntoAUrl) {
  const LinkKeys keys = Keys(kKey + "\n");
  const std::string token = keys.Sign(Link());
  EXPECT_EQ(token.find_first_not_of(std::string(kUrlSafe) + "."), std::string::npos);
  EXPECT_LT(token.size(), 250u);
  const auto opened = keys.Open(token, kNow);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->SerializeAsString(), Link().SerializeAsString());
  EXPECT_EQ(keys.Sign(Link()), token) << "every try of a message says the same";
}

TEST(LinkKeysTest, NoOtherTextIsOpened) {
  const LinkKeys keys = Keys(kKey);
  const std::string token = keys.Sign(Link());
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : kUrlSafe) {
      std::string other = token;
      other[i] = c;
      EXPECT_EQ(IsForged(keys.Open(other, kNow)), other != token) << i << c;
    }
  }
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_TRUE(IsForged(keys.Open(token.substr(0, size), kNow))) << size;
  }
  const std::size_t dot = token.find('.');
  for (const std::string& other : {token + "A",
                                   token + "=",
                                   token + ".",
                                   " " + token,
                                   token + "\n",
                                   token.substr(0, dot) + "=" + token.substr(dot),
                                   token.substr(dot),
                                   std::string("."),
                                   std::string()}) {
    EXPECT_TRUE(IsForged(keys.Open(other, kNow))) << other;
  }
}

TEST(LinkKeysTest, WhatIsTooLongIsRefusedThoughItIsSigned) {
  const LinkKeys keys = Keys(kKey);
  v1::AcknowledgeLink link = Link();
  link.set_alert_id(std::string(kTokenBytesMax, 'x'));
  EXPECT_TRUE(IsForged(keys.Open(keys.Sign(link), kNow)));
}

TEST(LinkKeysTest, AnotherKeysSignatureIsNoneAndALinkHasItsOwn) {
  const std::string token = Keys(kKey).Sign(Link());
  v1::AcknowledgeLink later = Link();
  later.mutable_expire_time()->set_seconds(later.expire_time().seconds() + 1);
  v1::AcknowledgeLink elsewhere = Link();
  elsewhere.set_alert_id("jam/2");
  for (const v1::AcknowledgeLink& link : {later, elsewhere}) {
    const std::string other = Keys(kOther).Sign(link);
    EXPECT_TRUE(IsForged(Keys(kKey).Open(other, kNow)));
    const std::string mixed = other.substr(0, other.find('.')) + token.substr(token.find('.'));
    EXPECT_TRUE(IsForged(Keys(kKey).Open(mixed, kNow)));
  }
}

TEST(LinkKeysTest, ALinkHasItsTime) {
  const LinkKeys keys = Keys(kKey);
  const std::string token = keys.Sign(Link());
  EXPECT_TRUE(keys.Open(token, kNow + std::chrono::hours(24) - std::chrono::nanoseconds(1)).ok());
  EXPECT_EQ(keys.Open(token, kNow + std::chrono::hours(24)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(LinkKeysTest, AFormerKeyIsBelievedAndSignsNothing) {
  const std::string former = Keys(kOther).Sign(Link());
  const LinkKeys both = Keys(kKey + "\r\n\n  " + kOther + "\n");
  EXPECT_TRUE(both.Open(former, kNow).ok());
  EXPECT_EQ(both.Sign(Link()), Keys(kKey).Sign(Link()));
  EXPECT_FALSE(Keys(kKey).Open(former, kNow).ok());
}

TEST(LinkKeysTest, KeysThatCanBeGuessedOrAreTooManyAreRefusedWithoutBeingSaid) {
  EXPECT_FALSE(LinkKeys::Parse("").ok());
  EXPECT_FALSE(LinkKeys::Parse("\n \n").ok());
  const auto parsed = LinkKeys::Parse(kKey + "\nsecret");
  EXPECT_FALSE(parsed.ok());
  EXPECT_EQ(std::string(parsed.status().message()).find("secret"), std::string::npos);
  std::string many;
  for (std::size_t i = 0; i <= kKeysMax; ++i) many += kKey + "\n";
  EXPECT_FALSE(LinkKeys::Parse(many).ok());
}

TEST(LinkKeysTest, EveryMessagesLinkIsKnownForItself) {
  std::set<std::string> digests = {LinkDigest(Link())};
  v1::AcknowledgeLink reminder = Link();
  reminder.set_notification_id(std::string(16, '\3'));
  digests.insert(LinkDigest(reminder));
  v1::AcknowledgeLink next = Link();
  next.set_instance(4);
  digests.insert(LinkDigest(next));
  digests.insert(LinkDigest(Link()));
  EXPECT_EQ(digests.size(), 3u);
}

}  // namespace
}  // namespace platen::links
