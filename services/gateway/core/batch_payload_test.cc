#include "services/gateway/core/batch_payload.h"

#include <gtest/gtest.h>
#include <zstd.h>

namespace platen::gateway::core {
namespace {

namespace ingest = platen::ingest::v1;

std::string Payload(const std::vector<std::string>& events) {
  ingest::BatchPayload payload;
  for (const std::string& event : events) payload.add_events(event);
  return payload.SerializeAsString();
}

ingest::Batch Zstd(const std::string& payload) {
  ingest::Batch batch;
  batch.set_number(1);
  batch.set_compression(ingest::COMPRESSION_ZSTD);
  batch.set_payload_bytes(static_cast<std::uint32_t>(payload.size()));
  std::string frame(ZSTD_compressBound(payload.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), payload.data(), payload.size(), 1));
  batch.set_payload(frame);
  return batch;
}

TEST(BatchPayloadTest, CompressedEventsComeOutInOrder) {
  const auto bytes = Decompress(Zstd(Payload({"one", "", "three"})));
  ASSERT_TRUE(bytes.ok());

  const auto events = SplitPayload(*bytes, 3);

  ASSERT_TRUE(events.ok());
  EXPECT_EQ(*events, (std::vector<std::string_view>{"one", "", "three"}));
}

TEST(BatchPayloadTest, ABombIsRefusedBeforeItIsAllocated) {
  ingest::Batch batch = Zstd(std::string(64 * 1024 * 1024, 'x'));
  ASSERT_LT(batch.payload().size(), 100'000U);
  EXPECT_FALSE(Decompress(batch).ok());

  batch.set_payload_bytes(1000);  // A lie about its size does not help.
  EXPECT_FALSE(Decompress(batch).ok());
}

TEST(BatchPayloadTest, DamagedFramesAreRefused) {
  ingest::Batch cut = Zstd(std::string(10'000, 'x') + "tail");
  cut.mutable_payload()->resize(cut.payload().size() - 3);
  EXPECT_FALSE(Decompress(cut).ok());

  ingest::Batch none = Zstd("x");
  none.set_payload("no frame");
  EXPECT_FALSE(Decompress(none).ok());

  ingest::Batch unknown = Zstd("x");
  unknown.set_compression(ingest::COMPRESSION_UNSPECIFIED);
  EXPECT_FALSE(Decompress(unknown).ok());
}

TEST(BatchPayloadTest, ThePayloadMustHoldWhatTheBatchAnnounces) {
  const std::string payload = Payload({"one", "two"});

  EXPECT_TRUE(SplitPayload(payload, 2).ok());
  EXPECT_FALSE(SplitPayload(payload, 1).ok());
  EXPECT_FALSE(SplitPayload(payload, 3).ok());
  EXPECT_FALSE(SplitPayload(payload, 0).ok());
  EXPECT_FALSE(SplitPayload(payload.substr(0, payload.size() - 1), 2).ok());
  EXPECT_FALSE(SplitPayload("\x0a\xff\xff\xff\xff\x0f", 1).ok());
}

}  // namespace
}  // namespace platen::gateway::core
