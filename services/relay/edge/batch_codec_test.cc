#include "services/relay/edge/batch_codec.h"

#include <string>

#include <gtest/gtest.h>
#include <zstd.h>

namespace platen::relay::edge {
namespace {

core::Batch MakeBatch() {
  core::Batch batch;
  const auto work = std::make_shared<core::PartitionWork>();
  for (int i = 0; i < 100; ++i) batch.Add(work, i, "key", std::string(100, 'x'));
  return batch;
}

// What a gateway reads.
ingest::v1::Batch Encode(const core::SendWindow::Next& next, ingest::v1::Compression compression) {
  BatchEncoder encoder;
  const EncodedBatch encoded = encoder.Encode(next, compression);
  ingest::v1::ExchangeRequest request;
  EXPECT_TRUE(request.ParseFromString(encoded.head + *encoded.payload));
  EXPECT_TRUE(request.has_batch());
  return request.batch();
}

TEST(BatchEncoderTest, ASmallPayloadTravelsAsItIs) {
  core::Batch batch;
  batch.Add(std::make_shared<core::PartitionWork>(), 0, "key", std::string(367, 'x'));

  const ingest::v1::Batch out = Encode({1, &batch}, ingest::v1::COMPRESSION_ZSTD);

  EXPECT_EQ(out.compression(), ingest::v1::COMPRESSION_NONE);
  EXPECT_EQ(out.payload(), batch.payload());
}

TEST(BatchEncoderTest, ZstdIsOneFrameWithItsContentSize) {
  const core::Batch batch = MakeBatch();

  const ingest::v1::Batch out = Encode({7, &batch}, ingest::v1::COMPRESSION_ZSTD);

  EXPECT_EQ(out.number(), 7u);
  EXPECT_EQ(out.events(), 100u);
  EXPECT_EQ(out.payload_bytes(), batch.payload().size());
  EXPECT_EQ(ZSTD_getFrameContentSize(out.payload().data(), out.payload().size()),
            batch.payload().size());
  std::string back(batch.payload().size(), '\0');
  EXPECT_EQ(ZSTD_decompress(back.data(), back.size(), out.payload().data(), out.payload().size()),
            back.size());
  EXPECT_EQ(back, batch.payload());
}

TEST(BatchEncoderTest, WithoutCompressionThePayloadIsItself) {
  const core::Batch batch = MakeBatch();

  const ingest::v1::Batch out = Encode({1, &batch}, ingest::v1::COMPRESSION_NONE);

  EXPECT_EQ(out.payload(), batch.payload());
}

TEST(BatchEncoderTest, APayloadOnItsWayOutlivesItsBatch) {
  core::Batch batch = MakeBatch();
  BatchEncoder encoder;
  const std::string payload = batch.payload();

  const EncodedBatch encoded = encoder.Encode({1, &batch}, ingest::v1::COMPRESSION_NONE);
  EXPECT_EQ(encoded.payload.get(), &batch.payload()) << "copied";
  batch.Clear();
  batch.Add(std::make_shared<core::PartitionWork>(), 0, "key", "another event");

  EXPECT_EQ(*encoded.payload, payload);
}

TEST(DecodeAnswerTest, CarriesRefusalsWithTheirReason) {
  ingest::v1::BatchAck ack;
  ack.set_number(3);
  ack.set_window_batches(2);
  ack.mutable_accepted()->set_duplicates(5);
  auto* refusal = ack.mutable_accepted()->add_refusals();
  refusal->set_index(4);
  refusal->set_reason(ingest::v1::REFUSAL_REASON_UNREGISTERED_DEVICE);
  refusal->set_detail("no such device");
  ack.mutable_accepted()->add_refusals()->set_reason(static_cast<ingest::v1::RefusalReason>(99));

  const core::BatchAnswer answer = DecodeAnswer(ack);

  EXPECT_EQ(answer.number, 3u);
  EXPECT_EQ(answer.window, 2u);
  EXPECT_EQ(answer.duplicates, 5u);
  EXPECT_EQ(answer.rewind_to, std::nullopt);
  ASSERT_EQ(answer.refusals.size(), 2u);
  EXPECT_EQ(answer.refusals[0].index, 4u);
  EXPECT_EQ(answer.refusals[0].reason, core::DeadLetterReason::kUnregisteredDevice);
  EXPECT_EQ(answer.refusals[1].reason, core::DeadLetterReason::kUnspecified);
}

TEST(DecodeAnswerTest, ARewindWaitsAMinuteAtMost) {
  ingest::v1::BatchAck ack;
  ack.set_number(3);
  ack.mutable_rewind()->set_next_number(2);
  ack.mutable_rewind()->mutable_retry_delay()->set_seconds(100'000'000'000);

  const core::BatchAnswer answer = DecodeAnswer(ack);

  EXPECT_EQ(answer.rewind_to, 2u);
  EXPECT_EQ(answer.retry_delay, std::chrono::minutes(1));
}

}  // namespace
}  // namespace platen::relay::edge
