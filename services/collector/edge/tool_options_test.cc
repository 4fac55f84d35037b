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
  EXPECT_THAT(std::string(Parse({"--version", "4"}).status().message()),
              HasSubstr("--version takes 1, 2c or 3"));
  EXPECT_THAT(std::string(Parse({"--comunity", "x"}).status().message()),
              HasSubstr("there is no option --comunity"));
  EXPECT_THAT(std::string(Parse({"--port"}).status().message()), HasSubstr("needs a value"));
  EXPECT_THAT(std::string(Parse({"--comunity"}).status().message()),
              HasSubstr("there is no option --comunity"));
  EXPECT_FALSE(Parse({"--timeout", "0"}).ok());
}

// Their passwords are in the environment.
class UserOptionsTest : public testing::Test {
 protected:
  UserOptionsTest() {
    setenv(kAuthPasswordVariable, "a password to sign", 1);
    setenv(kPrivPasswordVariable, "one to encrypt", 1);
  }

  ~UserOptionsTest() override {
    unsetenv(kAuthPasswordVariable);
    unsetenv(kPrivPasswordVariable);
  }
};

TEST_F(UserOptionsTest, AUserIsNamedWithItsProtocolsInAnyCase) {
  const auto options = Parse({"--user", "fleet", "--auth=sha512", "--priv=AES-192", "printer"});

  ASSERT_TRUE(options.ok()) << options.status();
  ASSERT_TRUE(options->user.has_value());
  EXPECT_EQ(options->user->name, "fleet");
  EXPECT_EQ(options->user->auth, snmp::usm::AuthProtocol::kSha512);
  EXPECT_EQ(options->user->auth_password, "a password to sign");
  EXPECT_EQ(options->user->priv, snmp::usm::PrivProtocol::kAes192);
  EXPECT_EQ(options->user->priv_password, "one to encrypt");
}

TEST_F(UserOptionsTest, WhatCantBeAUserIsRefused) {
  EXPECT_THAT(std::string(Parse({"--version", "3"}).status().message()), HasSubstr("--user"));
  EXPECT_THAT(std::string(Parse({"--user", "x", "--auth", "SHA-3"}).status().message()),
              HasSubstr("--auth takes one of MD5, SHA-1, "));
  EXPECT_THAT(std::string(Parse({"--user", "x", "--priv", "DES"}).status().message()),
              HasSubstr("privacy needs authentication"));
  EXPECT_THAT(std::string(Parse({"--user", "x", "--version", "2c"}).status().message()),
              HasSubstr("--version says another"));
  setenv(kAuthPasswordVariable, "short", 1);
  EXPECT_THAT(std::string(Parse({"--user", "x", "--auth", "MD5"}).status().message()),
              HasSubstr(kAuthPasswordVariable));
}

TEST(ToolOptionsTest, JsonHasTheContractsFieldNames) {
  event::v1::DeviceSnapshot snapshot;
  snapshot.mutable_identity()->set_serial_number("X1");

  EXPECT_EQ(ToJson(snapshot), R"({"identity":{"serial_number":"X1"}})");
}

}  // namespace
}  // namespace platen::collector::edge
