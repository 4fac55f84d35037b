#include "libs/tls/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/base/sim_clock.h"
#include "libs/tls/test_ca.h"

namespace platen::tls {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest()
      : clock_(base::RealClock().WallNow()),
        judge_(
            "platen.test",
            [this](const Verdict& verdict) { refused_.push_back(*verdict.refusal); },
            clock_) {
    Trust();
  }

  void Trust() {
    judge_.SetTrust(*TrustStore::Parse(ca_.cert_pem(), ca_.Crl({.next_update = hours(1000)})));
  }

  base::SimClock clock_;
  testing::TestCa ca_;
  std::vector<Refusal> refused_;
  Judge judge_;
};

TEST_F(JudgeTest, TellsWhomItRefusesAndWhy) {
  const PeerChain chain{.leaf_pem = ca_.Issue().cert_pem};
  EXPECT_TRUE(judge_.Ask(chain, PeerRole::kServer, "gateway.platen.test:443").accepted());
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_FALSE(judge_.Ask(chain, PeerRole::kServer, "relay.platen.test:443").accepted());
  EXPECT_THAT(refused_, ElementsAre(Refusal::kWrongName));
}

TEST_F(JudgeTest, RemembersAcceptanceOnlyUntilTrustIsSetAgain) {
  const PeerChain chain{.leaf_pem = ca_.Issue().cert_pem};
  EXPECT_TRUE(judge_.AskOften(chain, PeerRole::kClient).accepted());

  clock_.Advance(hours(48));
  EXPECT_TRUE(judge_.AskOften(chain, PeerRole::kClient).accepted()) << "remembered";
  Trust();

  EXPECT_EQ(judge_.AskOften(chain, PeerRole::kClient).refusal, Refusal::kExpired);
}

TEST_F(JudgeTest, RemembersByRole) {
  const PeerChain chain{.leaf_pem = ca_.Issue({.extended_key_usage = "serverAuth"}).cert_pem};
  EXPECT_TRUE(judge_.AskOften(chain, PeerRole::kServer).accepted());
  EXPECT_EQ(judge_.AskOften(chain, PeerRole::kClient).refusal, Refusal::kWrongUse);
}

TEST_F(JudgeTest, NeverRemembersARefusal) {
  const testing::Leaf leaf = ca_.Issue({.not_before = hours(1)});
  const PeerChain chain{.leaf_pem = leaf.cert_pem};
  EXPECT_FALSE(judge_.AskOften(chain, PeerRole::kClient).accepted());
  clock_.Advance(hours(2));
  EXPECT_TRUE(judge_.AskOften(chain, PeerRole::kClient).accepted());
}

TEST(HostOfTest, DropsThePort) {
  EXPECT_EQ(HostOf("gateway.platen.test:7443"), "gateway.platen.test");
  EXPECT_EQ(HostOf("gateway.platen.test"), "gateway.platen.test");
  EXPECT_EQ(HostOf("[::1]:7443"), "::1");
  EXPECT_EQ(HostOf("::1"), "::1");
  EXPECT_EQ(HostOf("127.0.0.1:1"), "127.0.0.1");
  EXPECT_EQ(HostOf(""), "");
}

}  // namespace
}  // namespace platen::tls
