#include "services/collector/poll_config.h"

#include "libs/base/status.h"
#include "libs/event/labels.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"
#include "libs/service/kafka_config.h"
#include "services/collector/discovery_job.h"

namespace platen::collector {
namespace {

constexpr std::uint32_t kSocketsMax = 64;
constexpr int kLinksMax = 256;
// A spool that is smaller can't hold the largest event.
constexpr std::uint64_t kSpoolBytesMin = 1u << 20;

void CheckRange(std::uint32_t value,
                std::uint32_t min,
                std::uint32_t max,
                std::string_view path,
                service::FaultList& faults) {
  if (value >= min && value <= max) return;
  faults.Add(path, base::StrCat(value, " is not from ", min, " to ", max));
}

void ValidateSnmp(const config::v1::Snmp& snmp, service::FaultList& faults) {
  service::RequireDuration(snmp.timeout(),
                           std::chrono::milliseconds(10),
                           std::chrono::minutes(1),
                           "snmp.timeout",
                           faults);
  CheckRange(snmp.retries(), 0, 10, "snmp.retries", faults);
  CheckRange(snmp.discovery_concurrency(), 1, 10'000, "snmp.discovery_concurrency", faults);
  CheckRange(snmp.requests_per_second(), 1, 1'000'000, "snmp.requests_per_second", faults);
  CheckRange(snmp.sockets(), 1, kSocketsMax, "snmp.sockets", faults);
  CheckRange(
      snmp.subnet_requests_per_second(), 0, 1'000'000, "snmp.subnet_requests_per_second", faults);
  if (snmp.links().size() > kLinksMax) {
    faults.Add("snmp.links", base::StrCat("more than ", kLinksMax, " networks"));
  }
  for (int i = 0; i < snmp.links().size(); ++i) {
    const std::string path = base::StrCat("snmp.links[", i, "]");
    const auto network = edge::Network::Parse(snmp.links(i).network());
    if (!network.ok()) faults.Add(path + ".network", std::string(network.status().message()));
    CheckRange(
        snmp.links(i).requests_per_second(), 1, 1'000'000, path + ".requests_per_second", faults);
  }
}

void ValidateRegion(const std::string& region, service::FaultList& faults) {
  if (region.empty() || event::IsLabel(region)) return;
  faults.Add("region", "must be 1 to 63 characters of [a-z0-9-]");
}

void ValidateSpool(const config::v1::Spool& spool, service::FaultList& faults) {
  const auto at_least = [&faults](std::uint64_t bytes, std::string_view path) {
    if (bytes >= kSpoolBytesMin) return;
    faults.Add(path, base::StrCat(bytes, " bytes are too few: at least ", kSpoolBytesMin));
  };
  at_least(spool.bytes_max(), "spool.bytes_max");
  at_least(spool.memory_bytes_max(), "spool.memory_bytes_max");
  service::RequireDuration(spool.away_after(),
                           std::chrono::milliseconds(100),
                           std::chrono::minutes(10),
                           "spool.away_after",
                           faults);
  service::RequireDuration(spool.back_after(),
                           std::chrono::milliseconds(100),
                           std::chrono::minutes(10),
                           "spool.back_after",
                           faults);
}

void RequireSecret(const config::v1::Credential& credential,
                   const std::string& path,
                   service::FaultList& faults) {
  if (!credential.secret_file().empty()) {
    service::RequireFile(credential.secret_file(), path + ".secret_file", faults);
  } else if (credential.value().empty()) {
    faults.Add(path, "needs `secret_file`");
  }
}

// What the passwords themselves must be is found where they are read.
void ValidateUser(const std::string& credential,
                  const config::v1::SnmpUser& user,
                  service::FaultList& faults) {
  const std::string path = base::StrCat("snmp_users.", credential);
  service::RequireValue(user.name(), path + ".name", faults);
  if (user.authentication() != config::v1::SnmpUser::AUTHENTICATION_UNSPECIFIED) {
    RequireSecret(user.authentication_password(), path + ".authentication_password", faults);
  } else if (user.privacy() != config::v1::SnmpUser::PRIVACY_UNSPECIFIED) {
    faults.Add(path + ".authentication", "is required where there is `privacy`");
  }
  if (user.privacy() != config::v1::SnmpUser::PRIVACY_UNSPECIFIED) {
    RequireSecret(user.privacy_password(), path + ".privacy_password", faults);
  }
}

absl::StatusOr<std::string> SecretOf(const config::v1::Credential& credential) {
  if (credential.secret_file().empty()) return credential.value();
  return service::ReadSecretFile(credential.secret_file());
}

// The numbers of both are in the same order.
absl::StatusOr<snmp::usm::UserOptions> ToUser(const config::v1::SnmpUser& user) {
  snmp::usm::UserOptions options;
  options.name = user.name();
  options.auth = static_cast<snmp::usm::AuthProtocol>(user.authentication());
  options.priv = static_cast<snmp::usm::PrivProtocol>(user.privacy());
  options.extension = static_cast<snmp::usm::KeyExtension>(user.key_extension());
  PLATEN_ASSIGN_OR_RETURN(options.auth_password, SecretOf(user.authentication_password()));
  PLATEN_ASSIGN_OR_RETURN(options.priv_password, SecretOf(user.privacy_password()));
  PLATEN_RETURN_IF_ERROR(snmp::usm::Validate(options));
  return options;
}

void ValidateNotifications(const config::v1::Notifications& notifications,
                           service::FaultList& faults) {
  if (!snmp::Endpoint::Parse(notifications.listen(), 0).ok()) {
    faults.Add("notifications.listen", "must be an address and a port, as \"0.0.0.0:162\"");
  }
  if (notifications.polls_per_second() != 0) {
    CheckRange(
        notifications.polls_per_second(), 1, 100'000, "notifications.polls_per_second", faults);
  }
}

}  // namespace

config::v1::Collector DefaultConfig() {
  config::v1::Collector config;
  config.set_group("platen-collector");
  event::v1::Schedule& schedule = *config.mutable_schedule();
  schedule.mutable_status_interval()->set_seconds(60);
  schedule.mutable_asleep_interval()->set_seconds(300);
  schedule.mutable_meters_interval()->set_seconds(3600);
  schedule.mutable_supplies_interval()->set_seconds(3600);
  schedule.mutable_firmware_interval()->set_seconds(6 * 3600);
  config::v1::Snmp& snmp = *config.mutable_snmp();
  snmp.mutable_timeout()->set_seconds(2);
  snmp.set_retries(2);
  snmp.set_discovery_concurrency(64);
  snmp.set_requests_per_second(5000);
  snmp.set_sockets(4);
  snmp.set_receive_buffer_bytes(4u << 20);
  config.mutable_drain_timeout()->set_seconds(20);
  config.set_devices_max(200'000);
  config::v1::Spool& spool = *config.mutable_spool();
  spool.set_bytes_max(1u << 30);
  spool.set_memory_bytes_max(16u << 20);
  spool.mutable_away_after()->set_seconds(5);
  spool.mutable_back_after()->set_seconds(5);
  return config;
}

void ValidateConfig(const config::v1::Collector& config, service::FaultList& faults) {
  service::ValidateCommon(config, faults);
  service::RequireInstance(config.instance(), faults);
  ValidateRegion(config.region(), faults);
  service::RequireValue(config.state_dir(), "state_dir", faults);
  service::RequireValue(config.profiles_dir(), "profiles_dir", faults);
  if (config.targets_file().empty()) {
    service::ValidateKafka(config.kafka(), "kafka", faults);
  } else {
    service::RequireFile(config.targets_file(), "targets_file", faults);
    service::RequireValue(config.events_file(), "events_file", faults);
  }
  if (config.credentials().empty() && config.snmp_users().empty()) {
    faults.Add("credentials", "is required: at least `default`, with `secret_file`");
  }
  for (const auto& [name, credential] : config.credentials()) {
    RequireSecret(credential, base::StrCat("credentials.", name), faults);
  }
  for (const auto& [name, user] : config.snmp_users()) ValidateUser(name, user, faults);
  ValidateSnmp(config.snmp(), faults);
  ValidateSpool(config.spool(), faults);
  if (config.has_discovery()) ValidateDiscovery(config, faults);
  if (config.has_notifications()) ValidateNotifications(config.notifications(), faults);
  CheckRange(config.devices_max(), 1, 10'000'000, "devices_max", faults);
}

core::FleetPollerOptions ToFleetOptions(const config::v1::Collector& config) {
  core::FleetPollerOptions options;
  options.cadence = core::MakeCadence(config.schedule(), core::Cadence{});
  options.first_readings_max = config.snmp().discovery_concurrency();
  options.devices_max = config.devices_max();
  options.takes_notifications = config.has_notifications();
  if (const std::uint32_t polls = config.notifications().polls_per_second(); polls > 0) {
    options.notified_polls_per_second = polls;
  }
  return options;
}

edge::SpoolOptions ToSpoolOptions(const config::v1::Collector& config, std::int32_t partitions) {
  edge::SpoolOptions options;
  options.log.file = config.state_dir() + "/spool.sqlite";
  options.log.instance = config.instance();
  options.log.bytes_max = config.spool().bytes_max();
  options.log.memory_bytes_max = config.spool().memory_bytes_max();
  options.outage.away_after = event::FromProto(config.spool().away_after());
  options.outage.back_after = event::FromProto(config.spool().back_after());
  options.partitions = partitions;
  return options;
}

absl::StatusOr<edge::ReaderOptions> ToReaderOptions(const config::v1::Collector& config) {
  edge::ReaderOptions options;
  options.timeout = event::FromProto(config.snmp().timeout());
  options.retries = config.snmp().retries();
  options.requests_per_second = config.snmp().requests_per_second();
  options.links.subnet_requests_per_second = config.snmp().subnet_requests_per_second();
  for (const config::v1::SnmpLink& link : config.snmp().links()) {
    PLATEN_ASSIGN_OR_RETURN(const edge::Network network, edge::Network::Parse(link.network()));
    options.links.links.push_back({network, link.requests_per_second()});
  }
  for (const auto& [name, credential] : config.credentials()) {
    PLATEN_ASSIGN_OR_RETURN(options.communities[name], SecretOf(credential));
  }
  for (const auto& [name, user] : config.snmp_users()) {
    absl::StatusOr<snmp::usm::UserOptions> options_of_user = ToUser(user);
    if (!options_of_user.ok()) {
      return base::InvalidArgument(
          "snmp_users.", name, ": ", std::string(options_of_user.status().message()));
    }
    options.users[name] = *std::move(options_of_user);
  }
  return options;
}

}  // namespace platen::collector
