#include "services/relay/relay_config.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/service/config.h"

namespace platen::relay {
namespace {

using config::v1::Relay;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kYaml = R"(
instance: relay-1
installation: campus
state_dir: /var/lib/platen/relay
kafka: {bootstrap_servers: "127.0.0.1:9092", topic_prefix: demo}
routes:
  - {name: default, gateway: "gateway.platen.test:7443", directives: true}
  - {name: east, gateway: "east.platen.test:7443"}
tls: {cert_file: /c, key_file: /k, ca_file: /a, crl_file: /r}
alerts: {max_bytes: 65536}
logs: {compression: none}
)";

Relay Load(const std::string& yaml) {
  Relay config = DefaultRelayConfig();
  service::FaultList faults;
  service::LoadConfigText(yaml, "relay.yaml", config, faults);
  EXPECT_TRUE(faults.empty()) << faults.ToString();
  return config;
}

std::string Faults(const Relay& config) {
  service::FaultList faults;
  ValidateRelayConfig(config, base::WallTime(), faults);
  return faults.ToString();
}

TEST(RelayConfigTest, AlertsDoNotWaitAndBulkDoes) {
  const Relay config = Load(kYaml);

  const LanePipelineOptions alerts =
      ToPipelineOptions(config, config.routes(0), event::v1::LANE_ALERTS);
  const LanePipelineOptions logs =
      ToPipelineOptions(config, config.routes(1), event::v1::LANE_LOGS);

  EXPECT_EQ(alerts.topic, "demo.alerts.v1");
  EXPECT_EQ(alerts.group, "demo-relay-alerts-default");
  EXPECT_EQ(alerts.core.batch.age_max, base::Duration(0));
  EXPECT_EQ(alerts.core.batch.bytes_max, 65536u);
  EXPECT_EQ(logs.group, "demo-relay-logs-east");
  EXPECT_EQ(logs.core.batch.age_max, std::chrono::milliseconds(200));
}

TEST(RelayConfigTest, OneStreamOfAnInstallationWantsDirectives) {
  const Relay config = Load(kYaml);

  int wanting = 0;
  for (const auto& route : config.routes()) {
    for (const auto lane :
         {event::v1::LANE_ALERTS, event::v1::LANE_TELEMETRY, event::v1::LANE_LOGS}) {
      wanting += ToUplinkOptions(config, route, lane).hello.wants_directives() ? 1 : 0;
    }
  }

  EXPECT_EQ(wanting, 1);
}

TEST(RelayConfigTest, CompressionIsZstdUnlessSaid) {
  const Relay config = Load(kYaml);
  const auto compression = [&](event::v1::Lane lane) {
    return ToUplinkOptions(config, config.routes(0), lane).compression;
  };

  EXPECT_EQ(compression(event::v1::LANE_ALERTS), ingest::v1::COMPRESSION_ZSTD);
  EXPECT_EQ(compression(event::v1::LANE_TELEMETRY), ingest::v1::COMPRESSION_ZSTD);
  EXPECT_EQ(compression(event::v1::LANE_LOGS), ingest::v1::COMPRESSION_NONE);
}

TEST(RelayConfigTest, LogsHaveAShareOfTheBandwidthWhereOneIsKnown) {
  EXPECT_EQ(ToLogsBytesPerSecond(Load(kYaml)), std::nullopt);
  Relay config = Load(std::string(kYaml) + "bandwidth_bytes_per_second: 1000000\n");
  EXPECT_EQ(ToLogsBytesPerSecond(config), 500'000u);
  config.set_logs_percent(20);
  EXPECT_EQ(ToLogsBytesPerSecond(config), 200'000u);
  EXPECT_THAT(Faults(config), Not(HasSubstr("percent")));
  config.set_logs_percent(101);
  EXPECT_THAT(Faults(config), HasSubstr("logs_percent"));
  config.set_logs_percent(20);
  config.set_bandwidth_bytes_per_second(0);
  EXPECT_THAT(Faults(config), HasSubstr("logs_percent"));
}

TEST(RelayConfigTest, AllFaultsAreListedAtOnce) {
  Relay config = Load(kYaml);
  config.clear_instance();
  config.clear_state_dir();
  config.mutable_kafka()->clear_bootstrap_servers();
  config.mutable_kafka()->set_sasl_password_file("/nonexistent/password");
  config.mutable_routes(0)->set_name("east");
  config.mutable_routes(1)->set_gateway("no-port");
  config.mutable_routes(1)->set_directives(true);
  config.mutable_logs()->set_max_bytes(1);

  EXPECT_THAT(Faults(config),
              AllOf(HasSubstr("instance"),
                    HasSubstr("state_dir: is required"),
                    HasSubstr("kafka.bootstrap_servers"),
                    HasSubstr("kafka.sasl_password_file"),
                    HasSubstr("routes[1].name"),
                    HasSubstr("host:port"),
                    HasSubstr("one route must be named \"default\""),
                    HasSubstr("exactly one route must say"),
                    HasSubstr("logs.max_bytes"),
                    HasSubstr("tls.cert_file")));
}

TEST(RelayConfigTest, AProxysPasswordComesFromItsFileAndHasNoAt) {
  const std::string file = testing::TempDir() + "/proxy-password";
  config::v1::Route route;
  route.mutable_proxy()->set_address("proxy.example:3128");
  EXPECT_EQ(ToProxy(route)->address, "proxy.example:3128");
  route.mutable_proxy()->set_user("relay");
  route.mutable_proxy()->set_password_file(file);

  std::ofstream(file) << "secret\n";
  EXPECT_EQ(ToProxy(route)->password, "secret");
  std::ofstream(file) << "se@cret\n";
  EXPECT_THAT(std::string(ToProxy(route).status().message()), HasSubstr("can't contain '@'"));
}

TEST(RelayConfigTest, OnlyTheFilesAreMissingInAGoodOne) {
  EXPECT_THAT(Faults(Load(kYaml)), Not(HasSubstr("routes")));
}

}  // namespace
}  // namespace platen::relay
