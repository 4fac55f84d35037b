// rules test and rules replay without a gateway, as somebody types them.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "tools/platenctl/run.h"

namespace platen::platenctl {
namespace {

using testing::HasSubstr;
using testing::Not;

class RulesCommandsTest : public testing::Test {
 protected:
  RulesCommandsTest() { setenv("PLATENCTL_CONFIG", "", 1); }

  std::string File(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/rules_commands_" + name;
    std::ofstream(path) << text;
    return path;
  }

  int Do(std::vector<std::string> words, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const int code = platenctl::Run(words, {.clock = clock_, .in = in, .out = out, .err = err});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  static std::string Event(const std::string& minute,
                           const std::string& id,
                           const std::string& rest) {
    return R"({"id":")" + id + R"(","tenant":"acme","site":"hq",)" +
           R"("deviceId":"ZGRkZGRkZGRkZGRkZGRkZA==",)" + R"("observationTime":"2025-12-31T01:)" +
           minute + R"(:00Z","alert":{"alertId":"jam/1",)" +
           R"("instance":1,"category":"ALERT_CATEGORY_JAM","code":8,)" + rest + "}}\n";
  }

  base::SimClock clock_;
  std::string out_;
  std::string err_;
  const std::string at_once_ =
      File("at_once.yaml", "records: [{name: rules/all, rule: {receivers: [desk]}}]");
  const std::string late_ =
      File("late.yaml", "records: [{name: rules/jam, rule: {after: 10m, receivers: [desk]}}]");
};

TEST_F(RulesCommandsTest, SaysWhoIsToldWhenAndWhy) {
  EXPECT_EQ(Do({"rules", "test", "--rules", late_, "-"}, Event("50", "", "\"where\":\"Tray 2\"")),
            kExitOk)
      << err_;
  EXPECT_THAT(out_, HasSubstr("jam in tray 2"));
  EXPECT_THAT(out_, HasSubstr("rules/jam takes it"));
  EXPECT_THAT(out_, HasSubstr("after 10 min"));
  EXPECT_THAT(out_, HasSubstr("it has to be open for longer"));
}

TEST_F(RulesCommandsTest, SaysWhyNobodyIs) {
  const std::string none =
      File("none.yaml", "records: [{name: tenants/other/rules/all, rule: {receivers: [desk]}}]");
  EXPECT_EQ(Do({"rules", "test", "--rules", none, "-"}, Event("50", "", "\"where\":\"\"")),
            kExitOk);
  EXPECT_THAT(out_, HasSubstr("no rule takes it"));
  EXPECT_THAT(out_, HasSubstr("nobody is told: no rule sends it to anybody"));
}

TEST_F(RulesCommandsTest, CountsWhatWouldHaveBeenSentBesideWhatIs) {
  const std::string events =
      File("events.jsonl",
           Event("20", "MTExMTExMTExMTExMTExMQ==", "\"transition\":\"ALERT_TRANSITION_RAISED\"") +
               Event("25",
                     "MjIyMjIyMjIyMjIyMjIyMg==",
                     "\"transition\":\"ALERT_TRANSITION_ENDED\",\"end\":\"ALERT_END_CLEARED\""));
  EXPECT_EQ(Do({"rules", "replay", late_, "--compare", at_once_, "--events", events}), kExitOk)
      << err_;
  EXPECT_THAT(out_, HasSubstr("desk      rules/all  jam          0           0     0      0    2"));
  EXPECT_THAT(out_, HasSubstr("0 messages, 0 a day, of 2 events of 1 device"));
  EXPECT_THAT(out_, HasSubstr("1 over before anybody was to be told"));
  EXPECT_EQ(Do({"rules", "replay", at_once_, "--events", events, "--output", "json"}), kExitOk);
  EXPECT_THAT(out_, HasSubstr(R"("beginnings":1)"));
  EXPECT_THAT(out_, HasSubstr(R"("messages":2)"));
}

TEST_F(RulesCommandsTest, AskForAGatewayWhereOneIsNeededAlone) {
  EXPECT_EQ(Do({"rules", "replay", late_}), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("--gateway"));
  EXPECT_EQ(Do({"rules", "test", "-"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--rules"));
  EXPECT_THAT(err_, Not(HasSubstr("--gateway")));
}

TEST_F(RulesCommandsTest, RefuseRulesThatAreWrongWithTheirLine) {
  const std::string wrong =
      File("wrong.yaml", "records:\n  - name: rules/a\n    rule: {afetr: 5}\n");
  EXPECT_EQ(Do({"rules", "test", "--rules", wrong, "-"}, "{}"), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("wrong.yaml:3"));
}

}  // namespace
}  // namespace platen::platenctl
