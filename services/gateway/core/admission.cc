#include "services/gateway/core/admission.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/lanes.h"
#include "services/gateway/core/alert_projection.h"
#include "services/gateway/core/device_projection.h"
#include "services/gateway/core/source_stream.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
namespace ingest = platen::ingest::v1;

// A refusal without its position; REASON_UNSPECIFIED: none.
struct Objection {
  ingest::RefusalReason reason = ingest::REFUSAL_REASON_UNSPECIFIED;
  std::string detail;

  explicit operator bool() const { return reason != ingest::REFUSAL_REASON_UNSPECIFIED; }
};

Objection Invalid(std::string detail) {
  return {ingest::REFUSAL_REASON_INVALID, std::move(detail)};
}

// google.protobuf.Timestamp's own bounds: years 1 to 9999.
bool IsTimestamp(const google::protobuf::Timestamp& time) {
  return time.seconds() >= -62135596800 && time.seconds() <= 253402300799 && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

Objection CheckSource(const ev::Event& event) {
  const ev::Source& source = event.source();
  if (source.instance().empty() || source.instance().size() > 127) {
    return Invalid("source.instance has 1 to 127 characters");
  }
  if (source.epoch() == 0 || source.sequence() == 0) {
    return Invalid("source.epoch and source.sequence count from 1");
  }
  if (source.route().size() > 63) return Invalid("source.route has at most 63 characters");
  return {};
}

Objection CheckChunk(const ev::Event& event) {
  const ev::Chunk& chunk = event.chunk();
  if (chunk.parts() == 0 || chunk.parts() > 4096 || chunk.part() == 0 ||
      chunk.part() > chunk.parts() || chunk.digest().size() != 32) {
    return Invalid("chunk: part 1 to parts, at most 4096 parts, a digest of 32 bytes");
  }
  return {};
}

// What a fact needs before its device is looked at.
Objection CheckShape(const ev::Event& event) {
  if (Objection objection = CheckSource(event)) return objection;
  if (event.body_case() == ev::Event::BODY_NOT_SET && !event.has_chunk()) {
    return Invalid("no body of a kind that this gateway knows");
  }
  if (event.has_chunk()) {
    if (Objection objection = CheckChunk(event)) return objection;
  } else if (event.lane() != platen::event::LaneOf(event.body_case())) {
    return Invalid("the lane does not follow from the body");
  }
  if (!event.has_observation_time() || !IsTimestamp(event.observation_time())) {
    return Invalid("observation_time is missing or no time");
  }
  if (event.has_occurrence_time() && !IsTimestamp(event.occurrence_time())) {
    return Invalid("occurrence_time is no time");
  }
  if (event.device_id().empty()) {
    return event.tenant().empty() || IsLabel(event.tenant()) ? Objection{}
                                                             : Invalid("tenant is no name");
  }
  if (!IsLabel(event.tenant()) || !IsLabel(event.site())) {
    return Invalid("tenant and site are 1 to 63 characters of [a-z0-9-]");
  }
  if (event.has_alert()) {
    if (const std::string fault = CheckAlert(event.alert()); !fault.empty()) return Invalid(fault);
  }
  return {};
}

Objection CheckId(const ev::Event& event) {
  const absl::StatusOr<base::EventId> derived = platen::event::DeriveId(event);
  if (!derived.ok()) return Invalid(std::string(derived.status().message()));
  if (event.id() == derived->bytes()) return {};
  return {ingest::REFUSAL_REASON_WRONG_ID, "the id does not follow from the occurrence"};
}

// Fills device and place, or says why the sender may not say this.
Objection CheckOwner(const ev::Event& event,
                     const Registry& registry,
                     const SenderScope& scope,
                     AdmittedEvent& admitted) {
  if (!scope.tenants.empty() && !event.tenant().empty() &&
      std::ranges::find(scope.tenants, event.tenant()) == scope.tenants.end()) {
    return {ingest::REFUSAL_REASON_FOREIGN_TENANT,
            base::StrCat("the sender's certificate does not speak for tenant ", event.tenant())};
  }
  if (event.device_id().empty()) {
    admitted.place = registry.FindPlace({event.tenant(), event.site()});
    return {};
  }
  const absl::StatusOr<base::DeviceId> id = base::DeviceId::FromBytes(event.device_id());
  if (!id.ok()) return Invalid("device_id has 16 bytes");
  const Registry::Entry* entry = registry.Find(*id);
  if (entry == nullptr) {
    return {ingest::REFUSAL_REASON_UNREGISTERED_DEVICE,
            base::StrCat("device ", id->ToHex(), " is not registered (platenctl targets add)")};
  }
  if (registry.place(entry->place).tenant != event.tenant()) {
    return {ingest::REFUSAL_REASON_FOREIGN_TENANT,
            base::StrCat("device ", id->ToHex(), " does not belong to tenant ", event.tenant())};
  }
  admitted.device = entry->number;
  // A device that moved may still have events of its old site under way.
  const PlaceNumber told = registry.FindPlace({event.tenant(), event.site()});
  admitted.place = told != 0 ? told : entry->place;
  return {};
}

// A source tells only of its own numbers, and of no others by this route.
void AddToldGap(const ev::Event& event,
                const std::string& route,
                std::vector<SequenceReport>& out) {
  const ev::Gap& gap = event.gap();
  const std::optional<SourceStream> stream = ParseSourceStream(gap.stream());
  if (!stream.has_value() || stream->instance != event.source().instance() ||
      stream->route != route || gap.first() == 0 || gap.last() < gap.first()) {
    return;
  }
  out.push_back({.instance = stream->instance,
                 .epoch = stream->epoch,
                 .lane = stream->lane,
                 .route = route,
                 .first = gap.first(),
                 .last = gap.last(),
                 .is_told_gap = true});
}

void AddSequences(const ev::Event& event, std::vector<SequenceReport>& out) {
  const ev::Source& source = event.source();
  const std::string route = source.route().empty() ? "default" : source.route();
  // A batch holds runs of few sources: each is one report.
  if (!out.empty() && out.back().count() != 0 && out.back().last + 1 == source.sequence() &&
      out.back().epoch == source.epoch() && out.back().lane == event.lane() &&
      out.back().instance == source.instance() && out.back().route == route) {
    ++out.back().last;
  } else {
    out.push_back({.instance = source.instance(),
                   .epoch = source.epoch(),
                   .lane = event.lane(),
                   .route = route,
                   .first = source.sequence(),
                   .last = source.sequence()});
  }
  if (event.has_gap()) AddToldGap(event, route, out);
  if (!event.has_heartbeat()) return;
  for (const ev::Heartbeat::Stream& stream : event.heartbeat().streams()) {
    // What goes by another route never comes here.
    const std::string stream_route = stream.route().empty() ? "default" : stream.route();
    if (stream_route != route) continue;
    out.push_back({.instance = source.instance(),
                   .epoch = source.epoch(),
                   .lane = stream.lane(),
                   .route = route,
                   .claimed = stream.highest_sequence()});
  }
}

HeartbeatReport ReportHeartbeat(const ev::Event& event) {
  constexpr int kFiguresMax = 32;
  HeartbeatReport report{.role = event.heartbeat().role(), .instance = event.source().instance()};
  for (const ev::Heartbeat::Figure& figure : event.heartbeat().figures()) {
    if (report.figures.size() == kFiguresMax) break;
    report.figures.emplace_back(figure.name(), figure.value());
  }
  return report;
}

Objection AdmitOne(std::string_view bytes,
                   const Registry& registry,
                   const SenderScope& scope,
                   base::WallTime now,
                   ev::Event& event,
                   AdmittedBatch& batch) {
  if (bytes.size() > platen::event::kEventBytesMax) {
    return {ingest::REFUSAL_REASON_TOO_LARGE,
            base::StrCat(bytes.size(),
                         " bytes; an event has at most ",
                         platen::event::kEventBytesMax,
                         ", larger ones travel in chunks")};
  }
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return {ingest::REFUSAL_REASON_UNDECODABLE, "no platen.event.v1.Event"};
  }
  if (!CheckSource(event)) AddSequences(event, batch.sequences);
  AdmittedEvent admitted;
  if (Objection objection = CheckShape(event)) return objection;
  if (Objection objection = CheckOwner(event, registry, scope, admitted)) return objection;
  if (Objection objection = CheckId(event)) return objection;

  admitted.id = *base::EventId::FromBytes(event.id());
  admitted.lane = event.lane();
  admitted.kind = event.body_case();
  admitted.occurrence_ms =
      event.has_occurrence_time() ? TimestampMillis(event.occurrence_time()) : 0;
  admitted.observation_ms = TimestampMillis(event.observation_time());
  admitted.effective_ms = std::min(admitted.observation_ms, base::ToMillis(now));
  admitted.payload = bytes;
  if (admitted.device != 0 && !event.has_chunk()) {
    admitted.device_report = ReportDevice(event);
    if (event.has_alert()) admitted.alert = ReportAlert(event, now);
  }
  if (event.has_heartbeat()) admitted.heartbeat = ReportHeartbeat(event);
  batch.events.push_back(std::move(admitted));
  return {};
}

}  // namespace

