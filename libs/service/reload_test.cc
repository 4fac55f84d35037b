#include "libs/service/reload.h"

#include <vector>

#include <gtest/gtest.h>

#include "libs/service/test_config.pb.h"

#include "libs/service/config.h"

namespace platen::service {
namespace {

// What is said of the change from one file to the other.
std::string FaultsOf(std::string_view running,
                     std::string_view changed,
                     const std::vector<std::string>& reloadable = {}) {
  FaultList before;
  test::Sample from;
  LoadConfigText(running, "old.yaml", from, before);
  EXPECT_TRUE(before.empty()) << before.ToString();
  FaultList faults;
  test::Sample to;
  LoadConfigText(changed, "new.yaml", to, faults);
  RefuseFixedChanges(from, to, reloadable, faults);
  return faults.ToString();
}

TEST(RefuseFixedChangesTest, TakesTheSameAgain) {
  constexpr std::string_view kFile = "instance: a\nlimits: {connections_max: 1}\nnames: [a, b]\n";
  EXPECT_EQ(FaultsOf(kFile, kFile), "");
}

TEST(RefuseFixedChangesTest, TakesChangesOfWhatMayChange) {
  EXPECT_EQ(FaultsOf("receivers: [{name: a}]\nlimits: {connections_max: 1}\n",
                     "receivers: [{name: b}, {name: c}]\nlimits: {connections_max: 2}\n",
                     {"receivers", "limits.connections_max"}),
            "");
}

TEST(RefuseFixedChangesTest, NamesTheLineOfEachOtherChange) {
  EXPECT_EQ(
      FaultsOf("instance: a\nnames: [a]\nlimits:\n  connections_max: 1\n  strict: true\n",
               "instance: b\nnames: [a]\nlimits:\n  connections_max: 2\n  strict: true\n",
               {"limits.strict"}),
      "new.yaml:1: instance: can't change while running; restart, or put the former value back\n"
      "new.yaml:4: limits.connections_max: can't change while running; restart, or put the former "
      "value back\n");
}

TEST(RefuseFixedChangesTest, FindsWhatWasTakenOut) {
  EXPECT_EQ(FaultsOf("instance: a\ntls: {ca_file: x}\n", "instance: a\n"),
            "new.yaml:1: tls.ca_file: can't change while running; restart, or put the former value "
            "back\n");
}

}  // namespace
}  // namespace platen::service
