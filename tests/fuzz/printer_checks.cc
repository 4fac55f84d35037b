#include "tests/fuzz/printer_checks.h"

#include <string>

#include "absl/base/internal/raw_logging.h"
#include "libs/event/identity.h"
#include "services/collector/core/text.h"

namespace platen::fuzz {
namespace {

using collector::core::IsValidUtf8;
using event::v1::Level;

void CheckLevel(const Level& level) {
  ABSL_RAW_CHECK(level.has_value() == (level.state() == Level::STATE_EXACT), "a number is exact");
  if (level.has_value()) ABSL_RAW_CHECK(level.value() >= 0, "a number is not negative");
  if (!level.has_percent()) return;
  ABSL_RAW_CHECK(level.has_value(), "a percentage is of a number");
  ABSL_RAW_CHECK(level.capacity() > 0 || level.unit() == event::v1::LEVEL_UNIT_PERCENT,
                 "a percentage is of a capacity");
}

}  // namespace

void CheckText(std::string_view text) {
  ABSL_RAW_CHECK(IsValidUtf8(text), "text is UTF-8");
  for (const char c : text) {
    const bool printable =
        static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
    ABSL_RAW_CHECK(printable && c != 0x7f, "text has no control characters");
  }
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

void CheckEvent(const event::v1::Event& event) {
  ABSL_RAW_CHECK(event.body_case() != event::v1::Event::BODY_NOT_SET, "an event says something");
  const auto id = event::DeriveId(event);
  ABSL_RAW_CHECK(id.ok(), "an event's id follows from it");
  ABSL_RAW_CHECK(event.id() == id->bytes(), "an event has its id");
}

}  // namespace platen::fuzz
