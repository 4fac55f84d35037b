#include "services/gateway/edge/acknowledge_page.h"

#include <fstream>
#include <optional>

#include <gmock/gmock.h>

#include "libs/event/timestamps.h"
#include "libs/service/http_client_for_test.h"
#include "services/gateway/edge/link_table.h"
#include "services/gateway/edge/record_table.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

using core::LinkOutcome;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kKey(32, 'k');
const std::string kOther(32, 'o');

class AcknowledgePageTest : public StoreTest {
 protected:
  AcknowledgePageTest() {
    EXPECT_TRUE(Run([&](edge::Database& database, edge::Changed& changed) {
                  return edge::ServeInstallations(
                      database, {{.name = "default"}}, Now(), changed.installations);
                }).ok());
    EXPECT_TRUE(Register(Device(1), "192.0.2.1").ok());
    StoreAlert(event::v1::ALERT_TRANSITION_RAISED, 1);
    WriteKeys(kKey);
    readers_ = *edge::ReadPool::Start(*store_, 1);
    StartPage(
        {.each = {.per_second = 1000, .burst = 1000}, .all = {.per_second = 1000, .burst = 1000}});
  }

  ~AcknowledgePageTest() override {
    page_.reset();
    readers_->Stop();
    store_->Stop();
  }

  void StartPage(const core::LinkRateOptions& rate) {
    auto page = edge::AcknowledgePage::Start(
        {.listen = "127.0.0.1:0", .key_file = directory_.File("keys"), .rate = rate},
        {*store_, *readers_, metrics_, clock_});
    ASSERT_TRUE(page.ok()) << page.status();
    page_ = *std::move(page);
  }

  absl::Status Run(edge::Store::Apply apply) {
    std::promise<absl::Status> done;
    const absl::Status queued = store_->Change(
        std::move(apply), [&](const absl::Status& status) { done.set_value(status); });
    return queued.ok() ? done.get_future().get() : queued;
  }

  std::int64_t Now() const { return base::ToMillis(clock_.WallNow()); }

  void WriteKeys(const std::string& keys) {
    std::ofstream(directory_.File("keys")) << keys << "\n";
  }

  void StoreAlert(event::v1::AlertTransition transition, std::uint64_t instance) {
    event::v1::Event event = maker_.Jam(Device(1), instance, transition);
    event.mutable_alert()->set_alert_id("jam/1");
    event.mutable_alert()->mutable_device()->set_display_name("<script>alert(1)</script>");
    ASSERT_TRUE(StoreEvents({event}).ok());
  }

  std::string Token(const std::string& key = kKey, std::uint8_t message = 1) const {
    links::v1::AcknowledgeLink link;
    link.set_tenant("acme");
    link.set_site("hq");
    link.set_device_id(std::string(Device(1).bytes()));
    link.set_alert_id("jam/1");
    link.set_instance(1);
    link.set_receiver("contacts/alice");
    link.set_notification_id(std::string(16, static_cast<char>(message)));
    *link.mutable_expire_time() = event::ToProto(clock_.WallNow() + std::chrono::hours(24));
    return links::LinkKeys::Parse(key)->Sign(link);
  }

  std::string Exchange(const std::string& request) const {
    const service::HttpClientForTest client(page_->port());
    client.Send(request);
    return client.ReadAll();
  }

  std::string Ask(const std::string& method, const std::string& path) const {
    return Exchange(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  std::string Get(const std::string& token) const { return Ask("GET", "/acknowledge/" + token); }

  std::string Post(const std::string& token,
                   const std::string& form,
                   const std::string& type = "application/x-www-form-urlencoded") const {
    return Exchange(base::StrCat("POST /acknowledge/",
                                 token,
                                 " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ",
                                 type,
                                 "\r\nContent-Length: ",
                                 form.size(),
                                 "\r\n\r\n",
                                 form));
  }

  // Acknowledgements that are there.
  std::vector<rules::v1::Record> Cares() {
    const auto page = reader_->ListRecords({});
    EXPECT_TRUE(page.ok());
    return page->page.items;
  }

  double Count(LinkOutcome outcome) { return metrics_.links[outcome].Value(); }

  service::Metrics registry_;
  edge::GatewayMetrics metrics_{registry_};
  std::unique_ptr<edge::ReadPool> readers_;
  std::unique_ptr<edge::AcknowledgePage> page_;
};

TEST_F(AcknowledgePageTest, LookingChangesNothingHoweverOften) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Get(Token()),
                AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("<form method=\"post\">")));
    EXPECT_THAT(Ask("HEAD", "/acknowledge/" + Token()),
                AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  }
  EXPECT_THAT(Cares(), SizeIs(0));
  EXPECT_EQ(*reader_->CountUsedLinks(), 0);
  EXPECT_EQ(Count(LinkOutcome::kShown), 6);
}

