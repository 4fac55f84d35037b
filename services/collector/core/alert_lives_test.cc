// Plays every story of tests/testdata/alerts through the real OnReading and OnSilence.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/test_alert_script.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::v1::Alert;
using event::v1::Event;

using Facts = std::map<std::string, std::string>;

constexpr std::size_t kStoriesMin = 40;

std::filesystem::path Directory() {
  const char* source = std::getenv("PLATEN_SOURCE_DIR");
  return std::filesystem::path(source == nullptr ? "." : source) / "tests/testdata/alerts";
}

std::vector<std::filesystem::path> Files() {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(Directory())) return files;
  for (const auto& entry : std::filesystem::directory_iterator(Directory())) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "ALERT_CATEGORY_JAM" → "jam".
std::string Lower(std::string name, std::string_view prefix) {
  name.erase(0, prefix.size());
  for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
  return name;
}

std::string SeverityWord(event::v1::AlertSeverity severity) {
  switch (severity) {
    case event::v1::ALERT_SEVERITY_WARNING:
      return "occurrence";
    case event::v1::ALERT_SEVERITY_WARNING_BINARY:
      return "warning";
    default:
      return Lower(AlertSeverity_Name(severity), "ALERT_SEVERITY_");
  }
}

std::string OriginWord(event::v1::AlertOrigin origin) {
  if (origin == event::v1::ALERT_ORIGIN_DEVICE) return "row";
  return Lower(AlertOrigin_Name(origin), "ALERT_ORIGIN_");
}

// Everything that a line "=>" can ask of a change.
Facts FactsOf(const Event& event) {
  const Alert& alert = event.alert();
  return {
      {"by", OriginWord(alert.origin())},
      {"life", Lower(AlertLifecycle_Name(alert.lifecycle()), "ALERT_LIFECYCLE_")},
      {"end", Lower(AlertEnd_Name(alert.end()), "ALERT_END_")},
      {"category", Lower(AlertCategory_Name(alert.category()), "ALERT_CATEGORY_")},
      {"severity", SeverityWord(alert.severity())},
      {"keyword", alert.reason_keyword()},
      {"code", std::to_string(alert.code())},
      {"group", std::to_string(alert.group())},
      {"group-index", std::to_string(alert.group_index())},
      {"location", std::to_string(alert.location())},
      {"where", alert.where()},
      {"source", alert.paper_source()},
      {"size", alert.media_size()},
      {"level", std::to_string(alert.level())},
      {"text", alert.description()},
      {"panel", alert.console_text()},
      {"pages", std::to_string(alert.counters().total())},
      {"age",
       std::to_string((base::ToMillis(event::FromProto(event.observation_time())) -
                       base::ToMillis(event::FromProto(alert.raise_time()))) /
                      1000) +
           "s"},
  };
}

std::string VerbOf(const Alert& alert) {
  return Lower(AlertTransition_Name(alert.transition()), "ALERT_TRANSITION_");
}

std::string Describe(const Event& event) {
  std::string text = base::StrCat(VerbOf(event.alert()), " ", event.alert().alert_id());
  for (const auto& [key, value] : FactsOf(event))
    text += base::StrCat(" ", key, "=\"", value, "\"");
  return text;
}

// "3", or "3/1" where one of them was critical.
std::string Describe(const event::v1::MissedAlerts& missed) {
  if (missed.critical() == 0) return std::to_string(missed.count());
  return base::StrCat(missed.count(), "/", missed.critical());
}

