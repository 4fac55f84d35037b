#include "libs/service/main.h"

#include "libs/service/common_config.h"
#include "libs/tls/openssl_policy.h"
#include "services/relay/relay.h"
#include "services/relay/relay_config.h"

int main(int argc, char** argv) {
  using Config = platen::config::v1::Relay;
  if (!platen::tls::InstallOpenSslPolicy().ok()) return 1;
  return platen::service::RunService<Config>(
      argc,
      argv,
      {.name = "platen-relay",
       .description = "Forwards events from Kafka to gateways, and their directives to Kafka.",
       .defaults = platen::relay::DefaultRelayConfig(),
       .validate = platen::relay::ValidateRelayConfig,
       .common = platen::service::ToCommonOptions<Config>,
       .run = platen::relay::RunRelay});
}
