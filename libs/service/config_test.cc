#include "libs/service/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/service/test_config.pb.h"

#include "libs/service/config_overrides.h"

namespace platen::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigTest : public ::testing::Test {
 protected:
  // The faults, one a line.
  std::string Read(std::string_view yaml) {
    FaultList faults;
    LoadConfigText(yaml, "a.yaml", config_, faults);
    return faults.ToString();
  }

  std::string Set(const std::vector<std::string>& sets) {
    FaultList faults;
    ApplySets(sets, config_, faults);
    return faults.ToString();
  }

  std::string Environment(const std::vector<std::pair<std::string, std::string>>& variables) {
    FaultList faults;
    ApplyEnvironment(variables, config_, faults);
    return faults.ToString();
  }

  test::Sample config_;
};

TEST_F(ConfigTest, FillsEveryKindOfField) {
  EXPECT_EQ(Read(R"(
instance: "one: two"
limits: {connections_max: 3, strict: true}
receivers:
  - name: first
    colours: [light_red, blue]
  - name: second
names: [a, b]
labels: {site: north, "a.b": c}
by_name:
  x: {token: t}
colour: blue
interval: 1h30m
delays: [1s, 200ms]
url: "https://example.test"
)"),
            "");

  EXPECT_EQ(config_.instance(), "one: two");
  EXPECT_EQ(config_.limits().connections_max(), 3u);
  EXPECT_THAT(config_.receivers(0).colours(),
              ElementsAre(test::COLOUR_LIGHT_RED, test::COLOUR_BLUE));
  EXPECT_EQ(config_.receivers(1).name(), "second");
  EXPECT_THAT(config_.names(), ElementsAre("a", "b"));
  EXPECT_EQ(config_.labels().at("a.b"), "c");
  EXPECT_EQ(config_.by_name().at("x").token(), "t");
  EXPECT_EQ(config_.colour(), test::COLOUR_BLUE);
  EXPECT_EQ(config_.interval().seconds(), 5400);
  EXPECT_EQ(config_.delays(1).nanos(), 200'000'000);
  EXPECT_EQ(config_.url(), "https://example.test");
}

TEST_F(ConfigTest, ListsAllFaultsWithTheirLines) {
  EXPECT_EQ(Read("instanse: x\n"
                 "limits:\n"
                 "  connections_max: many\n"
                 "  stricter: true\n"
                 "colour: green\n"
                 "interval: 30\n"
                 "names: a\n"
                 "receivers:\n"
                 "  - name: [x]\n"
                 "  - tokn: y\n"),
            "a.yaml:1: instanse: is no known key; did you mean 'instance'?\n"
            "a.yaml:3: limits.connections_max: 'many' is not a whole number from 0 to 4294967295\n"
            "a.yaml:4: limits.stricter: is no known key; did you mean 'strict'?\n"
            "a.yaml:5: colour: 'green' is none of: light_red, blue\n"
            "a.yaml:6: interval: '30' is not a duration; write a number and a unit, such as 30s, "
            "200ms, 12h\n"
            "a.yaml:7: names: needs a list, not a single value\n"
            "a.yaml:9: receivers[0].name: needs a single value, not a list\n"
            "a.yaml:10: receivers[1].tokn: is no known key; did you mean 'token'?\n");
}

TEST_F(ConfigTest, RefusesAKeyGivenTwice) {
  EXPECT_EQ(Read("instance: a\ninstance: b\nlabels: {x: a, x: b}\n"),
            "a.yaml:2: instance: is given twice; first in line 1\n"
            "a.yaml:3: labels.x: is given twice; first in line 3\n");
}

TEST_F(ConfigTest, RefusesTwoAlternativesOfOne) {
  EXPECT_EQ(Read("file: a\nurl: b\n"), "a.yaml:2: url: excludes 'file'; give one of them\n");
}

