// What it costs to understand an answer, from its bytes on: the everyday status poll, and
// everything that a printer says at once. Each beside a bare walk over the TLVs of the same bytes,
// which is the least that anybody who reads them has to do.
//
// The readings are those of a recorded printer (PLATEN_SOURCE_DIR, else the folder it is started
// in), as its answers would carry them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "libs/base/ids.h"
#include "libs/snmp/message.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/core/status_glance.h"
#include "services/collector/edge/profile_files.h"

namespace platen::collector::core {
namespace {

using Datagram = std::vector<std::uint8_t>;

constexpr base::WallTime kNow = base::WallFromMillis(1'767'225'600'000);
constexpr std::size_t kVarbindsADatagram = 40;

[[noreturn]] void Broken(std::string_view why) {
  std::cerr << "understanding_bench: " << why << '\n';
  std::exit(2);
}

std::string Source() {
  const char* directory = std::getenv("PLATEN_SOURCE_DIR");
  return directory == nullptr ? "." : directory;
}

// What the recording has of a plan, as the datagrams of its answers.
std::vector<Datagram> AnswersTo(const snmp::Recording& recording, const ReadingPlan& plan) {
  std::vector<const snmp::Varbind*> wanted;
  for (const snmp::Varbind& row : recording.rows) {
    const bool below =
        std::any_of(plan.subtrees.begin(), plan.subtrees.end(), [&row](const snmp::Oid& subtree) {
          return row.name.StartsWith(subtree);
        });
    const bool named =
        std::find(plan.scalars.begin(), plan.scalars.end(), row.name) != plan.scalars.end();
    if (below || named) wanted.push_back(&row);
  }
  std::vector<Datagram> datagrams;
  for (std::size_t from = 0; from < wanted.size(); from += kVarbindsADatagram) {
    Datagram& datagram = datagrams.emplace_back(64 * 1024);
    snmp::MessageWriter writer(datagram, 6);
    for (std::size_t i = from; i < std::min(wanted.size(), from + kVarbindsADatagram); ++i) {
      writer.Add(wanted[i]->view());
    }
    const auto bytes =
        writer.Finish({.type = snmp::PduType::kResponse, .request_id = 1, .community = "public"});
    const Datagram copy(bytes.begin(), bytes.end());
    datagram = copy;
  }
  return datagrams;
}

struct Printer {
  ProfileSet profiles;
  std::vector<Datagram> status;
  std::vector<Datagram> full;
};

Printer Load() {
  Printer printer;
  auto profiles = edge::LoadProfiles(Source() + "/profiles");
  if (!profiles.ok()) Broken("no profiles: start it in the source tree, or set PLATEN_SOURCE_DIR");
  printer.profiles = *std::move(profiles);
  std::ifstream file(Source() + "/tests/testdata/printers/kyocera-ecosys-m6630cidn.snmprec");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const snmp::Recording recording = snmp::ReadRecording(text);
  if (recording.rows.empty()) Broken("no recording");
  const Profile* profile = ChooseProfile(recording.rows, printer.profiles);
  if (profile == nullptr) Broken("no profile");
  printer.status = AnswersTo(recording, StatusPlan({}));
  ReadingPlan plan = StandardPlan();
  const ReadingPlan vendor = VendorPlan(*profile, ReadPurpose::kEverything);
  plan.scalars.insert(plan.scalars.end(), vendor.scalars.begin(), vendor.scalars.end());
  plan.subtrees.insert(plan.subtrees.end(), vendor.subtrees.begin(), vendor.subtrees.end());
  printer.full = AnswersTo(recording, plan);
  return printer;
}

const Printer& ThePrinter() {
  static const Printer printer = Load();
  return printer;
}

// Every tag and length, and one bit of every value.
std::uint64_t WalkTlvs(std::span<const std::uint8_t> bytes) {
  std::uint64_t seen = 0;
  while (bytes.size() >= 2) {
    const std::uint8_t tag = bytes[0];
    std::size_t length = bytes[1];
    std::size_t header = 2;
    if (length >= 0x80) {
      const std::size_t octets = length & 0x7f;
      length = 0;
      for (std::size_t i = 0; i < octets; ++i) length = length << 8 | bytes[header++];
    }
    const auto value = bytes.subspan(header, length);
    const bool constructed = (tag & 0x20) != 0;
    seen += constructed ? WalkTlvs(value) : value.empty() ? tag : value[0] & 1;
    bytes = bytes.subspan(header + length);
  }
  return seen;
}

void BareWalk(benchmark::State& state, const std::vector<Datagram>& datagrams) {
  for (auto _ : state) {
    for (const Datagram& datagram : datagrams) benchmark::DoNotOptimize(WalkTlvs(datagram));
  }
}

// What has to be done at least to have an answer's names as numbers and its values as numbers and
// bytes, as any library hands them out: into the same storage for each, so without an allocation.
class DecodingWalk {
 public:
  std::uint64_t Walk(std::span<const std::uint8_t> bytes) {
    std::uint64_t seen = 0;
    while (bytes.size() >= 2) {
      const std::uint8_t tag = bytes[0];
      std::size_t length = bytes[1];
      std::size_t header = 2;
      if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) length = length << 8 | bytes[header++];
      }
      const auto value = bytes.subspan(header, length);
      const bool constructed = (tag & 0x20) != 0;
      seen += constructed ? Walk(value) : Take(tag, value);
      bytes = bytes.subspan(header + length);
    }
    return seen;
  }

