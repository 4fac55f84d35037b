// SNMPv1 and v2c messages (RFC 1157, RFC 3416), decoded in place; and what is inside one of
// SNMPv3 (libs/snmp/usm).
//
//   Message  ::= SEQUENCE { version INTEGER, community OCTET STRING, pdu }
//   PDU      ::= [tag] { request-id, error-status | non-repeaters, error-index | max-repetitions,
//   SEQUENCE OF Varbind } Varbind  ::= SEQUENCE { name OID, value }
//   Trap     ::= [4] { enterprise OID, agent-addr IpAddress, generic-trap INTEGER, specific-trap
//   INTEGER, time-stamp TimeTicks, SEQUENCE OF Varbind }
//
// The depth is fixed, lengths are definite, nothing is copied and, once the decoder's list has
// grown, nothing is allocated. What is tolerated, because agents in the field do it and the meaning
// is clear: lengths in more bytes than needed (up to four), integers with redundant leading bytes,
// unsigned numbers without their leading zero, 32-bit types that carry up to 64 bits, an IpAddress
// of another length, an empty OID as a *value*. Everything else that is not the grammar above is
// refused as a whole.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "libs/snmp/value.h"

namespace platen::snmp {

enum class Version : std::uint8_t { kV1 = 0, kV2c = 1, kV3 = 3 };

enum class PduType : std::uint8_t {
  kGet = 0xa0,
  kGetNext = 0xa1,
  kResponse = 0xa2,
  kSet = 0xa3,
  kTrapV1 = 0xa4,  // RFC 1157 §4.1.6, in v1 alone.
  kGetBulk = 0xa5,
  kInform = 0xa6,
  kTrap = 0xa7,
  kReport = 0xa8,
};

// RFC 3416 §3. A v1 agent knows the first six. Other numbers may come from a device and are kept.
enum class ErrorStatus : std::int32_t {
  kNoError = 0,
  kTooBig = 1,
  kNoSuchName = 2,
  kBadValue = 3,
  kReadOnly = 4,
  kGenErr = 5,
  kNoAccess = 6,
  kNotWritable = 17,
  kAuthorizationError = 16,
};

// Everything of a message but its varbinds.
struct MessageHead {
  Version version = Version::kV2c;
  PduType type = PduType::kGet;
  std::int32_t request_id = 0;
  std::int32_t error_status = 0;  // In a GETBULK: non-repeaters.
  std::int32_t error_index =
      0;                       // In a GETBULK: max-repetitions. Otherwise 1 for the first varbind.
  std::string_view community;  // Empty in SNMPv3.
  // Of a kTrapV1, which has neither an id nor error fields: the IPv4 address of the agent that it
  // is about, in host order; 0 where it names none.
  std::uint32_t trap_agent = 0;
};

// Views stay valid as long as the datagram and, for the varbinds, until the decoder's next call.
struct MessageView {
  MessageHead head;
  std::span<const VarbindView> varbinds;
};

// Why a datagram is not a message. A metric's label: the order and names last.
enum class DecodeFault : std::uint8_t {
  kNone,
  kOversized,         // More than 65,535 bytes.
  kTruncated,         // Something ends after what contains it.
  kTrailingBytes,     // Something goes on after what it should contain.
  kBadLength,         // Indefinite, or in more than four bytes.
  kWrongTag,          // Another type than the grammar has here.
  kUnknownVersion,    // Neither v1 nor v2c; where SNMPv3 is spoken, not v3 either.
  kUnknownPdu,        // None of this version's.
  kBadNumber,         // No bytes, or more than 64 significant bits (32 for ids and error fields).
  kBadOid,            // Empty or not canonical (libs/snmp/oid.h).
  kUnknownValueType,  // Not in ValueType.
  kBadEmptyValue,     // NULL or an exception with contents.
  kTooManyVarbinds,   // More than 4096.
};

inline constexpr std::size_t kDecodeFaults = 13;
inline constexpr std::size_t kMaxMessageBytes = 65535;
inline constexpr std::size_t kMaxVarbinds = 4096;

// "truncated", "bad_length", …
std::string_view Name(DecodeFault fault);

// Decodes one datagram after the other into the same list. Thread-confined.
class MessageDecoder {
 public:
  // Fills `message` and returns kNone, or says why not and leaves `message` in an unspecified
  // state.
  DecodeFault Decode(std::span<const std::uint8_t> datagram, MessageView& message);

  // The same of a PDU alone, which came in a message of SNMPv3 that is believed.
  DecodeFault DecodePdu(std::span<const std::uint8_t> pdu, MessageView& message);

 private:
  DecodeFault DecodeVarbinds(std::span<const std::uint8_t> list, MessageView& message);

  std::vector<VarbindView> varbinds_;
};

}  // namespace platen::snmp
