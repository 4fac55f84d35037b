#include "libs/service/tls_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

using testing::HasSubstr;

TEST(TlsConfigTest, AsksForFourFilesThatCanBeRead) {
  config::v1::Tls config;
  config.set_cert_file("/nonexistent/cert.pem");
  config.mutable_reload_interval()->set_seconds(31);
  FaultList faults;

  ValidateTls(config, "tls", base::WallTime(), faults);

  EXPECT_EQ(
      faults.ToString(),
      "defaults: tls.cert_file: cannot read /nonexistent/cert.pem: No such file or directory\n"
      "defaults: tls.key_file: is required\n"
      "defaults: tls.ca_file: is required\n"
      "defaults: tls.crl_file: is required\n"
      "defaults: tls.reload_interval: 31s is not from 0s to 30s\n");
}

}  // namespace
}  // namespace platen::service
