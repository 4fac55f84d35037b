// gRPC credentials of one of Platen's own parts: mutual TLS, with the certificate policy as the
// only judge, reload while running, and an eye on streams that are open.
//
//   PLATEN_… = tls::InstallOpenSslPolicy();                       // First thing in main.
//   auto tls = tls::Credentials::Create({.files = …}, clock);      // Then anywhere.
//   builder.AddListeningPort(address, (*tls)->ForServer());         // Or MakeChannel(target,
//   **tls).
//   // In a stream's handler:
//   auto watch = tls.Watch(*context->auth_context(), PeerRole::kClient, [context] {
//   context->TryCancel(); }); if (!watch.ok()) return watch.status();                        //
//   Refused meanwhile.
//
// gRPC's own verification is switched off, because it would end a handshake without saying why;
// ours runs in its place for every connection, for every call that begins, and for every watched
// stream at each reload, changed files or not (time passes for certificates and revocation lists,
// too).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/tls/material.h"
#include "libs/tls/peer_registry.h"
#include "libs/tls/policy.h"

namespace grpc {
class AuthContext;
class Channel;
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace platen::tls {

// Called from any thread, concurrently; must not block, nor call back into Credentials. Empty ones
// are left out.
struct CredentialsHooks {
  // A peer was refused: at connect, at a call, or while its stream was open (then it is also cut).
  // Count by RefusalName(*verdict.refusal), log verdict.message.
  std::function<void(const Verdict& verdict)> on_refused;
  // The files changed and were read: OK, or why the former ones stay in use.
  std::function<void(const absl::Status& outcome)> on_reload;
  // At start and at each reload that is taken over: until when our own certificate and the
  // revocation lists hold.
  std::function<void(base::WallTime certificate_expiry, base::WallTime crl_next_update)>
      on_material;
  // At start and at each reload that is taken over, and when time alone has changed them: what is
  // doubtful about the files. None is good news.
  std::function<void(const TlsDoubts& doubts)> on_doubts;
};

struct CredentialsOptions {
  TlsFiles files;
  // Names outside this DNS domain are refused; see Expectation. Empty: any.
  std::string domain;
  // As what our own certificate is shown; for on_doubts.
  PeerRole own_role = PeerRole::kServer;
  // How often files are looked at and peers re-verified. At most 30 s: a revoked peer is to be cut
  // within a minute.
  base::Duration reload_interval = std::chrono::seconds(10);
  CredentialsHooks hooks;
};

// Thread-safe. One thread of its own for the reloads.
class Credentials {
 public:
  // Reads the files. Errors are those of ReadTlsFiles() and ParseTlsMaterial(). `clock` must
  // outlive the result.
  static absl::StatusOr<std::unique_ptr<Credentials>> Create(CredentialsOptions options,
                                                             const base::Clock& clock);

  // REQUIRES: servers, channels and Registrations made with it are gone.
  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  // Demands a client certificate. Calls of peers that are no longer trusted end with
  // UNAUTHENTICATED and the reason, also on connections that are open already. (Such a client must
  // open a new channel once it has a new certificate.)
  std::shared_ptr<grpc::ServerCredentials> ForServer();

  // Checks the server's names against the host part of the channel's target. Prefer MakeChannel().
  std::shared_ptr<grpc::ChannelCredentials> ForChannel();

  // Watches an open stream until the result is destroyed: `cancel` is called once if its peer is no
  // longer trusted. kUnauthenticated, with the reason, if that is so already. For a client, the
  // call's initial metadata must have arrived: before that there is no peer.
  absl::StatusOr<PeerRegistry::Registration> Watch(const grpc::AuthContext& peer,
                                                   PeerRole role,
                                                   std::function<void()> cancel);

  // What the thread does at each interval: reads the files, takes them over if they changed and are
  // good, re-verifies. Answers why the former files stay, if they do.
  absl::Status ReloadNow();

  // The streams that are watched now.
  std::size_t watched_streams() const;

 private:
  class Impl;
  explicit Credentials(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A proxy that is asked for a tunnel to the target (CONNECT, RFC 9110 §9.3.6), and sees nothing
// within it. Where `address` is empty, the environment's https_proxy counts, as everywhere in gRPC.
struct HttpProxy {
  std::string address;  // "host:port".
  // Basic authentication (RFC 7617); empty: none. Neither has an '@': gRPC 1.51 decodes before it
  // looks for the end of the password, and would go without a proxy.
  std::string user;
  std::string password;
};

// A channel with connections of its own: unlike gRPC's default it shares none with other channels
// to the same target, so that a new one has a new handshake. Make a new one after UNAUTHENTICATED.
// Keep-alive finds dead peers in 20 s.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           Credentials& credentials,
                                           const HttpProxy& proxy = {});

// Who is at the other end of a call, as its certificate says. kUnauthenticated without a
// certificate.
absl::StatusOr<PeerIdentity> PeerOf(const grpc::AuthContext& context);

}  // namespace platen::tls
