// Object identifiers, kept as they travel.
//
// An OID is stored as its BER contents (X.690 §8.19) and not as numbers: most arcs take one byte,
// so an OID of a printer fits into 30 bytes, a decoded datagram needs no conversion, and equality
// and "lies below" are one memcmp. The order is that of the arcs (which plain byte order is not,
// once an arc takes three bytes or more).
//
// Both types are values, thread-compatible. Every non-empty instance is canonical: no arc has a
// redundant leading 0x80, each is below 2^32, and there are at most 128 of them.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::snmp {

inline constexpr std::size_t kMaxOidArcs = 128;
inline constexpr std::size_t kMaxOidBytes = kMaxOidArcs * 5;

// Whether `ber` is the canonical contents of an OID as described above. False for an empty one.
bool IsCanonicalOid(std::span<const std::uint8_t> ber);

// Hands out the arcs one by one. Borrows the bytes of the OID it was made from.
class ArcReader {
 public:
  // `at_start`: the first byte stands for the first two arcs.
  constexpr ArcReader(std::span<const std::uint8_t> ber, bool at_start)
      : rest_(ber), at_start_(at_start) {}

  // The next arc; nothing at the end.
  std::optional<std::uint32_t> Next() {
    if (at_start_ || second_.has_value()) return NextOfFirstByte();
    if (rest_.empty()) return std::nullopt;
    return static_cast<std::uint32_t>(Decode());
  }

 private:
  std::optional<std::uint32_t> NextOfFirstByte();

  std::uint64_t Decode() {
    std::uint64_t arc = rest_[0] & 0x7f;
    std::size_t used = 1;
    while ((rest_[used - 1] & 0x80) != 0) arc = arc << 7 | (rest_[used++] & 0x7f);
    rest_ = rest_.subspan(used);
    return arc;
  }

  std::span<const std::uint8_t> rest_;
  std::optional<std::uint32_t> second_;
  bool at_start_;
};

// An OID in bytes that belong to someone else: a datagram, an Oid, a template.
class OidView {
 public:
  constexpr OidView() = default;

  // REQUIRES: `ber` is empty or IsCanonicalOid(ber).
  explicit constexpr OidView(std::span<const std::uint8_t> ber)
      : data_(ber.data()), size_(static_cast<std::uint32_t>(ber.size())) {}

  constexpr std::span<const std::uint8_t> ber() const { return {data_, size_}; }

  constexpr bool empty() const { return size_ == 0; }

  // True for the OID itself and for everything below it; everything lies below the empty OID.
  bool StartsWith(OidView prefix) const {
    return size_ >= prefix.size_ &&
           (prefix.size_ == 0 || std::memcmp(data_, prefix.data_, prefix.size_) == 0);
  }

  ArcReader arcs() const { return {ber(), true}; }

  // The arcs behind `prefix`: a table's column and index. REQUIRES: StartsWith(prefix).
  ArcReader ArcsAfter(OidView prefix) const {
    return {ber().subspan(prefix.size_), prefix.empty()};
  }

  // The same as numbers, for those who want them all.
  std::vector<std::uint32_t> ToArcs() const;
  // "1.3.6.1…", without a leading dot; "" for the empty OID.
  std::string ToString() const;

  friend bool operator==(OidView a, OidView b) {
    return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.data_, b.data_, a.size_) == 0);
  }

  friend std::strong_ordering operator<=>(OidView a, OidView b);

 private:
  const std::uint8_t* data_ = nullptr;
  std::uint32_t size_ = 0;
};

// An OID of its own. 32 bytes; longer than 30 bytes of contents it lies on the heap.
class Oid {
 public:
  constexpr Oid() : inline_{} {}

  // REQUIRES: at least two arcs, as BER cannot say one; the first is 0, 1 or 2 and the second below
  // 40 unless the first is 2; at most 128 arcs.
  Oid(std::initializer_list<std::uint32_t> arcs);
  explicit Oid(OidView view);

  constexpr Oid(const Oid& other) : inline_{} { Assign(other.data(), other.size_); }

  constexpr Oid(Oid&& other) noexcept : inline_{} { Steal(other); }

  constexpr Oid& operator=(const Oid& other) {
    if (this != &other) {
      Free();
      Assign(other.data(), other.size_);
    }
    return *this;
  }

  constexpr Oid& operator=(Oid&& other) noexcept {
    if (this != &other) {
      Free();
      Steal(other);
    }
    return *this;
  }

  constexpr ~Oid() { Free(); }

  // Reads "1.3.6.1", with or without a leading dot. kInvalidArgument with the reason otherwise.
  static absl::StatusOr<Oid> Parse(std::string_view text);

  // The OID some arcs further down. REQUIRES: not more than 128 arcs altogether.
  Oid Child(std::initializer_list<std::uint32_t> arcs) const;

  Oid Child(std::uint32_t arc) const { return Child({arc}); }

  constexpr OidView view() const { return OidView(std::span(data(), size_)); }

