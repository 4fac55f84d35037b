#include "tests/simulation/pipeline/processes.h"

#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/edge/kafka_events.h"
#include "services/collector/edge/kafka_state.h"

namespace platen::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

collector::core::FleetPollerOptions Fleet() {
  collector::core::FleetPollerOptions options;
  options.cadence.status = seconds(5);
  options.cadence.asleep = seconds(5);
  options.cadence.meters = seconds(20);
  options.outlives_session = true;
  return options;
}

// Room for what is said of all printers in an outage, and not for their readings in a long one.
collector::edge::SpoolOptions SpoolOf(const std::string& name, const SimDisk& disk) {
  collector::edge::SpoolOptions options;
  options.log.file = disk.FileName("spool.sqlite");
  options.log.instance = name;
  options.log.bytes_max = kSpoolBytesMax;
  options.log.memory_bytes_max = kSpoolBytesMax;
  options.outage = {.away_after = seconds(3), .back_after = seconds(2)};
  options.partitions = kPartitions;
  return options;
}

}  // namespace

// --- Collector -----------------------------------------------------------------------------------

absl::Status WatchedEvents::Publish(const event::v1::Event& event, std::uint64_t token) {
  PLATEN_RETURN_IF_ERROR(events_->Publish(event, token));
  Promises::Durable& durable = on_their_way_[token];
  durable = {.number = collector::core::NumberOf(event), .device = event.device_id()};
  if (event.alert().category() == event::v1::ALERT_CATEGORY_JAM) {
    durable.transition = event.alert().transition();
    durable.sight = {.epoch = event.source().epoch(),
                     .term = event.term(),
                     .event = event.id(),
                     .alert = event.alert().alert_id()};
  }
  return absl::OkStatus();
}

absl::Status WatchedEvents::Poll(std::vector<collector::core::Published>& published) {
  const std::size_t before = published.size();
  PLATEN_RETURN_IF_ERROR(events_->Poll(published));
  for (std::size_t i = before; i < published.size(); ++i) {
    const auto number = on_their_way_.extract(published[i].token);
    if (!number.empty() && published[i].status.ok()) {
      promises_.OnDurable(instance_, number.mapped());
    }
  }
  return absl::OkStatus();
}

CollectorProcess::CollectorProcess(const Surroundings& around,
                                   const std::string& name,
                                   std::uint64_t epoch,
                                   SimDisk& disk)
    : clock_(around.clock),
      disk_(disk),
      link_(around.broker, around.clock),
      sequencer_(name, epoch),
      reader_(around.printers, around.readings, around.random, around.clock),
      core_(Fleet(), profiles_, sequencer_) {
  namespace edge = collector::edge;
  const event::Topics topics("platen");
  broker::SubscriberOptions states;
  states.use_committed = false;
  for (std::int32_t number = 0; number < kPartitions; ++number) {
    states.partitions.push_back({{topics.device_state(), number}, broker::kEnd});
  }
  spool_ = *edge::Spool::Open(SpoolOf(name, disk), around.clock);
  state_ = std::make_unique<edge::SpooledState>(
      *spool_,
      std::make_unique<edge::KafkaState>(*link_.NewSubscriber(states),
                                         *link_.NewPublisher({}),
                                         topics.device_state(),
                                         kPartitions));
  broker::SubscriberOptions group;
  group.topics = {topics.targets()};
  group.group = "sim-collector";
  group.use_committed = false;
  targets_ = std::make_unique<edge::KafkaTargets>(*link_.NewSubscriber(group), topics.targets());
  events_ = std::make_unique<WatchedEvents>(
      std::make_unique<edge::SpooledEvents>(
          *spool_, *edge::KafkaEvents::Create(*link_.NewPublisher({}), topics)),
      name,
      around.promises);
  loop_ = std::make_unique<edge::PollLoop>(
      edge::PollLoopParts{around.clock, core_, *targets_, *state_, *events_, reader_, network_},
      [this](const collector::core::Now& now,
             const edge::PollLoopFigures&,
             collector::core::Effects& effects) {
        SayHeartbeat(now, effects);
        if (spool_->is_away()) return;
        for (event::v1::Event& gap : spool_->log().TakeGaps(now.wall)) {
          core_.Say(std::move(gap), effects);
        }
      });
}

