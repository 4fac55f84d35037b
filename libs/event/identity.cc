#include "libs/event/identity.h"

#include <string>

#include <openssl/sha.h>

#include "libs/base/status.h"

namespace platen::event {
namespace {

// Each field is written as its length (4 bytes, big-endian) and its bytes; numbers are 8 bytes,
// big-endian. Adding a field to a list would change every id of its kind: make a new kind instead.
class Canon {
 public:
  void Text(std::string_view text) {
    Raw(text.size(), 4);
    bytes_.append(text);
  }

  void Number(std::uint64_t number) {
    Raw(8, 4);
    Raw(number, 8);
  }

  void Signed(std::int64_t number) { Number(static_cast<std::uint64_t>(number)); }

  const std::string& bytes() const { return bytes_; }

 private:
  void Raw(std::uint64_t number, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(number >> shift & 0xFF));
    }
  }

  std::string bytes_;
};

absl::Status AddOccurrence(const v1::Occurrence& occurrence, Canon& canon) {
  switch (occurrence.identity_case()) {
    case v1::Occurrence::kAlertRow: {
      const v1::AlertRowOccurrence& row = occurrence.alert_row();
      canon.Text("row");
      canon.Number(row.boot());
      canon.Signed(row.alert_index());
      canon.Number(row.alert_time_ticks());
      canon.Signed(row.group());
      canon.Signed(row.code());
      canon.Signed(row.transition());
      return absl::OkStatus();
    }
    case v1::Occurrence::kInstance:
      canon.Text("instance");
      canon.Text(occurrence.instance().condition());
      canon.Number(occurrence.instance().instance());
      canon.Signed(occurrence.instance().transition());
      return absl::OkStatus();
    case v1::Occurrence::kScheduled:
      canon.Text("scheduled");
      canon.Text(occurrence.scheduled().kind());
      canon.Number(occurrence.scheduled().interval_seconds());
      canon.Number(occurrence.scheduled().number());
      return absl::OkStatus();
    case v1::Occurrence::kOrdered:
      canon.Text("ordered");
      canon.Text(occurrence.ordered().command_id());
      return absl::OkStatus();
    case v1::Occurrence::kPushed:
      canon.Text("pushed");
      canon.Text(occurrence.pushed().report_id());
      return absl::OkStatus();
    case v1::Occurrence::kSource:
      canon.Text("source");
      canon.Number(occurrence.source().epoch());
      canon.Number(occurrence.source().number());
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
  Canon canon;
  canon.Text(event.tenant());
  canon.Text(event.device_id());
  // A fact about a device is the same whoever saw it; a fact about a source is that source's.
  canon.Text(event.device_id().empty() ? event.source().instance() : std::string());
  canon.Text(kind);
  canon.Number(event.chunk().part());
  PLATEN_RETURN_IF_ERROR(AddOccurrence(event.occurrence(), canon));

  std::uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const std::uint8_t*>(canon.bytes().data()), canon.bytes().size(), digest);
  base::EventId id;
  std::int64_t millis = 0;
  if (event.has_occurrence_time()) {
    millis = event.occurrence_time().seconds() * 1000 + event.occurrence_time().nanos() / 1'000'000;
  }
  for (std::size_t i = 0; i < 6; ++i) {
    id.raw()[i] =
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(millis) >> (40 - 8 * i) & 0xFF);
  }
  std::copy_n(digest, 10, id.raw().begin() + 6);
  return id;
}

bool IsPlausible(base::WallTime told, base::WallTime now) {
  constexpr base::WallTime kEarliest = base::WallFromMillis(1104537600000);  // 2005-01-01
  return told >= kEarliest && told <= now + std::chrono::hours(24);
}

}  // namespace platen::event
