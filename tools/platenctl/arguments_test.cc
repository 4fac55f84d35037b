#include "tools/platenctl/arguments.h"

#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"output", "FORMAT", "how"}, {"limit", "N", "most", 1, 10}, {"open", "", "flag"}};

absl::StatusOr<Arguments> Parse(std::vector<std::string> words) {
  return Arguments::Parse(words, kOptions);
}

TEST(ArgumentsTest, OptionsAndOperandsMayBeMixed) {
  const auto arguments = Parse({"one", "--output=json", "--open", "two", "--limit", "5"});

  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->operands(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(arguments->Get("output"), "json");
  EXPECT_TRUE(arguments->Has("open"));
  EXPECT_EQ(arguments->Number("limit", 1), 5);
}

TEST(ArgumentsTest, AnOptionMayBeGivenTwice) {
  const auto arguments = Parse({"--output=json", "--output", "csv"});
  EXPECT_EQ(arguments->Get("output"), "csv");
  EXPECT_EQ(arguments->All("output"), (std::vector<std::string>{"json", "csv"}));
  EXPECT_TRUE(arguments->All("open").empty());
}

TEST(ArgumentsTest, TwoDashesEndTheOptions) {
  EXPECT_EQ(Parse({"--", "--output"})->operands(), std::vector<std::string>{"--output"});
}

TEST(ArgumentsTest, ADashAloneIsAnOperand) {
  EXPECT_EQ(Parse({"-"})->operands(), std::vector<std::string>{"-"});
}

TEST(ArgumentsTest, AMistypedOptionIsToldWhatItMayBe) {
  EXPECT_NE(Parse({"--ouput", "json"}).status().message().find("--output"), std::string::npos);
  EXPECT_FALSE(Parse({"-o"}).ok());
  EXPECT_FALSE(Parse({"--output"}).ok());
  EXPECT_FALSE(Parse({"--open=yes"}).ok());
}

TEST(ArgumentsTest, NumbersHaveBounds) {
  EXPECT_FALSE(Parse({"--limit", "0"}).ok());
  EXPECT_FALSE(Parse({"--limit", "11"}).ok());
  EXPECT_FALSE(Parse({"--limit=1x"}).ok());
  EXPECT_EQ(Parse({})->Number("limit", 7), 7);
}

}  // namespace
}  // namespace platen::platenctl
