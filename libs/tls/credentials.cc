#include "libs/tls/credentials.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include "absl/strings/ascii.h"
#include "libs/base/status.h"
#include "libs/tls/grpc_adapter.h"
#include "libs/tls/judge.h"
#include "libs/tls/staged_pair.h"

namespace platen::tls {
namespace {

using grpc::experimental::CertificateVerifier;
using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::StaticDataCertificateProvider;

// How soon gRPC sees a replaced pair; the finest it has.
constexpr unsigned kWatchSeconds = 1;
constexpr base::Duration kReloadIntervalMax = std::chrono::seconds(30);

}  // namespace

class Credentials::Impl {
 public:
  Impl(CredentialsOptions options, TlsMaterial material, StagedPair pair, const base::Clock& clock);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::Status Reload();

  std::shared_ptr<CertificateVerifier> Verifier(PeerRole peer) const {
    return ExternalCertificateVerifier::Create<ConnectionVerifier>(judge, peer);
  }

  // The pair as it is now.
  IdentityKeyCertPair OwnPair() {
    const std::lock_guard lock(reload_mutex_);
    return {.private_key = material_.bytes.key_pem, .certificate_chain = material_.bytes.cert_pem};
  }

  const std::shared_ptr<Judge> judge;
  PeerRegistry registry;
  std::shared_ptr<FileWatcherCertificateProvider> provider;

 private:
  absl::Status TakeOverChanges();
  void TakeOver(TlsMaterial material);
  // Tells on_doubts where there is news; after a reload (`anew`) in any case.
  void TellDoubts(bool anew);
  void ReloadLoop();

  const CredentialsOptions options_;
  const base::Clock& clock_;
  std::mutex reload_mutex_;  // One reload at a time; guards what follows.
  StagedPair pair_;
  TlsMaterial material_;
  std::vector<std::string> doubts_;  // As last told.
  std::optional<TlsBytes>
      refused_;  // What was last read and found bad: reported once, not at each interval.
  bool unreadable_ = false;  // So are files that are gone.
  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

Credentials::Impl::Impl(CredentialsOptions options,
                        TlsMaterial material,
                        StagedPair pair,
                        const base::Clock& clock)
    : judge(std::make_shared<Judge>(options.domain, options.hooks.on_refused, clock)),
      options_(std::move(options)),
      clock_(clock),
      pair_(std::move(pair)) {
  provider =
      std::make_shared<FileWatcherCertificateProvider>(pair_.path(), pair_.path(), kWatchSeconds);
  TakeOver(std::move(material));
  thread_ = std::thread([this] { ReloadLoop(); });
}

Credentials::Impl::~Impl() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  thread_.join();
}

void Credentials::Impl::TakeOver(TlsMaterial material) {
  material_ = std::move(material);
  refused_.reset();
  judge->SetTrust(material_.trust);
  if (options_.hooks.on_material != nullptr) {
    options_.hooks.on_material(material_.own.not_after, material_.trust->crl_next_update());
  }
  TellDoubts(true);
}

void Credentials::Impl::TellDoubts(bool anew) {
  if (options_.hooks.on_doubts == nullptr) return;
  const TlsDoubts doubts =
      FindDoubts(options_.files, material_, options_.own_role, clock_.WallNow());
  std::vector<std::string> messages;
  for (const TlsFault& fault : doubts.faults) messages.push_back(fault.message);
  if (!anew && messages == doubts_) return;
  doubts_ = std::move(messages);
  options_.hooks.on_doubts(doubts);
}

absl::Status Credentials::Impl::TakeOverChanges() {
  absl::StatusOr<TlsBytes> read = ReadTlsFiles(options_.files);
  const bool known_unreadable = std::exchange(unreadable_, !read.ok());
  if (!read.ok()) {
    if (!known_unreadable && options_.hooks.on_reload != nullptr)
      options_.hooks.on_reload(read.status());
    return read.status();
  }
  TlsBytes bytes = *std::move(read);
  if (bytes == material_.bytes) return absl::OkStatus();
  const bool new_pair =
      bytes.cert_pem != material_.bytes.cert_pem || bytes.key_pem != material_.bytes.key_pem;
  const bool known_bad = refused_ == bytes;
  refused_ = bytes;
  absl::StatusOr<TlsMaterial> material =
      ParseTlsMaterial(options_.files, std::move(bytes), clock_.WallNow());
  absl::Status outcome = material.status();
  if (outcome.ok() && new_pair)
    outcome = pair_.Replace(material->bytes.key_pem, material->bytes.cert_pem);
  if (outcome.ok()) TakeOver(*std::move(material));
  if (!known_bad && options_.hooks.on_reload != nullptr) options_.hooks.on_reload(outcome);
  return outcome;
}

absl::Status Credentials::Impl::Reload() {
  const std::lock_guard lock(reload_mutex_);
  absl::Status outcome = TakeOverChanges();
  // Also where nothing changed: certificates expire and revocation lists become stale by
  // themselves.
  judge->SetTrust(material_.trust);
  TellDoubts(false);
  registry.CutRefused(
      [this](const PeerRegistry::Peer& peer) { return judge->Ask(peer.chain, peer.role, ""); });
  return outcome;
}

void Credentials::Impl::ReloadLoop() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_changed_.wait_for(lock, options_.reload_interval, [this] { return stopping_; })) {
    lock.unlock();
    // What went wrong has gone to the hook; the former files stay in use.
    Reload().IgnoreError();
    lock.lock();
  }
}

