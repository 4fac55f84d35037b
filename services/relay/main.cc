#include "libs/service/main.h"

#include "libs/base/real_clock.h"
#include "libs/service/common_config.h"
#include "libs/tls/openssl_policy.h"
#include "services/relay/relay.h"
#include "services/relay/relay_config.h"

int main(int argc, char** argv) {
  using Config = platen::config::v1::Relay;
  const platen::base::RealClock clock;
  if (!platen::tls::InstallOpenSslPolicy().ok()) return 1;
  return platen::service::RunService<Config>(
      argc,
      argv,
      {.name = "platen-relay",
       .description = "Forwards events from Kafka to gateways, and their directives to Kafka.",
       .defaults = platen::relay::DefaultRelayConfig(),
       .validate =
           [&clock](const Config& config, platen::service::FaultList& faults) {
             platen::relay::ValidateRelayConfig(config, clock.WallNow(), faults);
           },
       .common = platen::service::ToCommonOptions<Config>,
       .run = platen::relay::RunRelay});
}
