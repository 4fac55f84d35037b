#include "services/collector/edge/tool_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<ToolOptions> Parse(std::vector<std::string> arguments) {
  return ParseToolOptions(arguments);
}

TEST(ToolOptionsTest, OptionsTakeTheirValueEitherWay) {
  const auto options = Parse({"printer",
                              "--port=1161",
                              "--community",
                              "private",
                              "--timeout",
                              "500ms",
                              "--version=2c",
                              "--format",
                              "json"});

  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->operands, ElementsAre("printer"));
  EXPECT_EQ(options->port, 1161);
  EXPECT_EQ(options->community, "private");
  EXPECT_EQ(options->timeout, std::chrono::milliseconds(500));
  EXPECT_TRUE(options->version_2c);
  EXPECT_EQ(options->format, OutputFormat::kJson);
}

TEST(ToolOptionsTest, MistakesNameTheOptionAndWhatItTakes) {
  EXPECT_THAT(std::string(Parse({"--port", "0"}).status().message()),
              HasSubstr("--port takes a number from 1 to 65535"));
  EXPECT_THAT(std::string(Parse({"--version", "3"}).status().message()),
              HasSubstr("--version takes 1 or 2c"));
  EXPECT_THAT(std::string(Parse({"--comunity", "x"}).status().message()),
              HasSubstr("there is no option --comunity"));
  EXPECT_THAT(std::string(Parse({"--port"}).status().message()), HasSubstr("needs a value"));
  EXPECT_THAT(std::string(Parse({"--comunity"}).status().message()),
              HasSubstr("there is no option --comunity"));
  EXPECT_FALSE(Parse({"--timeout", "0"}).ok());
}

TEST(ToolOptionsTest, JsonHasTheContractsFieldNames) {
  event::v1::DeviceSnapshot snapshot;
  snapshot.mutable_identity()->set_serial_number("X1");

  EXPECT_EQ(ToJson(snapshot), R"({"identity":{"serial_number":"X1"}})");
}

}  // namespace
}  // namespace platen::collector::edge
