#include "libs/event/identity.h"

#include <algorithm>
#include <string>

#include "libs/base/field_digest.h"
#include "libs/base/planted_bug.h"
#include "libs/base/status.h"

namespace platen::event {
namespace {

absl::Status AddOccurrence(const v1::Occurrence& occurrence, base::FieldDigest& fields) {
  switch (occurrence.identity_case()) {
    case v1::Occurrence::kAlertRow: {
      const v1::AlertRowOccurrence& row = occurrence.alert_row();
      fields.Text("row");
      fields.Number(row.boot());
      fields.Signed(row.alert_index());
      fields.Number(row.alert_time_ticks());
      fields.Signed(row.group());
      fields.Signed(row.code());
      fields.Signed(row.transition());
      return absl::OkStatus();
    }
    case v1::Occurrence::kInstance:
      fields.Text("instance");
      fields.Text(occurrence.instance().condition());
      fields.Number(occurrence.instance().instance());
      fields.Signed(occurrence.instance().transition());
      return absl::OkStatus();
    case v1::Occurrence::kScheduled:
      fields.Text("scheduled");
      fields.Text(occurrence.scheduled().kind());
      fields.Number(occurrence.scheduled().interval_seconds());
      fields.Number(occurrence.scheduled().number());
      return absl::OkStatus();
    case v1::Occurrence::kOrdered:
      fields.Text("ordered");
      fields.Text(occurrence.ordered().command_id());
      return absl::OkStatus();
    case v1::Occurrence::kPushed:
      fields.Text("pushed");
      fields.Text(occurrence.pushed().report_id());
      return absl::OkStatus();
    case v1::Occurrence::kSource:
      fields.Text("source");
      fields.Number(occurrence.source().epoch());
      fields.Number(occurrence.source().number());
      return absl::OkStatus();
    case v1::Occurrence::kRange:
      fields.Text("range");
      fields.Text(occurrence.range().stream());
      fields.Number(occurrence.range().first());
      fields.Number(occurrence.range().last());
      return absl::OkStatus();
    case v1::Occurrence::IDENTITY_NOT_SET:
      break;
  }
  return base::InvalidArgument("event has no occurrence, so its id can't be derived");
}

}  // namespace

std::string_view KindName(v1::Event::BodyCase body) {
  if (body == v1::Event::BODY_NOT_SET) return {};
  return v1::Event::descriptor()->FindFieldByNumber(body)->name();
}

absl::StatusOr<base::EventId> DeriveId(const v1::Event& event) {
  const std::string_view kind = KindName(event.body_case());
  if (kind.empty() && !event.has_chunk()) {
    return base::InvalidArgument("event has no body, so its id can't be derived");
  }
  base::FieldDigest fields;
  fields.Text(event.tenant());
  fields.Text(event.device_id());
  // A fact about a device is the same whoever saw it, and so is what is missing of a stream; a fact
  // about a source is that source's.
  const bool of_source = event.device_id().empty() && !event.occurrence().has_range();
  fields.Text(of_source ? event.source().instance() : std::string());
  fields.Text(kind);
  fields.Number(event.chunk().part());
  PLATEN_RETURN_IF_ERROR(AddOccurrence(event.occurrence(), fields));

  const auto digest = fields.Sha256();
  base::EventId id;
  std::int64_t millis = 0;
  if (event.has_occurrence_time()) {
    millis = event.occurrence_time().seconds() * 1000 + event.occurrence_time().nanos() / 1'000'000;
  }
  if (base::IsPlanted(base::PlantedBug::kIdFromClock))
    millis = event.observation_time().seconds() * 1000;
  for (std::size_t i = 0; i < 6; ++i) {
    id.raw()[i] =
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(millis) >> (40 - 8 * i) & 0xFF);
  }
  std::copy_n(digest.begin(), 10, id.raw().begin() + 6);
  return id;
}

bool IsPlausible(base::WallTime told, base::WallTime now) {
  constexpr base::WallTime kEarliest = base::WallFromMillis(1104537600000);  // 2005-01-01
  return told >= kEarliest && told <= now + std::chrono::hours(24);
}

}  // namespace platen::event
