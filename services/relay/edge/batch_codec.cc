#include "services/relay/edge/batch_codec.h"

#include <algorithm>

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

}  // namespace

BatchEncoder::BatchEncoder() : context_(ZSTD_createCCtx()) {
  ABSL_RAW_CHECK(context_ != nullptr, "zstd: no memory");
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kZstdLevel);
}

BatchEncoder::~BatchEncoder() {
  ZSTD_freeCCtx(context_);
}

void BatchEncoder::Encode(const core::SendWindow::Next& next,
                          ingest::v1::Compression compression,
                          ingest::v1::Batch& batch) {
  const std::string& payload = next.batch->payload();
  batch.set_number(next.number);
  const bool compress =
      compression == ingest::v1::COMPRESSION_ZSTD && payload.size() >= kCompressFromBytes;
  batch.set_compression(compress ? compression : ingest::v1::COMPRESSION_NONE);
  batch.set_payload_bytes(static_cast<std::uint32_t>(payload.size()));
  batch.set_events(static_cast<std::uint32_t>(next.batch->size()));
  if (!compress) {
    batch.set_payload(payload);
    return;
  }
  std::string& out = *batch.mutable_payload();
  out.resize(ZSTD_compressBound(payload.size()));
  const std::size_t size =
      ZSTD_compress2(context_, out.data(), out.size(), payload.data(), payload.size());
  ABSL_RAW_CHECK(ZSTD_isError(size) == 0, "zstd: a whole frame always fits its bound");
  out.resize(size);
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
