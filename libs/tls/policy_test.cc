#include "libs/tls/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/tls/test_ca.h"

namespace platen::tls {
namespace {

using std::chrono::hours;
using testing::CrlOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::KeyKind;
using testing::Leaf;
using testing::LeafOptions;
using ::testing::StartsWith;
using testing::TestCa;

class PolicyTest : public ::testing::Test {
 protected:
  Verdict Verify(const std::string& cert_pem,
                 const Expectation& expected = {},
                 base::Duration later = {}) const {
    const auto store =
        TrustStore::Parse(ca_.cert_pem() + extra_ca_, crl_.empty() ? ca_.Crl() : crl_);
    if (!store.ok())
      return {.refusal = Refusal::kUntrusted, .message = std::string(store.status().message())};
    return (*store)->Verify(
        {.leaf_pem = cert_pem, .chain_pem = chain_}, expected, base::RealClock().WallNow() + later);
  }

  void ExpectRefused(const Verdict& verdict, Refusal refusal, const std::string& reason) {
    ASSERT_FALSE(verdict.accepted());
    EXPECT_EQ(RefusalName(*verdict.refusal), RefusalName(refusal)) << verdict.message;
    EXPECT_THAT(verdict.message, HasSubstr(reason));
    EXPECT_THAT(verdict.message, StartsWith("server certificate "));
    EXPECT_THAT(verdict.message, ::testing::Not(HasSubstr("\n")));
  }

