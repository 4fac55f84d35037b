#include "libs/service/tls_watch.h"

#include <utility>

#include "libs/service/log.h"

namespace platen::service {
namespace {

constexpr const char* kReloads = "platen_certificate_reloads_total";
constexpr const char* kReloadsHelp =
    "Changed TLS files: taken over, or refused, so that the former ones stay in use.";

double Seconds(base::WallTime time) {
  return base::ToSeconds(time.time_since_epoch());
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TlsWatch::TlsWatch(TlsWatchOptions options, Metrics& metrics, const base::Clock& clock)
    : options_(std::move(options)),
      expiry_(metrics.AddGauge("platen_certificate_expiry_timestamp_seconds",
                               "Until when the own certificate holds.",
                               {{"role", options_.role}})),
      crl_next_update_(metrics.AddGauge("platen_crl_next_update_timestamp_seconds",
                                        "Until when the revocation lists hold.",
                                        {{"role", options_.role}})),
      accepted_(metrics.AddGauge("platen_certificate_accepted",
                                 "1 if a peer that trusts the same authorities and revocation "
                                 "lists would accept the own certificate now, 0 if not.",
                                 {{"role", options_.role}})),
      taken_(metrics.AddCounter(kReloads, kReloadsHelp, {{"result", "taken"}})),
      kept_(metrics.AddCounter(kReloads, kReloadsHelp, {{"result", "refused"}})) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    refused_[i] = &metrics.AddCounter("platen_tls_peers_refused_total",
                                      "Peers whose TLS handshake, call or stream was refused.",
                                      {{"reason", std::string(NameOf(i))}});
    lines_[i].emplace(clock);
  }
  grpc_log_.emplace(clock, [this](std::string_view reason) { Refuse(Classify(reason), reason); });
}

std::string_view TlsWatch::NameOf(std::size_t reason) {
  if (reason < tls::kRefusalCount) return tls::RefusalName(static_cast<tls::Refusal>(reason));
  switch (static_cast<Handshake>(reason - tls::kRefusalCount)) {
    case Handshake::kNoCommonCipher:
      return "no_common_cipher";
    case Handshake::kNoCommonVersion:
      return "no_common_version";
    case Handshake::kOther:
      return "handshake";
  }
  return "handshake";
}

// gRPC 1.51 says no more than OpenSSL's words, and of no peer its address.
std::size_t TlsWatch::Classify(std::string_view handshake_reason) {
  if (Contains(handshake_reason, "did not return a certificate")) {
    return static_cast<std::size_t>(tls::Refusal::kNoCertificate);
  }
  if (Contains(handshake_reason, "no shared cipher")) return ReasonOf(Handshake::kNoCommonCipher);
  if (Contains(handshake_reason, "unsupported protocol") ||
      Contains(handshake_reason, "protocol version")) {
    return ReasonOf(Handshake::kNoCommonVersion);
  }
  return ReasonOf(Handshake::kOther);
}

void TlsWatch::Refuse(std::size_t reason, std::string_view detail) {
  refused_[reason]->Increment();
  if (!options_.log_refusals) return;
  const std::optional<std::uint64_t> left_out = lines_[reason]->Permit();
  if (!left_out.has_value()) return;
  LogWarning("peer refused",
             {{"reason", NameOf(reason)}, {"detail", detail}, {"not_logged", *left_out}});
}

tls::CredentialsHooks TlsWatch::Hooks() {
  return {.on_refused =
              [this](const tls::Verdict& verdict) {
                Refuse(static_cast<std::size_t>(*verdict.refusal), verdict.message);
              },
          .on_reload =
              [this](const absl::Status& outcome) {
                (outcome.ok() ? taken_ : kept_).Increment();
                if (outcome.ok()) return LogInfo("certificates reloaded");
                LogError("certificates kept: the new ones can't be used",
                         {{"reason", outcome.message()}});
              },
          .on_material =
              [this](base::WallTime certificate, base::WallTime list) {
                expiry_.Set(Seconds(certificate));
                crl_next_update_.Set(Seconds(list));
              },
          .on_doubts =
              [this](const tls::TlsDoubts& doubts) {
                accepted_.Set(doubts.own_accepted ? 1 : 0);
                for (const tls::TlsFault& fault : doubts.faults) {
                  LogWarning("certificates are doubtful", {{"reason", fault.message}});
                }
              }};
}

}  // namespace platen::service