  // An Oid is usable wherever a view is asked for; the view borrows it.
  constexpr operator OidView() const { return view(); }  // NOLINT(google-explicit-constructor)

  bool empty() const { return size_ == 0; }

  bool StartsWith(OidView prefix) const { return view().StartsWith(prefix); }

  std::string ToString() const { return view().ToString(); }

  friend bool operator==(const Oid& a, const Oid& b) { return a.view() == b.view(); }

  friend std::strong_ordering operator<=>(const Oid& a, const Oid& b) {
    return a.view() <=> b.view();
  }

  template <class H>
  friend H AbslHashValue(H state, const Oid& oid) {
    return H::combine(H::combine_contiguous(std::move(state), oid.data(), oid.size_), oid.size_);
  }

  // Makes an Oid of contents already known to be canonical; for literals, at compile time.
  static constexpr Oid FromCanonical(const std::uint8_t* bytes, std::size_t size) {
    Oid oid;
    oid.Assign(bytes, size);
    return oid;
  }

 private:
  static constexpr std::size_t kInline = 30;

  constexpr const std::uint8_t* data() const { return size_ <= kInline ? inline_ : heap_; }

  constexpr void Assign(const std::uint8_t* bytes, std::size_t size) {
    size_ = static_cast<std::uint16_t>(size);
    std::uint8_t* to = inline_;
    if (size > kInline) to = heap_ = new std::uint8_t[size];
    if (std::is_constant_evaluated()) {
      for (std::size_t i = 0; i < size; ++i) to[i] = bytes[i];
    } else if (size > 0) {
      std::memcpy(to, bytes, size);
    }
  }

  constexpr void Steal(Oid& other) {
    if (std::is_constant_evaluated() && other.size_ <= kInline) {
      Assign(other.inline_, other.size_);
      return;
    }
    // All of the union, whichever member is in use: a copy of fixed size is two instructions.
    std::memcpy(static_cast<void*>(inline_), static_cast<const void*>(other.inline_), kInline);
    size_ = other.size_;
    if (size_ > kInline) other.size_ = 0;
  }

  constexpr void Free() {
    if (size_ > kInline) delete[] heap_;
    size_ = 0;
  }

  union {
    std::uint8_t inline_[kInline];
    std::uint8_t* heap_;
  };

  std::uint16_t size_ = 0;
};

namespace internal {

// Encodes arcs one after another; usable at compile time.
struct OidEncoder {
  std::uint8_t bytes[kMaxOidBytes] = {};
  std::size_t size = 0;
  std::size_t arcs = 0;
  std::uint32_t first = 0;

  // What is wrong with the arc, or null when it was added.
  constexpr const char* Add(std::uint32_t arc) {
    if (arcs == kMaxOidArcs) return "more than 128 arcs";
    ++arcs;
    if (arcs == 1) {
      if (arc > 2) return "the first arc must be 0, 1 or 2";
      first = arc;
      return nullptr;
    }
    if (arcs == 2) {
      if (first < 2 && arc > 39) return "the second arc must be below 40";
      Put(std::uint64_t{40} * first + arc);
      return nullptr;
    }
    Put(arc);
    return nullptr;
  }

  constexpr void Put(std::uint64_t arc) {
    for (int shift = 28; shift > 0; shift -= 7) {
      if (arc >> shift != 0)
        bytes[size++] = static_cast<std::uint8_t>(0x80 | ((arc >> shift) & 0x7f));
    }
    bytes[size++] = static_cast<std::uint8_t>(arc & 0x7f);
  }
};

// What is wrong with `text`, or null when it was encoded.
constexpr const char* EncodeOidText(std::string_view text, OidEncoder& encoder) {
  if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  std::uint64_t arc = 0;
  bool has_digit = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '.') {
      if (text[i] < '0' || text[i] > '9') return "only digits and dots are expected";
      arc = arc * 10 + static_cast<std::uint64_t>(text[i] - '0');
      if (arc > 0xffffffffu) return "an arc is above 4294967295";
      has_digit = true;
      continue;
    }
    if (!has_digit) return "an arc is empty";
    if (const char* fault = encoder.Add(static_cast<std::uint32_t>(arc)); fault != nullptr)
      return fault;
    arc = 0;
    has_digit = false;
  }
  return encoder.arcs < 2 ? "at least two arcs are needed" : nullptr;
}

void OidLiteralIsMalformed();  // Not constexpr: reaching it stops the compiler.

}  // namespace internal

// "1.3.6.1.2.1.1.3.0"_oid: checked and encoded by the compiler. At most 30 bytes of contents.
consteval Oid operator""_oid(const char* text, std::size_t size) {
  internal::OidEncoder encoder;
  if (internal::EncodeOidText({text, size}, encoder) != nullptr) internal::OidLiteralIsMalformed();
  return Oid::FromCanonical(encoder.bytes, encoder.size);
}

}  // namespace platen::snmp
