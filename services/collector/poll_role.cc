#include "services/collector/poll_role.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/sequence.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/epoch.h"
#include "libs/service/heartbeat.h"
#include "libs/service/kafka_config.h"
#include "libs/service/kafka_tls_watch.h"
#include "libs/service/log.h"
#include "libs/service/main.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/discovery_job.h"
#include "services/collector/edge/file_ends.h"
#include "services/collector/edge/kafka_events.h"
#include "services/collector/edge/kafka_state.h"
#include "services/collector/edge/kafka_targets.h"
#include "services/collector/edge/poll_loop.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/reader.h"
#include "services/collector/edge/spool.h"
#include "services/collector/notification_end.h"
#include "services/collector/poll_config.h"
#include "services/collector/poll_metrics.h"
#include "services/collector/spool_metrics.h"

namespace platen::collector {
namespace {

using Config = config::v1::Collector;
using Context = service::ServiceContext<Config>;

constexpr base::Duration kTurnMax = std::chrono::milliseconds(10);
// Answers and readings that fall into so long a time share a turn: by themselves they would wake
// the loop twice a reading. An alarm is seen so much later at the most for each request that it
// takes.
constexpr base::Duration kGather = std::chrono::milliseconds(4);
constexpr base::Duration kHeartbeatInterval = std::chrono::seconds(30);
constexpr int kPartitionsMax = 1024;  // Of a heartbeat.

// The world at the three seams.
struct Ends {
  std::unique_ptr<service::KafkaTlsWatch> tls;
  std::unique_ptr<edge::Spool> spool;  // Where events and state go by one.
  std::unique_ptr<core::TargetSource> targets;
  std::unique_ptr<core::StateStore> state;
  std::unique_ptr<core::EventPublisher> events;
  edge::KafkaTargets* group = nullptr;  // Within `targets`, where there is a group to leave.
  std::int32_t partitions = 1;          // That devices are spread over.
};

absl::StatusOr<Ends> OpenFiles(const Config& config) {
  Ends ends;
  PLATEN_ASSIGN_OR_RETURN(ends.targets, edge::FileTargets::Open(config.targets_file()));
  PLATEN_ASSIGN_OR_RETURN(ends.events, edge::FileEvents::Open(config.events_file()));
  ends.state = std::make_unique<edge::MemoryState>();
  return ends;
}

absl::StatusOr<Ends> OpenKafka(const Config& config,
                               const broker::kafka::KafkaOptions& options,
                               const base::Clock& clock) {
  broker::kafka::KafkaBroker kafka(options);
  const event::Topics topics(config.kafka().topic_prefix());
  Ends ends;
  broker::PublisherOptions at_once;
  at_once.linger = std::chrono::milliseconds(1);
  PLATEN_ASSIGN_OR_RETURN(auto state_publisher, kafka.NewPublisher(at_once));
  PLATEN_ASSIGN_OR_RETURN(auto event_publisher, kafka.NewPublisher(at_once));
  PLATEN_ASSIGN_OR_RETURN(auto events,
                          edge::KafkaEvents::Create(std::move(event_publisher), topics));

  PLATEN_ASSIGN_OR_RETURN(const std::int32_t partitions,
                          state_publisher->PartitionCount(topics.device_state()));
  ends.partitions = partitions;
  broker::SubscriberOptions all_states;
  all_states.use_committed = false;
  for (std::int32_t number = 0; number < partitions; ++number) {
    all_states.partitions.push_back({{topics.device_state(), number}, broker::kEnd});
  }
  PLATEN_ASSIGN_OR_RETURN(auto state_subscriber, kafka.NewSubscriber(all_states));
  auto state = std::make_unique<edge::KafkaState>(
      std::move(state_subscriber), std::move(state_publisher), topics.device_state(), partitions);
  PLATEN_ASSIGN_OR_RETURN(ends.spool, edge::Spool::Open(ToSpoolOptions(config, partitions), clock));
  ends.events = std::make_unique<edge::SpooledEvents>(*ends.spool, std::move(events));
  ends.state = std::make_unique<edge::SpooledState>(*ends.spool, std::move(state));

  broker::SubscriberOptions group;
  group.topics = {topics.targets()};
  group.group = config.group();
  group.use_committed = false;
  PLATEN_ASSIGN_OR_RETURN(auto target_subscriber, kafka.NewSubscriber(group));
  auto targets =
      std::make_unique<edge::KafkaTargets>(std::move(target_subscriber), topics.targets());
  ends.group = targets.get();
  ends.targets = std::move(targets);
  return ends;
}

// A Kafka that is away at the start is waited for: only it can say what to poll. Cancelled where
// the process is to stop meanwhile.
absl::StatusOr<Ends> AwaitKafka(const Config& config, Context& context) {
  PLATEN_ASSIGN_OR_RETURN(
      broker::kafka::KafkaOptions options,
      service::ToKafkaOptions(
          config.kafka(), base::StrCat("platen-collector/", config.instance()), context.lifecycle));
  PLATEN_ASSIGN_OR_RETURN(
      auto tls,
      service::KafkaTlsWatch::Start(config.kafka(), options, context.metrics, context.clock));
  for (bool told = false;; told = true) {
    absl::StatusOr<Ends> ends = OpenKafka(config, options, context.clock);
    if (ends.ok()) ends->tls = std::move(tls);
    if (ends.ok() || !absl::IsUnavailable(ends.status())) return ends;
    if (context.lifecycle.stop_requested()) return absl::CancelledError("stopped");
    if (told) continue;
    service::LogWarning("kafka is away; waiting for it",
                        {{"trouble", base::ToStd(ends.status().message())}});
  }
}

// Says every 30 s that this source lives, and how far its numbers have come.
class SignOfLife {
 public:
  // `spool` may be null.
  SignOfLife(const event::Sequencer& sequencer,
             const edge::Spool* spool,
             std::int32_t partitions,
             base::WallTime started)
      : sequencer_(sequencer), spool_(spool), partitions_(partitions), started_(started) {}

