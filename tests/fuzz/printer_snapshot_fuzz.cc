// Whatever a printer says, it becomes a snapshot: no number is invented, every text is valid UTF-8
// without control characters, every table is bounded, and the page for people can be made of it.
#include <cstdint>
#include <string_view>

#include "libs/snmp/recording.h"
#include "services/collector/core/report.h"
#include "services/collector/core/snapshot.h"
#include "tests/fuzz/printer_checks.h"

namespace {

using namespace platen;
using fuzz::CheckText;

// A profile with a rule of every kind, so that hostile values meet each of them.
collector::core::ProfileSet Profiles() {
  const auto oid = [](std::string_view text) { return *snmp::Oid::Parse(text); };
  collector::core::Profile profile;
  profile.name = "all";
  profile.match.sys_object_ids = {oid("1.3.6.1.4.1")};
  profile.match.present = {oid("1.3.6.1.4.1")};
  profile.identity.push_back(
      {collector::core::IdentityField::kSerial,
       {.oid = oid("1.3.6.1.4.1.1.1.0"), .decode = collector::core::Decoding::kPml}});
  profile.identity.push_back({collector::core::IdentityField::kModel,
                              {.from = collector::core::TextSource::kSysDescr,
                               .pattern = *collector::core::MakePattern("^(.+?) [0-9.]+ / ")}});
  profile.firmware.push_back({.names = oid("1.3.6.1.4.1.1.2"), .versions = oid("1.3.6.1.4.1.1.3")});
  const auto meter = [&profile](const char* name, collector::core::MeterPlace where) {
    profile.meters.emplace_back();
    profile.meters.back().name = name;
    profile.meters.back().where = std::move(where);
  };
  meter("scalar", collector::core::ScalarMeter{oid("1.3.6.1.4.1.1.4.0")});
  meter("float",
        collector::core::ScalarMeter{oid("1.3.6.1.4.1.1.5.0"),
                                     collector::core::Decoding::kIeee754Hundredths});
  meter("typed", collector::core::TypedRow{oid("1.3.6.1.4.1.1.6"), oid("1.3.6.1.4.1.1.7"), 10});
  meter("labelled",
        collector::core::LabelledRow{oid("1.3.6.1.4.1.1.8"), oid("1.3.6.1.4.1.1.9"), "Total 1"});
  meter("records", collector::core::TlvRecord{oid("1.3.6.1.4.1.1.10.0"), 0});
  return collector::core::ProfileSet({profile});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const collector::core::ProfileSet profiles = Profiles();
  const snmp::Recording recording =
      snmp::ReadRecording({reinterpret_cast<const char*>(data), size});
  collector::core::Trace trace;
  const event::v1::DeviceSnapshot snapshot =
      collector::core::MakeSnapshot({.readings = recording.rows, .profiles = &profiles}, &trace);
  fuzz::CheckSnapshot(snapshot);
  CheckText(collector::core::Report(snapshot, {}));
  CheckText(collector::core::TraceTable(trace, {}));
  return 0;
}
