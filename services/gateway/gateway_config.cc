#include "services/gateway/gateway_config.h"

#include <set>

#include "libs/base/status.h"
#include "libs/event/labels.h"
#include "libs/service/common_config.h"
#include "libs/service/http_server.h"
#include "libs/service/tls_config.h"
#include "services/gateway/edge/acknowledge_page.h"

namespace platen::gateway {
namespace {

void ValidateClients(const config::v1::Gateway& config, service::FaultList& faults) {
  std::set<std::string> names;
  for (int i = 0; i < config.clients_size(); ++i) {
    const config::v1::Client& client = config.clients(i);
    const std::string path = base::StrCat("clients[", i, "]");
    service::RequireValue(client.name(), path + ".name", faults);
    if (!names.insert(client.name()).second) {
      faults.Add(path + ".name", "the name is given twice; the first entry would always win");
    }
    if (client.role() == config::v1::ROLE_UNSPECIFIED) {
      faults.Add(path + ".role", "is required: relay, partner, operator or administrator");
    }
    if (client.role() == config::v1::ROLE_RELAY && !event::IsLabel(client.installation())) {
      faults.Add(path + ".installation", "is required of relays: 1 to 63 characters of [a-z0-9-]");
    }
    for (int tenant = 0; tenant < client.tenants_size(); ++tenant) {
      if (!event::IsLabel(client.tenants(tenant))) {
        faults.Add(base::StrCat(path, ".tenants[", tenant, "]"),
                   "is no tenant: 1 to 63 characters of [a-z0-9-]");
      }
    }
  }
}

void ValidatePage(const config::v1::AcknowledgePage& page, service::FaultList& faults) {
  if (page.listen().empty()) {
    service::RequireValue(page.listen(), "acknowledge_page.listen", faults);
  } else if (const absl::Status address =
                 service::CheckLoopbackAddress("acknowledge_page", page.listen());
             !address.ok()) {
    faults.Add("acknowledge_page.listen", std::string(address.message()));
  }
  service::RequireFile(page.key_file(), "acknowledge_page.key_file", faults);
  if (page.key_file().empty()) return;
  if (const auto keys = edge::ReadLinkKeys(page.key_file());
      !keys.ok() && absl::IsInvalidArgument(keys.status())) {
    faults.Add("acknowledge_page.key_file", std::string(keys.status().message()));
  }
}

}  // namespace

config::v1::Gateway DefaultConfig() {
  config::v1::Gateway config;
  config.set_window_batches(8);
  config.mutable_max_stream_age()->set_seconds(3600);
  config.mutable_tls()->mutable_reload_interval()->set_seconds(10);
  config.mutable_drain_timeout()->set_seconds(20);
  return config;
}

void ValidateConfig(const config::v1::Gateway& config,
                    base::WallTime now,
                    service::FaultList& faults) {
  service::ValidateCommon(config, faults);
  service::RequireInstance(config.instance(), faults);
  service::RequireValue(config.listen(), "listen", faults);
  service::ValidateTls(config.tls(), "tls", now, faults);
  service::RequireDuration(config.tls().reload_interval(),
                           std::chrono::seconds(1),
                           std::chrono::seconds(30),
                           "tls.reload_interval",
                           faults);
  service::RequireValue(config.store().sqlite_file(), "store.sqlite_file", faults);
  service::RequireDuration(config.max_stream_age(),
                           std::chrono::seconds(10),
                           std::chrono::hours(24),
                           "max_stream_age",
                           faults);
  if (config.window_batches() < 1 || config.window_batches() > 64) {
    faults.Add("window_batches", "is from 1 to 64");
  }
  ValidateClients(config, faults);
  if (config.has_acknowledge_page()) ValidatePage(config.acknowledge_page(), faults);
}

}  // namespace platen::gateway