  void OnTurn(const core::Now& now,
              const edge::PollLoopFigures& figures,
              core::PollCore& core,
              core::Effects& effects) {
    if (last_.has_value() && now.monotonic - *last_ < kHeartbeatInterval) return;
    last_ = now.monotonic;
    event::v1::Event event;
    *event.mutable_occurrence_time() = event::ToProto(now.wall);
    *event.mutable_observation_time() = event::ToProto(now.wall);
    event.mutable_occurrence()->mutable_source()->set_epoch(sequencer_.epoch());
    event.mutable_occurrence()->mutable_source()->set_number(++count_);
    event::v1::Heartbeat& beat = *event.mutable_heartbeat();
    beat.set_role("collector");
    beat.set_version(service::Version());
    *beat.mutable_start_time() = event::ToProto(started_);
    // The core takes for done what is in the spool, and Kafka does not have it yet.
    if (spool_ == nullptr || spool_->log().IsEmpty()) claimed_ = core.numbers().acknowledged();
    for (const auto& [stream, highest] : claimed_) {
      event::v1::Heartbeat::Stream& entry = *beat.add_streams();
      entry.set_lane(stream.first);
      entry.set_route(stream.second);
      entry.set_highest_sequence(highest);
    }
    const auto figure = [&beat](const char* name, std::uint64_t value) {
      event::v1::Heartbeat::Figure& entry = *beat.add_figures();
      entry.set_name(name);
      entry.set_value(static_cast<double>(value));
    };
    figure("devices", figures.fleet.devices);
    figure("device_partitions", static_cast<std::uint64_t>(partitions_));
    figure("events_total", figures.fleet.events);
    figure("readings_answered_total", figures.fleet.answered);
    figure("readings_silent_total", figures.fleet.silent);
    figure("snmp_requests_total", figures.reader.requests);
    AddPolling(now, core, beat);
    core.Say(std::move(event), effects);
  }

 private:
  static void AddPolling(const core::Now& now, core::PollCore& core, event::v1::Heartbeat& beat) {
    for (const core::SlowReading& slow : core.slowest(now)) {
      event::v1::Heartbeat::SlowReading& entry = *beat.add_slowest();
      entry.set_device_id(std::string(slow.device.bytes()));
      *entry.mutable_duration() = event::ToProto(slow.took);
      entry.set_requests(slow.requests);
      entry.set_answered(slow.answered);
      *entry.mutable_end_time() = event::ToProto(slow.end);
    }
    for (const core::PollCore::OwnedPartition& owned : core.OwnedPartitions()) {
      if (beat.partitions_size() == kPartitionsMax) break;
      event::v1::Heartbeat::Partition& entry = *beat.add_partitions();
      entry.set_number(owned.number);
      entry.set_term(owned.term);
      entry.set_devices(owned.devices);
    }
  }

  const event::Sequencer& sequencer_;
  const edge::Spool* spool_;
  std::int32_t partitions_;
  base::WallTime started_;
  std::map<std::pair<event::v1::Lane, std::string>, std::uint64_t> claimed_;
  std::optional<base::MonotonicTime> last_;
  std::uint64_t count_ = 0;
};

// What a reload brings, between two turns of the loop: put there by the main thread, taken over by
// the loop's.
class Reloaded {
 public:
  void Put(core::ProfileSet profiles, edge::ReaderOptions reader) {
    const std::lock_guard lock(mutex_);
    profiles_ = std::make_unique<const core::ProfileSet>(std::move(profiles));
    reader_ = std::move(reader);
  }

