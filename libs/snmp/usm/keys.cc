#include "libs/snmp/usm/keys.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"
#include "libs/snmp/usm/digest.h"

namespace platen::snmp::usm {
namespace {

constexpr std::size_t kExpandedBytes = 1 << 20;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// A hash under way. OpenSSL fails here for lack of memory alone.
class Hash {
 public:
  explicit Hash(AuthProtocol auth) : context_(EVP_MD_CTX_new()) {
    Check(EVP_DigestInit_ex(context_.get(), internal::DigestOf(auth), nullptr));
  }

  void Add(const void* bytes, std::size_t size) {
    Check(EVP_DigestUpdate(context_.get(), bytes, size));
  }

  Key Finish() {
    Key key;
    unsigned int size = 0;
    Check(EVP_DigestFinal_ex(context_.get(), key.bytes.data(), &size));
    key.size = static_cast<std::uint8_t>(size);
    return key;
  }

 private:
  static void Check(int done) { ABSL_RAW_CHECK(done == 1, "a digest must not fail"); }

  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

std::string_view AsText(const Key& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.size};
}

// What `key` lacks of `size` bytes: one more digest is enough for all that there is.
void Append(Key& key, const Key& more, std::size_t size) {
  const std::size_t missing = size - key.size;
  ABSL_RAW_CHECK(missing <= more.size, "a key of two digests");
  std::memcpy(key.bytes.data() + key.size, more.bytes.data(), missing);
  key.size = static_cast<std::uint8_t>(size);
}

}  // namespace

namespace internal {

const EVP_MD* DigestOf(AuthProtocol auth) {
  static const std::array<EVP_MD*, 7> digests = {nullptr,
                                                 EVP_MD_fetch(nullptr, "MD5", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA224", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA384", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA512", nullptr)};
  const EVP_MD* const digest = digests[static_cast<std::size_t>(auth)];
  ABSL_RAW_CHECK(digest != nullptr, "OpenSSL lacks a digest of SNMPv3");
  return digest;
}

}  // namespace internal

std::size_t DigestBytes(AuthProtocol auth) {
  constexpr std::array<std::size_t, 7> kBytes = {0, 16, 20, 28, 32, 48, 64};
  return kBytes[static_cast<std::size_t>(auth)];
}

std::size_t TagBytes(AuthProtocol auth) {
  constexpr std::array<std::size_t, 7> kBytes = {0, 12, 12, 16, 24, 32, 48};
  return kBytes[static_cast<std::size_t>(auth)];
}

std::size_t KeyBytes(PrivProtocol priv) {
  constexpr std::array<std::size_t, 5> kBytes = {0, 16, 16, 24, 32};
  return kBytes[static_cast<std::size_t>(priv)];
}

std::string_view Name(AuthProtocol auth) {
  constexpr std::array<std::string_view, 7> kNames = {
      "none", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
  return kNames[static_cast<std::size_t>(auth)];
}

std::string_view Name(PrivProtocol priv) {
  constexpr std::array<std::string_view, 5> kNames = {
      "none", "DES", "AES-128", "AES-192", "AES-256"};
  return kNames[static_cast<std::size_t>(priv)];
}

Key PasswordToKey(AuthProtocol auth, std::string_view password) {
  ABSL_RAW_CHECK(!password.empty(), "no password");
  // As many whole passwords as make a block that is worth a call.
  constexpr std::size_t kBlock = 4096;
  std::string block;
  while (block.size() < kBlock) block += password;
  Hash hash(auth);
  for (std::size_t left = kExpandedBytes; left > 0;) {
    const std::size_t size = std::min(left, block.size());
    hash.Add(block.data(), size);
    left -= size;
  }
  return hash.Finish();
}

Key Localize(AuthProtocol auth, const Key& key, std::string_view engine_id) {
  Hash hash(auth);
  hash.Add(key.bytes.data(), key.size);
  hash.Add(engine_id.data(), engine_id.size());
  hash.Add(key.bytes.data(), key.size);
  return hash.Finish();
}

absl::Status Validate(const UserOptions& options) {
  if (options.name.empty() || options.name.size() > kUserNameMax) {
    return base::InvalidArgument("a user's name has 1 to ", kUserNameMax, " bytes");
  }
  if (options.auth == AuthProtocol::kNone && options.priv != PrivProtocol::kNone) {
    return base::InvalidArgument("privacy needs authentication (RFC 3414 has no other level)");
  }
  if (options.auth != AuthProtocol::kNone && options.auth_password.size() < kPasswordMin) {
    return base::InvalidArgument("the password for authentication has fewer than ",
                                 kPasswordMin,
                                 " characters (RFC 3414 §11.2)");
  }
  if (options.priv != PrivProtocol::kNone && options.priv_password.size() < kPasswordMin) {
    return base::InvalidArgument(
        "the password for privacy has fewer than ", kPasswordMin, " characters (RFC 3414 §11.2)");
  }
  return absl::OkStatus();
}

User::User(const UserOptions& options)
    : name_(options.name), auth_(options.auth), priv_(options.priv), extension_(options.extension) {
  if (auth_ != AuthProtocol::kNone) auth_key_ = PasswordToKey(auth_, options.auth_password);
  if (priv_ != PrivProtocol::kNone) priv_key_ = PasswordToKey(auth_, options.priv_password);
}

LocalizedKeys User::SigningKeyFor(std::string_view engine_id) const {
  LocalizedKeys keys{.auth = auth_};
  if (auth_ != AuthProtocol::kNone) keys.auth_key = Localize(auth_, auth_key_, engine_id);
  return keys;
}

LocalizedKeys User::Derive(std::string_view engine_id) const {
  LocalizedKeys keys = SigningKeyFor(engine_id);
  keys.priv = priv_;
  if (priv_ == PrivProtocol::kNone) return keys;
  keys.priv_key = Localize(auth_, priv_key_, engine_id);
  const std::size_t size = KeyBytes(priv_);
  if (keys.priv_key.size >= size) {
    keys.priv_key.size = static_cast<std::uint8_t>(size);
    std::fill(keys.priv_key.bytes.begin() + static_cast<std::ptrdiff_t>(size),
              keys.priv_key.bytes.end(),
              std::uint8_t{0});
    return keys;
  }
  Key more;
  if (extension_ == KeyExtension::kBlumenthal) {
    Hash hash(auth_);
    hash.Add(keys.priv_key.bytes.data(), keys.priv_key.size);
    more = hash.Finish();
  } else {
    more = Localize(auth_, PasswordToKey(auth_, AsText(keys.priv_key)), engine_id);
  }
  Append(keys.priv_key, more, size);
  return keys;
}

std::shared_ptr<const LocalizedKeys> User::KeysFor(std::string_view engine_id) {
  if (engines_.size() >= sweep_at_) {
    absl::erase_if(engines_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(kSweepMin, engines_.size() * 2);
  }
  std::weak_ptr<const LocalizedKeys>& known = engines_[std::string(engine_id)];
  auto keys = known.lock();
  if (keys == nullptr) {
    keys = std::make_shared<const LocalizedKeys>(Derive(engine_id));
    known = keys;
  }
  return keys;
}

}  // namespace platen::snmp::usm