  TestCa ca_;
  std::string extra_ca_;
  std::string crl_;
  std::string chain_;
};

TEST_F(PolicyTest, AcceptsAGoodCertificateInBothRoles) {
  const Leaf leaf = ca_.Issue();
  for (const PeerRole role : {PeerRole::kServer, PeerRole::kClient}) {
    const Verdict verdict = Verify(leaf.cert_pem, {.role = role});
    EXPECT_TRUE(verdict.accepted()) << verdict.message;
    EXPECT_EQ(verdict.peer.common_name, "gateway");
    EXPECT_EQ(verdict.peer.spiffe_id, "spiffe://platen.test/gateway");
    EXPECT_THAT(verdict.peer.dns_names, ElementsAre("gateway.platen.test", "localhost"));
    EXPECT_EQ(verdict.peer.subject, "CN=gateway");
  }
}

TEST_F(PolicyTest, AcceptsTheKeysOfThePolicy) {
  for (const KeyKind key : {KeyKind::kP256, KeyKind::kP384, KeyKind::kRsa2048}) {
    const Verdict verdict = Verify(ca_.Issue({.key = key}).cert_pem);
    EXPECT_TRUE(verdict.accepted()) << verdict.message;
  }
}

TEST_F(PolicyTest, RefusesWeakKeys) {
  ExpectRefused(Verify(ca_.Issue({.key = KeyKind::kRsa1024}).cert_pem),
                Refusal::kWeakKey,
                "its RSA key has 1024 bits");
  ExpectRefused(Verify(ca_.Issue({.key = KeyKind::kSecp256k1}).cert_pem),
                Refusal::kWeakKey,
                "on the curve secp256k1");
  ExpectRefused(
      Verify(ca_.Issue({.key = KeyKind::kEd25519}).cert_pem), Refusal::kWeakKey, "of type ED25519");
}

TEST_F(PolicyTest, RefusesASignatureWithSha1) {
  TestCa rsa("RSA CA", KeyKind::kRsa2048);
  extra_ca_ = rsa.cert_pem();
  crl_ = rsa.Crl();
  EXPECT_EQ(Verify(rsa.Issue({.digest = "SHA1"}).cert_pem).message,
            "server certificate 'CN=gateway' refused: signed with SHA-1 (sha1WithRSAEncryption); "
            "re-issue it with SHA-256");
  ExpectRefused(Verify(ca_.Issue({.digest = "SHA1"}).cert_pem),
                Refusal::kWeakSignature,
                "SHA-1 (ecdsa-with-SHA1)");
  ExpectRefused(Verify(ca_.Issue({.digest = "SHA224"}).cert_pem),
                Refusal::kWeakSignature,
                "signed with SHA224");
}

TEST_F(PolicyTest, RefusesAnotherAuthority) {
  TestCa other("Test CA");  // The same name: only the key tells them apart.
  ExpectRefused(Verify(other.Issue().cert_pem), Refusal::kUntrusted, "see tls.ca_file");
  ExpectRefused(Verify(TestCa("Other").Issue().cert_pem), Refusal::kUntrusted, "see tls.ca_file");
}

TEST_F(PolicyTest, RefusesALeafThatPlaysAuthority) {
  const Leaf leaf = ca_.Issue();
  ExpectRefused(Verify(ca_.cert_pem()), Refusal::kWrongUse, "");
}

TEST_F(PolicyTest, JudgesValidityAtTheGivenTime) {
  crl_ = ca_.Crl({.last_update = -hours(100), .next_update = hours(100)});
  const Leaf leaf = ca_.Issue();
  EXPECT_TRUE(Verify(leaf.cert_pem).accepted());
  ExpectRefused(
      Verify(leaf.cert_pem, {}, hours(25)), Refusal::kExpired, "it has expired; renew it");
  ExpectRefused(Verify(leaf.cert_pem, {}, -hours(2)), Refusal::kNotYetValid, "not valid yet");
}

TEST_F(PolicyTest, RefusesTheRevoked) {
  const Leaf leaf = ca_.Issue();
  ca_.Revoke(leaf.cert_pem);
  ExpectRefused(Verify(leaf.cert_pem), Refusal::kRevoked, "it has been revoked; issue a new one");
  EXPECT_TRUE(Verify(ca_.Issue().cert_pem).accepted()) << "others are not";
}

TEST_F(PolicyTest, AStaleRevocationListClosesTheDoor) {
  const Leaf leaf = ca_.Issue();
  crl_ = ca_.Crl({.last_update = -hours(2), .next_update = -hours(1)});
  ExpectRefused(
      Verify(leaf.cert_pem), Refusal::kCrlStale, "revocation list of its issuer is stale");
}

TEST_F(PolicyTest, AMissingRevocationListClosesTheDoor) {
  TestCa other("Other CA");
  extra_ca_ = other.cert_pem();
  ExpectRefused(
      Verify(other.Issue().cert_pem), Refusal::kCrlMissing, "no revocation list of its issuer");
}

TEST_F(PolicyTest, ARevocationListOfSomebodyElseIsNone) {
  TestCa impostor("Test CA");
  crl_ = impostor.Crl();
  ExpectRefused(Verify(ca_.Issue().cert_pem), Refusal::kCrlMissing, "not signed by it");
}

TEST_F(PolicyTest, FollowsIntermediatesAndTheirRevocation) {
  TestCa intermediate("Intermediate", ca_);
  const Leaf leaf = intermediate.Issue();
  ExpectRefused(Verify(leaf.cert_pem), Refusal::kUntrusted, "sent with its intermediates");
  chain_ = leaf.cert_pem + intermediate.cert_pem();
  ExpectRefused(Verify(leaf.cert_pem), Refusal::kCrlMissing, "");
  crl_ = ca_.Crl() + intermediate.Crl();
  EXPECT_TRUE(Verify(leaf.cert_pem).accepted()) << Verify(leaf.cert_pem).message;
  ca_.Revoke(intermediate.cert_pem());
  crl_ = ca_.Crl() + intermediate.Crl();
  ExpectRefused(Verify(leaf.cert_pem),
                Refusal::kRevoked,
                "its issuer 'CN=Intermediate': it has been revoked");
}

TEST_F(PolicyTest, RefusesTheOtherRolesCertificate) {
  ExpectRefused(Verify(ca_.Issue({.extended_key_usage = "clientAuth"}).cert_pem),
                Refusal::kWrongUse,
                "extended key usage");
  EXPECT_FALSE(
      Verify(ca_.Issue({.extended_key_usage = "serverAuth"}).cert_pem, {.role = PeerRole::kClient})
          .accepted());
}

TEST_F(PolicyTest, ComparesTheHostThatWasDialled) {
  const Leaf leaf = ca_.Issue(
      {.alternative_names = {"DNS:gateway.platen.test", "DNS:*.wild.test", "IP:192.0.2.7"}});
  for (const char* good :
       {"gateway.platen.test", "GATEWAY.platen.test", "a.wild.test", "192.0.2.7", ""}) {
    EXPECT_TRUE(Verify(leaf.cert_pem, {.host = good}).accepted()) << good;
  }
  for (const char* bad : {"platen.test",
                          "x.gateway.platen.test",
                          "a.b.wild.test",
                          "wild.test",
                          "192.0.2.8",
                          "gateway"}) {
    ExpectRefused(Verify(leaf.cert_pem, {.host = bad}),
                  Refusal::kWrongName,
                  "it is not for '" + std::string(bad) + "'");
  }
}

TEST_F(PolicyTest, NeverTakesACommonNameForAHost) {
  const Leaf leaf = ca_.Issue({.common_name = "gateway.platen.test", .alternative_names = {}});
  ExpectRefused(
      Verify(leaf.cert_pem, {.host = "gateway.platen.test"}), Refusal::kWrongName, "but for: none");
}

TEST_F(PolicyTest, KeepsToTheDomain) {
  const Leaf leaf = ca_.Issue();
  EXPECT_TRUE(
      Verify(leaf.cert_pem, {.host = "gateway.platen.test", .domain = "platen.test"}).accepted());
  ExpectRefused(Verify(leaf.cert_pem, {.host = "localhost", .domain = "platen.test"}),
                Refusal::kWrongName,
                "'localhost' is not in the domain");
  EXPECT_TRUE(
      Verify(leaf.cert_pem, {.role = PeerRole::kClient, .domain = "platen.test"}).accepted());
  EXPECT_FALSE(Verify(leaf.cert_pem, {.role = PeerRole::kClient, .domain = "n.test"}).accepted())
      << "not a label";
  EXPECT_TRUE(Verify(ca_.Issue({.alternative_names = {"URI:spiffe://platen.test/relay"}}).cert_pem,
                     {.role = PeerRole::kClient, .domain = "platen.test"})
                  .accepted());
  EXPECT_FALSE(
      Verify(ca_.Issue({.alternative_names = {"URI:spiffe://platen.test.evil/relay"}}).cert_pem,
             {.role = PeerRole::kClient, .domain = "platen.test"})
          .accepted());
}

TEST_F(PolicyTest, TwoSpiffeIdsAreNone) {
  const Leaf leaf = ca_.Issue(
      {.alternative_names = {"URI:spiffe://platen.test/a", "URI:spiffe://platen.test/b"}});
  EXPECT_EQ(Verify(leaf.cert_pem).peer.spiffe_id, "");
}

TEST_F(PolicyTest, RefusesNothingAndNonsense) {
  ExpectRefused(Verify(""), Refusal::kNoCertificate, "none was shown");
  ExpectRefused(Verify("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                Refusal::kNoCertificate,
                "none was shown");
}

TEST_F(PolicyTest, APeersNameCannotBreakALine) {
  const Verdict verdict = Verify(TestCa("x").Issue({.common_name = "a\nlevel=error"}).cert_pem);
  ExpectRefused(verdict, Refusal::kUntrusted, "a\\0Alevel=error");
}

TEST_F(PolicyTest, ATrustStoreRefusesWhatCannotBeTrusted) {
  const std::string crl = ca_.Crl();
  EXPECT_THAT(std::string(TrustStore::Parse("", crl).status().message()),
              HasSubstr("no certification authority"));
  EXPECT_THAT(std::string(TrustStore::Parse(ca_.cert_pem(), "").status().message()),
              HasSubstr("no revocation list"));
  EXPECT_THAT(std::string(TrustStore::Parse(ca_.cert_pem(), ca_.Crl({.has_next_update = false}))
                              .status()
                              .message()),
              HasSubstr("has no next update"));
  EXPECT_THAT(
      std::string(
          TrustStore::Parse(ca_.cert_pem(), ca_.Crl({.digest = "SHA1"})).status().message()),
      HasSubstr("signed with SHA-1"));
  EXPECT_THAT(
      std::string(
          TrustStore::Parse(TestCa("w", KeyKind::kRsa1024).cert_pem(), crl).status().message()),
      HasSubstr("authority 'CN=w' refused: its RSA key has 1024 bits"));
  EXPECT_FALSE(
      TrustStore::Parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", crl)
          .ok());
}

TEST_F(PolicyTest, KnowsWhenItsListsEnd) {
  const auto store = TrustStore::Parse(ca_.cert_pem(), ca_.Crl({.next_update = hours(5)}));
  ASSERT_TRUE(store.ok());
  const base::Duration left = (*store)->crl_next_update() - base::RealClock().WallNow();
  EXPECT_GT(left, hours(4));
  EXPECT_LE(left, hours(5));
}

TEST(PeerIdentityTest, HasEachOfItsNames) {
  const PeerIdentity peer{
      .common_name = "relay", .spiffe_id = "spiffe://x/relay", .dns_names = {"relay.x"}};
  EXPECT_TRUE(peer.Has("relay"));
  EXPECT_TRUE(peer.Has("relay.x"));
  EXPECT_TRUE(peer.Has("spiffe://x/relay"));
  EXPECT_FALSE(peer.Has(""));
  EXPECT_FALSE(peer.Has("x"));
}

}  // namespace
}  // namespace platen::tls
