#include "services/collector/edge/profile_files.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::edge {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kGood = R"(name: acme
version: 3
manufacturer: Acme
match:
  sys_object_id: [1.3.6.1.4.1.99999]
identity:
  - {field: serial, oid: 1.3.6.1.4.1.99999.1.0, decode: pml, source: a fact}
levels:
  - {raw: -100, means: low, source: a fact}
meters:
  - name: copies
    table: {types: 1.3.6.1.4.1.99999.2, values: 1.3.6.1.4.1.99999.9}
    type: 200
    counts: {function: copy, colour: monochrome, size: large, unit: sheets}
    assurance: verified
    source: a fact
  - {name: old, oid: 1.3.6.1.4.1.99999.4.0, when: {firmware: '^1[.]'}, counts: {function: total}, source: a fact}
  - {name: total, records: 1.3.6.1.4.1.99999.3.0, key: 0x6f, counts: {function: total}, source: a fact}
counters: {save_step: 1, impressions_per_minute: 60, wraps: [999999, 4294967296], source: a fact}
alert_levels:
  - {codes: [8, 30200-30299], groups: 13, severity: critical, training: [trained, field_service], level: 2, source: a fact}
quirks: {context: Jetdirect, source: a fact}
)";

std::vector<std::string> FaultsOf(const std::string& text) {
  std::vector<std::string> faults;
  ParseProfile("x.yaml", text, faults);
  return faults;
}

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(ProfileFilesTest, AProfileIsReadWhole) {
  std::vector<std::string> faults;

  const core::Profile profile = ParseProfile("x.yaml", std::string(kGood), faults);

  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(profile.id(), "acme@3");
  ASSERT_EQ(profile.meters.size(), 3U);
  EXPECT_EQ(profile.meters[0].kind.colour(), event::v1::COLOUR_CLASS_MONOCHROME);
  EXPECT_EQ(profile.meters[0].kind.unit(), event::v1::METER_UNIT_SHEETS);
  EXPECT_EQ(profile.meters[0].assurance, event::v1::METER_ASSURANCE_VERIFIED);
  EXPECT_EQ(std::get<core::TypedRow>(profile.meters[0].where).type, 200);
  EXPECT_EQ(profile.meters[1].when.firmware->text, "^1[.]");
  EXPECT_EQ(profile.meters[2].kind.unit(), event::v1::METER_UNIT_IMPRESSIONS);
  EXPECT_EQ(std::get<core::TlvRecord>(profile.meters[2].where).key, 0x6f);
  EXPECT_EQ(profile.identity[0].text.decode, core::Decoding::kPml);
  EXPECT_EQ(profile.level_sentinels[0].raw, -100);
}

TEST(ProfileFilesTest, WhatAMakersDevicesDoIsReadToo) {
  std::vector<std::string> faults;

  const core::Profile profile = ParseProfile("x.yaml", std::string(kGood), faults);

  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(profile.counters, (core::CounterBounds{1, 60, {999999, 4294967296}}));
  ASSERT_EQ(profile.alert_levels.size(), 1U);
  const core::AlertLevelRule& rule = profile.alert_levels[0];
  EXPECT_EQ(rule.level, 2U);
  ASSERT_EQ(rule.codes.size(), 2U);
  EXPECT_EQ(rule.codes[0].high, 8);
  EXPECT_EQ(rule.codes[1].high, 30299);
  EXPECT_THAT(rule.groups, ElementsAre(13));
  EXPECT_THAT(rule.severity, ElementsAre(event::v1::ALERT_SEVERITY_CRITICAL));
  EXPECT_EQ(rule.training.size(), 2U);
  EXPECT_EQ(profile.quirks.context, "Jetdirect");
}

TEST(ProfileFilesTest, WhatAProfileDoesNotSayHasTheBoundsOfAnyMaker) {
  std::vector<std::string> faults;

  const core::Profile profile =
      ParseProfile("x.yaml", "name: a\nversion: 1\nmanufacturer: A\nmatch: {}\n", faults);

  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(profile.counters, core::CounterBounds());
  EXPECT_THAT(profile.alert_levels, IsEmpty());
  EXPECT_EQ(profile.quirks.context, "");
}

TEST(ProfileFilesTest, MistakesInWhatDevicesDoAreNamedWithTheirLine) {
  EXPECT_THAT(FaultsOf(Replaced("save_step: 1,", "save_step: -1,")),
              ElementsAre(HasSubstr("x.yaml:19: save_step must be a number from 0")));
  EXPECT_THAT(FaultsOf(Replaced("[999999, ", "[9, ")),
              ElementsAre(HasSubstr("each of wraps must be a number from 1000")));
  EXPECT_THAT(FaultsOf(Replaced("level: 2", "level: 4")),
              ElementsAre(HasSubstr("x.yaml:21: level must be a number from 1 to 3")));
  EXPECT_THAT(FaultsOf(Replaced("30200-30299", "30299-30200")),
              ElementsAre(HasSubstr("'30299-30200' is no alert code")));
  EXPECT_THAT(FaultsOf(Replaced("30200-30299", "jam")),
              ElementsAre(HasSubstr("'jam' is no alert code")));
  EXPECT_THAT(FaultsOf(Replaced("severity: critical", "severity: bad")),
              ElementsAre(HasSubstr("'bad' is none of: critical, warning")));
  EXPECT_THAT(FaultsOf(Replaced("context: Jetdirect", "contexts: Jetdirect")),
              ElementsAre(HasSubstr("x.yaml:22: unknown key 'contexts'")));
  EXPECT_THAT(FaultsOf(Replaced("context: Jetdirect", "context: " + std::string(40, 'x'))),
              ElementsAre(HasSubstr("context has more than 32 bytes")));
  EXPECT_THAT(FaultsOf(Replaced("{firmware: '^1[.]'}", "1")),
              ElementsAre(HasSubstr("when must be {model: …} or {firmware: …} or both")));
}