// Without claims: the oracle asks the core itself what it would claim.
void CollectorProcess::SayHeartbeat(const collector::core::Now& now,
                                    collector::core::Effects& effects) {
  if (last_beat_.has_value() && now.monotonic - *last_beat_ < seconds(30)) return;
  last_beat_ = now.monotonic;
  event::v1::Event event;
  *event.mutable_occurrence_time() = event::ToProto(now.wall);
  *event.mutable_observation_time() = event::ToProto(now.wall);
  event.mutable_occurrence()->mutable_source()->set_epoch(sequencer_.epoch());
  event.mutable_occurrence()->mutable_source()->set_number(++beats_);
  event.mutable_heartbeat()->set_role("collector");
  core_.Say(std::move(event), effects);
}

void CollectorProcess::Turn() {
  if (clock_.Now() >= disk_.busy_until()) loop_->Turn(base::Duration(0)).IgnoreError();
}

void CollectorProcess::Stop() {
  loop_->Stop();
}

bool CollectorProcess::is_over() {
  if (!loop_->IsQuiet() || !spool_->IsDrained()) return false;
  targets_->Close();
  return true;
}

// --- Relay and notifier --------------------------------------------------------------------------

RelayProcess::RelayProcess(const Surroundings& around, const std::string& name, std::uint64_t epoch)
    : link_(around.broker, around.clock),
      voice_(
          {.instance = name, .epoch = epoch, .installation = "campus", .topic_prefix = "platen"}) {
  const event::Topics topics("platen");
  for (std::size_t lane = 0; lane < 2; ++lane) {
    const bool alerts = lane == 0;
    relay::LanePipelineOptions options;
    options.topic = topics.Lane(alerts ? event::v1::LANE_ALERTS : event::v1::LANE_TELEMETRY);
    options.topic_prefix = "platen";
    options.group = kRelayGroups[lane];
    options.route = "default";
    options.core.batch = {.bytes_max = 16 << 10,
                          .items_max = alerts ? 2u : 4u,
                          .age_max = milliseconds(alerts ? 0 : 100)};
    options.core.buffer_bytes_max = 8 << 10;
    options.backoff = {.first = milliseconds(50), .max = seconds(1)};
    options.welcome_timeout = seconds(2);
    if (alerts) options.heartbeat_interval = seconds(30);
    options.seed = around.random.Next();
    // Two that write orders could write them in two orders (docs/known-gaps.md).
    const bool directives = alerts && name == "relay-0";
    auto uplink =
        std::make_unique<WireUplink>(around.gateway, cut_, around.random, around.clock, directives);
    uplinks_.push_back(uplink.get());
    lanes_.push_back(
        std::make_unique<relay::LanePipeline>(std::move(options),
                                              relay::core::RouteFilter("default", {{"default"}}),
                                              link_,
                                              std::move(uplink),
                                              voice_,
                                              around.clock,
                                              observer_));
    lanes_.back()->Open().IgnoreError();
  }
}

void RelayProcess::Turn(base::Random& random) {
  for (const auto& lane : lanes_) {
    if (random.Chance(0.8)) lane->Step(milliseconds(0));
  }
}

namespace {

rules::v1::Record TellDesk() {
  rules::v1::Record record;
  record.set_name("rules/all");
  record.mutable_rule()->add_receivers("desk");
  return record;
}

}  // namespace

NotifierProcess::NotifierProcess(const Surroundings& around,
                                 const std::string& name,
                                 std::uint64_t epoch)
    : link_(around.broker, around.clock) {
  const notifier::PipelineContext context{link_, around.clock, around.metrics};
  decide_ = std::make_unique<notifier::DecidePipeline>(
      context,
      notifier::PipelineOptions{.instance = name, .epoch = epoch},
      alerting::DecideOptions{});
  const absl::Status status = decide_->SetRules({TellDesk()}, {"desk"});
  ABSL_RAW_CHECK(status.ok(), "the rule is refused");
}

}  // namespace platen::simulation
