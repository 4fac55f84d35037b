// The wiring: for each route and lane one pipeline with a thread of its own, so that neither a dead
// gateway nor a flood of logs holds back anything else.
#include "services/relay/relay.h"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/epoch.h"
#include "libs/service/kafka_config.h"
#include "libs/service/kafka_tls_watch.h"
#include "libs/service/log.h"
#include "libs/service/tls_config.h"
#include "libs/service/tls_watch.h"
#include "libs/tls/credentials.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/edge/tls_channels.h"
#include "services/relay/lane_pipeline.h"
#include "services/relay/relay_config.h"
#include "services/relay/relay_metrics.h"

namespace platen::relay {
namespace {

using config::v1::Relay;
using Context = service::ServiceContext<Relay>;

absl::StatusOr<std::unique_ptr<tls::Credentials>> MakeCredentials(const Relay& config,
                                                                  service::TlsWatch& watch,
                                                                  const base::Clock& clock) {
  tls::CredentialsOptions options;
  options.files = service::ToTlsFiles(config.tls());
  options.domain = config.tls().domain();
  if (config.tls().has_reload_interval()) {
    options.reload_interval = event::FromProto(config.tls().reload_interval());
  }
  options.own_role = tls::PeerRole::kClient;
  options.hooks = watch.Hooks();
  return tls::Credentials::Create(std::move(options), clock);
}

GatewayLog::Say SayOf(const config::v1::Route& route) {
  return [name = route.name(), address = route.gateway()](std::string_view message,
                                                          std::string_view reason) {
    if (reason.empty()) return service::LogInfo(message, {{"route", name}, {"gateway", address}});
    service::LogWarning(message, {{"route", name}, {"gateway", address}, {"reason", reason}});
  };
}

// None where the bandwidth has no bound.
std::shared_ptr<LogsShare> MakeShare(const Relay& config, Context& context) {
  const std::optional<std::uint64_t> bytes_per_second = ToLogsBytesPerSecond(config);
  if (!bytes_per_second) return nullptr;
  auto share = std::make_shared<LogsShare>(*bytes_per_second);
  context.metrics.AddGaugeFunction(
      "platen_relay_logs_held",
      "1 while logs wait because all lanes together have used up the share that logs may take.",
      {},
      [share, &clock = context.clock] {
        const base::MonotonicTime now = clock.Now();
        return share->OpenAt(now) > now ? 1.0 : 0.0;
      });
  return share;
}

std::shared_ptr<RouteBreaker> MakeBreaker(const config::v1::Route& route,
                                          service::Metrics& metrics) {
  auto breaker =
      std::make_shared<RouteBreaker>(RouteBreakerOptions{.seed = base::SecureRandom64()});
  metrics.AddGaugeFunction("platen_relay_breaker_state",
                           "0: streams are opened as they are wanted; 1: the gateway is left "
                           "alone; 2: one stream tries.",
                           {{"route", route.name()}},
                           [breaker] { return static_cast<double>(breaker->state()); });
  metrics.AddCounterFunction("platen_relay_breaker_opened_total",
                             "How often the route's breaker has opened.",
                             {{"route", route.name()}},
                             [breaker] { return static_cast<double>(breaker->opened()); });
  return breaker;
}

// A pipeline with what only it uses, in the order in which they depend on each other.
struct LaneAndRoute {
  std::string name;
  std::unique_ptr<edge::TlsChannels> channels;
  std::unique_ptr<RelayMetrics> metrics;
  std::unique_ptr<LanePipeline> pipeline;
};

LaneAndRoute MakeLane(const Relay& config,
                      const config::v1::Route& route,
                      event::v1::Lane lane,
                      const tls::HttpProxy& proxy,
                      tls::Credentials& credentials,
                      broker::Broker& broker,
                      edge::Voice& voice,
                      GatewayLog& log,
                      const std::shared_ptr<RouteBreaker>& breaker,
                      const std::shared_ptr<LogsShare>& share,
                      Context& context) {
  const std::string lane_name(event::LaneName(lane));
  LaneAndRoute made;
  made.name = base::StrCat(lane_name, "-", route.name());
  made.channels = std::make_unique<edge::TlsChannels>(route.gateway(), credentials, proxy);
  made.metrics = std::make_unique<RelayMetrics>(context.metrics, lane_name, route.name(), log);
  LanePipelineOptions options = ToPipelineOptions(config, route, lane);
  options.breaker = breaker;
  options.share = share;
  options.waits_for_share = options.core.paced = share != nullptr && lane == event::v1::LANE_LOGS;
  made.pipeline = std::make_unique<LanePipeline>(
      std::move(options),
      ToRouteFilter(config, route),
      broker,
      std::make_unique<edge::GatewayUplink>(ToUplinkOptions(config, route, lane), *made.channels),
      voice,
      context.clock,
      *made.metrics);
  return made;
}

absl::Status StartAll(const std::vector<LaneAndRoute>& lanes) {
  for (const LaneAndRoute& lane : lanes) {
    PLATEN_RETURN_IF_ERROR(lane.pipeline->Start());
    service::LogInfo("forwarding", {{"lane", lane.name}});
  }
  return absl::OkStatus();
}

void StopAll(const std::vector<LaneAndRoute>& lanes, base::MonotonicTime deadline) {
  for (const LaneAndRoute& lane : lanes) lane.pipeline->BeginStop(deadline);
  for (const LaneAndRoute& lane : lanes) lane.pipeline->Stop(deadline);
}

}  // namespace

absl::Status RunRelay(const Relay& config, Context& context) {
  // The stream that ends for a refused gateway tells the reason.
  service::TlsWatch tls_watch(
      {.role = "relay", .log_refusals = false}, context.metrics, context.clock);
  PLATEN_ASSIGN_OR_RETURN(const auto credentials,
                          MakeCredentials(config, tls_watch, context.clock));
  PLATEN_ASSIGN_OR_RETURN(
      broker::kafka::KafkaOptions kafka,
      service::ToKafkaOptions(
          config.kafka(), base::StrCat("platen-relay/", config.instance()), context.lifecycle));
  PLATEN_ASSIGN_OR_RETURN(
      const auto kafka_tls,
      service::KafkaTlsWatch::Start(config.kafka(), kafka, context.metrics, context.clock));
  broker::kafka::KafkaBroker broker(std::move(kafka));

  PLATEN_ASSIGN_OR_RETURN(const std::uint64_t epoch,
                          service::TakeEpoch(config.state_dir(), context.clock.WallNow()));
  edge::Voice voice({.instance = config.instance(),
                     .epoch = epoch,
                     .installation = config.installation(),
                     .topic_prefix = config.kafka().topic_prefix(),
                     .version = service::Version(),
                     .start_time = context.clock.WallNow()});

  const std::shared_ptr<LogsShare> share = MakeShare(config, context);
  std::list<GatewayLog> logs;
  std::vector<LaneAndRoute> lanes;
  for (const config::v1::Route& route : config.routes()) {
    GatewayLog& log = logs.emplace_back(SayOf(route));
    PLATEN_ASSIGN_OR_RETURN(const tls::HttpProxy proxy, ToProxy(route));
    const std::shared_ptr<RouteBreaker> breaker = MakeBreaker(route, context.metrics);
    for (const event::v1::Lane lane : event::kLanes) {
      lanes.push_back(MakeLane(
          config, route, lane, proxy, *credentials, broker, voice, log, breaker, share, context));
    }
  }
  for (const LaneAndRoute& lane : lanes) {
    LanePipeline* const pipeline = lane.pipeline.get();
    context.admin.AddReadinessCheck("gateway-" + lane.name,
                                    [pipeline] { return pipeline->status(); });
  }
  context.lifecycle.AddPart(
      {.name = "lanes",
       .start = [&lanes] { return StartAll(lanes); },
       .stop = [&lanes](base::MonotonicTime deadline) { StopAll(lanes, deadline); }});
  return context.lifecycle.Run();
}

}  // namespace platen::relay