TEST(ProfileFilesTest, MistakesAreNamedWithTheirLine) {
  EXPECT_THAT(FaultsOf(Replaced("manufacturer: Acme", "manufacturor: Acme")),
              Contains(HasSubstr("x.yaml:3: unknown key 'manufacturor'")));
  EXPECT_THAT(FaultsOf(Replaced("1.3.6.1.4.1.99999.1.0", "1.3.6.x")),
              ElementsAre(HasSubstr("x.yaml:7: not an OID")));
  EXPECT_THAT(FaultsOf(Replaced("decode: pml", "decode: smoke")),
              ElementsAre(HasSubstr("x.yaml:7: 'smoke' is none of: text, pml")));
  EXPECT_THAT(FaultsOf(Replaced("function: copy", "function: copying")),
              ElementsAre(HasSubstr("METER_FUNCTION_COPYING")));
  EXPECT_THAT(FaultsOf(Replaced("raw: -100", "raw: 5")),
              ElementsAre(HasSubstr("raw must be a number from")));
  EXPECT_THAT(FaultsOf(Replaced("name: total", "name: copies")),
              ElementsAre(HasSubstr("another meter is named copies")));
  EXPECT_THAT(FaultsOf(Replaced("key: 0x6f", "key: 256")),
              ElementsAre(HasSubstr("key must be a number from 0 to 255")));
}

TEST(ProfileFilesTest, AMeterWithoutItsSourceIsRefused) {
  EXPECT_THAT(FaultsOf(Replaced("{function: total}, source: a fact", "{function: total}")),
              ElementsAre(HasSubstr("source is missing")));
}

TEST(ProfileFilesTest, AllMistakesAreListedAtOnce) {
  std::string text = Replaced("version: 3", "version: three");
  text.replace(text.find("type: 200"), 9, "type: -1 ");

  EXPECT_EQ(FaultsOf(text).size(), 2U);
}

TEST(ProfileFilesTest, BrokenYamlIsAMistakeLikeOthers) {
  EXPECT_THAT(FaultsOf("name: [acme\nversion: 1"), Contains(HasSubstr("x.yaml:")));
  EXPECT_THAT(FaultsOf("- 1"), ElementsAre(HasSubstr("a profile must be a mapping")));
  EXPECT_THAT(FaultsOf(""), ElementsAre(HasSubstr("a profile must be a mapping")));
  EXPECT_THAT(FaultsOf(Replaced("[1.3.6.1.4.1.99999]", "1.3.6")),
              ElementsAre(HasSubstr("must be a list")));
}

TEST(ProfileFilesTest, AKeyThatIsThereTwiceIsAMistake) {
  EXPECT_THAT(FaultsOf(Replaced("version: 3", "version: 3\nversion: 4")),
              ElementsAre(HasSubstr("x.yaml:3: key 'version' is there twice")));
  EXPECT_THAT(FaultsOf(Replaced("decode: pml,", "decode: pml, decode: text,")),
              ElementsAre(HasSubstr("x.yaml:7: key 'decode' is there twice")));
}

TEST(ProfileFilesTest, AMeterGivesWayToAnEarlierOneOnly) {
  const std::string good = Replaced("{name: old,", "{name: old, unless: copies,");
  std::vector<std::string> faults;
  EXPECT_EQ(ParseProfile("x.yaml", good, faults).meters[1].unless, 0U);
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_THAT(FaultsOf(Replaced("{name: old,", "{name: old, unless: total,")),
              ElementsAre(HasSubstr("x.yaml:17: no meter before this one is named total")));
}

TEST(ProfileFilesTest, ARegularExpressionThatSomeTextsKeepBusyIsRefused) {
  EXPECT_THAT(FaultsOf(Replaced("'^1[.]'", "'^(1+)+$'")),
              ElementsAre(HasSubstr("x.yaml:17: a regular expression that can't be used")));
  EXPECT_THAT(FaultsOf(Replaced("'^1[.]'", "'[1'")),
              ElementsAre(HasSubstr("x.yaml:17: not a regular expression")));
}