TEST_F(ConfigTest, RefusesAnEmptyValueButTakesAnEmptySection) {
  EXPECT_EQ(Read("instance:\nlimits:\n"),
            "a.yaml:1: instance: has no value; give one or remove the key\n");
}

TEST_F(ConfigTest, RefusesWhatIsNotYaml) {
  EXPECT_THAT(Read("instance: a\nnames: [a, b\n"), HasSubstr("a.yaml:3: not YAML: "));
  EXPECT_THAT(Read("just words"), HasSubstr("needs a mapping of keys, not a single value"));
  EXPECT_THAT(Read("instance: a\n---\ninstance: b\n"), HasSubstr("a second YAML document"));
}

TEST_F(ConfigTest, TakesAnEmptyFile) {
  EXPECT_EQ(Read("# nothing yet\n"), "");
}

TEST_F(ConfigTest, AListReplacesTheDefaultOne) {
  config_.add_names("default");
  EXPECT_EQ(Read("names: [mine]"), "");
  EXPECT_THAT(config_.names(), ElementsAre("mine"));
}

TEST_F(ConfigTest, KeepsDefaultsThatNobodyOverrides) {
  config_.mutable_limits()->set_queue_bytes(5);
  EXPECT_EQ(Read("limits: {connections_max: 1}"), "");
  EXPECT_EQ(config_.limits().queue_bytes(), 5);
}

TEST_F(ConfigTest, QuotesNoSecretInAFault) {
  EXPECT_THAT(Read("password: [hunter2]"), Not(HasSubstr("hunter2")));
}

TEST_F(ConfigTest, EnvironmentNamesKeysAcrossLevels) {
  EXPECT_EQ(Environment({{"PLATEN_LIMITS_CONNECTIONS_MAX", "9"},
                         {"PLATEN_NAMES", "a, b"},
                         {"PLATEN_PASSWORD", "x"},
                         {"HOME", "/"},
                         {"PLATEN_SOURCE_DIR", "/src"}}),
            "");
  EXPECT_EQ(config_.limits().connections_max(), 9u);
  EXPECT_THAT(config_.names(), ElementsAre("a", "b"));
  EXPECT_EQ(config_.password(), "x");
}

TEST_F(ConfigTest, EnvironmentFaultsNameTheVariable) {
  EXPECT_EQ(Environment({{"PLATEN_INTERVAL", "soon"}, {"PLATEN_INSTANC", "a"}}),
            "environment PLATEN_INSTANC: names no key; did you mean PLATEN_INSTANCE?\n"
            "environment PLATEN_INTERVAL: interval: 'soon' is not a duration; write a number and a "
            "unit, such as "
            "30s, 200ms, 12h\n");
}

TEST_F(ConfigTest, SetsScalarsListsAndMaps) {
  EXPECT_EQ(Set({"instance=a: [b",
                 "names=x,y",
                 "labels.a.b=c",
                 "delays=[1s, 2s]",
                 "limits={strict: true}"}),
            "");
  EXPECT_EQ(config_.instance(), "a: [b");
  EXPECT_THAT(config_.names(), ElementsAre("x", "y"));
  EXPECT_EQ(config_.labels().at("a.b"), "c");
  EXPECT_EQ(config_.delays_size(), 2);
  EXPECT_TRUE(config_.limits().strict());
}

TEST_F(ConfigTest, SettingAMapEntryReplacesIt) {
  (*config_.mutable_labels())["site"] = "north";
  EXPECT_EQ(Set({"labels.site=south"}), "");
  EXPECT_EQ(config_.labels().size(), 1u);
  EXPECT_EQ(config_.labels().at("site"), "south");
}

TEST_F(ConfigTest, RefusesSecretsOnTheCommandLine) {
  EXPECT_THAT(Set({"password=hunter2"}), HasSubstr("password: is a secret"));
  EXPECT_THAT(Set({"credentials={default: {value: hunter2}}"}),
              HasSubstr("credentials: is a secret"));
  EXPECT_THAT(Set({"credentials.default.value=hunter2"}), Not(HasSubstr("hunter2")));
  EXPECT_EQ(config_.password(), "");
}

