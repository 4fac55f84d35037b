#include "services/gateway/core/admission.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/labels.h"
#include "libs/event/lanes.h"
#include "services/gateway/core/alert_projection.h"
#include "services/gateway/core/device_projection.h"

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

// What the audit has told is known by its gaps in the store: nobody else may tell such ones.
bool IsGatewaysOwn(const ev::Gap& gap) {
  return gap.reason() == ev::Gap::REASON_SEQUENCE || gap.reason() == ev::Gap::REASON_SOURCE_ENDED ||
         !gap.installation().empty();
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
  if (event.has_gap() && IsGatewaysOwn(event.gap())) {
    return Invalid("a gap of a kind that only the gateway itself finds");
  }
  if (event.device_id().empty()) {
    return event.tenant().empty() || event::IsLabel(event.tenant()) ? Objection{}
                                                                    : Invalid("tenant is no name");
  }
  if (!event::IsLabel(event.tenant()) || !event::IsLabel(event.site())) {
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
void AddToldGap(const ev::Gap& gap, const SourceStream& by, std::vector<SequenceReport>& out) {
  std::optional<SourceStream> stream = ParseSourceStream(gap.stream());
  if (!stream.has_value() || stream->instance != by.instance || stream->route != by.route ||
      gap.first() == 0 || gap.last() < gap.first()) {
    return;
  }
  stream->installation = by.installation;
  out.push_back({.stream = *std::move(stream),
                 .first = gap.first(),
                 .last = gap.last(),
                 .is_told_gap = true});
}

const std::string& RouteOf(const std::string& told) {
  static const std::string kDefault = "default";
  return told.empty() ? kDefault : told;
}

// A batch holds runs of few sources: each is one report.
bool GoesOn(const ev::Event& event, const SequenceReport& run) {
  const ev::Source& source = event.source();
  return run.count() != 0 && run.last + 1 == source.sequence() &&
         run.stream.epoch == source.epoch() && run.stream.lane == event.lane() &&
         run.stream.instance == source.instance() && run.stream.route == RouteOf(source.route());
}

void AddSequences(const ev::Event& event,
                  const std::string& installation,
                  std::vector<SequenceReport>& out) {
  const ev::Source& source = event.source();
  if (!out.empty() && GoesOn(event, out.back())) {
    ++out.back().last;
  } else {
    out.push_back({.stream = {installation,
                              source.instance(),
                              source.epoch(),
                              event.lane(),
                              RouteOf(source.route())},
                   .first = source.sequence(),
                   .last = source.sequence()});
  }
  if (!event.has_gap() && !event.has_heartbeat()) return;
  SourceStream stream = out.back().stream;
  if (event.has_gap()) AddToldGap(event.gap(), stream, out);
  for (const ev::Heartbeat::Stream& told : event.heartbeat().streams()) {
    // What goes by another route never comes here.
    if (RouteOf(told.route()) != stream.route) continue;
    stream.lane = told.lane();
    out.push_back({.stream = stream, .claimed = told.highest_sequence()});
  }
}

HeartbeatReport ReportHeartbeat(const ev::Event& event) {
  constexpr int kFiguresMax = 32;
  constexpr int kSlowestMax = 20;
  constexpr int kPartitionsMax = 1024;
  HeartbeatReport report{.role = event.heartbeat().role(), .instance = event.source().instance()};
  for (const ev::Heartbeat::Figure& figure : event.heartbeat().figures()) {
    if (report.figures.size() == kFiguresMax) break;
    report.figures.emplace_back(figure.name(), figure.value());
  }
  const auto& slowest = event.heartbeat().slowest();
  report.slowest.assign(slowest.begin(), slowest.begin() + std::min(slowest.size(), kSlowestMax));
  const auto& partitions = event.heartbeat().partitions();
  report.partitions.assign(partitions.begin(),
                           partitions.begin() + std::min(partitions.size(), kPartitionsMax));
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
  if (!CheckSource(event)) AddSequences(event, scope.installation, batch.sequences);
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