TEST(ProfileFilesTest, WhatIsNoProfileAtAllIsRefusedToo) {
  EXPECT_THAT(FaultsOf(std::string(kMaxProfileBytes + 1, '#')),
              ElementsAre(HasSubstr("x.yaml:1: more than 262144 bytes")));
  EXPECT_THAT(FaultsOf(std::string("\0\x01\xff\xfe\x7f"
                                   "ELF\0",
                                   9)),
              Not(IsEmpty()));
  EXPECT_THAT(FaultsOf(std::string("name: a\0b", 9)), Not(IsEmpty()));
  EXPECT_THAT(FaultsOf(std::string(50'000, '[')), Not(IsEmpty()));
  EXPECT_THAT(FaultsOf(std::string(50'000, '{')), Not(IsEmpty()));
}

TEST(ProfileFilesTest, AnchorsThatMultiplyCostNothing) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int n = 0; n < 9; ++n) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(FaultsOf(bomb), Contains(HasSubstr("unknown key 'a39'")));
  // An anchor within itself.
  EXPECT_THAT(FaultsOf(Replaced("identity:", "brands: &b [*b]\nidentity:")), Not(IsEmpty()));
}

class ProfileDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_); }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& file, std::string_view text) {
    std::ofstream(directory_ / file, std::ios::binary) << text;
  }

  std::string Refusal() { return std::string(LoadProfiles(directory_).status().message()); }

  const std::filesystem::path directory_ =
      std::filesystem::path(::testing::TempDir()) /
      ("profiles-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ProfileDirectoryTest, OneBadFileRefusesAll) {
  Write("good.yaml", kGood);
  Write("bad.yaml", "name: [");

  EXPECT_THAT(Refusal(), HasSubstr("bad.yaml:1: "));
}

TEST_F(ProfileDirectoryTest, TwoProfilesMayNotHaveTheSameNameOrObjectId) {
  Write("a.yaml", kGood);
  Write("b.yaml", kGood);

  EXPECT_THAT(Refusal(), HasSubstr("b.yaml:1: "));
  EXPECT_THAT(Refusal(), HasSubstr("a.yaml has the name 'acme' too"));
  EXPECT_THAT(Refusal(), HasSubstr("a.yaml has the sys_object_id '1.3.6.1.4.1.99999' too"));
}

TEST_F(ProfileDirectoryTest, WhatIsNoFileIsNotReadAsOne) {
  std::filesystem::create_directory(directory_ / "x.yaml");

  EXPECT_THAT(Refusal(), HasSubstr("x.yaml:1: not a file"));
}

TEST_F(ProfileDirectoryTest, ManyMistakesAreCounted) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "key" + std::to_string(i) + ": 1\n";
  Write("x.yaml", text);

  EXPECT_THAT(Refusal(), HasSubstr("\n  and 2"));
  EXPECT_THAT(Refusal(), Not(HasSubstr("key250")));
}

TEST(ProfileFilesTest, AMissingDirectoryIsNotFound) {
  const auto set = LoadProfiles("/nonexistent/profiles");

  EXPECT_EQ(set.status().code(), absl::StatusCode::kNotFound);
}

TEST(ProfileFilesTest, TheProjectsOwnProfilesAreValid) {
  const char* source = std::getenv("PLATEN_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "PLATEN_SOURCE_DIR is not set; run by ctest";

  const auto set = LoadProfiles(std::filesystem::path(source) / "profiles");

  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_GE(set->profiles().size(), 8U);
}

TEST(ProfileFilesTest, CanonsAlarmsHaveTheLevelOfWhoCanEndThem) {
  const char* source = std::getenv("PLATEN_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "PLATEN_SOURCE_DIR is not set; run by ctest";
  const auto set = LoadProfiles(std::filesystem::path(source) / "profiles");
  ASSERT_TRUE(set.ok()) << set.status();
  const auto level = [&set](int group, int code, auto severity, auto training) {
    event::v1::Alert alert;
    alert.set_group(group);
    alert.set_code(code);
    alert.set_severity(severity);
    alert.set_training(training);
    return core::DerivedLevel(set->Find("canon")->alert_levels, alert);
  };
  using namespace event::v1;  // NOLINT(google-build-using-namespace): two enums of one package.

  EXPECT_EQ(level(8, 808, ALERT_SEVERITY_WARNING_BINARY, ALERT_TRAINING_UNTRAINED), 1U);
  EXPECT_EQ(level(8, 808, ALERT_SEVERITY_CRITICAL, ALERT_TRAINING_UNTRAINED), 2U);
  EXPECT_EQ(level(11, 1104, ALERT_SEVERITY_WARNING, ALERT_TRAINING_UNTRAINED), 2U);
  EXPECT_EQ(level(11, 10, ALERT_SEVERITY_WARNING_BINARY, ALERT_TRAINING_FIELD_SERVICE), 2U);
  EXPECT_EQ(level(10, 1, ALERT_SEVERITY_WARNING, ALERT_TRAINING_FIELD_SERVICE), 3U);
  EXPECT_EQ(level(5, 507, ALERT_SEVERITY_OTHER, ALERT_TRAINING_NO_INTERVENTION), 0U);
}

}  // namespace
}  // namespace platen::collector::edge
