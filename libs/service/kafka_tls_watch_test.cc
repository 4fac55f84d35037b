#include "libs/service/kafka_tls_watch.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/service/metrics.h"
#include "libs/tls/test_ca.h"
#include "tests/support/child_process.h"

namespace platen::service {
namespace {

using tls::testing::Leaf;
using tls::testing::TestCa;

class KafkaTlsWatchTest : public testing::Test {
 protected:
  KafkaTlsWatchTest() {
    options_.bootstrap_servers = "127.0.0.1:1";
    options_.properties = {{"security.protocol", "ssl"},
                           {"ssl.certificate.location", folder_.File("relay.crt")},
                           {"ssl.key.location", folder_.File("relay.key")},
                           {"ssl.ca.location", folder_.File("ca.crt")}};
    folder_.Write("ca.crt", ca_.cert_pem());
    Write(ca_.Issue());
    config_.mutable_tls_reload_interval()->set_seconds(3600);
  }

  void Write(const Leaf& leaf) const {
    folder_.Write("relay.crt", leaf.cert_pem);
    folder_.Write("relay.key", leaf.key_pem);
  }

  void Start() {
    auto started = KafkaTlsWatch::Start(config_, options_, metrics_, clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    watch_ = *std::move(started);
  }

  std::string CertificateInUse() const {
    return options_.tls->current()->files.at("ssl.certificate.location");
  }

  bool Shows(const std::string& line) const {
    return metrics_.Text().find(line) != std::string::npos;
  }

  const testing_support::TemporaryDirectory folder_;
  TestCa ca_;
  base::RealClock clock_;
  Metrics metrics_;
  config::v1::Kafka config_;
  broker::kafka::KafkaOptions options_;
  std::unique_ptr<KafkaTlsWatch> watch_;
};

TEST_F(KafkaTlsWatchTest, FilesAreHandedOnAsBytesAndEverythingElseStays) {
  Start();

  EXPECT_EQ(options_.properties.size(), 1u);
  EXPECT_EQ(CertificateInUse(), testing_support::ReadWholeFile(folder_.File("relay.crt")));
  EXPECT_EQ(options_.tls->number(), 1u);
}

TEST_F(KafkaTlsWatchTest, AGoodPairIsTakenOverAndWhoHasTheFormerIsCounted) {
  Start();
  const auto in_use = options_.tls->current();
  const Leaf next = ca_.Issue();
  Write(next);

  EXPECT_TRUE(watch_->LookNow().ok());

  EXPECT_EQ(CertificateInUse(), next.cert_pem);
  EXPECT_TRUE(Shows("platen_kafka_certificate_reloads_total{result=\"taken\"} 1"));
  EXPECT_TRUE(Shows("platen_kafka_clients_on_former_certificate 1"));
}

TEST_F(KafkaTlsWatchTest, AKeyOfAnotherCertificateChangesNothingUntilItsOwnIsThere) {
  Start();
  const std::string before = CertificateInUse();
  const Leaf next = ca_.Issue();
  folder_.Write("relay.crt", next.cert_pem);

  EXPECT_FALSE(watch_->LookNow().ok());
  EXPECT_FALSE(watch_->LookNow().ok());

  EXPECT_EQ(CertificateInUse(), before);
  EXPECT_TRUE(Shows("platen_kafka_certificate_reloads_total{result=\"refused\"} 1")) << "told once";

  Write(next);
  EXPECT_TRUE(watch_->LookNow().ok());
  EXPECT_EQ(CertificateInUse(), next.cert_pem);
}

TEST_F(KafkaTlsWatchTest, HalfWrittenMissingAndExpiredFilesChangeNothing) {
  Start();
  const std::string before = CertificateInUse();
  const Leaf next = ca_.Issue();

  Write({next.cert_pem.substr(0, next.cert_pem.size() / 2), next.key_pem});
  EXPECT_FALSE(watch_->LookNow().ok());
  Write({next.cert_pem, next.key_pem.substr(0, next.key_pem.size() / 2)});
  EXPECT_FALSE(watch_->LookNow().ok());
  Write(ca_.Issue({.not_after = -std::chrono::minutes(1)}));
  EXPECT_FALSE(watch_->LookNow().ok());
  std::filesystem::remove(folder_.File("relay.key"));
  EXPECT_FALSE(watch_->LookNow().ok());

  EXPECT_EQ(CertificateInUse(), before);
}

TEST_F(KafkaTlsWatchTest, FilesThatNoClientCanBeMadeOfEndTheStart) {
  Write({ca_.Issue().cert_pem, ca_.Issue().key_pem});

  EXPECT_EQ(KafkaTlsWatch::Start(config_, options_, metrics_, clock_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(KafkaTlsWatchTest, WithoutTlsThereIsNothingToWatch) {
  options_.properties.clear();

  Start();

  EXPECT_EQ(options_.tls, nullptr);
  EXPECT_TRUE(watch_->LookNow().ok());
}

}  // namespace
}  // namespace platen::service