class AlertLives : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  AlertLives() {
    target_.set_device_id(std::string(16, 'd'));
    target_.set_tenant("acme");
    target_.set_site("hq");
  }

  std::string File() const { return GetParam().string(); }

  void Play(const ScriptStep& step) {
    const Subject subject{&target_, 3};
    const Outcome outcome = step.silent ? OnSilence(subject, {.time = step.time}, state_)
                                        : OnReading(subject, step.reading, state_);
    changes_.clear();
    missed_ = "0";
    for (const Event& event : outcome.after_state) {
      if (event.has_alert()) changes_.push_back(event);
      if (event.has_missed_alerts()) missed_ = Describe(event.missed_alerts());
    }
    CheckOrder(step);
    // As after a restart: what is not in the record is not known.
    const std::string record = state_.SerializeAsString();
    ASSERT_TRUE(state_.ParseFromString(record));
  }

  // What must hold of any life: one beginning, one end, no event twice.
  void CheckOrder(const ScriptStep& step) {
    for (const Event& event : changes_) {
      const auto id = event::DeriveId(event);
      if (!id.ok() || !event_ids_.insert(std::string(id->bytes())).second) {
        ADD_FAILURE_AT(File().c_str(), step.line) << "not an event of its own: " << Describe(event);
      }
      const std::string& alert = event.alert().alert_id();
      const bool raised = event.alert().transition() == event::v1::ALERT_TRANSITION_RAISED;
      if (raised ? !ever_.insert(alert).second : !open_.contains(alert)) {
        ADD_FAILURE_AT(File().c_str(), step.line) << "out of order: " << Describe(event);
      }
      if (raised) open_.insert(alert);
      if (event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED) open_.erase(alert);
      if (event.alert().end() == event::v1::ALERT_END_SUPERSEDED) ever_.erase(alert);
    }
  }

  void Compare(const ScriptStep& step) {
    std::vector<Event> left = changes_;
    std::string missed = "0";
    for (const ExpectedLine& line : step.expected) {
      if (line.verb == "device") {
        EXPECT_EQ(Lower(Reachability_Name(state_.status().reachability()), "REACHABILITY_"),
                  line.names[0])
            << File() << ":" << line.line;
      } else if (line.verb == "silence") {
        EXPECT_EQ(Lower(SilenceReason_Name(state_.status().silence_reason()), "SILENCE_REASON_"),
                  line.names[0])
            << File() << ":" << line.line;
      } else if (line.verb == "open") {
        EXPECT_EQ(open_, std::set<std::string>(line.names.begin(), line.names.end()))
            << File() << ":" << line.line;
      } else if (line.verb == "missed") {
        missed = line.names[0];
      } else if (line.verb != "nothing") {
        CompareChange(line, left);
      }
    }
    EXPECT_EQ(missed_, missed) << File() << ":" << step.line
                               << ": alerts that came and went unseen";
    for (const Event& event : left) {
      ADD_FAILURE_AT(File().c_str(), step.line) << "not expected: " << Describe(event);
    }
  }

  // Takes the change that `line` expects out of `left`.
  void CompareChange(const ExpectedLine& line, std::vector<Event>& left) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const Event& event) {
      return VerbOf(event.alert()) == line.verb && event.alert().alert_id() == line.names[0];
    });
    if (found == left.end()) {
      ADD_FAILURE_AT(File().c_str(), line.line)
          << "expected, and has not happened: " << line.verb << " " << line.names[0];
      return;
    }
    const Facts facts = FactsOf(*found);
    for (const auto& [key, value] : line.facts) {
      const auto fact = facts.find(key);
      if (fact == facts.end() || fact->second != value) {
        ADD_FAILURE_AT(File().c_str(), line.line)
            << "expected " << key << "=\"" << value << "\" of " << Describe(*found);
      }
    }
    left.erase(found);
  }

  event::v1::Target target_;
  DeviceState state_;
  std::vector<Event> changes_;
  std::string missed_;
  std::set<std::string> event_ids_;
  std::set<std::string> ever_;
  std::set<std::string> open_;
};

TEST_P(AlertLives, AreAsTheStorySays) {
  const auto script = ParseAlertScript(Content(GetParam()));
  ASSERT_TRUE(script.ok()) << File() << ":" << script.status().message();
  EXPECT_FALSE(script->about.empty()) << File() << ": 'about' is missing";
  for (const ScriptStep& step : script->steps) {
    Play(step);
    Compare(step);
  }
}

std::string StoryName(const ::testing::TestParamInfo<std::filesystem::path>& story) {
  std::string name = story.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Stories, AlertLives, ::testing::ValuesIn(Files()), StoryName);

TEST(AlertLivesTest, AreAllThere) {
  EXPECT_GE(Files().size(), kStoriesMin) << "in " << Directory();
}

TEST(AlertScriptTest, ALineThatMeansNothingIsRefusedWithItsNumber) {
  const auto script = ParseAlertScript("A story\nabout 2\nat 0m\nbits jamed\n=> nothing\n");

  EXPECT_EQ(base::ToStd(script.status().message()),
            "4: 'jamed' is none of the words that can stand here");
}

TEST(AlertScriptTest, AStepHasToSayWhatFollows) {
  EXPECT_EQ(base::ToStd(ParseAlertScript("A story\nat 0m\nat 1m\n").status().message()),
            "3: the step of line 2 has no '=>'");
}

}  // namespace
}  // namespace platen::collector::core
