#include "services/relay/relay_config.h"

#include <set>
#include <string>

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"
#include "libs/service/kafka_config.h"
#include "libs/service/main.h"
#include "libs/service/tls_config.h"

namespace platen::relay {
namespace {

using config::v1::Batching;
using config::v1::Relay;
using config::v1::Route;

// As collectors do.
constexpr base::Duration kHeartbeatInterval = std::chrono::seconds(30);
constexpr std::uint32_t kBatchBytesDefault = 1u << 20;
constexpr std::uint32_t kBatchBytesMin = 1u << 12;
// Below gRPC's own bound for a message, 4 MiB, with room for the envelope.
constexpr std::uint32_t kBatchBytesMax = 3u << 20;
constexpr std::uint32_t kBatchEventsDefault = 1000;
constexpr std::uint32_t kBatchEventsMax = 10'000;
constexpr base::Duration kBulkAge = std::chrono::milliseconds(200);
constexpr base::Duration kAgeMax = std::chrono::minutes(1);
constexpr std::uint64_t kBandwidthMin = 1024;
constexpr std::uint64_t kBandwidthMax = 100'000'000'000;
constexpr std::uint32_t kLogsPercentDefault = 50;
// How many full batches are kept in memory, sent or not.
constexpr std::size_t kBufferBatches = 4;

const Batching& BatchingOf(const Relay& config, event::v1::Lane lane) {
  if (lane == event::v1::LANE_ALERTS) return config.alerts();
  return lane == event::v1::LANE_LOGS ? config.logs() : config.telemetry();
}

void ValidateBatching(const Batching& batching, std::string_view path, service::FaultList& faults) {
  const auto at = [path](std::string_view field) { return base::StrCat(path, ".", field); };
  if (batching.max_bytes() != 0 &&
      (batching.max_bytes() < kBatchBytesMin || batching.max_bytes() > kBatchBytesMax)) {
    faults.Add(at("max_bytes"), base::StrCat("must be ", kBatchBytesMin, " to ", kBatchBytesMax));
  }
  if (batching.max_events() > kBatchEventsMax) {
    faults.Add(at("max_events"), base::StrCat("must be at most ", kBatchEventsMax));
  }
  if (batching.has_max_age()) {
    service::RequireDuration(batching.max_age(), base::Duration(0), kAgeMax, at("max_age"), faults);
  }
}

void ValidateBandwidth(const Relay& config, service::FaultList& faults) {
  const std::uint64_t bandwidth = config.bandwidth_bytes_per_second();
  if (bandwidth != 0 && (bandwidth < kBandwidthMin || bandwidth > kBandwidthMax)) {
    faults.Add("bandwidth_bytes_per_second",
               base::StrCat("must be 0, or ", kBandwidthMin, " to ", kBandwidthMax));
  }
  if (config.logs_percent() > 100) faults.Add("logs_percent", "must be 1 to 100");
  if (config.logs_percent() != 0 && bandwidth == 0) {
    faults.Add("logs_percent", "is a part of `bandwidth_bytes_per_second`, which is not given");
  }
}

void ValidateProxy(const config::v1::HttpProxy& proxy,
                   const std::string& path,
                   service::FaultList& faults) {
  if (proxy.address().find(':') == std::string::npos) {
    faults.Add(path + ".address", "must be \"host:port\"");
  }
  if (proxy.user().empty() != proxy.password_file().empty()) {
    faults.Add(path + ".password_file", "goes with `user`: give both or neither");
  } else if (!proxy.password_file().empty()) {
    service::RequireFile(proxy.password_file(), path + ".password_file", faults);
  }
}

void ValidateRoutes(const Relay& config, service::FaultList& faults) {
  std::set<std::string> names;
  int directives = 0;
  for (int i = 0; i < config.routes_size(); ++i) {
    const Route& route = config.routes(i);
    const std::string path = base::StrCat("routes[", i, "]");
    service::RequireValue(route.name(), path + ".name", faults);
    service::RequireValue(route.gateway(), path + ".gateway", faults);
    if (!route.gateway().empty() && route.gateway().find(':') == std::string::npos) {
      faults.Add(path + ".gateway", "must be \"host:port\"");
    }
    if (!names.insert(route.name()).second) {
      faults.Add(path + ".name", "another route has this name");
    }
    if (route.has_proxy()) ValidateProxy(route.proxy(), path + ".proxy", faults);
    for (int k = 0; k < route.matches_size(); ++k) {
      const config::v1::RouteMatch& match = route.matches(k);
      if (!match.tenant().empty() || !match.site().empty() || !match.vendor().empty() ||
          !match.region().empty()) {
        continue;
      }
      faults.Add(base::StrCat(path, ".matches[", k, "]"),
                 "names no tenant, site, vendor or region, and so would take everything");
    }
    directives += route.directives() ? 1 : 0;
  }
  if (!names.contains(std::string(core::kDefaultRoute))) {
    faults.Add("routes", "one route must be named \"default\": it takes what names no other");
  }
  if (directives != 1) {
    faults.Add("routes", "exactly one route must say `directives: true`");
  }
}

}  // namespace

Relay DefaultRelayConfig() {
  Relay config;
  config.mutable_drain_timeout()->set_seconds(20);
  return config;
}

void ValidateRelayConfig(const Relay& config, base::WallTime now, service::FaultList& faults) {
  service::ValidateCommon(config, faults);
  service::RequireInstance(config.instance(), faults);
  service::RequireValue(config.installation(), "installation", faults);
  service::RequireValue(config.state_dir(), "state_dir", faults);
  service::ValidateKafka(config.kafka(), "kafka", faults);
  service::ValidateTls(config.tls(), "tls", now, faults);
  ValidateRoutes(config, faults);
  ValidateBatching(config.alerts(), "alerts", faults);
  ValidateBatching(config.telemetry(), "telemetry", faults);
  ValidateBatching(config.logs(), "logs", faults);
  ValidateBandwidth(config, faults);
}

LanePipelineOptions ToPipelineOptions(const Relay& config,
                                      const Route& route,
                                      event::v1::Lane lane) {
  const Batching& batching = BatchingOf(config, lane);
  LanePipelineOptions options;
  options.topic_prefix = config.kafka().topic_prefix();
  options.topic = event::Topics(options.topic_prefix).Lane(lane);
  options.route = route.name();
  const std::string prefix = options.topic_prefix.empty() ? "platen" : options.topic_prefix;
  options.group = base::StrCat(prefix, "-relay-", event::LaneName(lane), "-", route.name());
  flow::BatchLimits& limits = options.core.batch;
  limits.bytes_max = batching.max_bytes() != 0 ? batching.max_bytes() : kBatchBytesDefault;
  limits.items_max = batching.max_events() != 0 ? batching.max_events() : kBatchEventsDefault;
  const base::Duration age = lane == event::v1::LANE_ALERTS ? base::Duration(0) : kBulkAge;
  limits.age_max = batching.has_max_age() ? event::FromProto(batching.max_age()) : age;
  options.core.buffer_bytes_max = kBufferBatches * limits.bytes_max;
  options.core.event_bytes_max = event::kEventBytesMax;
  options.seed = base::SecureRandom64();
  // Each route has its numbers: one lane speaks for all.
  if (lane == event::v1::LANE_ALERTS) options.heartbeat_interval = kHeartbeatInterval;
  return options;
}

edge::GatewayUplinkOptions ToUplinkOptions(const Relay& config,
                                           const Route& route,
                                           event::v1::Lane lane) {
  edge::GatewayUplinkOptions options;
  options.hello.set_installation(config.installation());
  options.hello.set_instance(config.instance());
  options.hello.set_lane(lane);
  options.hello.set_route(route.name());
  options.hello.set_wants_directives(route.directives() && lane == event::v1::LANE_ALERTS);
  options.hello.set_version(service::Version());
  switch (BatchingOf(config, lane).compression()) {
    case config::v1::COMPRESSION_NONE:
      options.compression = ingest::v1::COMPRESSION_NONE;
      break;
    case config::v1::COMPRESSION_ZSTD:
      options.compression = ingest::v1::COMPRESSION_ZSTD;
      break;
    default:
      options.compression = ingest::v1::COMPRESSION_ZSTD;
  }
  return options;
}

absl::StatusOr<tls::HttpProxy> ToProxy(const Route& route) {
  tls::HttpProxy proxy{.address = route.proxy().address(), .user = route.proxy().user()};
  if (!proxy.user.empty()) {
    PLATEN_ASSIGN_OR_RETURN(proxy.password, service::ReadSecretFile(route.proxy().password_file()));
  }
  if (proxy.user.find('@') != std::string::npos || proxy.password.find('@') != std::string::npos) {
    return base::InvalidArgument("route ",
                                 route.name(),
                                 ": user and password of the proxy can't contain '@', which gRPC "
                                 "takes for their end: give it others");
  }
  return proxy;
}

std::optional<std::uint64_t> ToLogsBytesPerSecond(const Relay& config) {
  if (config.bandwidth_bytes_per_second() == 0) return std::nullopt;
  const std::uint32_t percent =
      config.logs_percent() != 0 ? config.logs_percent() : kLogsPercentDefault;
  return std::max<std::uint64_t>(1, config.bandwidth_bytes_per_second() * percent / 100);
}

core::RouteFilter ToRouteFilter(const Relay& config, const Route& route) {
  std::vector<core::RouteRule> all;
  for (const Route& each : config.routes()) {
    core::RouteRule& rule = all.emplace_back(core::RouteRule{.name = each.name()});
    for (const config::v1::RouteMatch& match : each.matches()) {
      rule.matches.push_back({.tenant = match.tenant(),
                              .site = match.site(),
                              .vendor = match.vendor(),
                              .region = match.region()});
    }
  }
  return {route.name(), std::move(all)};
}

}  // namespace platen::relay
