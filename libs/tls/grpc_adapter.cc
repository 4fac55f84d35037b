#include "libs/tls/grpc_adapter.h"

#include <string>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

namespace platen::tls {
namespace {

std::string ToString(grpc::string_ref text) {
  return std::string(text.data(), text.size());
}

std::string FirstProperty(const grpc::AuthContext& context, const char* name) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(name);
  return values.empty() ? std::string() : ToString(values.front());
}

grpc::Status ToGrpc(const Verdict& verdict) {
  return verdict.accepted() ? grpc::Status::OK
                            : grpc::Status(grpc::StatusCode::UNAUTHENTICATED, verdict.message);
}

}  // namespace

ConnectionVerifier::ConnectionVerifier(std::shared_ptr<Judge> judge, PeerRole peer)
    : judge_(std::move(judge)), peer_(peer) {}

bool ConnectionVerifier::Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
                                std::function<void(grpc::Status)> /*callback*/,
                                grpc::Status* sync_status) {
  const PeerChain chain{.leaf_pem = ToString(request->peer_cert()),
                        .chain_pem = ToString(request->peer_cert_full_chain())};
  const std::string host = peer_ == PeerRole::kServer ? ToString(request->target_name()) : "";
  *sync_status = ToGrpc(judge_->Ask(chain, peer_, host));
  return true;  // Judged here and now.
}

void ConnectionVerifier::Cancel(
    grpc::experimental::TlsCustomVerificationCheckRequest* /*request*/) {}

CallVerifier::CallVerifier(std::shared_ptr<Judge> judge) : judge_(std::move(judge)) {}

grpc::Status CallVerifier::Process(const InputMetadata& /*auth_metadata*/,
                                   grpc::AuthContext* context,
                                   OutputMetadata* /*consumed_auth_metadata*/,
                                   OutputMetadata* /*response_metadata*/) {
  return ToGrpc(judge_->AskOften(ChainOf(*context), PeerRole::kClient));
}

PeerChain ChainOf(const grpc::AuthContext& context) {
  return {.leaf_pem = FirstProperty(context, GRPC_X509_PEM_CERT_PROPERTY_NAME),
          .chain_pem = FirstProperty(context, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)};
}

}  // namespace platen::tls
