#include "services/gateway/gateway.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "platen/config/v1/gateway.pb.h"

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/main.h"
#include "libs/service/tls_config.h"
#include "libs/service/tls_watch.h"
#include "libs/tls/credentials.h"
#include "services/gateway/edge/acknowledge_page.h"
#include "services/gateway/edge/fleet_server.h"
#include "services/gateway/edge/gateway_metrics.h"
#include "services/gateway/edge/grpc_endpoint.h"
#include "services/gateway/edge/ingest_server.h"
#include "services/gateway/edge/live_page.h"
#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/pipeline_view.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/record_table.h"
#include "services/gateway/edge/rules_server.h"
#include "services/gateway/edge/store.h"
#include "services/gateway/edge/ticker.h"
#include "services/gateway/gateway_config.h"

namespace platen::gateway {
namespace {

using Config = platen::config::v1::Gateway;
using Context = service::ServiceContext<Config>;

// Holes stand for a minute before they are told: nobody looks for them each second.
constexpr int kAuditSeconds = 10;
constexpr int kDropSeconds = 60;
constexpr int kKeySeconds = 10;

tls::CredentialsOptions TlsOptions(const platen::config::v1::Tls& config,
                                   service::TlsWatch& watch) {
  return {.files = service::ToTlsFiles(config),
          .domain = config.domain(),
          .reload_interval = event::FromProto(config.reload_interval()),
          .hooks = watch.Hooks()};
}

edge::IngestOptions ToIngestOptions(const Config& config) {
  return {.server_name = config.instance(),
          .window_batches = config.window_batches(),
          .max_stream_age = event::FromProto(config.max_stream_age())};
}

// What is not done each second, but at some of them. `links` may be null.
void DoChores(int second,
              edge::Store& store,
              edge::GatewayMetrics& metrics,
              edge::AcknowledgePage* links) {
  if (second % kAuditSeconds == 0) store.Audit();
  if (second % kDropSeconds == 0) edge::DropUselessRecords(store, metrics);
  if (second % kKeySeconds == 0 && links != nullptr) links->ReloadKeys();
}

// What is asked of the store at each scrape.
void AddStoreGauges(edge::Store& store, service::Metrics& metrics) {
  metrics.AddGaugeFunction("platen_gateway_missing_events",
                           "Numbers missing of what sources have said to have sent.",
                           {},
                           [&store] { return static_cast<double>(store.status().missing); });
  metrics.AddGaugeFunction("platen_gateway_gaps",
                           "Holes that have stood for longer than anything is under way, since the "
                           "store was made; platenctl audit gaps lists them.",
                           {},
                           [&store] { return static_cast<double>(store.status().gaps); });
  metrics.AddGaugeFunction("platen_gateway_unbooked_numbers",
                           "Reports of numbers, since the start, of which no book is kept: their "
                           "installation has told more streams than there is room for.",
                           {},
                           [&store] { return static_cast<double>(store.status().unbooked); });
  metrics.AddGaugeFunction(
      "platen_gateway_store_queue_bytes", "What waits to be written.", {}, [&store] {
        return static_cast<double>(store.status().queued_bytes);
      });
}

// What takes a question to the store is asked once a second, not at each scrape.
void UpdateGauges(edge::Reader& reader, edge::GatewayMetrics& metrics) {
  const auto directives = reader.CountDirectives();
  if (directives.ok()) metrics.directives_pending.Set(static_cast<double>(*directives));
  const auto records = reader.CountRecords();
  if (records.ok()) metrics.records.Set(static_cast<double>(*records));
  const auto used_links = reader.CountUsedLinks();
  if (used_links.ok()) metrics.used_links.Set(static_cast<double>(*used_links));
  const auto bytes = reader.DatabaseBytes();
  if (bytes.ok()) metrics.store_bytes.Set(static_cast<double>(*bytes));
}

// Says in the log when storing begins to fail, and when it is over; not at each batch.
class StoreTrouble {
 public:
  void Look(const absl::Status& last_write) {
    if (last_write == last_) return;
    if (last_write.ok()) {
      service::LogInfo("the store takes events again");
    } else {
      service::LogError("the store takes nothing; relays keep what they have",
                        {{"reason", last_write.message()}});
    }
    last_ = last_write;
  }

