#include "libs/service/kafka_tls_watch.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/read_file.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/kafka_config.h"
#include "libs/service/log.h"
#include "libs/tls/policy.h"

namespace platen::service {
namespace {

using broker::kafka::KafkaOptions;
using broker::kafka::TlsMaterial;
using broker::kafka::TlsVersion;

constexpr std::string_view kCertificate = "ssl.certificate.location";
constexpr std::size_t kFileBytesMax = 64u << 20;  // Revocation lists grow.
constexpr base::Duration kInterval = std::chrono::seconds(10);

// A directory of authorities stays librdkafka's own to read.
std::map<std::string, std::string> TakeFiles(KafkaOptions& options) {
  std::map<std::string, std::string> files;
  for (const std::string_view property : kKafkaFileProperties) {
    const auto found = options.properties.find(std::string(property));
    if (found == options.properties.end()) continue;
    std::error_code error;
    if (property == "ssl.ca.location" &&
        (found->second == "probe" || std::filesystem::is_directory(found->second, error))) {
      continue;
    }
    files.insert(options.properties.extract(found));
  }
  return files;
}

std::string DateOf(base::WallTime time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixMillis(base::ToMillis(time.time_since_epoch())),
                          absl::UTCTimeZone());
}

// Empty where a PKCS#12 store is used instead, or it cannot be read.
absl::StatusOr<tls::PeerIdentity> CertificateOf(const broker::kafka::TlsFileContents& contents) {
  const auto found = contents.find(std::string(kCertificate));
  if (found == contents.end()) return base::NotFound("no ", kCertificate);
  return tls::IdentityOf(found->second);
}

void TellUse(std::string_view client, const TlsVersion& version) {
  const absl::StatusOr<tls::PeerIdentity> own = CertificateOf(version.files);
  if (!own.ok()) return;
  LogInfo("kafka client uses certificate",
          {{"client", client},
           {"serial", own->serial},
           {"subject", own->subject},
           {"not_after", DateOf(own->not_after)}});
}

}  // namespace

KafkaTlsWatch::KafkaTlsWatch(std::map<std::string, std::string> files,
                             Metrics& metrics,
                             const base::Clock& clock)
    : files_(std::move(files)),
      clock_(clock),
      expiry_(
          metrics.AddGauge("platen_kafka_certificate_expiry_timestamp_seconds",
                           "Until when the certificate shown to Kafka holds; 0: there is none.")),
      taken_(metrics.AddCounter("platen_kafka_certificate_reloads_total",
                                "Changed TLS files of Kafka's clients: taken over, or refused.",
                                {{"result", "taken"}})),
      refused_(metrics.AddCounter("platen_kafka_certificate_reloads_total",
                                  "Changed TLS files of Kafka's clients: taken over, or refused.",
                                  {{"result", "refused"}})) {}

absl::StatusOr<std::unique_ptr<KafkaTlsWatch>> KafkaTlsWatch::Start(const config::v1::Kafka& config,
                                                                    KafkaOptions& options,
                                                                    Metrics& metrics,
                                                                    const base::Clock& clock) {
  std::unique_ptr<KafkaTlsWatch> watch(new KafkaTlsWatch(TakeFiles(options), metrics, clock));
  if (watch->files_.empty()) return watch;
  watch->tried_with_ = options;
  PLATEN_ASSIGN_OR_RETURN(watch->contents_, watch->Read());
  PLATEN_RETURN_IF_ERROR(watch->Check(watch->contents_));
  watch->ShowExpiry(watch->contents_);
  options.tls = std::make_shared<TlsMaterial>(watch->contents_, TellUse);
  watch->material_ = options.tls;
  metrics.AddGaugeFunction(
      "platen_kafka_clients_on_former_certificate",
      "Kafka clients that have not gone over to the newest certificate yet.",
      {},
      [material = options.tls] { return static_cast<double>(material->former_users()); });
  const base::Duration interval =
      config.has_tls_reload_interval() ? event::FromProto(config.tls_reload_interval()) : kInterval;
  watch->thread_ = std::thread([self = watch.get(), interval] { self->Loop(interval); });
  return watch;
}

KafkaTlsWatch::~KafkaTlsWatch() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<KafkaTlsWatch::Contents> KafkaTlsWatch::Read() const {
  Contents contents;
  for (const auto& [property, file] : files_) {
    PLATEN_ASSIGN_OR_RETURN(contents[property], base::ReadFile(file, kFileBytesMax));
  }
  return contents;
}

absl::Status KafkaTlsWatch::Check(const Contents& contents) const {
  if (contents.contains(std::string(kCertificate))) {
    const std::string& file = files_.at(std::string(kCertificate));
    const absl::StatusOr<tls::PeerIdentity> own = CertificateOf(contents);
    if (!own.ok()) return base::Annotate(own.status(), file);
    if (own->not_after <= clock_.WallNow()) {
      return base::InvalidArgument(
          file, " ('", own->subject, "'): expired at ", DateOf(own->not_after), "; renew it");
    }
  }
  return broker::kafka::TryTlsFiles(tried_with_, contents);
}

void KafkaTlsWatch::ShowExpiry(const Contents& contents) {
  const absl::StatusOr<tls::PeerIdentity> own = CertificateOf(contents);
  expiry_.Set(own.ok() ? base::ToSeconds(own->not_after.time_since_epoch()) : 0);
}

absl::Status KafkaTlsWatch::TakeOverChanges() {
  PLATEN_ASSIGN_OR_RETURN(Contents contents, Read());
  if (contents == contents_) return absl::OkStatus();
  PLATEN_RETURN_IF_ERROR(Check(contents));
  contents_ = contents;
  ShowExpiry(contents_);
  taken_.Increment();
  LogInfo("kafka certificate replaced; clients go over to it");
  material_->Replace(std::move(contents));
  return absl::OkStatus();
}

absl::Status KafkaTlsWatch::LookNow() {
  const std::lock_guard lock(look_mutex_);
  if (files_.empty()) return absl::OkStatus();
  const absl::Status outcome = TakeOverChanges();
  if (!outcome.ok() && outcome != trouble_) {
    refused_.Increment();
    LogError("kafka certificate kept: the new files can't be used",
             {{"reason", outcome.message()}});
  }
  trouble_ = outcome;
  return outcome;
}

void KafkaTlsWatch::Loop(base::Duration interval) {
  std::unique_lock lock(stop_mutex_);
  while (!stop_changed_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    // What went wrong is in the log; the former files stay in use.
    LookNow().IgnoreError();
    lock.lock();
  }
}

}  // namespace platen::service