 private:
  std::uint64_t Take(std::uint8_t tag, std::span<const std::uint8_t> value) {
    if (tag == 0x06) return TakeOid(value);
    if (tag == 0x04 || tag == 0x40 || tag == 0x44) {
      text_.assign(value.begin(), value.end());
      return text_.size();
    }
    std::uint64_t number = 0;
    for (const std::uint8_t byte : value) number = number << 8 | byte;
    return number;
  }

  std::uint64_t TakeOid(std::span<const std::uint8_t> value) {
    std::size_t count = 0;
    std::uint32_t arc = 0;
    for (const std::uint8_t byte : value) {
      arc = arc << 7 | (byte & 0x7fu);
      if (byte >= 0x80) continue;
      arcs_[count++ & 127] = arc;
      arc = 0;
    }
    return arcs_[0] + count;
  }

  std::array<std::uint32_t, 128> arcs_{};
  std::vector<std::uint8_t> text_;
};

void DecodeBarely(benchmark::State& state, const std::vector<Datagram>& datagrams) {
  DecodingWalk walk;
  for (auto _ : state) {
    for (const Datagram& datagram : datagrams) benchmark::DoNotOptimize(walk.Walk(datagram));
  }
}

ReadAnswer Decode(snmp::MessageDecoder& decoder, const std::vector<Datagram>& datagrams) {
  ReadAnswer answer;
  answer.result = ReadAnswer::Result::kAnswered;
  answer.complete = true;
  snmp::MessageView message;
  for (const Datagram& datagram : datagrams) {
    if (decoder.Decode(datagram, message) != snmp::DecodeFault::kNone) Broken("undecodable");
    AddReadings(message.varbinds, answer.values);
  }
  SortReadings(answer.values);
  return answer;
}

void BM_StatusPoll_BareTlvWalk(benchmark::State& state) {
  BareWalk(state, ThePrinter().status);
}

BENCHMARK(BM_StatusPoll_BareTlvWalk);

void BM_StatusPoll_DecodingWalk(benchmark::State& state) {
  DecodeBarely(state, ThePrinter().status);
}

BENCHMARK(BM_StatusPoll_DecodingWalk);

// Nothing has happened since the poll before.
void BM_StatusPoll_NothingNew(benchmark::State& state) {
  snmp::MessageDecoder decoder;
  const auto before = GlanceAt(Decode(decoder, ThePrinter().status), kNow);
  if (!before.has_value()) Broken("no glance");
  for (auto _ : state) {
    const auto now = GlanceAt(Decode(decoder, ThePrinter().status), kNow);
    if (now->fingerprint != before->fingerprint) Broken("another answer");
  }
}

BENCHMARK(BM_StatusPoll_NothingNew);

void BM_FullReading_BareTlvWalk(benchmark::State& state) {
  BareWalk(state, ThePrinter().full);
}

BENCHMARK(BM_FullReading_BareTlvWalk);

void BM_FullReading_DecodingWalk(benchmark::State& state) {
  DecodeBarely(state, ThePrinter().full);
}

BENCHMARK(BM_FullReading_DecodingWalk);

void BM_FullReading_Decode(benchmark::State& state) {
  snmp::MessageDecoder decoder;
  for (auto _ : state) benchmark::DoNotOptimize(Decode(decoder, ThePrinter().full).values.size());
}

BENCHMARK(BM_FullReading_Decode);

void BM_FullReading_Snapshot(benchmark::State& state) {
  snmp::MessageDecoder decoder;
  std::size_t values = 0;
  for (auto _ : state) {
    const ReadAnswer answer = Decode(decoder, ThePrinter().full);
    values = answer.values.size();
    const event::v1::DeviceSnapshot snapshot =
        MakeSnapshot({.readings = answer.values, .profiles = &ThePrinter().profiles});
    benchmark::DoNotOptimize(snapshot.meters_size());
  }
  state.counters["values"] = static_cast<double>(values);
}

BENCHMARK(BM_FullReading_Snapshot);

// The least that anybody pays who hands out a snapshot: the messages themselves, copied from ready
// ones, without understanding anything.
void BM_FullReading_CopyOfSnapshot(benchmark::State& state) {
  snmp::MessageDecoder decoder;
  const ReadAnswer answer = Decode(decoder, ThePrinter().full);
  const event::v1::DeviceSnapshot ready =
      MakeSnapshot({.readings = answer.values, .profiles = &ThePrinter().profiles});
  for (auto _ : state) {
    const event::v1::DeviceSnapshot copy = ready;
    benchmark::DoNotOptimize(copy.meters_size());
  }
  state.counters["meters"] = ready.meters_size();
  state.counters["bytes"] = static_cast<double>(ready.ByteSizeLong());
}

BENCHMARK(BM_FullReading_CopyOfSnapshot);

// And the events of a printer that is read for the first time.
void BM_FullReading_Events(benchmark::State& state) {
  snmp::MessageDecoder decoder;
  event::v1::Target target;
  target.set_device_id(std::string(16, 'd'));
  target.set_tenant("acme");
  target.set_site("hq");
  for (auto _ : state) {
    const ReadAnswer answer = Decode(decoder, ThePrinter().full);
    Reading reading;
    reading.kind = ReadingKind::kFull;
    reading.time = kNow;
    reading.whole.rows = true;
    reading.snapshot =
        MakeSnapshot({.readings = answer.values, .profiles = &ThePrinter().profiles});
    collector::v1::DeviceState device;
    const Outcome outcome = OnReading({.target = &target, .term = 1}, reading, device);
    benchmark::DoNotOptimize(outcome.after_state.size() + outcome.at_once.size());
  }
}

BENCHMARK(BM_FullReading_Events);

}  // namespace
}  // namespace platen::collector::core

BENCHMARK_MAIN();
