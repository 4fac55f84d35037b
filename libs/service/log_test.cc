#include "libs/service/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(LogLineTest, WritesJsonMembersOfEveryType) {
  EXPECT_EQ(
      FormatLogLine(LogFormat::kJson,
                    "batch \"sent\"",
                    {{"lane", "alerts"},
                     {"events", std::size_t{3}},
                     {"offset", -1},
                     {"ok", true},
                     {"ratio", 0.5}}),
      R"("message":"batch \"sent\"","lane":"alerts","events":3,"offset":-1,"ok":true,"ratio":0.5)");
}

TEST(LogLineTest, QuotesInTextOnlyWhatNeedsIt) {
  EXPECT_EQ(
      FormatLogLine(
          LogFormat::kText, "batch sent", {{"lane", "alerts"}, {"why", "too slow"}, {"none", ""}}),
      R"(batch sent lane=alerts why="too slow" none="")");
}

TEST(LogLineTest, AValueCannotBreakTheLine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, "read", {{"name", "a\nlevel=error"}}),
            R"(read name="a\u000alevel=error")");
}

TEST(LogTest, WritesWholeJsonLinesAtOrAboveTheLevel) {
  ::testing::internal::CaptureStdout();
  {
    const InstalledLog log({.format = LogFormat::kJson, .level = LogLevel::kWarning});
    LogInfo("not this");
    LogWarning("but this", {{"n", 1}});
  }
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              MatchesRegex("\\{\"time\":\"[0-9]+-[0-9]+-[0-9]+T[0-9:.]+Z\",\"level\":\"warning\","
                           "\"message\":\"but this\",\"n\":1\\}\n"));
}

TEST(LogTest, WritesTextToStandardErrorWhereAsked) {
  ::testing::internal::CaptureStderr();
  {
    const InstalledLog log({.target = LogTarget::kStandardError});
    LogError("disk full", {{"path", "/var"}});
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr(" error   disk full path=/var\n"));
}

TEST(LogTest, CountsWhatAFullQueueDrops) {
  const std::uint64_t before = DroppedLogLines();
  ::testing::internal::CaptureStdout();
  {
    const InstalledLog log({.queue_lines_max = 1});
    for (int i = 0; i < 20'000; ++i) LogInfo("flood");
  }
  const std::string written = ::testing::internal::GetCapturedStdout();
  const auto lines = static_cast<std::uint64_t>(std::count(written.begin(), written.end(), '\n'));
  EXPECT_EQ(DroppedLogLines() - before + lines, 20'000u);
}

TEST(LogTest, WithoutInstallationGoesToStandardErrorAtOnce) {
  SetLogLevel(LogLevel::kInfo);
  ::testing::internal::CaptureStderr();
  LogInfo("early");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "early\n");
}

TEST(LogTest, NamesItsChoices) {
  EXPECT_EQ(*ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_THAT(std::string(ParseLogFormat("xml").status().message()),
              StartsWith("unknown log format 'xml'"));
}

}  // namespace
}  // namespace platen::service
