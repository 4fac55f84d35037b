#include "services/collector/notification_end.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/sha256.h"
#include "libs/base/status.h"
#include "libs/service/log.h"
#include "libs/snmp/udp/udp_datagrams.h"

namespace platen::collector {
namespace {

// Grows with each life, as SNMPv3 wants it (RFC 3414 §2.2.2), and so does an epoch, which is made
// durable: the milliseconds of its beginning. In seconds since 2025 it fits until 2093.
std::int32_t EngineBoots(std::uint64_t epoch) {
  constexpr std::uint64_t kSecondsUntil2025 = 1'735'689'600;
  const std::uint64_t seconds = std::max(epoch / 1000, kSecondsUntil2025 + 1) - kSecondsUntil2025;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int32_t>::max() - 1;
  return static_cast<std::int32_t>(std::min(seconds, kMax));
}

// RFC 3411 §5, SnmpEngineID: no enterprise, and 1 to 27 bytes of text; a digest, for instances may
// have longer names that begin alike.
std::string EngineId(const std::string& instance) {
  constexpr std::string_view kText("\x80\0\0\0\4", 5);
  constexpr std::size_t kTextMax = 27;
  return base::StrCat(kText, base::HexEncode(base::Sha256String(instance)).substr(0, kTextMax));
}

std::set<std::string, std::less<>> CommunitiesOf(const edge::ReaderOptions& reader) {
  std::set<std::string, std::less<>> communities;
  for (const auto& [name, community] : reader.communities) communities.insert(community);
  return communities;
}

std::vector<snmp::usm::UserOptions> UsersOf(const edge::ReaderOptions& reader) {
  std::vector<snmp::usm::UserOptions> users;
  for (const auto& [name, user] : reader.users) users.push_back(user);
  return users;
}

}  // namespace

void NotificationEnd::SetCredentials(const edge::ReaderOptions& reader) const {
  taker->SetCredentials(CommunitiesOf(reader), UsersOf(reader), base::SecureRandom64());
}

absl::StatusOr<NotificationEnd> OpenNotifications(const config::v1::Collector& config,
                                                  const edge::ReaderOptions& reader,
                                                  std::uint64_t epoch,
                                                  const base::Clock& clock) {
  NotificationEnd end;
  if (!config.has_notifications()) return end;
  const std::string& listen = config.notifications().listen();
  snmp::udp::UdpOptions udp;
  udp.ports = 1;
  PLATEN_ASSIGN_OR_RETURN(udp.local, snmp::Endpoint::Parse(listen, 0));
  udp.ipv6 = !udp.local.is_v4();
  auto network = snmp::udp::OpenUdp(udp);
  if (!network.ok()) {
    return base::Error(network.status().code(),
                       "notifications.listen ",
                       listen,
                       ": ",
                       base::ToStd(network.status().message()));
  }
  end.network = *std::move(network);
  service::LogInfo("traps and informs are listened for",
                   {{"notification_port", end.network->local(0).port}});
  edge::NotificationOptions options;
  options.communities = CommunitiesOf(reader);
  options.users = UsersOf(reader);
  options.engine_id = EngineId(config.instance());
  options.boots = EngineBoots(epoch);
  options.salt = base::SecureRandom64();
  end.taker = std::make_unique<edge::Notifications>(*end.network, options, clock.Now());
  return end;
}

}  // namespace platen::collector
