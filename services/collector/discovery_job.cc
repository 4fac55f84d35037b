#include "services/collector/discovery_job.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/kafka_config.h"
#include "libs/service/log.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/edge/discovery_files.h"
#include "services/collector/edge/discovery_run.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/registered_targets.h"
#include "services/collector/poll_config.h"

namespace platen::collector {
namespace {

using Config = config::v1::Collector;
using Context = service::ServiceContext<Config>;
using collector::v1::DiscoveryReport;
using collector::v1::FoundPrinter;

constexpr std::uint32_t kRateDefault = 100;
constexpr std::uint32_t kRateMax = 10'000;
constexpr base::Duration kIntervalDefault = std::chrono::hours(24);
// After what may pass by itself: Kafka or the disk.
constexpr base::Duration kRetryAfter = std::chrono::minutes(1);

constexpr std::pair<FoundPrinter::State, const char*> kStates[] = {
    {FoundPrinter::STATE_NEW, "new"},
    {FoundPrinter::STATE_HERE, "here"},
    {FoundPrinter::STATE_MOVED, "moved"},
    {FoundPrinter::STATE_GONE, "gone"},
    {FoundPrinter::STATE_NOT_ASKED, "not_asked"}};

base::Duration IntervalOf(const config::v1::Discovery& discovery) {
  return discovery.has_interval() ? event::FromProto(discovery.interval()) : kIntervalDefault;
}

std::string CredentialOf(const config::v1::Discovery& discovery) {
  return discovery.credential().empty() ? "default" : discovery.credential();
}

absl::StatusOr<core::AddressSet> ParseAll(
    const google::protobuf::RepeatedPtrField<std::string>& texts, core::RangeEnds ends) {
  std::string all;
  for (const std::string& text : texts) all += text + "\n";
  return core::AddressSet::Parse(all, ends);
}

absl::StatusOr<core::DiscoveryScope> ScopeOf(const config::v1::Discovery& discovery) {
  core::DiscoveryScope scope;
  PLATEN_ASSIGN_OR_RETURN(scope.ranges, ParseAll(discovery.ranges(), core::RangeEnds::kLeftOut));
  PLATEN_ASSIGN_OR_RETURN(scope.excluded, ParseAll(discovery.exclude(), core::RangeEnds::kMeant));
  PLATEN_ASSIGN_OR_RETURN(scope.allowed, ParseAll(discovery.allow(), core::RangeEnds::kMeant));
  scope.has_allowed = !discovery.allow().empty();
  return scope;
}

absl::StatusOr<core::AnnouncementQuery> QueryOf(core::FoundBy protocol,
                                                const config::v1::AnnouncementQuery& query,
                                                const core::DiscoveryScope& scope) {
  std::optional<core::AddressSet> ranges;
  if (query.ask_size() != 1 || query.ask(0) != "multicast") {
    PLATEN_ASSIGN_OR_RETURN(ranges, ParseAll(query.ask(), core::RangeEnds::kLeftOut));
  }
  return core::MakeAnnouncementQuery(
      protocol, ranges, static_cast<std::uint16_t>(query.port()), scope);
}

// What the sections `slp` and `dns_sd` say, where they are there.
using Section = std::pair<core::FoundBy, const config::v1::AnnouncementQuery*>;

std::vector<Section> SectionsOf(const config::v1::Discovery& discovery) {
  std::vector<Section> sections;
  if (discovery.has_slp()) sections.emplace_back(collector::v1::FOUND_BY_SLP, &discovery.slp());
  if (discovery.has_dns_sd()) {
    sections.emplace_back(collector::v1::FOUND_BY_DNS_SD, &discovery.dns_sd());
  }
  return sections;
}

absl::StatusOr<edge::DiscoveryPlan> PlanOf(const Config& config) {
  const config::v1::Discovery& discovery = config.discovery();
  PLATEN_ASSIGN_OR_RETURN(const edge::ReaderOptions reader, ToReaderOptions(config));
  PLATEN_ASSIGN_OR_RETURN(const core::DiscoveryScope scope, ScopeOf(discovery));
  edge::DiscoveryPlan plan;
  for (const auto& [protocol, section] : SectionsOf(discovery)) {
    PLATEN_ASSIGN_OR_RETURN(auto query, QueryOf(protocol, *section, scope));
    plan.queries.push_back(std::move(query));
  }
  edge::DiscoveryOptions& options = plan.options;
  PLATEN_ASSIGN_OR_RETURN(options.addresses, edge::AddressesOf(scope, !plan.queries.empty()));
  if (discovery.port() != 0) options.port = static_cast<std::uint16_t>(discovery.port());
  options.per_second =
      discovery.requests_per_second() == 0 ? kRateDefault : discovery.requests_per_second();
  options.links = reader.links;
  options.tries = config.snmp().retries() + 1;
  options.timeout = reader.timeout;
  const std::string credential = CredentialOf(discovery);
  if (const auto user = reader.users.find(credential); user != reader.users.end()) {
    options.user = user->second;
    options.version = event::v1::SnmpAccess::VERSION_V3;
  } else if (const auto community = reader.communities.find(credential);
             community != reader.communities.end()) {
    options.community = community->second;
  }
  return plan;
}

class DiscoveryMetrics {
 public:
  explicit DiscoveryMetrics(service::Metrics& metrics)
      : unregistered_(metrics.AddGauge("platen_discovery_unregistered_printers",
                                       "Printers that answer and that no target names.")),
        ended_(metrics.AddGauge("platen_discovery_end_timestamp_seconds",
                                "When the last discovery ended; 0 where none has.")),
        requests_(metrics.AddCounter("platen_discovery_requests_total",
                                     "Requests that discoveries have sent.")),
        failed_(metrics.AddCounter("platen_discovery_failures_total",
                                   "Discoveries that failed, and are tried again.")),
        metrics_(metrics) {
    for (std::size_t i = 0; i < printers_.size(); ++i) {
      printers_[i] = &metrics.AddGauge("platen_discovery_printers",
                                       "Printers of the last discovery, by what became of them.",
                                       {{"state", kStates[i].second}});
    }
  }