  void TakeOver(core::PollCore& core, edge::Reader& reader, const NotificationEnd& notifications) {
    const std::lock_guard lock(mutex_);
    if (profiles_ == nullptr) return;
    core.SetProfiles(*profiles_);
    in_force_ = std::move(profiles_);
    reader.SetCredentials(reader_.communities, reader_.users);
    if (notifications.taker != nullptr) notifications.SetCredentials(reader_);
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<const core::ProfileSet> profiles_;  // Null: nothing was reloaded.
  edge::ReaderOptions reader_;                        // Its credentials.
  std::unique_ptr<const core::ProfileSet> in_force_;
};

// Tells an administrator of targets that nobody polls: once when they appear, and again when more
// do.
class RefusalLog {
 public:
  void OnTurn(const core::TargetFigures& targets) {
    if (targets.refused > told_.refused) {
      service::LogWarning(
          "targets are not polled: the collector has as many devices as devices_max allows; "
          "raise it, or add a collector",
          {{"targets", targets.refused}});
    }
    if (targets.undecodable > told_.undecodable) {
      service::LogWarning("records of the targets' topic can't be understood, and are left alone",
                          {{"records", targets.undecodable}});
    }
    told_ = targets;
  }

 private:
  core::TargetFigures told_;
};

// Shows how the spool fares, and has the core report what it gave up.
class SpoolWatch {
 public:
  // `spool` may be null.
  SpoolWatch(edge::Spool* spool, Context& context) : spool_(spool) {
    if (spool == nullptr) return;
    metrics_.emplace(context.metrics);
    context.admin.AddReadinessCheck("spool", [spool] { return spool->Check(); });
  }

  void OnSecond(const core::Now& now, core::PollCore& core, core::Effects& effects) {
    if (spool_ == nullptr) return;
    metrics_->Update(spool_->figures());
    const bool away = spool_->is_away();
    if (std::exchange(was_away_, away) != away) {
      away ? service::LogWarning("kafka is deemed away; events go to the spool")
           : service::LogInfo("kafka is back; the spool drains");
    }
    const absl::Status trouble = spool_->log().trouble();
    if (std::exchange(was_in_trouble_, !trouble.ok()) != !trouble.ok() && !trouble.ok()) {
      service::LogError("the spool can't be written",
                        {{"trouble", base::ToStd(trouble.message())}});
    }
    if (away) return;
    for (event::v1::Event& event : spool_->log().TakeGaps(now.wall)) {
      core.Say(std::move(event), effects);
    }
  }

 private:
  edge::Spool* spool_;
  std::optional<SpoolMetrics> metrics_;
  bool was_away_ = false;
  bool was_in_trouble_ = false;
};

// Runs the loop on a thread of its own until it is to stop and has become quiet.
class LoopThread {
 public:
  // `spool` may be null.
  LoopThread(edge::PollLoop& loop,
             const edge::Spool* spool,
             const base::Clock& clock,
             service::Heartbeat& alive)
      : loop_(loop), spool_(spool), clock_(clock), alive_(alive) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop(base::MonotonicTime deadline) {
    deadline_.store(deadline.time_since_epoch().count());
    thread_.join();
  }

 private:
  void Run() {
    bool stopping = false;
    for (;;) {
      const base::MonotonicTime deadline(base::Duration(deadline_.load()));
      const bool stop = deadline != base::MonotonicTime();
      if (stop && !stopping) loop_.Stop();
      stopping = stop;
      if (stop && (IsQuiet() || clock_.Now() >= deadline)) return;
      Report(loop_.Turn(kTurnMax));
      alive_.Beat();
    }
  }

  bool IsQuiet() const { return loop_.IsQuiet() && (spool_ == nullptr || spool_->IsDrained()); }

  // The same trouble is logged when it begins and when it ends, not at each turn.
  void Report(const absl::Status& status) {
    if (status == trouble_) return;
    if (status.ok()) {
      service::LogInfo("kafka answers again");
    } else {
      service::LogWarning("kafka", {{"trouble", base::ToStd(status.message())}});
    }
    trouble_ = status;
  }

