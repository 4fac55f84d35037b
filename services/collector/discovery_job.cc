#include "services/collector/discovery_job.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/kafka_config.h"
#include "libs/service/log.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/edge/discovery_files.h"
#include "services/collector/edge/discovery_session.h"
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

absl::StatusOr<core::AddressSet> AddressesOf(const config::v1::Discovery& discovery) {
  core::DiscoveryScope scope;
  PLATEN_ASSIGN_OR_RETURN(scope.ranges, ParseAll(discovery.ranges(), core::RangeEnds::kLeftOut));
  PLATEN_ASSIGN_OR_RETURN(scope.excluded, ParseAll(discovery.exclude(), core::RangeEnds::kMeant));
  PLATEN_ASSIGN_OR_RETURN(scope.allowed, ParseAll(discovery.allow(), core::RangeEnds::kMeant));
  scope.has_allowed = !discovery.allow().empty();
  return core::AddressesToAsk(scope);
}

absl::StatusOr<edge::DiscoveryOptions> OptionsOf(const Config& config) {
  const config::v1::Discovery& discovery = config.discovery();
  PLATEN_ASSIGN_OR_RETURN(const edge::ReaderOptions reader, ToReaderOptions(config));
  edge::DiscoveryOptions options;
  PLATEN_ASSIGN_OR_RETURN(options.addresses, AddressesOf(discovery));
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
  return options;
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
                                   "Discoveries that failed, and are tried again.")) {
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

  void CountFailure() { failed_.Increment(); }

 private:
  service::Gauge& unregistered_;
  service::Gauge& ended_;
  service::Counter& requests_;
  service::Counter& failed_;
  std::array<service::Gauge*, std::size(kStates)> printers_{};
};

}  // namespace

class DiscoveryJob {
 public:
  DiscoveryJob(const Config& config, edge::DiscoveryOptions options, Context& context)
      : config_(config),
        options_(std::move(options)),
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
    PLATEN_ASSIGN_OR_RETURN(const auto network,
                            snmp::udp::OpenUdp({.ipv6 = options_.addresses.has_ipv6()}));
    edge::DiscoverySession session(
        options_, *network, profiles, {base::SecureRandom64(), base::SecureRandom64()});
    service::LogInfo("discovery begins", {{"addresses", options_.addresses.size()}});
    const auto discovered =
        edge::RunToEnd(session, *network, context_.clock, [this] { return stopping(); });
    metrics_.CountRequests(session.questions());
    if (!discovered.has_value()) return absl::CancelledError("stopped");
    // Behind it, for what was registered meanwhile is not to be proposed.
    PLATEN_ASSIGN_OR_RETURN(const std::vector<event::v1::Target> targets, Registered());
    const DiscoveryReport report = core::MakeDiscoveryReport(*discovered, previous, targets);
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
  const edge::DiscoveryOptions options_;
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

void ValidateDiscovery(const Config& config, service::FaultList& faults) {
  const config::v1::Discovery& discovery = config.discovery();
  if (const auto addresses = AddressesOf(discovery); !addresses.ok()) {
    faults.Add("discovery.ranges", std::string(addresses.status().message()));
  }
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
  PLATEN_ASSIGN_OR_RETURN(edge::DiscoveryOptions options, OptionsOf(config));
  DiscoveryJobHandle job(new DiscoveryJob(config, std::move(options), context));
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
