#include "tools/topics/topic_file.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::topics {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string FaultOf(const std::string& text) {
  return std::string(ParseTopics(text, "topics.yaml", "platen").status().message());
}

TEST(TopicFileTest, TheListOfOneMachineIsReadWhole) {
  const char* root = std::getenv("PLATEN_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "runs under ctest";

  const auto topics = ReadTopics(std::string(root) + "/deploy/local/topics.yaml", "platen");

  ASSERT_TRUE(topics.ok()) << topics.status();
  EXPECT_EQ(topics->size(), 12u);
  EXPECT_EQ(topics->front().name, "platen.alerts.v1");
  EXPECT_EQ(topics->front().partitions, 8);
}

TEST(TopicFileTest, APrefixTakesThePlaceOfTheFirstWordAndSettingsMayBeShared) {
  const auto topics = ParseTopics(
      "- {name: platen.targets.v1, partitions: 4, replication: 1, config: &c {cleanup.policy: "
      "compact}}\n- {name: platen.rules.v1, config: *c}\n",
      "topics.yaml",
      "test-7");

  ASSERT_TRUE(topics.ok()) << topics.status();
  EXPECT_EQ(topics->at(0).name, "test-7.targets.v1");
  EXPECT_EQ(topics->at(0).partitions, 4);
  EXPECT_EQ(topics->at(1).name, "test-7.rules.v1");
  EXPECT_THAT(topics->at(1).config, ElementsAre(Pair("cleanup.policy", "compact")));
}

TEST(TopicFileTest, AFaultIsToldWithItsLine) {
  EXPECT_EQ(FaultOf("- name: platen.a.v1\n  partition: 3\n"),
            "topics.yaml:2: unknown key \"partition\": name, partitions, replication, config");
  EXPECT_EQ(FaultOf("- name: platen.a.v1\n  partitions: many\n"),
            "topics.yaml:2: partitions is a number above 0");
  EXPECT_EQ(FaultOf("- name: platen.a.v1\n- name: platen.a.v1\n"),
            "topics.yaml:2: platen.a.v1 stands here twice");
  EXPECT_THAT(FaultOf("- name: [\n"), testing::StartsWith("topics.yaml:2: "));
}

TEST(TopicFileTest, AFileThatIsNotThereIsNamed) {
  const auto topics = ReadTopics("no/such/topics.yaml", "platen");

  EXPECT_EQ(topics.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(topics.status().message()), testing::HasSubstr("no/such/topics.yaml"));
}

}  // namespace
}  // namespace platen::topics
