// The process-wide part of the policy: protocol versions and cipher suites.
//
// gRPC 1.51 has no setter for either. It takes the suites of TLS 1.2 from an environment variable
// that it reads once, and those of TLS 1.3 from OpenSSL's defaults, which OpenSSL's configuration
// sets. Both are set here, before either library is used (docs/decisions/0003-tls-on-grpc-1.51.md).
#pragma once

#include <string>

#include "absl/status/status.h"

namespace platen::tls {

// Applies, to every TLS context that this process makes from now on and that does not say
// otherwise: TLS 1.2 or 1.3, AES-256-GCM with ECDHE, OpenSSL's security level 2 (no SHA-1, no RSA
// below 2048 bits). What talks to devices or strangers sets its own suites on its own context.
//
// REQUIRES: first thing in main, before any other thread, and before gRPC or OpenSSL is used.
// Idempotent. The machine's own openssl.cnf is not read. kInternal if OpenSSL refuses, which main
// reports and ends with.
absl::Status InstallOpenSslPolicy();

// The configuration that InstallOpenSslPolicy() gives to OpenSSL, as openssl.cnf would hold it.
std::string OpenSslConfigText();

}  // namespace platen::tls
