#include "services/relay/edge/batch_codec.h"

#include <algorithm>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <zstd.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::relay::edge {
namespace {

constexpr int kZstdLevel = 1;
// A single alert is smaller, and zstd takes a fifteenth off it; two together are larger as a rule,
// and it takes a third (docs/decisions/0009-no-dictionary-for-single-alerts.md).
constexpr std::size_t kCompressFromBytes = 512;
// A gateway must not make us wait for ever.
constexpr base::Duration kRetryDelayMax = std::chrono::minutes(1);

base::Duration ToDelay(const google::protobuf::Duration& delay) {
  const base::Duration asked =
      std::chrono::seconds(std::clamp<std::int64_t>(delay.seconds(), 0, 3600)) +
      base::Duration(std::clamp(delay.nanos(), 0, 999'999'999));
  return std::min(asked, kRetryDelayMax);
}

// What stands before the bytes of a length-delimited field.
void AppendHead(std::string& out, int field, std::size_t size) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteTag(WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  coded.WriteVarint32(static_cast<std::uint32_t>(size));
}

}  // namespace

BatchEncoder::BatchEncoder() : context_(ZSTD_createCCtx()) {
  ABSL_RAW_CHECK(context_ != nullptr, "zstd: no memory");
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kZstdLevel);
}

BatchEncoder::~BatchEncoder() {
  ZSTD_freeCCtx(context_);
}

EncodedBatch BatchEncoder::Encode(const core::SendWindow::Next& next,
                                  ingest::v1::Compression compression) {
  const std::string& payload = next.batch->payload();
  const bool compress =
      compression == ingest::v1::COMPRESSION_ZSTD && payload.size() >= kCompressFromBytes;
  EncodedBatch encoded{.head = {},
                       .payload = compress ? Compress(payload) : next.batch->shared_payload()};
  ingest::v1::Batch batch;
  batch.set_number(next.number);
  batch.set_compression(compress ? compression : ingest::v1::COMPRESSION_NONE);
  batch.set_payload_bytes(static_cast<std::uint32_t>(payload.size()));
  batch.set_events(static_cast<std::uint32_t>(next.batch->size()));
  const std::string fields = batch.SerializeAsString();
  std::string payload_head;
  AppendHead(payload_head, ingest::v1::Batch::kPayloadFieldNumber, encoded.payload->size());
  AppendHead(encoded.head,
             ingest::v1::ExchangeRequest::kBatchFieldNumber,
             fields.size() + payload_head.size() + encoded.payload->size());
  encoded.head += fields;
  encoded.head += payload_head;
  return encoded;
}

std::shared_ptr<const std::string> BatchEncoder::Compress(const std::string& payload) {
  room_.resize(std::max(room_.size(), ZSTD_compressBound(payload.size())));
  const std::size_t size =
      ZSTD_compress2(context_, room_.data(), room_.size(), payload.data(), payload.size());
  ABSL_RAW_CHECK(ZSTD_isError(size) == 0, "zstd: a whole frame always fits its bound");
  return std::make_shared<const std::string>(room_.data(), size);
}

core::BatchAnswer DecodeAnswer(const ingest::v1::BatchAck& ack) {
  core::BatchAnswer answer;
  answer.number = ack.number();
  answer.window = ack.window_batches();
  if (!ack.has_accepted()) {
    answer.rewind_to = ack.has_rewind() ? ack.rewind().next_number() : ack.number();
    answer.retry_delay = ToDelay(ack.rewind().retry_delay());
    return answer;
  }
  answer.duplicates = ack.accepted().duplicates();
  for (const ingest::v1::Refusal& refusal : ack.accepted().refusals()) {
    core::BatchAnswer::Refusal& out = answer.refusals.emplace_back();
    out.index = refusal.index();
    const int reason = refusal.reason();
    const bool known = reason > 0 && reason <= ingest::v1::REFUSAL_REASON_WRONG_ID;
    out.reason =
        known ? static_cast<core::DeadLetterReason>(reason) : core::DeadLetterReason::kUnspecified;
    out.detail = refusal.detail();
  }
  return answer;
}

}  // namespace platen::relay::edge