  void Show(const DiscoveryReport& report) {
    for (std::size_t i = 0; i < printers_.size(); ++i) {
      printers_[i]->Set(static_cast<double>(core::CountFound(report, kStates[i].first)));
    }
    unregistered_.Set(static_cast<double>(core::ToRegister(report).size()));
    ended_.Set(static_cast<double>(report.end_time().seconds()));
  }

  void CountRequests(std::uint64_t requests) { requests_.Increment(static_cast<double>(requests)); }

  // Anybody on the network can answer, so that what is not used is worth a look.
  void CountAnnouncements(const v1::AnnouncementTally& tally) {
    const std::string protocol = tally.protocol() == collector::v1::FOUND_BY_SLP ? "slp" : "dns_sd";
    metrics_
        .AddCounter("platen_discovery_announcements_total",
                    "Answers to discovery's questions by SLP and DNS-SD, used or not.",
                    {{"protocol", protocol}})
        .Increment(static_cast<double>(tally.answers()));
    const std::pair<const char*, std::uint64_t> kUnused[] = {{"malformed", tally.malformed()},
                                                             {"error", tally.errors()},
                                                             {"stranger", tally.strangers()},
                                                             {"not_allowed", tally.not_allowed()},
                                                             {"no_room", tally.no_room()}};
    for (const auto& [reason, count] : kUnused) {
      metrics_
          .AddCounter("platen_discovery_announcements_refused_total",
                      "Of these, answers and addresses in them that were not used, by the reason.",
                      {{"protocol", protocol}, {"reason", reason}})
          .Increment(static_cast<double>(count));
    }
  }

  void CountFailure() { failed_.Increment(); }

 private:
  service::Gauge& unregistered_;
  service::Gauge& ended_;
  service::Counter& requests_;
  service::Counter& failed_;
  service::Metrics& metrics_;
  std::array<service::Gauge*, std::size(kStates)> printers_{};
};

}  // namespace

class DiscoveryJob {
 public:
  DiscoveryJob(const Config& config, edge::DiscoveryPlan plan, Context& context)
      : config_(config),
        plan_(std::move(plan)),
        context_(context),
        metrics_(context.metrics),
        path_(config.state_dir() + "/discovery.json") {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

 private:
  // The report on disk says when it was the last time, so that a restart asks nobody again.
  void Run() {
    base::WallTime due = context_.clock.WallNow();
    if (const auto last = edge::ReadReport(path_); last.ok() && last->has_end_time()) {
      metrics_.Show(*last);
      due = event::FromProto(last->end_time()) + IntervalOf(config_.discovery());
      // A clock that was ahead puts nothing off for longer than the interval.
      due = std::min(due, context_.clock.WallNow() + IntervalOf(config_.discovery()));
    }
    while (WaitUntil(due)) {
      const absl::Status status = Discover();
      due = context_.clock.WallNow() + IntervalOf(config_.discovery());
      if (status.ok() || absl::IsCancelled(status)) continue;
      metrics_.CountFailure();
      service::LogWarning("discovery failed and is tried again",
                          {{"trouble", base::ToStd(status.message())}});
      due = std::min(due, context_.clock.WallNow() + kRetryAfter);
    }
  }

  // False where it is to stop.
  bool WaitUntil(base::WallTime due) {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      const base::Duration left = due - context_.clock.WallNow();
      if (left <= base::Duration(0)) return true;
      // The clock may be set meanwhile.
      stopped_.wait_for(lock, std::min<base::Duration>(left, std::chrono::minutes(1)));
    }
    return false;
  }

  bool stopping() {
    const std::lock_guard lock(mutex_);
    return stop_;
  }