 private:
  absl::Status last_;
};

// What is stored goes on: alerts to who watches them, orders to who carries them down.
void TellNews(edge::Store& store, edge::AlertHub& alerts, edge::IngestServer& ingest) {
  store.SetAlertListener(
      [&alerts](const std::vector<edge::AlertChange>& changes) { alerts.Publish(changes); });
  store.SetDirectiveListener(
      [&ingest](const std::string& installation) { ingest.OnDirectives(installation); });
}

// Whoever has a relay here is given the records of the tenants that it may speak for.
void ServeInstallations(const Config& config, edge::Store& store) {
  std::map<std::string, std::set<std::string>> tenants;
  std::set<std::string> all;  // Those that are given everything.
  for (const platen::config::v1::Client& client : config.clients()) {
    if (client.role() != platen::config::v1::ROLE_RELAY) continue;
    if (client.tenants().empty()) all.insert(client.installation());
    tenants[client.installation()].insert(client.tenants().begin(), client.tenants().end());
  }
  std::vector<edge::ServedInstallation> installations;
  for (const auto& [name, its] : tenants) {
    installations.push_back({.name = name});
    if (!all.contains(name)) installations.back().tenants.assign(its.begin(), its.end());
  }
  const absl::Status queued = store.Change(
      [&store, installations = std::move(installations)](edge::Database& database,
                                                         edge::Changed& changed) {
        return edge::ServeInstallations(
            database, installations, base::ToMillis(store.Now()), changed.installations);
      },
      [](const absl::Status& status) {
        if (status.ok()) return;
        service::LogError("rules are not given to installations whose relays are new here",
                          {{"reason", status.message()}});
      });
  if (!queued.ok()) service::LogError("the store takes nothing", {{"reason", queued.message()}});
}

void AddPages(edge::LivePage& page, edge::Store& store, service::AdminServer& admin) {
  admin.AddPage("/", [&page](const service::HttpRequest&) { return page.Page(); });
  admin.AddPage("/live.json", [&page](const service::HttpRequest&) { return page.Live(); });
  admin.AddReadinessCheck("store", [&store] { return store.status().last_write; });
}

// The page behind links in messages, where one is configured; `page` stays null otherwise. It is
// there before anything that looks at it, and as long.
void AddAcknowledgePage(const Config& config,
                        const edge::AcknowledgePageContext& page_context,
                        std::unique_ptr<edge::AcknowledgePage>& page,
                        Context& context) {
  if (!config.has_acknowledge_page()) return;
  const edge::AcknowledgePageOptions options{.listen = config.acknowledge_page().listen(),
                                             .key_file = config.acknowledge_page().key_file()};
  context.lifecycle.AddPart(
      {.name = "acknowledge_page",
       .start = [options, page_context, &page]() -> absl::Status {
         PLATEN_ASSIGN_OR_RETURN(page, edge::AcknowledgePage::Start(options, page_context));
         service::LogInfo("links in messages lead here",
                          {{"address", options.listen}, {"port", page->port()}});
         return absl::OkStatus();
       },
       .stop = [&page](base::MonotonicTime) { page->Stop(); }});
}

absl::Status Run(const Config& config, Context& context) {
  service::TlsWatch tls_watch({.role = "gateway"}, context.metrics, context.clock);
  PLATEN_ASSIGN_OR_RETURN(const std::unique_ptr<edge::Store> store,
                          edge::Store::Open({.file = config.store().sqlite_file()}, context.clock));
  PLATEN_ASSIGN_OR_RETURN(
      const std::unique_ptr<tls::Credentials> credentials,
      tls::Credentials::Create(TlsOptions(config.tls(), tls_watch), context.clock));
  PLATEN_ASSIGN_OR_RETURN(const std::unique_ptr<edge::ReadPool> readers,
                          edge::ReadPool::Start(*store, 2));
  edge::TlsPeers peers({config.clients().begin(), config.clients().end()}, *credentials);
  edge::GatewayMetrics metrics(context.metrics);
  edge::PipelineView view(config.instance(), context.clock);
  edge::IngestServer ingest({.options = ToIngestOptions(config),
                             .store = *store,
                             .readers = *readers,
                             .peers = peers,
                             .view = view,
                             .metrics = metrics,
                             .clock = context.clock});
  PLATEN_ASSIGN_OR_RETURN(const std::unique_ptr<edge::Reader> reader, store->OpenReader());
  PLATEN_ASSIGN_OR_RETURN(const std::string store_id, reader->StoreId());
  edge::AlertHub alerts({.store_id = store_id}, metrics, context.clock);
  edge::FleetServer fleet({*store, *readers, peers, view, alerts});
  edge::RulesServer rules({*store, *readers, peers, metrics});
  TellNews(*store, alerts, ingest);
  ServeInstallations(config, *store);
  PLATEN_ASSIGN_OR_RETURN(std::unique_ptr<edge::Reader> page_reader, store->OpenReader());
  edge::LivePage page(config.instance(), std::move(page_reader), *store, view, context.clock);
  AddStoreGauges(*store, context.metrics);
  AddPages(page, *store, context.admin);

  StoreTrouble trouble;
  std::unique_ptr<edge::GrpcEndpoint> endpoint;
  std::unique_ptr<edge::AcknowledgePage> links;
  AddAcknowledgePage(config, {*store, *readers, metrics, context.clock}, links, context);
  std::unique_ptr<edge::Ticker> ticker;
  int seconds = 0;
  context.lifecycle.AddPart(
      {.name = "grpc",
       .start = [&]() -> absl::Status {
         PLATEN_ASSIGN_OR_RETURN(
             endpoint,
             edge::GrpcEndpoint::Start(
                 config.listen(), credentials->ForServer(), {&ingest, &fleet, &rules}));
         endpoint->SetServing(true);
         ticker = std::make_unique<edge::Ticker>([&] {
           ingest.Tick();
           alerts.Tick();
           page.Refresh();
           UpdateGauges(*reader, metrics);
           DoChores(++seconds, *store, metrics, links.get());
           trouble.Look(store->status().last_write);
         });
         service::LogInfo("gateway listens",
                          {{"address", config.listen()}, {"port", endpoint->port()}});
         return absl::OkStatus();
       },
       .stop =
           [&](base::MonotonicTime deadline) {
             endpoint->SetServing(false);
             ingest.Drain();
             alerts.Drain();
             ticker.reset();
             endpoint->Stop(deadline - context.clock.Now());
             endpoint.reset();
             readers->Stop();
             store->Stop();
           }});
  return context.lifecycle.Run();
}

}  // namespace

int RunGateway(int argc, const char* const* argv) {
  const base::RealClock clock;
  return service::RunService<Config>(
      argc,
      argv,
      {.name = "platen-gateway",
       .description = "Takes events from relays, stores each once, and serves the partner API.",
       .defaults = DefaultConfig(),
       .validate =
           [&clock](const Config& config, service::FaultList& faults) {
             ValidateConfig(config, clock.WallNow(), faults);
           },
       .common = service::ToCommonOptions<Config>,
       .run = Run});
}

}  // namespace platen::gateway
