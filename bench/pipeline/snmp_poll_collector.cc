// Status polls by the whole collector but Kafka: whose turn it is, reader, snapshot, comparison
// with the state, events, and the state that is written with them. What is to be published is
// stamped and acknowledged at once.
//
// The core's time leaps, so that there is always somebody due; the reader's is real.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bench/pipeline/snmp_poll.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/snmp/udp/udp_datagrams.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/edge/reader.h"

namespace platen::bench {
namespace {

using namespace collector;

constexpr std::uint32_t kUnpaced = 100'000'000;  // Requests a second: more than there can be.
constexpr std::chrono::seconds kInterval{60};

core::FleetPollerOptions Options() {
  core::FleetPollerOptions options;
  options.cadence.status = kInterval;
  options.cadence.asleep = kInterval;
  options.cadence.meters = std::chrono::hours(24 * 365);
  options.cadence.supplies = std::chrono::hours(24 * 365);
  options.cadence.firmware = std::chrono::hours(24 * 365);
  options.cadence.full = std::chrono::hours(24 * 365);
  return options;
}

// As a printer's is after its first day: who it is, and what was read of it.
collector::v1::DeviceState KnownState() {
  collector::v1::DeviceState state;
  state.set_term(1);
  state.set_boot(1);
  state.set_known(true);
  state.set_total_impressions(123'456);
  state.add_printer_device_indexes(1);
  // As the responder answers: no alert has come since its table was read, which it has not.
  state.set_alert_all_events(4711);
  event::v1::Identity& identity = *state.mutable_identity();
  identity.set_manufacturer("Example");
  identity.set_model("Example LaserPrinter 4711");
  identity.set_serial_number("X4711-0815");
  identity.set_sys_descr("Example LaserPrinter 4711, firmware 1.2.3, engine 4.5.6");
  for (const char* kind : {"meters", "supplies"}) {
    (*state.mutable_intervals())[std::string(kind) + "/31536000"] = ~std::uint64_t{0};
  }
  return state;
}

// The core, with a Kafka that takes everything at once and gives claims back.
class Engine {
 public:
  Engine(edge::Reader& reader, const snmp::Endpoint& agent, std::size_t devices)
      : reader_(reader),
        step_(base::Duration(kInterval) * kInFlight / std::max(devices, kInFlight)),
        sequencer_("bench", 1),
        core_(Options(), profiles_, sequencer_) {
    Run([&](core::Effects& out) { core_.OnTarget(now_, core::PartitionGiven{0}, out); });
    const std::string state = KnownState().SerializeAsString();
    event::v1::Target target;
    target.set_tenant("acme");
    target.set_site("hq");
    target.set_address(agent.AddressToString());
    target.mutable_snmp()->set_port(agent.port);
    for (std::size_t i = 0; i < devices; ++i) {
      const base::DeviceId id = base::NewDeviceId();
      target.set_device_id(std::string(id.bytes()));
      Run([&](core::Effects& out) {
        core_.OnState(now_, core::StateRead{0, std::string(id.bytes()), state}, out);
        core_.OnTarget(now_, core::TargetChanged{0, id, target}, out);
      });
    }
    Run([&](core::Effects& out) { core_.OnState(now_, core::StateRestored{0}, out); });
  }

  void Answer(core::ReadAnswer answer) {
    --under_way_;
    answered_ += answer.result == core::ReadAnswer::Result::kAnswered;
    Run([&](core::Effects& out) { core_.OnAnswer(now_, std::move(answer), out); });
  }

  // So much time passes that some kInFlight devices are due, or all where they are fewer.
  void Leap() {
    now_.monotonic += step_;
    now_.wall += step_;
    Run([&](core::Effects& out) { core_.OnTimer(now_, false, out); });
  }

  std::size_t under_way() const { return under_way_; }

  // Readings; the core's own figure is a walk over all devices.
  std::uint64_t answered() const { return answered_; }

  std::uint64_t events() const { return core_.figures().events; }

 private:
  template <class Input>
  void Run(const Input& input) {
    core::Effects effects;
    input(effects);
    while (!effects.states.empty() || !effects.events.empty() || !effects.reads.empty()) {
      for (const core::ReadRequest& read : std::exchange(effects.reads, {})) {
        ++under_way_;
        reader_.Start(read);
      }
      const std::vector<core::StateWrite> states = std::exchange(effects.states, {});
      const std::vector<core::EventWrite> events = std::exchange(effects.events, {});
      for (const core::StateWrite& each : states) {
        core_.OnState(now_, core::StatePut{each.token, absl::OkStatus()}, effects);
        if (each.key != core::kOwnerKey) continue;
        core_.OnState(now_, core::StateRead{0, each.key, each.value}, effects);
      }
      for (const core::EventWrite& each : events) {
        core_.OnPublished(now_, {each.token, absl::OkStatus()}, effects);
      }
    }
  }

  edge::Reader& reader_;
  const base::Duration step_;
  core::Now now_{base::MonotonicTime(kInterval), base::WallFromMillis(1'750'000'000'000)};
  core::ProfileSet profiles_;
  event::Sequencer sequencer_;
  core::PollCore core_;
  std::size_t under_way_ = 0;
  std::uint64_t answered_ = 0;
};

// Whoever is due.
void PollDue(Engine& engine, edge::Reader& reader, snmp::Datagrams& network) {
  const base::RealClock clock;
  std::vector<core::ReadAnswer> answers;
  engine.Leap();
  while (engine.under_way() > 0) {
    answers.clear();
    reader.Poll(clock.Now(), answers);
    for (core::ReadAnswer& answer : answers) engine.Answer(std::move(answer));
    if (answers.empty()) network.Wait(std::chrono::milliseconds(20));
  }
}

}  // namespace

double PollCollector(const snmp::Endpoint& agent,
                     std::uint64_t polls,
                     bool events,
                     std::size_t devices) {
  const auto network = *snmp::udp::OpenUdp({.local = snmp::Endpoint::V4(0x7f000001, 0)});
  edge::Reader reader({.in_flight_max = kInFlight,
                       .requests_per_second = kUnpaced,
                       .communities = {{"default", kCommunity}}},
                      *network,
                      {base::SecureRandom64(), base::SecureRandom64()});
  Engine engine(reader, agent, devices);
  // The first look may find changes.
  while (engine.answered() < 2 * devices) PollDue(engine, reader, *network);
  const std::uint64_t answered_before = engine.answered();
  const std::uint64_t events_before = engine.events();
  const double start = ThreadCpuSeconds();
  while (engine.answered() - answered_before < polls) PollDue(engine, reader, *network);
  const double cpu = ThreadCpuSeconds() - start;
  const std::uint64_t answered = engine.answered() - answered_before;
  const std::uint64_t made = engine.events() - events_before;
  if (events ? made < answered * 99 / 100 : made > answered / 1000) {
    std::fprintf(stderr,
                 "collector: %llu polls made %llu events\n",
                 static_cast<unsigned long long>(answered),
                 static_cast<unsigned long long>(made));
    std::exit(2);
  }
  return cpu * 1e6 / static_cast<double>(answered);
}

}  // namespace platen::bench
