// From the core's batch to the wire's, and from the wire's answer to the core's.
#pragma once

#include <memory>

#include "platen/ingest/v1/ingest.pb.h"

#include "services/relay/core/relay_core.h"

struct ZSTD_CCtx_s;

namespace platen::relay::edge {

// Thread-confined: keeps a compressor's tables.
class BatchEncoder {
 public:
  BatchEncoder();
  ~BatchEncoder();
  BatchEncoder(const BatchEncoder&) = delete;
  BatchEncoder& operator=(const BatchEncoder&) = delete;

  // Writes `next` into `batch`; with COMPRESSION_ZSTD as one frame of level 1 with its content
  // size, unless it is so small that this saves nothing: then as it is.
  void Encode(const core::SendWindow::Next& next,
              ingest::v1::Compression compression,
              ingest::v1::Batch& batch);

 private:
  ZSTD_CCtx_s* const context_;
};

// An answer without outcome is a rewind to the batch itself.
core::BatchAnswer DecodeAnswer(const ingest::v1::BatchAck& ack);

}  // namespace platen::relay::edge
