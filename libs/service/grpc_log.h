// gRPC's own log lines, through ours: one format, one stream, and its errors at their true weight.
#pragma once

#include <functional>
#include <string_view>

#include "libs/base/time.h"

namespace platen::service {

// What gRPC logs goes to libs/service/log.h from the first one of these on, also after its end. An
// error of gRPC's is at most a warning of ours, a few a second, for none of them ends anything but
// a connection; what it merely tells is for level debug. A handshake that failed is no line at all
// but a call of `on_handshake_failed` with OpenSSL's reason ("peer did not return a certificate"):
// strangers can make as many as they like. REQUIRES: one at a time.
class GrpcLog {
 public:
  // Called on gRPC's threads, concurrently; may log, must not block.
  using HandshakeFailed = std::function<void(std::string_view reason)>;

  // `clock` must outlive this.
  GrpcLog(const base::Clock& clock, HandshakeFailed on_handshake_failed);
  ~GrpcLog();
  GrpcLog(const GrpcLog&) = delete;
  GrpcLog& operator=(const GrpcLog&) = delete;
};

}  // namespace platen::service
