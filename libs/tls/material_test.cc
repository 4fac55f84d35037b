#include "libs/tls/material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/tls/test_ca.h"

namespace platen::tls {
namespace {

using ::testing::HasSubstr;
using testing::KeyKind;
using testing::Leaf;

class MaterialTest : public ::testing::Test {
 protected:
  absl::StatusOr<TlsMaterial> Parse(const Leaf& leaf, base::Duration later = {}) const {
    return ParseTlsMaterial(
        {.cert_file = "a.crt", .key_file = "a.key", .ca_file = "ca.crt", .crl_file = "ca.crl"},
        {.cert_pem = leaf.cert_pem,
         .key_pem = leaf.key_pem,
         .ca_pem = ca_.cert_pem(),
         .crl_pem = crl_},
        base::RealClock().WallNow() + later);
  }

  std::string Fault(const Leaf& leaf, base::Duration later = {}) const {
    return std::string(Parse(leaf, later).status().message());
  }

  testing::TestCa ca_;
  std::string crl_ = ca_.Crl();
};

TEST_F(MaterialTest, TakesWhatBelongsTogether) {
  const auto material = Parse(ca_.Issue());
  ASSERT_TRUE(material.ok()) << material.status();
  EXPECT_EQ(material->own.common_name, "gateway");
  EXPECT_GT(material->own.not_after, base::RealClock().WallNow());
}

TEST_F(MaterialTest, RefusesAKeyOfAnotherCertificate) {
  EXPECT_EQ(Fault({.cert_pem = ca_.Issue().cert_pem, .key_pem = ca_.Issue().key_pem}),
            "a.key is not the key of a.crt; they must be replaced together");
}

TEST_F(MaterialTest, RefusesAnOwnCertificateThatPeersWouldRefuse) {
  EXPECT_THAT(Fault(ca_.Issue({.digest = "SHA1"})),
              HasSubstr("a.crt ('CN=gateway'): signed with SHA-1"));
  EXPECT_THAT(Fault(ca_.Issue({.key = KeyKind::kRsa1024})),
              HasSubstr("a.crt ('CN=gateway'): its RSA key has 1024 bits"));
  EXPECT_THAT(Fault(ca_.Issue(), std::chrono::hours(25)),
              HasSubstr("a.crt ('CN=gateway'): it has expired; renew it"));
}

TEST_F(MaterialTest, NamesTheFileThatCannotBeUsed) {
  Leaf leaf = ca_.Issue();
  leaf.key_pem = "no key";
  EXPECT_THAT(Fault(leaf), HasSubstr("a.key: no private key"));
  leaf = ca_.Issue();
  leaf.cert_pem = "";
  EXPECT_EQ(Fault(leaf), "a.crt: no certificate in it");
  crl_ = "";
  EXPECT_EQ(Fault(ca_.Issue()), "ca.crl: no revocation list in the PEM");
}

TEST_F(MaterialTest, AStaleListIsNoFaultOfOurs) {
  crl_ = ca_.Crl({.last_update = -std::chrono::hours(2), .next_update = -std::chrono::hours(1)});
  EXPECT_TRUE(Parse(ca_.Issue()).ok());
}

TEST_F(MaterialTest, AMissingFileIsNamed) {
  const std::vector<TlsFault> faults = CheckTlsFiles({.cert_file = "/nonexistent/a.crt",
                                                      .key_file = "/nonexistent/a.key",
                                                      .ca_file = "/nonexistent/ca.crt",
                                                      .crl_file = "/nonexistent/ca.crl"},
                                                     base::WallTime());

  ASSERT_EQ(faults.size(), 4u);
  EXPECT_EQ(faults[0].file, &TlsFiles::cert_file);
  EXPECT_THAT(faults[0].message, HasSubstr("/nonexistent/a.crt: No such file"));
  EXPECT_EQ(faults[3].file, &TlsFiles::crl_file);
}

}  // namespace
}  // namespace platen::tls
