#include "libs/service/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

using Action = CommandLine::Action;

absl::StatusOr<CommandLine> Parse(std::vector<std::string_view> arguments) {
  return ParseCommandLine(arguments);
}

std::string Refusal(std::vector<std::string_view> arguments) {
  return std::string(Parse(std::move(arguments)).status().message());
}

TEST(CommandLineTest, TakesValuesWithAndWithoutEqualsSign) {
  const auto line = Parse({"--config",
                           "a.yaml",
                           "--set=x=1",
                           "--set",
                           "y=a=b",
                           "--log-format=json",
                           "--log-level",
                           "debug"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->action, Action::kRun);
  EXPECT_EQ(line->config_file, "a.yaml");
  EXPECT_THAT(line->sets, ::testing::ElementsAre("x=1", "y=a=b"));
  EXPECT_EQ(line->log_format, LogFormat::kJson);
  EXPECT_EQ(line->log_level, LogLevel::kDebug);
}

TEST(CommandLineTest, KnowsItsActions) {
  EXPECT_EQ(Parse({"--check-config"})->action, Action::kCheckConfig);
  EXPECT_EQ(Parse({"--print-config"})->action, Action::kPrintConfig);
  EXPECT_EQ(Parse({"--version"})->action, Action::kVersion);
  EXPECT_EQ(Parse({"--check-config", "--help"})->action, Action::kHelp);
}

TEST(CommandLineTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Refusal({"--confg", "a"}), "unknown option --confg; did you mean --config?");
  EXPECT_EQ(Refusal({"--colour=red"}), "unknown option --colour; see --help");
  EXPECT_EQ(Refusal({"a.yaml"}), "unexpected argument 'a.yaml'; see --help");
  EXPECT_EQ(Refusal({"--config"}), "option --config needs a value; see --help");
  EXPECT_EQ(Refusal({"--log-level=loud"}),
            "unknown log level 'loud'; choose one of: debug, info, warning, error");
}

}  // namespace
}  // namespace platen::service
