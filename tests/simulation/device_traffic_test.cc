// What reading a printer costs on the wire: recorded printers answer the whole collector over a
// simulated network by the real codec, in simulated time, and the datagrams are counted, each with
// its 28 bytes of IPv4 and UDP.
//
// The bounds are those of what remote services send (docs/network-traffic.md). The figures are
// printed as that page's table.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/event/sequence.h"
#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/recording_mib.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/edge/profile_files.h"
#include "services/collector/edge/reader.h"

namespace platen::collector {
namespace {

constexpr std::size_t kIpAndUdpBytes = 28;
constexpr base::Duration kNever = std::chrono::hours(24 * 3650);
const snmp::Endpoint kPrinter = snmp::Endpoint::V4(0x0a000007, 161);

std::string Source() {
  const char* directory = std::getenv("PLATEN_SOURCE_DIR");
  return directory == nullptr ? "." : directory;
}

std::vector<std::filesystem::path> RecordedPrinters() {
  std::vector<std::filesystem::path> files;
  std::error_code none;  // Outside of the source tree there are none, and that fails.
  for (const auto& entry :
       std::filesystem::directory_iterator(Source() + "/tests/testdata/printers", none)) {
    if (entry.path().extension() == ".snmprec") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Traffic {
  std::size_t datagrams = 0;  // Both ways.
  std::size_t bytes = 0;
  std::size_t largest_request = 0;
  std::size_t largest_answer = 0;
};

// What was recorded, while time goes on and pages are printed.
class LivePrinter final : public snmp::Mib {
 public:
  LivePrinter(const snmp::Recording& recording, const base::SimClock& clock)
      : mib_(recording), clock_(clock), start_(clock.Now()) {}

  std::optional<snmp::ValueView> Get(snmp::OidView name) override {
    const auto value = mib_.Get(name);
    return value.has_value() ? std::optional(Moved(name, *value)) : value;
  }

  std::optional<snmp::VarbindView> Next(snmp::OidView name) override {
    auto next = mib_.Next(name);
    if (next.has_value()) next->value = Moved(next->name, next->value);
    return next;
  }

 private:
  snmp::ValueView Moved(snmp::OidView name, const snmp::ValueView& value) const {
    if (name != core::oids::kSysUpTime.view()) return value;
    const auto ticks = static_cast<std::uint64_t>(base::ToMillis(clock_.Now() - start_) / 10);
    return snmp::ValueView::Number(value.type(), value.raw_number() + ticks);
  }

  snmp::RecordingMib mib_;
  const base::SimClock& clock_;
  base::MonotonicTime start_;
};

// One collector, one printer, and a Kafka that takes everything at once.
class Line {
 public:
  Line(const std::filesystem::path& file, const core::Cadence& cadence)
      : profiles_(*edge::LoadProfiles(Source() + "/profiles")),
        sequencer_("traffic", 1),
        core_({.cadence = cadence}, profiles_, sequencer_),
        port_(network_.Open({.address = snmp::Endpoint::V4(0x0a000001, 0)})),
        reader_({.communities = {{"default", "public"}}}, *port_, {1, 2}) {
    std::ifstream in(file);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    recording_ = snmp::ReadRecording(text);
    printer_ = std::make_unique<LivePrinter>(recording_, clock_);
    network_.Serve(kPrinter,
                   [this](const snmp::InDatagram& in_flight) { return Answer(in_flight); });
    const auto device = *base::DeviceId::FromBytes("device number 01");
    event::v1::Target target;
    target.set_device_id(std::string(device.bytes()));
    target.set_tenant("acme");
    target.set_site("hq");
    target.set_address(kPrinter.AddressToString());
    Do([&](core::Effects& out) { core_.OnTarget(Now(), core::PartitionGiven{0}, out); });
    Do([&](core::Effects& out) { core_.OnState(Now(), core::StateRestored{0}, out); });
    Do([&](core::Effects& out) {
      core_.OnTarget(Now(), core::TargetChanged{0, device, target}, out);
    });
  }

  // What was sent and answered in that time.
  Traffic Pass(base::Duration time) {
    traffic_ = {};
    const base::MonotonicTime end = clock_.Now() + time;
    std::vector<core::ReadAnswer> answers;
    while (clock_.Now() < end) {
      Do([&](core::Effects& out) { core_.OnTimer(Now(), false, out); });
      answers.clear();
      reader_.Poll(clock_.Now(), answers);
      for (core::ReadAnswer& answer : answers) {
        Do([&](core::Effects& out) { core_.OnAnswer(Now(), std::move(answer), out); });
      }
      if (!answers.empty()) continue;
      if (reader_.figures().under_way > 0) {
        port_->Wait(std::chrono::seconds(1));
      } else {
        clock_.Advance(std::min(core_.next().value_or(end), end) - clock_.Now());
      }
    }
    return traffic_;
  }

  std::uint64_t events() const { return core_.figures().events; }

 private:
  core::Now Now() const { return {clock_.Now(), clock_.WallNow()}; }

  template <class Input>
  void Do(const Input& input) {
    core::Effects effects;
    input(effects);
    while (!effects.states.empty() || !effects.events.empty() || !effects.reads.empty()) {
      for (const core::ReadRequest& read : std::exchange(effects.reads, {})) reader_.Start(read);
      const std::vector<core::StateWrite> states = std::exchange(effects.states, {});
      const std::vector<core::EventWrite> events = std::exchange(effects.events, {});
      for (const core::StateWrite& each : states) {
        core_.OnState(Now(), core::StatePut{each.token, absl::OkStatus()}, effects);
        if (each.key != core::kOwnerKey) continue;
        core_.OnState(Now(), core::StateRead{0, each.key, each.value}, effects);
      }
      for (const core::EventWrite& each : events) {
        core_.OnPublished(Now(), {each.token, absl::OkStatus()}, effects);
      }
    }
  }

  std::vector<snmp::memory::SimNetwork::Bytes> Answer(const snmp::InDatagram& in) {
    snmp::MessageView request;
    if (decoder_.Decode(in.bytes, request) != snmp::DecodeFault::kNone) return {};
    std::vector<std::uint8_t> buffer(2048);
    const auto bytes = snmp::Answer(request, *printer_, {}, buffer);
    traffic_.datagrams += 2;
    traffic_.bytes += in.bytes.size() + bytes.size() + 2 * kIpAndUdpBytes;
    traffic_.largest_request = std::max(traffic_.largest_request, in.bytes.size() + kIpAndUdpBytes);
    traffic_.largest_answer = std::max(traffic_.largest_answer, bytes.size() + kIpAndUdpBytes);
    return {{bytes.begin(), bytes.end()}};
  }

  base::SimClock clock_;
  snmp::memory::SimNetwork network_{clock_, 1};
  core::ProfileSet profiles_;
  event::Sequencer sequencer_;
  core::PollCore core_;
  std::unique_ptr<snmp::Datagrams> port_;
  edge::Reader reader_;
  snmp::Recording recording_;
  std::unique_ptr<LivePrinter> printer_;
  snmp::MessageDecoder decoder_;
  Traffic traffic_;
};

// Only one kind of reading after the first full one.
core::Cadence Only(core::ReadingKind kind) {
  const core::Cadence usual;
  core::Cadence cadence{kNever, kNever, kNever, kNever, kNever, kNever};
  if (kind == core::ReadingKind::kStatus) cadence.status = cadence.asleep = usual.status;
  if (kind == core::ReadingKind::kMeters) cadence.meters = usual.meters;
  if (kind == core::ReadingKind::kSupplies) cadence.supplies = usual.supplies;
  if (kind == core::ReadingKind::kFirmware) cadence.firmware = usual.firmware;
  return cadence;
}

// A day of readings of that kind; bytes and datagrams of one of them.
Traffic OneOf(core::ReadingKind kind, const std::filesystem::path& file) {
  constexpr base::Duration kDay = std::chrono::hours(24);
  const core::Cadence cadence = Only(kind);
  Line line(file, cadence);
  line.Pass(std::chrono::seconds(30));
  Traffic traffic = line.Pass(kDay);
  const auto readings = static_cast<std::size_t>(kDay / cadence.interval(kind));
  traffic.datagrams /= readings;
  traffic.bytes /= readings;
  return traffic;
}

class DeviceTrafficTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(DeviceTrafficTest, StaysBelowWhatRemoteServicesSend) {
  const std::filesystem::path& file = GetParam();
  const Traffic status = OneOf(core::ReadingKind::kStatus, file);
  const Traffic meters = OneOf(core::ReadingKind::kMeters, file);
  const Traffic supplies = OneOf(core::ReadingKind::kSupplies, file);
  const Traffic firmware = OneOf(core::ReadingKind::kFirmware, file);
  Line whole(file, core::Cadence{});
  const Traffic full = whole.Pass(std::chrono::seconds(30));
  const std::uint64_t events = whole.events();
  const Traffic day = whole.Pass(std::chrono::hours(24));
  std::printf("| %s | %zu + %zu | %zu | %zu | %zu | %zu | %.1f |\n",
              file.stem().c_str(),
              status.largest_request,
              status.largest_answer,
              meters.bytes,
              supplies.bytes,
              firmware.bytes,
              full.bytes,
              static_cast<double>(day.bytes) / 24 / 1024);

  EXPECT_GT(whole.events(), events) << "it was read";
  // The status poll is one datagram each way.
  EXPECT_LE(status.largest_request, 194u);
  EXPECT_LE(status.largest_answer, 215u);
  EXPECT_LE(meters.bytes, 15u * 1024);
  EXPECT_LE(firmware.bytes, 3u * 1024);
  EXPECT_LE(supplies.bytes, 2u * 1024);
  EXPECT_LE(full.bytes, 40u * 1024);
}

INSTANTIATE_TEST_SUITE_P(RecordedPrinters,
                         DeviceTrafficTest,
                         testing::ValuesIn(RecordedPrinters()),
                         [](const auto& each) {
                           std::string name = each.param.stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace platen::collector
