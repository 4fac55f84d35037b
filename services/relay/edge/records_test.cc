#include "services/relay/edge/records.h"

#include <map>

#include <gtest/gtest.h>

#include "platen/event/v1/pipeline.pb.h"

namespace platen::relay::edge {
namespace {

using ingest::v1::Directive;

Directive WithKey(std::string_view key) {
  Directive directive;
  directive.set_number(7);
  directive.set_key(std::string(key));
  return directive;
}

TEST(DirectiveRecordTest, EachKindHasItsTopic) {
  Directive target = WithKey("device");
  target.mutable_target()->set_address("10.0.0.1");
  Directive removal = WithKey("device");
  removal.mutable_target_removal();
  Directive command = WithKey("device/command");
  command.mutable_command();
  Directive rule = WithKey("");
  rule.mutable_rule()->set_key("rule/night");
  rule.mutable_rule()->set_value("v");
  Directive no_rule = rule;
  no_rule.mutable_rule()->clear_value();

  EXPECT_EQ(ToRecord(target, "platen")->topic, "platen.targets.v1");
  EXPECT_EQ(ToRecord(target, "platen")->value, target.target().SerializeAsString());
  EXPECT_EQ(ToRecord(removal, "platen")->topic, "platen.targets.v1");
  EXPECT_EQ(ToRecord(removal, "platen")->value, std::nullopt) << "a tombstone";
  EXPECT_EQ(ToRecord(command, "demo")->topic, "demo.commands.v1");
  EXPECT_EQ(ToRecord(rule, "platen")->topic, "platen.rules.v1");
  EXPECT_EQ(ToRecord(rule, "platen")->key, "rule/night");
  EXPECT_EQ(ToRecord(no_rule, "platen")->value, std::nullopt);
}

TEST(DirectiveRecordTest, WhatIsNotKnownOrHasNoKeyIsRefused) {
  Directive no_key = WithKey("");
  no_key.mutable_target();

  EXPECT_EQ(ToRecord(WithKey("device"), "platen").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ToRecord(no_key, "platen").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DeadLetterRecordTest, KeepsTheBytesAndSaysWhereFromAndWhy) {
  core::DeadLetter letter;
  letter.origin = {"platen.alerts.v1", 3};
  letter.offset = 42;
  letter.key = "device";
  letter.value = std::string("\0raw", 4);
  letter.reason = core::DeadLetterReason::kUnregisteredDevice;
  letter.detail = "no such device";

  const OwnedRecord record = ToRecord(letter, "east", "platen", base::WallFromMillis(5000));

  EXPECT_EQ(record.topic, "platen.deadletter.v1");
  EXPECT_EQ(record.key, "device");
  event::v1::DeadLetter said;
  ASSERT_TRUE(said.ParseFromString(*record.value));
  EXPECT_EQ(said.payload(), letter.value);
  EXPECT_EQ(said.reason(), "unregistered-device");
  EXPECT_EQ(said.detail(), "no such device");
  EXPECT_EQ(said.topic(), "platen.alerts.v1");
  EXPECT_EQ(said.partition(), 3);
  EXPECT_EQ(said.offset(), 42);
  EXPECT_EQ(said.refused_by(), "gateway");
  EXPECT_EQ(said.time().seconds(), 5);
  const std::map<std::string, std::string> headers(record.headers.begin(), record.headers.end());
  EXPECT_EQ(headers.at("reason"), "unregistered-device");
  EXPECT_EQ(headers.at("route"), "east");
}

}  // namespace
}  // namespace platen::relay::edge