TEST_F(ConfigTest, RefusesASetThatNamesNothing) {
  EXPECT_EQ(Set({"limits.stric=true"}),
            "--set: limits.stric: is no known key; did you mean 'limits.strict'?\n");
  EXPECT_EQ(Set({"instance"}), "--set: needs path=value\n");
  EXPECT_THAT(Set({"instance.x=1"}), HasSubstr("is no known key"));
  EXPECT_THAT(Set({"delays=[1s"}), HasSubstr("not YAML"));
}

TEST_F(ConfigTest, FlagsWinOverEnvironmentOverFileOverDefaults) {
  config_.set_instance("default");
  config_.mutable_limits()->set_offset(1);
  config_.set_password_file("default");
  FaultList faults;
  LoadConfigText("instance: file\npassword_file: file\nfile: file\n", "a.yaml", config_, faults);
  LoadConfig(
      {.environment = {{"PLATEN_INSTANCE", "environment"}, {"PLATEN_PASSWORD_FILE", "environment"}},
       .sets = {"instance=flag"}},
      config_,
      faults);

  EXPECT_TRUE(faults.empty()) << faults.ToString();
  EXPECT_EQ(config_.instance(), "flag");
  EXPECT_EQ(config_.password_file(), "environment");
  EXPECT_EQ(config_.file(), "file");
  EXPECT_EQ(config_.limits().offset(), 1);
}

TEST_F(ConfigTest, AMissingFileIsAFault) {
  FaultList faults;
  EXPECT_FALSE(LoadConfig({.file = "/nonexistent/a.yaml"}, config_, faults));
  EXPECT_EQ(faults.ToString(),
            "configuration: cannot read /nonexistent/a.yaml: No such file or directory\n");
}

TEST_F(ConfigTest, WhatIsNoYamlIsToldApartFromWhatHasFaults) {
  FaultList faults;
  EXPECT_FALSE(LoadConfigText("instance: [a\n", "a.yaml", config_, faults));
  EXPECT_TRUE(LoadConfigText("instanse: a\n", "a.yaml", config_, faults));
  EXPECT_EQ(faults.faults().size(), 2U);
}

TEST_F(ConfigTest, ADirectoryOrAnEndlessFileIsAFault) {
  for (const char* path : {"/", "/dev/zero"}) {
    FaultList faults;
    LoadConfig({.file = path}, config_, faults);
    EXPECT_EQ(faults.faults().size(), 1U) << path;
    EXPECT_FALSE(ReadSecretFile(path).ok()) << path;
  }
}

TEST_F(ConfigTest, PrintsWhatItReadsBack) {
  ASSERT_EQ(Read("instance: \"yes\"\nlimits: {ratio: 0.1, strict: true}\nnames: [\"1\", \"a: b\"]\n"
                 "labels: {z: 1, a: 2}\ncolour: light_red\ninterval: 90s\ndelays: [1s]\nurl: \"\"\n"
                 "receivers: [{name: x, colours: [blue]}]\n"),
            "");
  const test::Sample original = config_;

  const std::string printed = PrintConfig(original);
  config_.Clear();

  EXPECT_EQ(Read(printed), "") << printed;
  EXPECT_EQ(config_.DebugString(), original.DebugString()) << printed;
}

TEST_F(ConfigTest, PrintsNoSecret) {
  ASSERT_EQ(Read("password: hunter2\npassword_file: /run/secret\nreceivers: [{token: hunter2}]\n"
                 "credentials: {default: {value: hunter2}}\n"),
            "");
  const std::string printed = PrintConfig(config_);
  EXPECT_THAT(printed, Not(HasSubstr("hunter2")));
  EXPECT_THAT(printed, HasSubstr("password: \"(redacted)\""));
  EXPECT_THAT(printed, HasSubstr("password_file: \"/run/secret\""));
}

}  // namespace
}  // namespace platen::service
