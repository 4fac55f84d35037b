// Where traps and informs come in: the port and the identity that a configuration gives.
#pragma once

#include <cstdint>
#include <memory>

#include "platen/config/v1/collector.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "services/collector/edge/notifications.h"
#include "services/collector/edge/reader.h"

namespace platen::collector {

// Empty where nobody listens.
struct NotificationEnd {
  std::unique_ptr<snmp::Datagrams> network;
  std::unique_ptr<edge::Notifications> taker;

  // From now on those are heard whom the reader asks as. REQUIRES: somebody listens.
  void SetCredentials(const edge::ReaderOptions& reader) const;
};

absl::StatusOr<NotificationEnd> OpenNotifications(const config::v1::Collector& config,
                                                  const edge::ReaderOptions& reader,
                                                  std::uint64_t epoch,
                                                  const base::Clock& clock);

}  // namespace platen::collector
