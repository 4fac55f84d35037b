#include "tools/platenctl/owners.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "libs/event/timestamps.h"

namespace platen::platenctl {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kNow = 1'767'225'600;

// "number:collector:devices" of each partition.
std::vector<std::string> Show(const std::string& text) {
  platen::fleet::v1::PipelineStatus status;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &status)) << text;
  std::vector<std::string> shown;
  google::protobuf::Timestamp now;
  now.set_seconds(kNow);
  for (const Owner& owner : OwnersOf(status, event::FromProto(now))) {
    shown.push_back(std::to_string(owner.partition.number()) + ":" +
                    (owner.hop == nullptr ? "nobody" : owner.hop->instance()) + ":" +
                    std::to_string(owner.partition.devices()));
  }
  return shown;
}

TEST(OwnersTest, EachPartitionHasTheOwnerWithTheHigherTerm) {
  EXPECT_THAT(Show("hops { instance: 'a' last_heard_time { seconds: 1767225590 }"
                   " partitions { number: 0 term: 4 devices: 10 } partitions { number: 1 term: 5 "
                   "devices: 11 } }"
                   "hops { instance: 'b' last_heard_time { seconds: 1767225599 }"
                   " partitions { number: 1 term: 6 devices: 12 } partitions { number: 2 term: 1 "
                   "devices: 13 } }"),
              ElementsAre("0:a:10", "1:b:12", "2:b:13"));
}

TEST(OwnersTest, WhatNobodyHasSaidIsNobodys) {
  EXPECT_THAT(Show("hops { instance: 'a' last_heard_time { seconds: 1767225590 }"
                   " figures { name: 'device_partitions' value: 3 }"
                   " partitions { number: 1 term: 5 devices: 11 } }"),
              ElementsAre("0:nobody:0", "1:a:11", "2:nobody:0"));
}

TEST(OwnersTest, WhoIsNotHeardAnyMoreOwnsNothing) {
  EXPECT_THAT(Show("hops { instance: 'a' last_heard_time { seconds: 1767225400 }"
                   " figures { name: 'device_partitions' value: 1 }"
                   " partitions { number: 0 term: 5 devices: 11 } }"),
              ElementsAre("0:nobody:0"));
}

}  // namespace
}  // namespace platen::platenctl
