#include "libs/snmp/usm/secured_message.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <openssl/crypto.h>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/back_writer.h"
#include "libs/snmp/ber.h"
#include "libs/snmp/usm/digest.h"

namespace platen::snmp::usm {
namespace {

using snmp::internal::BackWriter;
using snmp::internal::BerReader;
using snmp::internal::kSequence;

constexpr auto kIntegerTag = static_cast<std::uint8_t>(ValueType::kInteger);
constexpr auto kOctetStringTag = static_cast<std::uint8_t>(ValueType::kOctetString);
constexpr std::int32_t kVersion3 = 3;
constexpr std::int32_t kUserBased = 3;  // RFC 3411 §5: SnmpSecurityModel.
// What is said to be taken: what fits a datagram of UDP.
constexpr std::int32_t kMaxSize = 65507;
constexpr std::size_t kSaltBytes = 8;
constexpr std::size_t kDesBlock = 8;
constexpr std::size_t kDesKey = 8;
constexpr std::size_t kVectorMax = 16;
constexpr std::uint8_t kAuthFlag = 1;
constexpr std::uint8_t kPrivFlag = 2;
constexpr std::uint8_t kReportableFlag = 4;
constexpr std::size_t kTagMax = 48;
constexpr std::array<std::uint8_t, kTagMax> kNoTag{};

std::string_view AsText(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

DecodeFault ReadInt32(BerReader& from, std::int32_t& number) {
  BerReader contents;
  if (const auto fault = from.Expect(kIntegerTag, contents); fault != DecodeFault::kNone) {
    return fault;
  }
  std::int64_t wide = 0;
  if (const auto fault = contents.Signed(wide); fault != DecodeFault::kNone) return fault;
  const bool fits = wide >= std::numeric_limits<std::int32_t>::min() &&
                    wide <= std::numeric_limits<std::int32_t>::max();
  number = static_cast<std::int32_t>(wide);
  return fits ? DecodeFault::kNone : DecodeFault::kBadNumber;
}

DecodeFault ReadOctets(BerReader& from, std::string_view& text) {
  BerReader contents;
  const DecodeFault fault = from.Expect(kOctetStringTag, contents);
  text = AsText(contents.rest());
  return fault;
}

// Reads one thing after the other and keeps the first fault; what is read behind one is nothing.
class Reading {
 public:
  explicit Reading(BerReader from) : from_(from) {}

  Reading& Open(std::uint8_t tag, BerReader& contents) {
    if (fault_ == DecodeFault::kNone) fault_ = from_.Expect(tag, contents);
    return *this;
  }

  Reading& Number(std::int32_t& number) {
    if (fault_ == DecodeFault::kNone) fault_ = ReadInt32(from_, number);
    return *this;
  }

  Reading& Octets(std::string_view& text) {
    if (fault_ == DecodeFault::kNone) fault_ = ReadOctets(from_, text);
    return *this;
  }

  std::span<const std::uint8_t> rest() const { return from_.rest(); }

  DecodeFault fault() const { return fault_; }

  // And nothing behind it.
  DecodeFault End() const {
    if (fault_ != DecodeFault::kNone) return fault_;
    return from_.empty() ? DecodeFault::kNone : DecodeFault::kTrailingBytes;
  }

 private:
  BerReader from_;
  DecodeFault fault_ = DecodeFault::kNone;
};

DecodeFault ParseFlags(std::string_view flags, Frame& frame) {
  if (flags.size() != 1) return DecodeFault::kBadNumber;
  const auto bits = static_cast<std::uint8_t>(flags[0]);
  frame.reportable = (bits & kReportableFlag) != 0;
  switch (bits & (kAuthFlag | kPrivFlag)) {
    case 0:
      frame.level = Level::kNoAuthNoPriv;
      return DecodeFault::kNone;
    case kAuthFlag:
      frame.level = Level::kAuthNoPriv;
      return DecodeFault::kNone;
    case kAuthFlag | kPrivFlag:
      frame.level = Level::kAuthPriv;
      return DecodeFault::kNone;
    default:
      return DecodeFault::kBadNumber;  // RFC 3412 §7.2: there is no privacy without authentication.
  }
}

DecodeFault ParseHeader(BerReader header, Frame& frame) {
  std::int32_t max_size = 0;
  std::int32_t model = 0;
  std::string_view flags;
  const DecodeFault fault =
      Reading(header).Number(frame.message_id).Number(max_size).Octets(flags).Number(model).End();
  if (fault != DecodeFault::kNone) return fault;
  if (model != kUserBased) return DecodeFault::kUnknownVersion;
  return ParseFlags(flags, frame);
}

DecodeFault ParseSecurity(std::string_view security, Frame& frame) {
  BerReader parameters;
  const DecodeFault outer = Reading(BerReader(AsBytes(security))).Open(kSequence, parameters).End();
  if (outer != DecodeFault::kNone) return outer;
  return Reading(parameters)
      .Octets(frame.engine_id)
      .Number(frame.boots)
      .Number(frame.time)
      .Octets(frame.user)
      .Octets(frame.tag)
      .Octets(frame.salt)
      .End();
}

// DES leaves bytes behind, to fill its last block.
bool ParseScoped(std::span<const std::uint8_t> bytes, bool padded, ScopedPdu& scoped) {
  BerReader contents;
  Reading whole{BerReader(bytes)};
  whole.Open(kSequence, contents);
  if ((padded ? whole.fault() : whole.End()) != DecodeFault::kNone) return false;
  Reading inner(contents);
  inner.Octets(scoped.context_engine_id).Octets(scoped.context_name);
  scoped.pdu = inner.rest();
  return inner.fault() == DecodeFault::kNone;
}

std::size_t ElementBytes(std::size_t content) {
  return content + (content < 0x80 ? 2 : content < 0x100 ? 3 : 4);
}

bool HasAuth(const Letter& letter) {
  return letter.keys != nullptr && letter.keys->auth != AuthProtocol::kNone;
}

bool HasPriv(const Letter& letter) {
  return HasAuth(letter) && letter.keys->priv != PrivProtocol::kNone;
}

std::size_t PaddingOf(const Letter& letter, std::size_t pdu_size) {
  if (!HasPriv(letter) || letter.keys->priv != PrivProtocol::kDes) return 0;
  const std::size_t scoped = ElementBytes(ElementBytes(letter.context_engine_id.size()) +
                                          ElementBytes(letter.context_name.size()) + pdu_size);
  return (kDesBlock - scoped % kDesBlock) % kDesBlock;
}

std::uint8_t* PutBigEndian(std::uint8_t* at, std::uint64_t number, std::size_t bytes) {
  for (std::size_t left = bytes; left-- > 0;) {
    *at++ = static_cast<std::uint8_t>(number >> (8 * left));
  }
  return at;
}

std::array<char, kSaltBytes> SaltOf(const Letter& letter) {
  std::array<std::uint8_t, kSaltBytes> bytes{};
  if (letter.keys->priv == PrivProtocol::kDes) {
    // RFC 3414 §8.1.1.1: the engine's boots, and a number of our own.
    PutBigEndian(PutBigEndian(bytes.data(), static_cast<std::uint32_t>(letter.boots), 4),
                 letter.salt & 0xffffffff,
                 4);
  } else {
    PutBigEndian(bytes.data(), letter.salt, kSaltBytes);
  }
  std::array<char, kSaltBytes> salt{};
  std::memcpy(salt.data(), bytes.data(), kSaltBytes);
  return salt;
}

// Kept until the process ends. Single DES is no algorithm of OpenSSL's default provider any more,
// and three times the same key is single DES.
const EVP_CIPHER* CipherOf(PrivProtocol priv) {
  static const std::array<EVP_CIPHER*, 5> ciphers = {
      nullptr,
      EVP_CIPHER_fetch(nullptr, "DES-EDE3-CBC", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-128-CFB", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-192-CFB", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-256-CFB", nullptr)};
  const EVP_CIPHER* const cipher = ciphers[static_cast<std::size_t>(priv)];
  ABSL_RAW_CHECK(cipher != nullptr, "OpenSSL lacks a cipher of SNMPv3");
  return cipher;
}

// RFC 2104 §2: the length of the hash's blocks.
std::size_t BlockBytes(AuthProtocol auth) {
  return auth >= AuthProtocol::kSha384 ? 128 : 64;
}

}  // namespace

std::string_view Name(Level level) {
  constexpr std::array<std::string_view, 3> kNames = {"noAuthNoPriv", "authNoPriv", "authPriv"};
  return kNames[static_cast<std::size_t>(level)];
}

Level LevelOf(const LocalizedKeys& keys) {
  if (keys.auth == AuthProtocol::kNone) return Level::kNoAuthNoPriv;
  return keys.priv == PrivProtocol::kNone ? Level::kAuthNoPriv : Level::kAuthPriv;
}

std::string_view Name(OpenFault fault) {
  constexpr std::array<std::string_view, kOpenFaults> kNames = {
      "none", "wrong_level", "wrong_tag", "undecryptable"};
  return kNames[static_cast<std::size_t>(fault)];
}

bool IsVersion3(std::span<const std::uint8_t> datagram) {
  BerReader message;
  std::int32_t version = 0;
  Reading(BerReader(datagram)).Open(kSequence, message);
  return Reading(message).Number(version).fault() == DecodeFault::kNone && version == kVersion3;
}

DecodeFault Parse(std::span<const std::uint8_t> datagram, Frame& frame) {
  if (datagram.size() > kMaxMessageBytes) return DecodeFault::kOversized;
  BerReader contents;
  const DecodeFault outer = Reading(BerReader(datagram)).Open(kSequence, contents).End();
  if (outer != DecodeFault::kNone) return outer;
  Reading message(contents);
  std::int32_t version = 0;
  BerReader header;
  std::string_view security;
  if (message.Number(version).fault() != DecodeFault::kNone) return message.fault();
  if (version != kVersion3) return DecodeFault::kUnknownVersion;
  if (message.Open(kSequence, header).fault() != DecodeFault::kNone) return message.fault();
  if (const auto fault = ParseHeader(header, frame); fault != DecodeFault::kNone) return fault;
  if (message.Octets(security).fault() != DecodeFault::kNone) return message.fault();
  if (const auto fault = ParseSecurity(security, frame); fault != DecodeFault::kNone) return fault;
  if (frame.level != Level::kAuthPriv) {
    frame.scoped = message.rest();
    return DecodeFault::kNone;
  }
  std::string_view encrypted;
  const DecodeFault fault = message.Octets(encrypted).End();
  frame.scoped = AsBytes(encrypted);
  return fault;
}

std::size_t MaxFrameBytes(const Letter& letter) {
  constexpr std::size_t kHeadersAndNumbers = 80;
  return kHeadersAndNumbers + letter.engine_id.size() + letter.user.size() +
         letter.context_engine_id.size() + letter.context_name.size() + kSaltBytes + kDesBlock +
         (HasAuth(letter) ? TagBytes(letter.keys->auth) : 0);
}

struct Cipher::Contexts {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
  // What `cipher` was made for: exchanging the key alone costs half.
  PrivProtocol priv = PrivProtocol::kNone;
};

Cipher::Cipher() : contexts_(std::make_unique<Contexts>()) {}

Cipher::~Cipher() {
  EVP_MD_CTX_free(contexts_->digest);
  EVP_CIPHER_CTX_free(contexts_->cipher);
}

std::span<std::uint8_t> Cipher::PlacePdu(const Letter& letter,
                                         std::size_t pdu_size,
                                         std::span<std::uint8_t> room) {
  const std::size_t needed = pdu_size + MaxFrameBytes(letter);
  if (needed > room.size() || needed > kMaxMessageBytes) return {};
  return room.subspan(room.size() - PaddingOf(letter, pdu_size) - pdu_size, pdu_size);
}

std::span<const std::uint8_t> Cipher::Wrap(const Letter& letter,
                                           std::span<std::uint8_t> pdu,
                                           std::span<std::uint8_t> room) {
  const std::size_t end = room.size();
  const auto pdu_at = static_cast<std::size_t>(pdu.data() - room.data());
  const std::size_t scoped_end = pdu_at + pdu.size();
  BackWriter writer(room.data(), pdu_at);
  writer.PutOctets(letter.context_name);
  writer.PutOctets(letter.context_engine_id);
  writer.PutHeader(kSequence, scoped_end);
  std::array<char, kSaltBytes> salt{};
  if (HasPriv(letter)) {
    std::fill(room.begin() + static_cast<std::ptrdiff_t>(scoped_end), room.end(), std::uint8_t{0});
    salt = SaltOf(letter);
    const bool done = Crypt(true,
                            *letter.keys,
                            letter.boots,
                            letter.time,
                            {salt.data(), salt.size()},
                            room.subspan(writer.front()));
    ABSL_RAW_CHECK(done, "encrypting must not fail");
    writer.PutHeader(kOctetStringTag, end);
  }

  const std::size_t security_end = writer.front();
  writer.PutOctets({salt.data(), HasPriv(letter) ? salt.size() : 0});
  const std::size_t tag_size = HasAuth(letter) ? TagBytes(letter.keys->auth) : 0;
  const std::size_t tag_at = writer.front() - tag_size;
  writer.PutOctets(AsText(std::span(kNoTag).first(tag_size)));
  writer.PutOctets(letter.user);
  writer.PutInt32(letter.time);
  writer.PutInt32(letter.boots);
  writer.PutOctets(letter.engine_id);
  writer.PutHeader(kSequence, security_end);
  writer.PutHeader(kOctetStringTag, security_end);

  const std::size_t header_end = writer.front();
  writer.PutInt32(kUserBased);
  const auto flags =
      static_cast<char>((HasAuth(letter) ? kAuthFlag : 0) | (HasPriv(letter) ? kPrivFlag : 0) |
                        (letter.reportable ? kReportableFlag : 0));
  writer.PutOctets({&flags, 1});
  writer.PutInt32(kMaxSize);
  writer.PutInt32(letter.message_id);
  writer.PutHeader(kSequence, header_end);
  writer.PutInt32(kVersion3);
  writer.PutHeader(kSequence, end);

  const std::span<std::uint8_t> message = room.subspan(writer.front());
  if (tag_size > 0) {
    const Key tag = Sign(*letter.keys, {message, {}, {}});
    std::memcpy(room.data() + tag_at, tag.bytes.data(), tag_size);
  }
  return message;
}

Key Cipher::Sign(const LocalizedKeys& keys, std::array<std::span<const std::uint8_t>, 3> parts) {
  EVP_MD_CTX* const context = contexts_->digest;
  const EVP_MD* const algorithm = internal::DigestOf(keys.auth);
  const std::size_t block = BlockBytes(keys.auth);
  std::array<std::uint8_t, 128> inner{};
  std::array<std::uint8_t, 128> outer{};
  for (std::size_t i = 0; i < block; ++i) {
    const std::uint8_t byte = i < keys.auth_key.size ? keys.auth_key.bytes[i] : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  Key digest;
  unsigned int size = 0;
  bool done = EVP_DigestInit_ex(context, algorithm, nullptr) == 1 &&
              EVP_DigestUpdate(context, inner.data(), block) == 1;
  for (const auto part : parts) {
    done = done && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  }
  done = done && EVP_DigestFinal_ex(context, digest.bytes.data(), &size) == 1 &&
         EVP_DigestInit_ex(context, algorithm, nullptr) == 1 &&
         EVP_DigestUpdate(context, outer.data(), block) == 1 &&
         EVP_DigestUpdate(context, digest.bytes.data(), size) == 1 &&
         EVP_DigestFinal_ex(context, digest.bytes.data(), &size) == 1;
  ABSL_RAW_CHECK(done, "a digest must not fail");
  digest.size = static_cast<std::uint8_t>(size);
  return digest;
}

bool Cipher::Crypt(bool encrypt,
                   const LocalizedKeys& keys,
                   std::int32_t boots,
                   std::int32_t time,
                   std::string_view salt,
                   std::span<std::uint8_t> bytes) {
  std::array<std::uint8_t, kVectorMax> vector{};
  std::array<std::uint8_t, Key::kMax> key{};
  const std::uint8_t* const secret = keys.priv_key.bytes.data();
  const bool des = keys.priv == PrivProtocol::kDes;
  if (des) {
    if (bytes.size() % kDesBlock != 0) return false;
    for (std::size_t i = 0; i < 3; ++i) std::memcpy(&key[i * kDesKey], secret, kDesKey);
    for (std::size_t i = 0; i < kSaltBytes; ++i) {
      vector[i] = secret[kDesKey + i] ^ static_cast<std::uint8_t>(salt[i]);
    }
  } else {
    std::memcpy(key.data(), secret, keys.priv_key.size);
    std::uint8_t* const behind =
        PutBigEndian(PutBigEndian(vector.data(), static_cast<std::uint32_t>(boots), 4),
                     static_cast<std::uint32_t>(time),
                     4);
    std::memcpy(behind, salt.data(), kSaltBytes);
  }
  EVP_CIPHER_CTX* const context = contexts_->cipher;
  const EVP_CIPHER* const changed = contexts_->priv == keys.priv ? nullptr : CipherOf(keys.priv);
  contexts_->priv = keys.priv;
  int size = 0;
  return EVP_CipherInit_ex(context, changed, nullptr, key.data(), vector.data(), encrypt ? 1 : 0) ==
             1 &&
         (!des || EVP_CIPHER_CTX_set_padding(context, 0) == 1) &&
         EVP_CipherUpdate(
             context, bytes.data(), &size, bytes.data(), static_cast<int>(bytes.size())) == 1 &&
         static_cast<std::size_t>(size) == bytes.size();
}

bool Cipher::IsSigned(std::span<const std::uint8_t> datagram,
                      const Frame& frame,
                      const LocalizedKeys& keys) {
  if (frame.level == Level::kNoAuthNoPriv) return true;
  const std::size_t tag_size = TagBytes(keys.auth);
  if (tag_size == 0 || frame.tag.size() != tag_size) return false;
  const auto tag_at = static_cast<std::size_t>(AsBytes(frame.tag).data() - datagram.data());
  const Key tag = Sign(keys,
                       {datagram.first(tag_at),
                        std::span(kNoTag).first(tag_size),
                        datagram.subspan(tag_at + tag_size)});
  return CRYPTO_memcmp(tag.bytes.data(), frame.tag.data(), tag_size) == 0;
}

OpenFault Cipher::Open(std::span<const std::uint8_t> datagram,
                       const Frame& frame,
                       const LocalizedKeys& keys,
                       ScopedPdu& scoped) {
  if (frame.level > LevelOf(keys)) return OpenFault::kWrongLevel;
  if (!IsSigned(datagram, frame, keys)) return OpenFault::kWrongTag;
  if (frame.level != Level::kAuthPriv) {
    return ParseScoped(frame.scoped, false, scoped) ? OpenFault::kNone : OpenFault::kUndecryptable;
  }
  if (frame.salt.size() != kSaltBytes) return OpenFault::kUndecryptable;
  plain_.assign(frame.scoped.begin(), frame.scoped.end());
  const bool done = Crypt(false, keys, frame.boots, frame.time, frame.salt, plain_) &&
                    ParseScoped(plain_, keys.priv == PrivProtocol::kDes, scoped);
  return done ? OpenFault::kNone : OpenFault::kUndecryptable;
}

}  // namespace platen::snmp::usm
