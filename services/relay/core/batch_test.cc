#include "services/relay/core/batch.h"

#include <string>

#include <gtest/gtest.h>

#include "platen/ingest/v1/ingest.pb.h"

namespace platen::relay::core {
namespace {

PartitionWorkPtr Work(std::int32_t number) {
  auto work = std::make_shared<PartitionWork>();
  work->partition = {"t", number};
  return work;
}

TEST(BatchTest, ThePayloadIsABatchPayload) {
  Batch batch;
  const auto work = Work(0);
  const std::string large(70'000, 'x');
  const std::string binary("\0\xff\n", 3);

  batch.Add(work, 1, "k", "first");
  batch.Add(work, 2, "k", large);
  batch.Add(work, 3, "k", binary);

  ingest::v1::BatchPayload payload;
  ASSERT_TRUE(payload.ParseFromString(batch.payload()));
  ASSERT_EQ(payload.events_size(), 3);
  EXPECT_EQ(payload.events(0), "first");
  EXPECT_EQ(payload.events(1), large);
  EXPECT_EQ(payload.events(2), binary);
  EXPECT_EQ(batch.payload(), payload.SerializeAsString());
}

TEST(BatchTest, PayloadBytesIsWhatAnEventAdds) {
  for (const std::size_t size : {0u, 1u, 127u, 128u, 16'383u, 16'384u, 262'144u}) {
    Batch batch;
    batch.Add(Work(0), 1, "", std::string(size, 'x'));

    EXPECT_EQ(batch.payload().size(), PayloadBytes(size));
  }
}

TEST(BatchTest, KnowsWhereEachEventCameFrom) {
  Batch batch;
  const auto one = Work(1);
  const auto two = Work(2);
  batch.Add(one, 10, "a", "x");
  batch.Add(two, 20, "b", "y");
  batch.Add(one, 11, "c", "z");

  EXPECT_EQ(batch.At(1).work, two.get());
  EXPECT_EQ(batch.At(1).offset, 20);
  EXPECT_EQ(batch.At(2).work, one.get());
  EXPECT_EQ(batch.At(2).key, "c");
  EXPECT_EQ(batch.At(2).event, "z");
}

TEST(BatchTest, RemoveLeavesTheOthersInOrder) {
  Batch batch;
  const auto one = Work(1);
  const auto two = Work(2);
  batch.Add(one, 10, "a", "x");
  batch.Add(two, 20, "b", "y");
  batch.Add(one, 11, "c", "z");

  EXPECT_EQ(batch.Remove([&](const Batch::Item& item) { return item.work == one.get(); }), 2u);

  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(batch.At(0).event, "y");
  EXPECT_EQ(batch.payload().size(), PayloadBytes(1));
}

TEST(BatchTest, AnEmptiedOneHoldsOnlyWhatIsAddedNext) {
  Batch batch;
  batch.Add(Work(1), 10, "a", "x");
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0u);

  const auto two = Work(2);
  batch.Add(two, 20, "b", "y");

  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(batch.At(0).work, two.get());
  EXPECT_EQ(batch.At(0).key, "b");
  EXPECT_EQ(batch.At(0).event, "y");
}

}  // namespace
}  // namespace platen::relay::core
