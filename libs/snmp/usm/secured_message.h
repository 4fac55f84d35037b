// Messages of SNMPv3 with the User-based Security Model (RFC 3412 §6, RFC 3414 §2.4, RFC 3826 §3):
// their frame, and what of them is signed and encrypted.
//
//   Message ::= SEQUENCE { 3, SEQUENCE { id, max size, flags, security model },
//                          OCTET STRING { SEQUENCE { engine id, boots, time, user, tag, salt } },
//                          scoped PDU | OCTET STRING encrypted }
//   Scoped PDU ::= SEQUENCE { context engine id, context name, PDU }
//
// Parse() looks at the frame alone and believes nothing; Open() checks and decrypts with the keys
// of whoever it should be. Lengths and numbers are read as generously as in libs/snmp/message.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "libs/snmp/message.h"
#include "libs/snmp/usm/keys.h"

namespace platen::snmp::usm {

enum class Level : std::uint8_t { kNoAuthNoPriv, kAuthNoPriv, kAuthPriv };

// "noAuthNoPriv", …
std::string_view Name(Level level);

Level LevelOf(const LocalizedKeys& keys);

// What stands in front of the scoped PDU. Views into the datagram.
struct Frame {
  std::int32_t message_id = 0;
  Level level = Level::kNoAuthNoPriv;
  bool reportable = false;
  std::string_view engine_id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string_view user;
  std::string_view tag;   // msgAuthenticationParameters.
  std::string_view salt;  // msgPrivacyParameters.
  // The scoped PDU, from its tag on; where the level has privacy, the encrypted bytes.
  std::span<const std::uint8_t> scoped;
};

struct ScopedPdu {
  std::string_view context_engine_id;
  std::string_view context_name;
  // From its tag on: for MessageDecoder::DecodePdu().
  std::span<const std::uint8_t> pdu;
};

// Whether a datagram says it is SNMPv3; for whoever takes several versions on one port.
bool IsVersion3(std::span<const std::uint8_t> datagram);

// kUnknownVersion for another version, or another security model than this.
DecodeFault Parse(std::span<const std::uint8_t> datagram, Frame& frame);

// Why a message whose frame could be read is not believed. A metric's label: the order and names
// last.
enum class OpenFault : std::uint8_t {
  kNone,
  kWrongLevel,     // Signed or encrypted, and the keys are not for that.
  kWrongTag,       // Signed with another key, or changed on the way.
  kUndecryptable,  // No scoped PDU: encrypted with another key, or nonsense.
};

inline constexpr std::size_t kOpenFaults = 4;

// "wrong_level", …
std::string_view Name(OpenFault fault);

// What a message to be sent says.
struct Letter {
  std::int32_t message_id = 0;
  bool reportable = true;
  std::string_view engine_id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string_view user;
  // Its level; absent: noAuthNoPriv.
  const LocalizedKeys* keys = nullptr;
  // Never the same twice for one key.
  std::uint64_t salt = 0;
  std::string_view context_engine_id;
  std::string_view context_name;
};

// Bytes that Seal() adds to a PDU at most.
std::size_t MaxFrameBytes(const Letter& letter);

// Signs, checks, encrypts and decrypts with any keys; keeps OpenSSL's contexts, which are costly to
// make. Thread-confined.
class Cipher {
 public:
  Cipher();
  ~Cipher();

  // The message, somewhere in `room`; empty where that is smaller than pdu_size and
  // MaxFrameBytes() together. `write_pdu` is called once with `pdu_size` bytes to fill.
  template <typename WritePdu>
  std::span<const std::uint8_t> Seal(const Letter& letter,
                                     std::size_t pdu_size,
                                     WritePdu&& write_pdu,
                                     std::span<std::uint8_t> room) {
    const std::span<std::uint8_t> pdu = PlacePdu(letter, pdu_size, room);
    if (pdu.size() != pdu_size) return {};
    write_pdu(pdu);
    return Wrap(letter, pdu, room);
  }

  // Whether what Parse() read of `datagram` is signed with the key in `keys`, or by its level not
  // signed at all.
  bool IsSigned(std::span<const std::uint8_t> datagram,
                const Frame& frame,
                const LocalizedKeys& keys);

  // Checks what Parse() read of `datagram` with `keys`, and decrypts, as far as its level says: who
  // must not be believed at a lower one looks at that. `scoped` is valid until the next call and as
  // long as the datagram.
  OpenFault Open(std::span<const std::uint8_t> datagram,
                 const Frame& frame,
                 const LocalizedKeys& keys,
                 ScopedPdu& scoped);

 private:
  struct Contexts;

  static std::span<std::uint8_t> PlacePdu(const Letter& letter,
                                          std::size_t pdu_size,
                                          std::span<std::uint8_t> room);
  std::span<const std::uint8_t> Wrap(const Letter& letter,
                                     std::span<std::uint8_t> pdu,
                                     std::span<std::uint8_t> room);
  // HMAC (RFC 2104) over three parts.
  Key Sign(const LocalizedKeys& keys, std::array<std::span<const std::uint8_t>, 3> parts);
  // In place; whole blocks for DES.
  bool Crypt(bool encrypt,
             const LocalizedKeys& keys,
             std::int32_t boots,
             std::int32_t time,
             std::string_view salt,
             std::span<std::uint8_t> bytes);

  std::unique_ptr<Contexts> contexts_;
  std::vector<std::uint8_t> plain_;
};

}  // namespace platen::snmp::usm
