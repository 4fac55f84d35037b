// Who may do what: the certificate's names against the configured clients. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platen/config/v1/gateway.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace platen::gateway::core {

// A peer that is known.
struct Caller {
  std::string name;  // As configured; for logs, and to tell callers' request ids apart.
  platen::config::v1::Role role = platen::config::v1::ROLE_UNSPECIFIED;
  std::vector<std::string> tenants;  // Empty: all.
  std::string installation;          // Of a relay.

  // Whether it may see or speak for `tenant`.
  bool MaySee(std::string_view tenant) const;
};

// The configured client that bears one of `names` (common name, DNS names, SPIFFE id); the first in
// the order of the configuration. kPermissionDenied names what the certificate is called.
absl::StatusOr<Caller> FindCaller(std::span<const platen::config::v1::Client> clients,
                                  std::span<const std::string> names);

// kPermissionDenied unless `caller` sends events for `installation`.
absl::Status CheckMayIngest(const Caller& caller, std::string_view installation);
// kPermissionDenied unless `caller` reads.
absl::Status CheckMayRead(const Caller& caller);
// kPermissionDenied unless `caller` acknowledges and silences alerts.
absl::Status CheckMayCare(const Caller& caller);
// kPermissionDenied unless `caller` registers, removes and sets rules.
absl::Status CheckMayRegister(const Caller& caller);

}  // namespace platen::gateway::core
