#include "libs/service/rule_file.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

using testing::HasSubstr;

std::string RefusalOf(const std::string& text) {
  const std::string path = testing::TempDir() + "/rule_file_test.yaml";
  std::ofstream(path) << text;
  const auto records = ReadRuleFile(path);
  return records.ok() ? "" : std::string(records.status().message());
}

TEST(RuleFileTest, NamesFileAndLineOfWhatIsWrong) {
  const std::string refusal = RefusalOf(R"(records:
  - name: rules/a
    rule: {receivers: [desk]}
  - name: rules/b
    rule: {rate: {more_than: 5}, receivers: [desk]}
)");
  EXPECT_THAT(refusal, HasSubstr("rule_file_test.yaml:4"));
  EXPECT_THAT(refusal, HasSubstr("'rules/b': rate"));
  EXPECT_THAT(RefusalOf("records: [{name: rules/a, rule: {afetr: 10m}}]"), HasSubstr("afetr"));
}

TEST(RuleFileTest, RefusesTwoRecordsOfOneName) {
  EXPECT_THAT(RefusalOf("records:\n  - {name: rules/a, rule: {}}\n  - {name: rules/a, rule: {}}\n"),
              HasSubstr("another record of this name"));
}

TEST(RuleFileTest, RefusesAFileThatIsNotThere) {
  EXPECT_THAT(std::string(ReadRuleFile("/nowhere/rules.yaml").status().message()),
              HasSubstr("/nowhere/rules.yaml"));
}

}  // namespace
}  // namespace platen::service
