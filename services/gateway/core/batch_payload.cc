#include "services/gateway/core/batch_payload.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <zstd.h>

#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

using google::protobuf::internal::WireFormatLite;
namespace ingest = platen::ingest::v1;

absl::StatusOr<std::string> DecompressZstd(const ingest::Batch& batch) {
  const std::string& frame = batch.payload();
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return base::InvalidArgument("batch ", batch.number(), ": no zstd frame with its content size");
  }
  if (size != batch.payload_bytes()) {
    return base::InvalidArgument("batch ",
                                 batch.number(),
                                 ": its zstd frame holds ",
                                 size,
                                 " bytes, payload_bytes says ",
                                 batch.payload_bytes());
  }
  std::string out(size, '\0');
  const std::size_t got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    return base::InvalidArgument("batch ", batch.number(), ": its zstd frame is corrupt");
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> Decompress(const ingest::Batch& batch) {
  if (batch.payload_bytes() > kPayloadBytesMax) {
    return base::InvalidArgument("batch ",
                                 batch.number(),
                                 ": payload of ",
                                 batch.payload_bytes(),
                                 " bytes, at most ",
                                 kPayloadBytesMax,
                                 " are accepted (lower the relay's max_bytes)");
  }
  switch (batch.compression()) {
    case ingest::COMPRESSION_NONE:
      if (batch.payload().size() != batch.payload_bytes()) {
        return base::InvalidArgument("batch ", batch.number(), ": payload_bytes is wrong");
      }
      return batch.payload();
    case ingest::COMPRESSION_ZSTD:
      return DecompressZstd(batch);
    default:
      return base::InvalidArgument("batch ", batch.number(), ": unknown compression");
  }
}

absl::StatusOr<std::vector<std::string_view>> SplitPayload(std::string_view payload,
                                                           std::uint32_t expected) {
  if (expected == 0 || expected > kBatchEventsMax) {
    return base::InvalidArgument(
        "a batch of ", expected, " events; 1 to ", kBatchEventsMax, " are accepted");
  }
  std::vector<std::string_view> events;
  events.reserve(expected);
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(payload.data()),
                                            static_cast<int>(payload.size()));
  constexpr std::uint32_t kEventTag = WireFormatLite::MakeTag(
      ingest::BatchPayload::kEventsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  while (true) {
    const std::uint32_t tag = in.ReadTag();
    if (tag == 0) break;
    if (tag != kEventTag) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    if (events.size() == expected) break;
    std::uint32_t size = 0;
    if (!in.ReadVarint32(&size)) break;
    const auto offset = static_cast<std::size_t>(in.CurrentPosition());
    if (size > payload.size() - offset || !in.Skip(static_cast<int>(size))) break;
    events.push_back(payload.substr(offset, size));
  }
  if (static_cast<std::size_t>(in.CurrentPosition()) != payload.size() ||
      events.size() != expected) {
    return base::InvalidArgument(
        "a batch's payload does not hold the ", expected, " events it announces");
  }
  return events;
}

}  // namespace platen::gateway::core
