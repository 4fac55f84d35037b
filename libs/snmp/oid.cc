#include "libs/snmp/oid.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"

namespace platen::snmp {
namespace {

constexpr std::uint8_t kMore = 0x80;  // Another byte of the same arc follows.

Oid FromEncoder(const internal::OidEncoder& encoder) {
  return Oid::FromCanonical(encoder.bytes, encoder.size);
}

// Where the first `size` bytes differ; `size` where they do not. Names of one table share a dozen
// bytes, and are compared all the time: eight at once.
std::size_t FirstDifference(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) {
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t of_a = 0;
    std::uint64_t of_b = 0;
    std::memcpy(&of_a, a + at, 8);
    std::memcpy(&of_b, b + at, 8);
    if (of_a != of_b) break;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

// ".5" for an arc of one byte, as nearly all are: put together once.
struct ShortArc {
  char text[4] = {'.'};
  std::uint8_t size = 1;
};

constexpr std::array<ShortArc, 128> MakeShortArcs() {
  std::array<ShortArc, 128> made;
  for (unsigned arc = 0; arc < made.size(); ++arc) {
    ShortArc& one = made[arc];
    if (arc >= 100) one.text[one.size++] = static_cast<char>('0' + arc / 100);
    if (arc >= 10) one.text[one.size++] = static_cast<char>('0' + arc / 10 % 10);
    one.text[one.size++] = static_cast<char>('0' + arc % 10);
  }
  return made;
}

constexpr std::array<ShortArc, 128> kShortArcs = MakeShortArcs();

// Slow path of IsCanonicalOid: some arc takes more than one byte.
bool HasCanonicalArcs(std::span<const std::uint8_t> ber) {
  std::size_t arcs = 1;
  std::size_t at = 0;
  while (at < ber.size()) {
    if (ber[at] == kMore) return false;
    std::uint64_t arc = 0;
    std::size_t length = 0;
    do {
      if (at == ber.size() || ++length > 5) return false;
      arc = arc << 7 | (ber[at] & 0x7f);
    } while ((ber[at++] & kMore) != 0);
    const std::uint64_t most = arcs == 1 ? 0xffffffffu + std::uint64_t{80} : 0xffffffffu;
    if (arc > most || ++arcs > kMaxOidArcs) return false;
  }
  return true;
}

}  // namespace

bool IsCanonicalOid(std::span<const std::uint8_t> ber) {
  if (ber.empty()) return false;
  std::uint8_t any = 0;
  for (const std::uint8_t byte : ber) any |= byte;
  if ((any & kMore) == 0) return ber.size() < kMaxOidArcs;
  return HasCanonicalArcs(ber);
}

std::optional<std::uint32_t> ArcReader::NextOfFirstByte() {
  if (second_.has_value()) return std::exchange(second_, std::nullopt);
  at_start_ = false;
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t arc = Decode();
  const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
  second_ = static_cast<std::uint32_t>(arc - first * 40);
  return static_cast<std::uint32_t>(first);
}

std::vector<std::uint32_t> OidView::ToArcs() const {
  std::vector<std::uint32_t> out;
  ArcReader reader = arcs();
  while (const auto arc = reader.Next()) out.push_back(*arc);
  return out;
}

std::string OidView::ToString() const {
  if (empty()) return {};
  // A dot and at most ten digits for each arc, and room for what a short arc writes too much.
  std::array<char, kMaxOidArcs * 11 + sizeof(ShortArc::text)> text;
  char* end = text.data();
  ArcReader reader = arcs();
  while (const auto arc = reader.Next()) {
    if (*arc < kShortArcs.size()) {
      const ShortArc& known = kShortArcs[*arc];
      std::memcpy(end, known.text, sizeof(known.text));
      end += known.size;
    } else {
      *end++ = '.';
      end = std::to_chars(end, text.data() + text.size(), *arc).ptr;
    }
  }
  return {text.data() + 1, end};
}

std::strong_ordering operator<=>(OidView a, OidView b) {
  const std::size_t common = std::min(a.size_, b.size_);
  const std::size_t at = FirstDifference(a.data_, b.data_, common);
  if (at == common) return a.size_ <=> b.size_;
  // They part inside one arc, of which both have the same bytes before `at`: more bytes make it
  // greater.
  std::size_t end_a = at;
  std::size_t end_b = at;
  while ((a.data_[end_a] & kMore) != 0) ++end_a;
  while ((b.data_[end_b] & kMore) != 0) ++end_b;
  if (end_a != end_b) return end_a <=> end_b;
  return a.data_[at] <=> b.data_[at];
}

Oid::Oid(std::initializer_list<std::uint32_t> arcs) : inline_{} {
  internal::OidEncoder encoder;
  for (const std::uint32_t arc : arcs) {
    const char* fault = encoder.Add(arc);
    ABSL_RAW_CHECK(fault == nullptr, "Oid: no such OID can be encoded");
  }
  ABSL_RAW_CHECK(encoder.arcs >= 2, "Oid: at least two arcs are needed");
  Assign(encoder.bytes, encoder.size);
}

Oid::Oid(OidView view) : inline_{} {
  Assign(view.ber().data(), view.ber().size());
}

absl::StatusOr<Oid> Oid::Parse(std::string_view text) {
  internal::OidEncoder encoder;
  if (const char* fault = internal::EncodeOidText(text, encoder); fault != nullptr) {
    return base::InvalidArgument("\"", text, "\" is not an OID: ", fault);
  }
  return FromEncoder(encoder);
}

Oid Oid::Child(std::initializer_list<std::uint32_t> arcs) const {
  ABSL_RAW_CHECK(size_ > 0, "Oid::Child: the empty OID has no children");
  // Every arc but the first, which is two, ends in a byte of its own.
  const auto here =
      std::count_if(data(), data() + size_, [](std::uint8_t byte) { return (byte & kMore) == 0; });
  ABSL_RAW_CHECK(static_cast<std::size_t>(here) + 1 + arcs.size() <= kMaxOidArcs,
                 "Oid::Child: more than 128 arcs");
  std::array<std::uint8_t, kMaxOidBytes> ber;
  std::uint8_t* end = std::copy_n(data(), size_, ber.data());
  for (const std::uint32_t arc : arcs) {
    for (unsigned shift = 28; shift > 0; shift -= 7) {
      if (arc >> shift != 0) *end++ = static_cast<std::uint8_t>(kMore | ((arc >> shift) & 0x7f));
    }
    *end++ = static_cast<std::uint8_t>(arc & 0x7f);
  }
  return FromCanonical(ber.data(), static_cast<std::size_t>(end - ber.data()));
}

}  // namespace platen::snmp
