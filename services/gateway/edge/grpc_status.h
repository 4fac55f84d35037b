// absl::Status as gRPC answers it: the code, the message, and a google.rpc.ErrorInfo in the
// details.
#pragma once

#include <string_view>

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace platen::gateway::edge {

// `reason`: UPPER_SNAKE_CASE, stable; where empty it follows from the code. The details hold a
// serialised google.rpc.Status with ErrorInfo{reason, domain: "platen"} (AIP-193).
// `resume_token`: where to go on, in the ErrorInfo's metadata under that name; none where empty.
grpc::Status ToGrpc(const absl::Status& status,
                    std::string_view reason = {},
                    std::string_view resume_token = {});

}  // namespace platen::gateway::edge
