#include "libs/service/common_config.h"

#include <gtest/gtest.h>

#include "libs/service/test_config.pb.h"

namespace platen::service {
namespace {

TEST(CommonConfigTest, EmptySectionsMeanTheDefaults) {
  const CommonOptions options = ToCommonOptions(test::Sample());
  EXPECT_EQ(options.admin_address, "127.0.0.1:0");
  EXPECT_EQ(options.log_format, LogFormat::kJson);
  EXPECT_EQ(options.log_level, LogLevel::kInfo);
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds(25));
}

TEST(CommonConfigTest, TakesWhatIsGiven) {
  test::Sample config;
  config.mutable_admin()->set_listen("[::1]:9100");
  config.mutable_log()->set_format("text");
  config.mutable_log()->set_level("debug");
  config.mutable_drain_timeout()->set_seconds(3);

  const CommonOptions options = ToCommonOptions(config);

  EXPECT_EQ(options.admin_address, "[::1]:9100");
  EXPECT_EQ(options.log_format, LogFormat::kText);
  EXPECT_EQ(options.log_level, LogLevel::kDebug);
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds(3));
}

TEST(CommonConfigTest, AnInstanceIsANameThatGatewaysTake) {
  for (const std::string& name : {std::string("collector-1"), std::string(127, 'x')}) {
    FaultList faults;
    RequireInstance(name, faults);
    EXPECT_TRUE(faults.empty()) << name;
  }
  for (const std::string& name : {std::string(), std::string(128, 'x'), std::string("a\nb")}) {
    FaultList faults;
    RequireInstance(name, faults);
    EXPECT_EQ(faults.faults().size(), 1U) << name;
  }
}

TEST(CommonConfigTest, ListsFaultsOfEverySection) {
  test::Sample config;
  config.mutable_admin()->set_listen("0.0.0.0:9100");
  config.mutable_log()->set_format("xml");
  config.mutable_log()->set_level("loud");
  config.mutable_drain_timeout()->set_seconds(-1);
  FaultList faults;

  ValidateCommon(config, faults);

  EXPECT_EQ(
      faults.ToString(),
      "defaults: admin.listen: admin address '0.0.0.0:9100' is not a loopback address; the admin "
      "port has no "
      "TLS and stays on 127.0.0.1 or [::1]\n"
      "defaults: log.format: unknown log format 'xml'; choose one of: text, json\n"
      "defaults: log.level: unknown log level 'loud'; choose one of: debug, info, warning, error\n"
      "defaults: drain_timeout: -1s is not from 0s to 1h\n");
}

}  // namespace
}  // namespace platen::service
