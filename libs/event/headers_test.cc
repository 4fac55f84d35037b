#include "libs/event/headers.h"

#include <limits>
#include <map>

#include <gtest/gtest.h>

namespace platen::event {
namespace {

TEST(MakeHeadersTest, SayWhatRoutingNeeds) {
  v1::Event event;
  event.set_id(std::string(16, '\x01'));
  event.set_tenant("acme");
  event.set_site("hq");
  event.set_device_id(std::string(16, '\x02'));
  event.mutable_source()->set_instance("collector-0");
  event.mutable_source()->set_epoch(5);
  event.mutable_source()->set_sequence(42);
  event.mutable_source()->set_route("default");
  event.mutable_source()->set_region("eu-west");
  event.mutable_occurrence_time()->set_seconds(1'700'000'000);
  event.mutable_alert();

  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : MakeHeaders(event)) headers[name] = value;

  EXPECT_EQ(headers["ce_specversion"], "1.0");
  EXPECT_EQ(headers["ce_id"], "01010101010101010101010101010101");
  EXPECT_EQ(headers["ce_type"], "platen.alert.v1");
  EXPECT_EQ(headers["ce_time"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(headers["tenant"], "acme");
  EXPECT_EQ(headers["region"], "eu-west");
  EXPECT_EQ(headers["route"], "default");
  EXPECT_EQ(headers["sequence"], "00000000000000000042");
}

TEST(MakeHeadersTest, SequencesSortAsText) {
  v1::Event event;
  event.mutable_source()->set_sequence(std::numeric_limits<std::uint64_t>::max());

  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : MakeHeaders(event)) headers[name] = value;

  EXPECT_EQ(headers["sequence"], "18446744073709551615");
}

}  // namespace
}  // namespace platen::event
