// A request encoded once and sent a million times: only community and request id differ from device
// to device.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "libs/snmp/message.h"

namespace platen::snmp {

// How much a GETBULK asks for (RFC 3416 §4.2.3). Other requests ignore it.
struct BulkSize {
  std::int32_t non_repeaters = 0;
  std::int32_t max_repetitions = 10;
};

// Immutable after construction, so any number of threads and devices may share one.
class RequestTemplate {
 public:
  // Names nothing; what a default-constructed table slot holds.
  RequestTemplate() = default;

  // REQUIRES: a GET, GETNEXT or GETBULK (not in v1) of at least one and at most kMaxVarbinds names,
  // which together encode to less than kMaxMessageBytes.
  RequestTemplate(Version version,
                  PduType type,
                  std::span<const OidView> names,
                  BulkSize bulk = {});
  RequestTemplate(Version version, PduType type, std::span<const Oid> names, BulkSize bulk = {});

  // Bytes of the datagram for a community of this length.
  std::size_t size(std::size_t community_bytes) const;

  // Writes the datagram to the front of `out` and returns it; empty when it doesn't fit. REQUIRES:
  // v1 or v2c.
  std::span<const std::uint8_t> Render(std::string_view community,
                                       std::int32_t request_id,
                                       std::span<std::uint8_t> out) const;

  // Bytes of the PDU alone, and the PDU in the first of them: what SNMPv3 wraps (libs/snmp/usm).
  std::size_t pdu_size() const { return pdu_.size(); }

  // REQUIRES: `out` has pdu_size() bytes.
  void RenderPdu(std::int32_t request_id, std::span<std::uint8_t> out) const;

  Version version() const { return version_; }

  PduType type() const { return type_; }

  BulkSize bulk() const { return bulk_; }

  // The names asked for, in order.
  std::size_t name_count() const { return names_.size(); }

  OidView name(std::size_t index) const {
    const NameAt& at = names_[index];
    return OidView(std::span(pdu_).subspan(at.offset, at.size));
  }

  // The most varbinds that an honest answer can have.
  std::size_t max_answers() const;

 private:
  struct NameAt {
    std::uint16_t offset;
    std::uint16_t size;
  };

  void Encode(std::span<const OidView> names);

  std::vector<std::uint8_t> pdu_;  // From the PDU's tag to the end of the message.
  std::vector<NameAt> names_;      // Where the names lie in pdu_.
  std::size_t id_offset_ = 0;      // Where the request id's four bytes lie in pdu_.
  Version version_ = Version::kV2c;
  PduType type_ = PduType::kGet;
  BulkSize bulk_;
};

}  // namespace platen::snmp
