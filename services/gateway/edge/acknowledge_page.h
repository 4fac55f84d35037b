// Where links in messages lead: GET shows what the link is about and changes nothing, POST
// acknowledges it, once. On a port of its own, for a reverse proxy
// (docs/decisions/0013-links-that-acknowledge.md).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/links/link_keys.h"
#include "libs/service/http_server.h"
#include "services/gateway/core/link_page.h"
#include "services/gateway/core/link_rates.h"
#include "services/gateway/edge/gateway_metrics.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

struct AcknowledgePageOptions {
  // As service::HttpServerOptions.
  std::string listen;
  std::string key_file;
  // Of links that are ours; what is not ours costs too little to be counted here.
  core::LinkRateOptions rate;
};

// What it borrows must outlive it.
struct AcknowledgePageContext {
  Store& store;
  ReadPool& readers;
  GatewayMetrics& metrics;
  const base::Clock& clock;
};

// What is wrong with the file of keys, if anything; names it, and says nothing of what is in it.
absl::StatusOr<links::LinkKeys> ReadLinkKeys(const std::string& file);

// Thread-safe. To be stopped before the store and the readers are.
class AcknowledgePage {
 public:
  // Errors as ReadLinkKeys() and HttpServer::Start().
  static absl::StatusOr<std::unique_ptr<AcknowledgePage>> Start(
      AcknowledgePageOptions options, const AcknowledgePageContext& context);
  ~AcknowledgePage();  // Stops.
  AcknowledgePage(const AcknowledgePage&) = delete;
  AcknowledgePage& operator=(const AcknowledgePage&) = delete;

  // Reads the file of keys again. One that can't be used is logged when it begins to be so, and the
  // former keys stay.
  void ReloadKeys();

  std::uint16_t port() const { return server_.port(); }

  void Stop() { server_.Stop(); }

 private:
  class Asked;

  AcknowledgePage(AcknowledgePageOptions options,
                  const AcknowledgePageContext& context,
                  links::LinkKeys keys);

  void Handle(const service::HttpRequest& request, service::HttpAnswer answer);
  void Show(std::shared_ptr<const Asked> asked);
  void Use(std::shared_ptr<const Asked> asked, const service::HttpRequest& request);
  links::LinkKeys keys() const;

  const AcknowledgePageOptions options_;
  const AcknowledgePageContext context_;
  core::LinkRates rates_;  // The server's thread's.
  mutable std::mutex mutex_;
  links::LinkKeys keys_;
  absl::Status last_reload_;
  service::HttpServer server_;
};

}  // namespace platen::gateway::edge
