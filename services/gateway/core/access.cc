#include "services/gateway/core/access.h"

#include <algorithm>

#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

namespace config = platen::config::v1;

template <class... Parts>
absl::Status Denied(const Parts&... parts) {
  return base::Error(absl::StatusCode::kPermissionDenied, parts...);
}

}  // namespace

bool Caller::MaySee(std::string_view tenant) const {
  return tenants.empty() || std::ranges::find(tenants, tenant) != tenants.end();
}

absl::StatusOr<Caller> FindCaller(std::span<const config::Client> clients,
                                  std::span<const std::string> names) {
  for (const config::Client& client : clients) {
    if (std::ranges::find(names, client.name()) == names.end()) continue;
    return Caller{.name = client.name(),
                  .role = client.role(),
                  .tenants = {client.tenants().begin(), client.tenants().end()},
                  .installation = client.installation()};
  }
  return Denied("the certificate's name \"",
                names.empty() ? "" : names.front(),
                "\" is none of this gateway's clients (section clients of its configuration)");
}

absl::Status CheckMayIngest(const Caller& caller, std::string_view installation) {
  if (caller.role != config::ROLE_RELAY) {
    return Denied(caller.name, " may not send events: its role is not relay");
  }
  if (caller.installation != installation) {
    return Denied(caller.name,
                  " speaks for installation ",
                  caller.installation,
                  ", not for ",
                  installation.substr(0, 63));
  }
  return absl::OkStatus();
}

absl::Status CheckMayRead(const Caller& caller) {
  switch (caller.role) {
    case config::ROLE_PARTNER:
    case config::ROLE_OPERATOR:
    case config::ROLE_ADMINISTRATOR:
      return absl::OkStatus();
    default:
      return Denied(caller.name,
                    " may not read: its role is not partner, operator or administrator");
  }
}

absl::Status CheckMayCare(const Caller& caller) {
  if (caller.role == config::ROLE_OPERATOR || caller.role == config::ROLE_ADMINISTRATOR) {
    return absl::OkStatus();
  }
  return Denied(caller.name,
                " may not acknowledge or silence: its role is neither operator nor administrator");
}

absl::Status CheckMayRegister(const Caller& caller) {
  if (caller.role == config::ROLE_ADMINISTRATOR) return absl::OkStatus();
  return Denied(caller.name, " may not register or remove: its role is not administrator");
}

}  // namespace platen::gateway::core