TEST_F(AcknowledgePageTest, ThePageIsForNobodyElseToKeepFrameOrRun) {
  const std::string page = Get(Token());
  EXPECT_THAT(page, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(page, HasSubstr("Referrer-Policy: no-referrer\r\n"));
  EXPECT_THAT(page, HasSubstr("X-Robots-Tag: noindex"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;script&gt;"), Not(HasSubstr("<script"))));
}

TEST_F(AcknowledgePageTest, SendingTheFormAcknowledgesOnceAndSaysWho) {
  EXPECT_THAT(Post(Token(), "for=1h&note=on+my%20way%0D%0A%26+back"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Thank you.")));
  ASSERT_THAT(Cares(), SizeIs(1));
  const rules::v1::Record care = Cares()[0];
  EXPECT_EQ(care.name(), "tenants/acme/sites/hq/acknowledgements/" + Device(1).ToHex() + ".jam/1");
  EXPECT_EQ(care.author(), "contacts/alice by link");
  EXPECT_EQ(care.acknowledgement().instance(), 1u);
  EXPECT_EQ(care.acknowledgement().note(), "on my way & back");
  EXPECT_EQ(event::FromProto(care.acknowledgement().expire_time()),
            clock_.WallNow() + std::chrono::hours(1));
  EXPECT_THAT(*reader_->DirectivesAfter("default", 0, 10), SizeIs(2)) << "the target, and this";

  clock_.Advance(std::chrono::minutes(5));
  EXPECT_THAT(Post(Token(), "for=72h"), AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Thank you.")))
      << "made five minutes later, it is another link";
  const std::string used = Token();
  EXPECT_THAT(Post(used, "for=72h"),
              AllOf(StartsWith("HTTP/1.1 409 "), HasSubstr("as contacts/alice by link.")));
  EXPECT_THAT(Get(used), AllOf(StartsWith("HTTP/1.1 409 "), Not(HasSubstr("<form"))));
  EXPECT_EQ(metrics_.acknowledgements.Value(), 2);
  EXPECT_EQ(Count(LinkOutcome::kUsed), 2);
}

TEST_F(AcknowledgePageTest, AFormWithoutAnythingHoldsForFourHours) {
  EXPECT_THAT(Post(Token(), ""), StartsWith("HTTP/1.1 200 "));
  ASSERT_THAT(Cares(), SizeIs(1));
  EXPECT_EQ(event::FromProto(Cares()[0].acknowledgement().expire_time()),
            clock_.WallNow() + std::chrono::hours(4));
}

TEST_F(AcknowledgePageTest, WhatIsNotOursOrTooOldChangesNothing) {
  std::string cut = Token();
  cut.pop_back();
  for (const std::string& token : {Token(kOther), cut, std::string("x"), std::string()}) {
    EXPECT_THAT(Get(token), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(Post(token, ""), StartsWith("HTTP/1.1 404 "));
  }
  EXPECT_EQ(Count(LinkOutcome::kForged), 8);
  const std::string old = Token();
  clock_.Advance(std::chrono::hours(24));
  EXPECT_THAT(Get(old), StartsWith("HTTP/1.1 410 "));
  EXPECT_THAT(Post(old, ""), StartsWith("HTTP/1.1 410 "));
  EXPECT_EQ(Count(LinkOutcome::kExpired), 2);
  EXPECT_THAT(Cares(), SizeIs(0));
}

TEST_F(AcknowledgePageTest, OtherPathsMethodsAndFormsAreRefusedAndCounted) {
  EXPECT_THAT(Ask("GET", "/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("GET", "/metrics"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("DELETE", "/acknowledge/" + Token()),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD, POST\r\n")));
  EXPECT_THAT(Post(Token(), "for=400h"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Post(Token(), "note=" + std::string(2000, 'x')), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Post(Token(), "{}", "application/json"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Post(Token(), "note=" + std::string(20'000, 'x')), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(Count(LinkOutcome::kNoPage), 2);
  EXPECT_EQ(Count(LinkOutcome::kWrongMethod), 1);
  EXPECT_EQ(Count(LinkOutcome::kBadForm), 3);
  EXPECT_EQ(metrics_.link_refusals[service::HttpRefusal::kBodyTooLarge].Value(), 1);
  EXPECT_THAT(Cares(), SizeIs(0));
}

TEST_F(AcknowledgePageTest, ANoteThatIsNoUtf8IsTakenAsText) {
  EXPECT_THAT(Post(Token(), "note=a%C3%28b%00c"), StartsWith("HTTP/1.1 200 "));
  ASSERT_THAT(Cares(), SizeIs(1));
  EXPECT_EQ(Cares()[0].acknowledgement().note(), "a\uFFFD(b c");
}

TEST_F(AcknowledgePageTest, WhatIsOverSaysSoAndTheNextIsNotAcknowledged) {
  StoreAlert(event::v1::ALERT_TRANSITION_ENDED, 1);
  EXPECT_THAT(Get(Token()), AllOf(StartsWith("HTTP/1.1 410 "), HasSubstr("It is over")));
  EXPECT_THAT(Post(Token(), ""), StartsWith("HTTP/1.1 410 "));
  StoreAlert(event::v1::ALERT_TRANSITION_RAISED, 2);
  EXPECT_THAT(Post(Token(), ""), StartsWith("HTTP/1.1 410 "));
  EXPECT_THAT(Cares(), SizeIs(0));
  EXPECT_EQ(Count(LinkOutcome::kOver), 3);
}

TEST_F(AcknowledgePageTest, KeysAreReadAgainAndBadOnesLeaveTheFormer) {
  WriteKeys(kOther + "\n" + kKey);
  EXPECT_THAT(Get(Token(kOther)), StartsWith("HTTP/1.1 404 "));
  page_->ReloadKeys();
  EXPECT_THAT(Get(Token(kOther)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get(Token(kKey)), StartsWith("HTTP/1.1 200 "));
  WriteKeys("short");
  page_->ReloadKeys();
  EXPECT_THAT(Get(Token(kKey)), StartsWith("HTTP/1.1 200 "));
  WriteKeys(kOther);
  page_->ReloadKeys();
  EXPECT_THAT(Get(Token(kKey)), StartsWith("HTTP/1.1 404 "));
}

TEST_F(AcknowledgePageTest, AboveItsRateItAsksToComeBackLater) {
  page_.reset();
  StartPage({.each = {.per_second = 1, .burst = 9}, .all = {.per_second = 1, .burst = 2}});
  EXPECT_THAT(Get(Token(kOther)), StartsWith("HTTP/1.1 404 ")) << "costs no permit";
  EXPECT_THAT(Get(Token()), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get(Token()), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Post(Token(), ""), AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("Retry-After: ")));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Post(Token(), ""), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AcknowledgePageTest, OneLinkDoesNotUseUpWhatThereIsForOthers) {
  page_.reset();
  StartPage({.each = {.per_second = 1, .burst = 2}, .all = {.per_second = 1, .burst = 4}});
  for (int i = 0; i < 2; ++i) EXPECT_THAT(Get(Token(kKey, 1)), StartsWith("HTTP/1.1 200 "));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Post(Token(kKey, 1), ""), StartsWith("HTTP/1.1 429 "));

  EXPECT_THAT(Get(Token(kKey, 2)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Post(Token(kKey, 2), ""), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AcknowledgePageTest, AStoreThatTakesNothingIsToldAsForNow) {
  store_->Stop();
  EXPECT_THAT(Post(Token(), ""), StartsWith("HTTP/1.1 503 "));
  readers_->Stop();
  EXPECT_THAT(Get(Token()), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(Count(LinkOutcome::kUnavailable), 2);
}

TEST_F(AcknowledgePageTest, UsedLinksAreForgottenOnceTheyExpireAndAreBounded) {
  const auto use = [&](char name, std::int64_t expire_ms, std::int64_t now_ms) {
    return Run([=](edge::Database& database, edge::Changed&) {
      return edge::MarkLinkUsed(database, std::string(32, name), expire_ms, now_ms, 3);
    });
  };
  for (const char name : {'a', 'b', 'c'}) ASSERT_TRUE(use(name, 1000 + name, 0).ok());
  EXPECT_EQ(*reader_->CountUsedLinks(), 3);
  ASSERT_TRUE(use('d', 5000, 0).ok());
  EXPECT_EQ(*reader_->CountUsedLinks(), 3) << "the first to expire is forgotten";
  EXPECT_EQ(reader_->LookUpLink({}, std::string(32, 'a'))->use_ms, 0);
  ASSERT_TRUE(use('e', 9000, 4000).ok());
  EXPECT_EQ(*reader_->CountUsedLinks(), 2) << "those that have expired are gone";
  EXPECT_EQ(reader_->LookUpLink({}, std::string(32, 'e'))->use_ms, 4000);
}

}  // namespace
}  // namespace platen::gateway::testing
