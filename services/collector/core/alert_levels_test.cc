#include "services/collector/core/alert_levels.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using namespace event::v1;  // NOLINT(google-build-using-namespace): two enums of one package.

Alert Said(int group, int code, AlertSeverity severity, AlertTraining training) {
  Alert alert;
  alert.set_group(group);
  alert.set_code(code);
  alert.set_severity(severity);
  alert.set_training(training);
  return alert;
}

TEST(AlertLevelsTest, TheFirstRuleThatFitsGivesTheLevel) {
  const std::vector<AlertLevelRule> rules = {
      {.codes = {{1, 2}, {30200, 30299}}, .level = 3},
      {.training = {ALERT_TRAINING_TRAINED, ALERT_TRAINING_FIELD_SERVICE}, .level = 2},
      {.level = 1}};

  EXPECT_EQ(DerivedLevel(rules, Said(8, 2, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_UNTRAINED)), 3U);
  EXPECT_EQ(DerivedLevel(rules, Said(8, 30208, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_TRAINED)),
            3U);
  EXPECT_EQ(DerivedLevel(rules, Said(8, 8, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_FIELD_SERVICE)),
            2U);
  EXPECT_EQ(DerivedLevel(rules, Said(8, 30300, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_UNTRAINED)),
            1U);
}

TEST(AlertLevelsTest, EveryMemberThatIsGivenMustFit) {
  const std::vector<AlertLevelRule> rules = {{.codes = {{33, 33}},
                                              .groups = {10},
                                              .severity = {ALERT_SEVERITY_CRITICAL},
                                              .training = {ALERT_TRAINING_FIELD_SERVICE},
                                              .level = 3}};

  EXPECT_EQ(
      DerivedLevel(rules, Said(10, 33, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_FIELD_SERVICE)), 3U);
  EXPECT_EQ(DerivedLevel(rules, Said(9, 33, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_FIELD_SERVICE)),
            0U);
  EXPECT_EQ(
      DerivedLevel(rules, Said(10, 34, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_FIELD_SERVICE)), 0U);
  EXPECT_EQ(DerivedLevel(rules, Said(10, 33, ALERT_SEVERITY_WARNING, ALERT_TRAINING_FIELD_SERVICE)),
            0U);
  EXPECT_EQ(DerivedLevel(rules, Said(10, 33, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_TRAINED)), 0U);
}

TEST(AlertLevelsTest, ARowThatIsNoAlarmHasNone) {
  const std::vector<AlertLevelRule> rules = {{.level = 1}};
  AlertRow row;
  row.set_severity(ALERT_SEVERITY_CRITICAL);
  row.set_group(8);
  row.set_code(808);
  EXPECT_EQ(DerivedLevel(rules, row), 1U);
  row.set_code(8);  // A jam.
  EXPECT_EQ(DerivedLevel(rules, row), 0U);
  row.set_code(507);  // "Ready to print".
  EXPECT_EQ(DerivedLevel(rules, row), 0U);
}

TEST(AlertLevelsTest, WithoutATableThereIsNoLevel) {
  EXPECT_EQ(DerivedLevel({}, Said(10, 33, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_TRAINED)), 0U);
}

}  // namespace
}  // namespace platen::collector::core
