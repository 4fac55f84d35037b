#include "services/gateway/edge/grpc_status.h"

#include <string>

#include <google/protobuf/any.pb.h>

#include "libs/base/status.h"

namespace platen::gateway::edge {
namespace {

// google.rpc's messages are not packaged with gRPC here; what is needed of them is two strings
// each.
void PutField(int number, std::string_view bytes, std::string& out) {
  out.push_back(static_cast<char>(number << 3 | 2));
  std::size_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) out.push_back(static_cast<char>(size | 0x80));
  out.push_back(static_cast<char>(size));
  out.append(bytes);
}

std::string_view DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case absl::StatusCode::kNotFound:
      return "NOT_REGISTERED";
    case absl::StatusCode::kAlreadyExists:
      return "ALREADY_REGISTERED";
    case absl::StatusCode::kPermissionDenied:
      return "NOT_PERMITTED";
    case absl::StatusCode::kUnauthenticated:
      return "CERTIFICATE_REFUSED";
    case absl::StatusCode::kOutOfRange:
      return "RESUME_TOKEN_EXPIRED";
    case absl::StatusCode::kResourceExhausted:
      return "OVERLOADED";
    case absl::StatusCode::kUnavailable:
      return "STORE_UNAVAILABLE";
    default:
      return "INTERNAL";
  }
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status,
                    std::string_view reason,
                    std::string_view resume_token) {
  if (status.ok()) return grpc::Status::OK;
  std::string info;
  PutField(1, reason.empty() ? DefaultReason(status.code()) : reason, info);
  PutField(2, "platen", info);
  if (!resume_token.empty()) {
    std::string entry;
    PutField(1, "resume_token", entry);
    PutField(2, resume_token, entry);
    PutField(3, entry, info);
  }
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any.set_value(info);

  const std::string message(status.message());
  std::string details;
  details.push_back(1 << 3);
  details.push_back(static_cast<char>(status.code()));
  PutField(2, message, details);
  PutField(3, any.SerializeAsString(), details);
  return {static_cast<grpc::StatusCode>(status.code()), message, details};
}

}  // namespace platen::gateway::edge
