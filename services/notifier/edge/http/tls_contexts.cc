#include "services/notifier/edge/http/tls_contexts.h"

#include <sys/stat.h>

namespace platen::notifier::edge {

namespace ssl = boost::asio::ssl;

namespace {

using Error = boost::system::error_code;

constexpr base::Duration kLookedAtEvery = std::chrono::seconds(1);

Error Prepare(ssl::context& context, const TlsFiles& files) {
  Error fault;
  const auto options = ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1;
  context.set_options(options, fault);
  if (!fault) context.set_verify_mode(ssl::verify_peer, fault);
  if (!fault) {
    files.ca_file.empty() ? context.set_default_verify_paths(fault)
                          : context.load_verify_file(files.ca_file, fault);
  }
  if (fault || files.cert_file.empty()) return fault;
  context.use_certificate_chain_file(files.cert_file, fault);
  if (!fault) context.use_private_key_file(files.key_file, ssl::context::pem, fault);
  return fault;
}

}  // namespace

TlsContexts::Context TlsContexts::Get(base::MonotonicTime now,
                                      const TlsFiles& files,
                                      std::string& fault) {
  Entry& entry = entries_[files];
  if (entry.context != nullptr && now - entry.looked_at < kLookedAtEvery) return entry.context;
  entry.looked_at = now;
  std::vector<Stamp> stamps = StampsOf(files);
  if (entry.context != nullptr && entry.stamps == stamps) return entry.context;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (const Error error = Prepare(*context, files); error) {
    fault = "TLS can't be prepared: " + error.message();
    return nullptr;
  }
  entry = {.stamps = std::move(stamps), .context = std::move(context), .looked_at = now};
  return entry.context;
}

std::vector<TlsContexts::Stamp> TlsContexts::StampsOf(const TlsFiles& files) {
  std::vector<Stamp> stamps;
  for (const std::string* const file : {&files.ca_file, &files.cert_file, &files.key_file}) {
    Stamp& stamp = stamps.emplace_back();

    struct stat found {};

    if (file->empty() || stat(file->c_str(), &found) != 0) continue;
    stamp = {static_cast<std::int64_t>(found.st_dev),
             static_cast<std::int64_t>(found.st_ino),
             found.st_size,
             found.st_mtim.tv_sec,
             found.st_mtim.tv_nsec};
  }
  return stamps;
}

}  // namespace platen::notifier::edge
