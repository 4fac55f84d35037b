#include "tools/topics/record_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

namespace platen::topics {
namespace {

using testing::HasSubstr;
using testing::Not;

broker::RecordView Record(std::string_view key, std::optional<std::string_view> value) {
  return {.key = key,
          .value = value,
          .headers = {},
          .offset = 41,
          .append_time = base::WallFromMillis(1767225600123)};
}

TEST(RecordLineTest, AnEventIsShownWithPlaceTimeAndIds) {
  event::v1::Event event;
  event.set_id(std::string(16, '\x01'));
  event.set_device_id(std::string(16, '\xab'));
  event.mutable_alert()->set_description("Paper jam");
  const std::string bytes = event.SerializeAsString();

  const std::string line = RecordLine({"platen.alerts.v1", 3}, Record(event.device_id(), bytes));

  EXPECT_THAT(line,
              testing::StartsWith("{\"topic\":\"platen.alerts.v1\",\"partition\":3,\"offset\":41,"
                                  "\"append_time\":\"2026-01-01T00:00:00.123Z\","
                                  "\"key\":\"abababababababababababababababab\","));
  EXPECT_THAT(line, HasSubstr("\"event_id\":\"01010101010101010101010101010101\""));
  EXPECT_THAT(line, HasSubstr("\"description\":\"Paper jam\""));
}

TEST(RecordLineTest, ADeadLetterNamesWhoseItWas) {
  event::v1::Event event;
  event.set_id(std::string(16, '\x02'));
  event::v1::DeadLetter letter;
  letter.set_reason("unregistered-device");
  letter.set_payload(event.SerializeAsString());
  const std::string bytes = letter.SerializeAsString();

  const std::string line = RecordLine({"test.deadletter.v1", 0}, Record("key", bytes));

  EXPECT_THAT(line, HasSubstr("\"event_id\":\"02020202020202020202020202020202\""));
  EXPECT_THAT(line, HasSubstr("\"reason\":\"unregistered-device\""));
}

TEST(RecordLineTest, WhatIsNotUnderstoodIsCountedNotShown) {
  EXPECT_THAT(RecordLine({"platen.alerts.v1", 0}, Record("k", "\xff\xff\xff")),
              HasSubstr("\"value_bytes\":3}"));
  EXPECT_THAT(RecordLine({"platen.unheard-of.v1", 0}, Record("k", "abc")),
              HasSubstr("\"value_bytes\":3}"));
}

TEST(RecordLineTest, ATombstoneHasNoValue) {
  EXPECT_THAT(RecordLine({"platen.targets.v1", 0}, Record("k", std::nullopt)),
              Not(HasSubstr("value")));
}

}  // namespace
}  // namespace platen::topics