absl::StatusOr<std::unique_ptr<Credentials>> Credentials::Create(CredentialsOptions options,
                                                                 const base::Clock& clock) {
  if (options.reload_interval <= base::Duration::zero() ||
      options.reload_interval > kReloadIntervalMax) {
    return base::InvalidArgument("tls.reload_interval must be above 0s and at most 30s");
  }
  PLATEN_ASSIGN_OR_RETURN(TlsBytes bytes, ReadTlsFiles(options.files));
  PLATEN_ASSIGN_OR_RETURN(TlsMaterial material,
                          ParseTlsMaterial(options.files, std::move(bytes), clock.WallNow()));
  PLATEN_ASSIGN_OR_RETURN(StagedPair pair,
                          StagedPair::Create(material.bytes.key_pem, material.bytes.cert_pem));
  return std::unique_ptr<Credentials>(new Credentials(
      std::make_unique<Impl>(std::move(options), std::move(material), std::move(pair), clock)));
}

Credentials::Credentials(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Credentials::~Credentials() = default;

std::shared_ptr<grpc::ServerCredentials> Credentials::ForServer() {
  grpc::experimental::TlsServerCredentialsOptions options(impl_->provider);
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(impl_->Verifier(PeerRole::kClient));
  options.set_check_call_host(false);
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<CallVerifier>(impl_->judge));
  return credentials;
}

std::shared_ptr<grpc::ChannelCredentials> Credentials::ForChannel() {
  // Each channel has a provider of its own: channels come and go with every attempt to connect, and
  // gRPC 1.51 was seen to release a reference twice where many of them shared one that watches
  // files. A new pair is for the next channel.
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<StaticDataCertificateProvider>(
      std::vector<IdentityKeyCertPair>{impl_->OwnPair()}));
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);
  options.set_certificate_verifier(impl_->Verifier(PeerRole::kServer));
  options.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(options);
}

absl::StatusOr<PeerRegistry::Registration> Credentials::Watch(const grpc::AuthContext& peer,
                                                              PeerRole role,
                                                              std::function<void()> cancel) {
  const PeerChain chain = ChainOf(peer);
  // Registered first and judged then: a reload in between is not missed.
  PeerRegistry::Registration registration =
      impl_->registry.Add({.chain = chain, .role = role, .cancel = std::move(cancel)});
  if (const Verdict verdict = impl_->judge->AskOften(chain, role); !verdict.accepted()) {
    return base::Error(absl::StatusCode::kUnauthenticated, verdict.message);
  }
  return registration;
}

absl::Status Credentials::ReloadNow() {
  return impl_->Reload();
}

std::size_t Credentials::watched_streams() const {
  return impl_->registry.size();
}

namespace {

// For the user information of a URI (RFC 3986 §3.2.1).
std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::string UriOf(const HttpProxy& proxy) {
  std::string uri = "http://";
  if (!proxy.user.empty()) {
    uri += base::StrCat(PercentEncode(proxy.user), ":", PercentEncode(proxy.password), "@");
  }
  return uri + proxy.address;
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           Credentials& credentials,
                                           const HttpProxy& proxy) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A line that is cut tells nobody: without this, who waits for an answer waits until TCP gives
  // up, a quarter of an hour later. The gateway accepts pings each 5 s.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  if (!proxy.address.empty()) arguments.SetString(GRPC_ARG_HTTP_PROXY, UriOf(proxy));
  return grpc::CreateCustomChannel(target, credentials.ForChannel(), arguments);
}

absl::StatusOr<PeerIdentity> PeerOf(const grpc::AuthContext& context) {
  absl::StatusOr<PeerIdentity> identity = IdentityOf(ChainOf(context).leaf_pem);
  if (identity.ok()) return identity;
  return base::Error(absl::StatusCode::kUnauthenticated,
                     "the call came without a client certificate");
}

}  // namespace platen::tls