  absl::Status Discover() {
    PLATEN_ASSIGN_OR_RETURN(const DiscoveryReport previous, edge::ReadReport(path_));
    PLATEN_ASSIGN_OR_RETURN(const core::ProfileSet profiles,
                            edge::LoadProfiles(config_.profiles_dir()));
    service::LogInfo("discovery begins", {{"addresses", plan_.options.addresses.size()}});
    PLATEN_ASSIGN_OR_RETURN(const edge::DiscoveryRun run,
                            edge::RunDiscovery(plan_, previous, profiles, context_.clock, [this] {
                              return stopping();
                            }));
    metrics_.CountRequests(run.requests);
    if (!run.discovered.has_value()) return absl::CancelledError("stopped");
    for (const auto& tally : run.discovered->announcements) metrics_.CountAnnouncements(tally);
    // Behind it, for what was registered meanwhile is not to be proposed.
    PLATEN_ASSIGN_OR_RETURN(const std::vector<event::v1::Target> targets, Registered());
    const DiscoveryReport report = core::MakeDiscoveryReport(*run.discovered, previous, targets);
    PLATEN_RETURN_IF_ERROR(edge::WriteReport(path_, report));
    metrics_.Show(report);
    service::LogInfo("discovery ends",
                     {{"found", core::DiscoverySummary(report)}, {"report", path_}});
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<event::v1::Target>> Registered() {
    if (!config_.targets_file().empty()) return edge::ReadTargetsFile(config_.targets_file());
    PLATEN_ASSIGN_OR_RETURN(
        const broker::kafka::KafkaOptions options,
        service::ToKafkaOptions(config_.kafka(),
                                base::StrCat("platen-collector/", config_.instance()),
                                context_.lifecycle));
    broker::kafka::KafkaBroker kafka(options);
    const event::Topics topics(config_.kafka().topic_prefix());
    PLATEN_ASSIGN_OR_RETURN(const auto publisher, kafka.NewPublisher({}));
    PLATEN_ASSIGN_OR_RETURN(const std::int32_t partitions,
                            publisher->PartitionCount(topics.targets()));
    broker::SubscriberOptions all;
    all.use_committed = false;
    for (std::int32_t number = 0; number < partitions; ++number) {
      all.partitions.push_back({{topics.targets(), number}, broker::kBeginning});
    }
    PLATEN_ASSIGN_OR_RETURN(const auto subscriber, kafka.NewSubscriber(all));
    return edge::ReadAllTargets(*subscriber, partitions, [this] { return stopping(); });
  }

  const Config& config_;
  const edge::DiscoveryPlan plan_;
  Context& context_;
  DiscoveryMetrics metrics_;
  const std::string path_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

void DiscoveryJobDeleter::operator()(DiscoveryJob* job) const {
  delete job;
}

namespace {

void ValidateAddresses(const config::v1::Discovery& discovery, service::FaultList& faults) {
  const std::vector<Section> sections = SectionsOf(discovery);
  const auto scope = ScopeOf(discovery);
  const auto addresses = scope.ok() ? edge::AddressesOf(*scope, !sections.empty()) : scope.status();
  if (!addresses.ok()) faults.Add("discovery.ranges", std::string(addresses.status().message()));
  if (!scope.ok()) return;
  for (const auto& [protocol, section] : sections) {
    const std::string path =
        protocol == collector::v1::FOUND_BY_SLP ? "discovery.slp" : "discovery.dns_sd";
    if (section->port() > 65535) faults.Add(path + ".port", "is more than 65535");
    const auto query = QueryOf(protocol, *section, *scope);
    if (!query.ok()) faults.Add(path + ".ask", std::string(query.status().message()));
  }
}

}  // namespace

void ValidateDiscovery(const Config& config, service::FaultList& faults) {
  const config::v1::Discovery& discovery = config.discovery();
  ValidateAddresses(discovery, faults);
  if (discovery.has_interval()) {
    service::RequireDuration(discovery.interval(),
                             std::chrono::seconds(1),
                             std::chrono::hours(24 * 90),
                             "discovery.interval",
                             faults);
  }
  if (discovery.requests_per_second() > kRateMax) {
    faults.Add("discovery.requests_per_second", base::StrCat("is more than ", kRateMax));
  }
  if (discovery.port() > 65535) faults.Add("discovery.port", "is more than 65535");
  const std::string credential = CredentialOf(discovery);
  if (!config.credentials().contains(credential) && !config.snmp_users().contains(credential)) {
    faults.Add("discovery.credential",
               base::StrCat("neither `credentials` nor `snmp_users` have ", credential));
  }
}

absl::StatusOr<DiscoveryJobHandle> AddDiscovery(const Config& config, Context& context) {
  if (!config.has_discovery()) return DiscoveryJobHandle();
  PLATEN_ASSIGN_OR_RETURN(edge::DiscoveryPlan plan, PlanOf(config));
  DiscoveryJobHandle job(new DiscoveryJob(config, std::move(plan), context));
  context.lifecycle.AddPart({.name = "discovery",
                             .start =
                                 [job = job.get()] {
                                   job->Start();
                                   return absl::OkStatus();
                                 },
                             .stop = [job = job.get()](base::MonotonicTime) { job->Stop(); }});
  return job;
}

}  // namespace platen::collector
