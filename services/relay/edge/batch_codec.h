// From the core's batch to the wire's, and from the wire's answer to the core's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platen/ingest/v1/ingest.pb.h"

#include "services/relay/core/relay_core.h"

struct ZSTD_CCtx_s;

namespace platen::relay::edge {

// A serialised platen.ingest.v1.ExchangeRequest with a batch, in two pieces that follow each other:
// so a payload that is not compressed needs no copy.
struct EncodedBatch {
  std::string head;
  std::shared_ptr<const std::string> payload;
};

// Thread-confined: keeps a compressor's tables and room.
class BatchEncoder {
 public:
  BatchEncoder();
  ~BatchEncoder();
  BatchEncoder(const BatchEncoder&) = delete;
  BatchEncoder& operator=(const BatchEncoder&) = delete;

  // With COMPRESSION_ZSTD the payload is one frame of level 1 with its content size, unless it is
  // so small that this saves nothing: then as it is.
  EncodedBatch Encode(const core::SendWindow::Next& next, ingest::v1::Compression compression);

 private:
  std::shared_ptr<const std::string> Compress(const std::string& payload);

  ZSTD_CCtx_s* const context_;
  std::vector<char> room_;  // For the largest frame so far.
};

// An answer without outcome is a rewind to the batch itself.
core::BatchAnswer DecodeAnswer(const ingest::v1::BatchAck& ack);

}  // namespace platen::relay::edge