AdmittedBatch Admit(const std::vector<std::string_view>& events,
                    const Registry& registry,
                    const SenderScope& scope,
                    base::WallTime now) {
  AdmittedBatch batch;
  batch.events.reserve(events.size());
  ev::Event event;  // Reused: parsing into a used message allocates far less.
  for (std::size_t i = 0; i < events.size(); ++i) {
    Objection objection = AdmitOne(events[i], registry, scope, now, event, batch);
    if (!objection) continue;
    ingest::Refusal& refusal = batch.refusals.emplace_back();
    refusal.set_index(static_cast<std::uint32_t>(i));
    refusal.set_reason(objection.reason);
    refusal.set_detail(std::move(objection.detail));
  }
  return batch;
}

std::string_view RefusalName(ingest::RefusalReason reason) {
  switch (reason) {
    case ingest::REFUSAL_REASON_UNDECODABLE:
      return "undecodable";
    case ingest::REFUSAL_REASON_INVALID:
      return "invalid";
    case ingest::REFUSAL_REASON_UNREGISTERED_DEVICE:
      return "unregistered-device";
    case ingest::REFUSAL_REASON_FOREIGN_TENANT:
      return "foreign-tenant";
    case ingest::REFUSAL_REASON_TOO_LARGE:
      return "too-large";
    case ingest::REFUSAL_REASON_WRONG_ID:
      return "wrong-id";
    default:
      return "unspecified";
  }
}

}  // namespace platen::gateway::core
