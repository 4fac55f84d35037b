#include "libs/snmp/request_template.h"

#include <algorithm>
#include <cstring>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/ber.h"
#include "libs/snmp/message_writer.h"

namespace platen::snmp {
namespace {

using internal::BerReader;

// Length octets of a message or community: minimal, as everywhere here.
std::size_t LengthBytes(std::size_t length) {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : 3;
}

std::uint8_t* PutLength(std::uint8_t* at, std::size_t length) {
  if (length >= 0x100) {
    *at++ = 0x82;
    *at++ = static_cast<std::uint8_t>(length >> 8);
  } else if (length >= 0x80) {
    *at++ = 0x81;
  }
  *at++ = static_cast<std::uint8_t>(length);
  return at;
}

constexpr std::size_t kVersionBytes = 3;

std::size_t InnerSize(std::size_t community_bytes, std::size_t pdu_bytes) {
  return kVersionBytes + 1 + LengthBytes(community_bytes) + community_bytes + pdu_bytes;
}

}  // namespace

RequestTemplate::RequestTemplate(Version version,
                                 PduType type,
                                 std::span<const OidView> names,
                                 BulkSize bulk)
    : version_(version), type_(type), bulk_(bulk) {
  Encode(names);
}

RequestTemplate::RequestTemplate(Version version,
                                 PduType type,
                                 std::span<const Oid> names,
                                 BulkSize bulk)
    : version_(version), type_(type), bulk_(bulk) {
  Encode(std::vector<OidView>(names.begin(), names.end()));
}

void RequestTemplate::Encode(std::span<const OidView> names) {
  ABSL_RAW_CHECK(!names.empty() && names.size() <= kMaxVarbinds,
                 "RequestTemplate: 1 to 4096 names");
  ABSL_RAW_CHECK(version_ != Version::kV1 || type_ != PduType::kGetBulk,
                 "RequestTemplate: v1 has no GETBULK");
  std::size_t size = MaxHeadBytes(0);
  for (const OidView name : names) size += EncodedSize({name, ValueView()});
  ABSL_RAW_CHECK(size < kMaxMessageBytes, "RequestTemplate: too many names for one datagram");

  std::vector<std::uint8_t> buffer(size);
  MessageWriter writer(buffer, 0);
  for (const OidView name : names) writer.Add({name, ValueView()});
  // SNMPv3's PDUs are v2c's.
  MessageHead head{.version = version_ == Version::kV1 ? Version::kV1 : Version::kV2c,
                   .type = type_};
  if (type_ == PduType::kGetBulk) {
    head.error_status = bulk_.non_repeaters;
    head.error_index = bulk_.max_repetitions;
  }
  const auto message = writer.Finish(head);

  // Everything before the PDU is put together anew by Render(), as it depends on the community.
  BerReader reader;
  BerReader part;
  BerReader(message).Expect(internal::kSequence, reader);
  reader.Expect(static_cast<std::uint8_t>(ValueType::kInteger), part);
  reader.Expect(static_cast<std::uint8_t>(ValueType::kOctetString), part);
  pdu_.assign(reader.rest().begin(), reader.rest().end());

  BerReader pdu;
  BerReader(pdu_).Expect(static_cast<std::uint8_t>(type_), pdu);
  pdu.Expect(static_cast<std::uint8_t>(ValueType::kInteger), part);
  id_offset_ = static_cast<std::size_t>(part.rest().data() - pdu_.data());

  MessageDecoder decoder;
  MessageView view;
  names_.reserve(names.size());
  ABSL_RAW_CHECK(decoder.Decode(message, view) == DecodeFault::kNone,
                 "RequestTemplate: a name is not canonical");
  const std::uint8_t* pdu_in_message = message.data() + (message.size() - pdu_.size());
  for (const VarbindView& varbind : view.varbinds) {
    const auto ber = varbind.name.ber();
    names_.push_back({static_cast<std::uint16_t>(ber.data() - pdu_in_message),
                      static_cast<std::uint16_t>(ber.size())});
  }
}

std::size_t RequestTemplate::size(std::size_t community_bytes) const {
  const std::size_t inner = InnerSize(community_bytes, pdu_.size());
  return 1 + LengthBytes(inner) + inner;
}

std::span<const std::uint8_t> RequestTemplate::Render(std::string_view community,
                                                      std::int32_t request_id,
                                                      std::span<std::uint8_t> out) const {
  const std::size_t total = size(community.size());
  if (total > out.size() || total > kMaxMessageBytes) return {};
  std::uint8_t* at = out.data();
  *at++ = internal::kSequence;
  at = PutLength(at, InnerSize(community.size(), pdu_.size()));
  *at++ = static_cast<std::uint8_t>(ValueType::kInteger);
  *at++ = 1;
  *at++ = static_cast<std::uint8_t>(version_);
  *at++ = static_cast<std::uint8_t>(ValueType::kOctetString);
  at = PutLength(at, community.size());
  at = std::copy(community.begin(), community.end(), at);
  RenderPdu(request_id, {at, pdu_.size()});
  return out.first(total);
}

void RequestTemplate::RenderPdu(std::int32_t request_id, std::span<std::uint8_t> out) const {
  std::memcpy(out.data(), pdu_.data(), pdu_.size());
  std::uint8_t* id = out.data() + id_offset_;
  const auto bits = static_cast<std::uint32_t>(request_id);
  for (int shift = 24; shift >= 0; shift -= 8) *id++ = static_cast<std::uint8_t>(bits >> shift);
}

std::size_t RequestTemplate::max_answers() const {
  if (type_ != PduType::kGetBulk) return names_.size();
  const auto single =
      std::min(static_cast<std::size_t>(std::max(bulk_.non_repeaters, 0)), names_.size());
  const auto rows = static_cast<std::size_t>(std::max(bulk_.max_repetitions, 0));
  return single + (names_.size() - single) * rows;
}

}  // namespace platen::snmp
