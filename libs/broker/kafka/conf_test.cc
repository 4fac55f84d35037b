#include "libs/broker/kafka/conf.h"

#include <string>

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace platen::broker::kafka {
namespace {

std::string Get(const rd_kafka_conf_t* conf, const char* name) {
  char value[512];
  std::size_t size = sizeof value;
  if (rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK) return "(unset)";
  return value;
}

KafkaOptions Options() {
  KafkaOptions options;
  options.bootstrap_servers = "127.0.0.1:1";
  return options;
}

TEST(ConfTest, APublisherNeverGivesARecordUp) {
  HandleContext context;

  const auto conf = PublisherConf(Options(), {.linger = std::chrono::milliseconds(20)}, &context);

  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "enable.idempotence"), "true");
  EXPECT_EQ(Get(conf->get(), "message.timeout.ms"), "0");
  EXPECT_EQ(Get(conf->get(), "acks"), "-1");
  EXPECT_EQ(Get(conf->get(), "linger.ms"), "20");
}

TEST(ConfTest, ASubscriberNeverSkipsNorCommitsByItself) {
  HandleContext context;

  const auto conf = SubscriberConf(Options(), {.topics = {"t"}, .group = "g"}, &context);

  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "enable.auto.commit"), "false");
  EXPECT_EQ(Get(conf->get(), "enable.auto.offset.store"), "false");
  EXPECT_EQ(Get(conf->get(), "auto.offset.reset"), "error");
  EXPECT_EQ(Get(conf->get(), "partition.assignment.strategy"), "cooperative-sticky");
}

TEST(ConfTest, WhatPromisesRestOnCannotBeConfiguredAway) {
  for (const char* name :
       {"enable.idempotence", "acks", "auto.offset.reset", "message.timeout.ms"}) {
    KafkaOptions options = Options();
    options.properties[name] = "1";
    HandleContext context;

    EXPECT_EQ(PublisherConf(options, {}, &context).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(ConfTest, AWrongPropertyIsNamedWithoutItsValue) {
  KafkaOptions options = Options();
  options.properties["ssl.key.passwort"] = "hunter2";
  HandleContext context;

  const absl::Status status = AdminConf(options, &context).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  EXPECT_NE(message.find("ssl.key.passwort"), std::string::npos);
  EXPECT_EQ(message.find("hunter2"), std::string::npos);
}

TEST(ConfTest, TwoHandlesHaveTwoClientIds) {
  HandleContext context;
  const auto one = AdminConf(Options(), &context);
  const auto other = AdminConf(Options(), &context);

  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(Get(one->get(), "client.id"), Get(other->get(), "client.id"));
}

}  // namespace
}  // namespace platen::broker::kafka
