// Whatever a printer says, it becomes a snapshot: no number is invented, every text is valid UTF-8
// without control characters, every table is bounded, and the page for people can be made of it.
#include <cstdint>
#include <string_view>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/report.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/core/text.h"

namespace {

using namespace platen;
using collector::core::IsValidUtf8;
using event::v1::Level;

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
                               .pattern = collector::core::Pattern{
                                   "^(.+?) [0-9.]+ / ", std::regex("^(.+?) [0-9.]+ / ")}}});
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

void CheckText(std::string_view text) {
  ABSL_RAW_CHECK(IsValidUtf8(text), "text is UTF-8");
  for (const char c : text) {
    const bool printable =
        static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
    ABSL_RAW_CHECK(printable && c != 0x7f, "text has no control characters");
  }
}

void CheckLevel(const Level& level) {
  ABSL_RAW_CHECK(level.has_value() == (level.state() == Level::STATE_EXACT), "a number is exact");
  if (level.has_value()) ABSL_RAW_CHECK(level.value() >= 0, "a number is not negative");
  if (!level.has_percent()) return;
  ABSL_RAW_CHECK(level.has_value(), "a percentage is of a number");
  ABSL_RAW_CHECK(level.capacity() > 0 || level.unit() == event::v1::LEVEL_UNIT_PERCENT,
                 "a percentage is of a capacity");
}

void CheckSnapshot(const event::v1::DeviceSnapshot& snapshot) {
  constexpr int kMaxRows = 512;
  CheckText(snapshot.identity().serial_number());
  CheckText(snapshot.identity().model());
  CheckText(snapshot.identity().sys_descr());
  for (const auto& version : snapshot.identity().firmware()) {
    CheckText(version.component());
    CheckText(version.version());
  }
  for (const std::string& line : snapshot.status().console_lines()) CheckText(line);
  for (const auto& supply : snapshot.supplies()) {
    CheckText(supply.description());
    CheckLevel(supply.level());
  }
  for (const auto& input : snapshot.inputs()) {
    CheckText(input.name());
    CheckLevel(input.level());
  }
  for (const auto& output : snapshot.outputs()) CheckLevel(output.remaining());
  for (const auto& alert : snapshot.alerts()) CheckText(alert.description());
  for (const auto& meter : snapshot.meters())
    ABSL_RAW_CHECK(!meter.oid().empty(), "a meter has an OID");
  ABSL_RAW_CHECK(snapshot.supplies_size() <= kMaxRows && snapshot.inputs_size() <= kMaxRows &&
                     snapshot.alerts_size() <= kMaxRows && snapshot.covers_size() <= kMaxRows,
                 "tables are bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const collector::core::ProfileSet profiles = Profiles();
  const snmp::Recording recording =
      snmp::ReadRecording({reinterpret_cast<const char*>(data), size});
  collector::core::Trace trace;
  const event::v1::DeviceSnapshot snapshot =
      collector::core::MakeSnapshot({.readings = recording.rows, .profiles = &profiles}, &trace);
  CheckSnapshot(snapshot);
  CheckText(collector::core::Report(snapshot, {}));
  CheckText(collector::core::TraceTable(trace, {}));
  return 0;
}
