// What gRPC calls to have a peer judged. Only credentials.cc includes it.
#pragma once

#include <memory>

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_verifier.h>

#include "libs/tls/judge.h"

namespace platen::tls {

// Judges the peer of a connection, after the handshake and before any call.
class ConnectionVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  ConnectionVerifier(std::shared_ptr<Judge> judge, PeerRole peer);

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> callback,
              grpc::Status* sync_status) override;

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest* request) override;

 private:
  const std::shared_ptr<Judge> judge_;
  const PeerRole peer_;
};

// Judges the client at each call that begins.
class CallVerifier final : public grpc::AuthMetadataProcessor {
 public:
  explicit CallVerifier(std::shared_ptr<Judge> judge);

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& auth_metadata,
                       grpc::AuthContext* context,
                       OutputMetadata* consumed_auth_metadata,
                       OutputMetadata* response_metadata) override;

 private:
  const std::shared_ptr<Judge> judge_;
};

// What the peer of a call showed. Empty without TLS.
PeerChain ChainOf(const grpc::AuthContext& context);

}  // namespace platen::tls
