// platen-gateway: where events arrive for good.
#include <iostream>

#include "libs/tls/openssl_policy.h"
#include "services/gateway/gateway.h"

int main(int argc, char** argv) {
  if (const absl::Status policy = platen::tls::InstallOpenSslPolicy(); !policy.ok()) {
    std::cerr << "platen-gateway: " << policy.message() << '\n';
    return 1;
  }
  return platen::gateway::RunGateway(argc, argv);
}
