// Users of SNMPv3's User-based Security Model and their keys (RFC 3414 §2.6, RFC 7860, RFC 3826).
//
// A password becomes a key by hashing a megabyte of it (1 to 3 ms), once for each user; the key of
// one engine is derived from that in a microsecond. For AES-192 and AES-256 a digest may be too
// short for a key: two drafts say how to lengthen it, and makers have taken either.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace platen::snmp::usm {

enum class AuthProtocol : std::uint8_t { kNone, kMd5, kSha1, kSha224, kSha256, kSha384, kSha512 };
enum class PrivProtocol : std::uint8_t { kNone, kDes, kAes128, kAes192, kAes256 };

enum class KeyExtension : std::uint8_t {
  kBlumenthal,  // draft-blumenthal-aes-usm-04: net-snmp's.
  kReeder,      // draft-reeder-snmpv3-usm-3desede-00: Cisco's, and what copied it.
};

// RFC 3411 §5: SnmpEngineID.
inline constexpr std::size_t kEngineIdMin = 5;
inline constexpr std::size_t kEngineIdMax = 32;
inline constexpr std::size_t kUserNameMax = 32;
// RFC 3414 §11.2.
inline constexpr std::size_t kPasswordMin = 8;

// Bytes of a digest, and of what of it is sent: 12 of MD5 and SHA-1, then 16, 24, 32 and 48.
std::size_t DigestBytes(AuthProtocol auth);
std::size_t TagBytes(AuthProtocol auth);
// Of the localised key that is used; DES has 8 for the cipher and 8 for its initial vector.
std::size_t KeyBytes(PrivProtocol priv);

// "SHA-256", "AES-128"; "none".
std::string_view Name(AuthProtocol auth);
std::string_view Name(PrivProtocol priv);

struct Key {
  static constexpr std::size_t kMax = 64;

  std::array<std::uint8_t, kMax> bytes{};
  std::uint8_t size = 0;

  std::span<const std::uint8_t> view() const { return std::span(bytes).first(size); }

  friend bool operator==(const Key& a, const Key& b) {
    return a.size == b.size && a.bytes == b.bytes;
  }
};

// For one engine.
struct LocalizedKeys {
  AuthProtocol auth = AuthProtocol::kNone;
  PrivProtocol priv = PrivProtocol::kNone;
  Key auth_key;
  Key priv_key;
};

// RFC 3414 §A.2. REQUIRES: a protocol, and a password that is not empty.
Key PasswordToKey(AuthProtocol auth, std::string_view password);
Key Localize(AuthProtocol auth, const Key& key, std::string_view engine_id);

struct UserOptions {
  std::string name;
  AuthProtocol auth = AuthProtocol::kNone;
  std::string auth_password;
  PrivProtocol priv = PrivProtocol::kNone;
  std::string priv_password;
  KeyExtension extension = KeyExtension::kBlumenthal;

  friend bool operator==(const UserOptions&, const UserOptions&) = default;
};

// kInvalidArgument with what is wrong: no name, a short password, privacy without authentication.
absl::Status Validate(const UserOptions& options);

// One user, with the keys for each engine that somebody still uses. Thread-confined.
class User {
 public:
  // REQUIRES: Validate(options) is OK. Takes a few milliseconds.
  explicit User(const UserOptions& options);

  const std::string& name() const { return name_; }

  AuthProtocol auth() const { return auth_; }

  PrivProtocol priv() const { return priv_; }

  // The key for signatures alone, which takes a microsecond: all of them may take milliseconds
  // (KeyExtension::kReeder), and are only for engines that have signed with this one.
  LocalizedKeys SigningKeyFor(std::string_view engine_id) const;

  // Shared by all who ask for the same engine; kept as long as one of them lives.
  std::shared_ptr<const LocalizedKeys> KeysFor(std::string_view engine_id);

  // Engines with keys, some of which may be in nobody's use any more: at most twice as many as
  // there are in use, and kSweepMin.
  std::size_t engines() const { return engines_.size(); }

  static constexpr std::size_t kSweepMin = 64;

 private:
  LocalizedKeys Derive(std::string_view engine_id) const;

  std::string name_;
  AuthProtocol auth_;
  PrivProtocol priv_;
  KeyExtension extension_;
  Key auth_key_;
  Key priv_key_;
  absl::flat_hash_map<std::string, std::weak_ptr<const LocalizedKeys>> engines_;
  std::size_t sweep_at_ = kSweepMin;
};

}  // namespace platen::snmp::usm