  edge::PollLoop& loop_;
  const edge::Spool* spool_;
  const base::Clock& clock_;
  service::Heartbeat& alive_;
  std::atomic<std::int64_t> deadline_{0};
  absl::Status trouble_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<snmp::Datagrams>> OpenNetwork(const config::v1::Snmp& snmp) {
  snmp::udp::UdpOptions udp;
  udp.ports = snmp.sockets();
  udp.receive_buffer_bytes = snmp.receive_buffer_bytes();
  udp.gather = kGather;
  return snmp::udp::OpenUdp(udp);
}

absl::Status Reload(const Config& changed, Reloaded& reloaded) {
  PLATEN_ASSIGN_OR_RETURN(core::ProfileSet read, edge::LoadProfiles(changed.profiles_dir()));
  PLATEN_ASSIGN_OR_RETURN(edge::ReaderOptions reader, ToReaderOptions(changed));
  service::LogInfo("profiles are taken over", {{"profiles", read.profiles().size()}});
  service::LogInfo(
      "credentials are taken over",
      {{"communities", reader.communities.size()}, {"snmp_users", reader.users.size()}});
  reloaded.Put(std::move(read), std::move(reader));
  return absl::OkStatus();
}

absl::Status Run(const Config& config, Context& context) {
  PLATEN_ASSIGN_OR_RETURN(const core::ProfileSet profiles,
                          edge::LoadProfiles(config.profiles_dir()));
  PLATEN_ASSIGN_OR_RETURN(const std::uint64_t epoch,
                          service::TakeEpoch(config.state_dir(), context.clock.WallNow()));
  PLATEN_ASSIGN_OR_RETURN(const edge::ReaderOptions reader_options, ToReaderOptions(config));
  PLATEN_ASSIGN_OR_RETURN(const auto network, OpenNetwork(config.snmp()));
  absl::StatusOr<Ends> opened =
      config.targets_file().empty() ? AwaitKafka(config, context) : OpenFiles(config);
  if (absl::IsCancelled(opened.status())) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(const Ends ends, std::move(opened));

  PLATEN_ASSIGN_OR_RETURN(const NotificationEnd notifications,
                          OpenNotifications(config, reader_options, epoch, context.clock));
  edge::Reader reader(reader_options, *network, {base::SecureRandom64(), base::SecureRandom64()});
  event::Sequencer sequencer(config.instance(), epoch, config.region());
  core::FleetPollerOptions fleet = ToFleetOptions(config);
  fleet.outlives_session = ends.spool != nullptr;
  core::PollCore core(fleet, profiles, sequencer);
  PollMetrics metrics(context.metrics);
  SpoolWatch spool(ends.spool.get(), context);
  RefusalLog refusals;
  Reloaded reloaded;
  context.on_reload = [&](const Config& changed) { return Reload(changed, reloaded); };
  SignOfLife sign_of_life(sequencer, ends.spool.get(), ends.partitions, context.clock.WallNow());
  edge::PollLoop loop(
      {context.clock,
       core,
       *ends.targets,
       *ends.state,
       *ends.events,
       reader,
       *network,
       notifications.taker.get()},
      [&](const core::Now& now, const edge::PollLoopFigures& figures, core::Effects& effects) {
        metrics.Update(figures);
        spool.OnSecond(now, core, effects);
        refusals.OnTurn(figures.targets);
        reloaded.TakeOver(core, reader, notifications);
        sign_of_life.OnTurn(now, figures, core, effects);
      });
  service::Heartbeat alive(context.clock, std::chrono::seconds(30));
  context.admin.AddLivenessCheck("loop", [&alive] { return alive.Check(); });
  LoopThread thread(loop, ends.spool.get(), context.clock, alive);
  context.lifecycle.AddPart({.name = "poll",
                             .start =
                                 [&] {
                                   thread.Start();
                                   return absl::OkStatus();
                                 },
                             .stop =
                                 [&](base::MonotonicTime deadline) {
                                   thread.Stop(deadline);
                                   if (ends.group != nullptr) ends.group->Close();
                                 }});
  PLATEN_ASSIGN_OR_RETURN(const DiscoveryJobHandle discovery, AddDiscovery(config, context));
  service::LogInfo("collector starts",
                   {{"instance", config.instance()},
                    {"epoch", epoch},
                    {"profiles", profiles.profiles().size()}});
  return context.lifecycle.Run();
}

}  // namespace

int RunPoll(int argc, const char* const* argv) {
  return service::RunService<Config>(
      argc,
      argv,
      {.name = "platen-collector",
       .description = "Polls printers and puts what they say on Kafka.",
       .defaults = DefaultConfig(),
       .validate = ValidateConfig,
       .common = service::ToCommonOptions<Config>,
       .run = Run,
       .reloadable = {"profiles_dir", "credentials", "snmp_users"}});
}

}  // namespace platen::collector
