#include "libs/service/admin_server.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "libs/service/http_server.h"

namespace platen::service {
namespace {

constexpr char kName[] = "admin";

// A web page elsewhere can make a browser on this machine send requests here, under its own host
// name: only requests that name this machine are answered.
bool NamesLoopback(std::string host) {
  if (const std::size_t end = host.rfind(':');
      end != std::string::npos && host.find(']', end) == std::string::npos) {
    host.resize(end);
  }
  if (host.empty() || host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const boost::asio::ip::address ip = boost::asio::ip::make_address(host, error);
  return !error && ip.is_loopback();
}

HttpResponse Refusal(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n"};
}

}  // namespace

// Pages are found on the server's thread, and added from others.
class AdminServer::Impl {
 public:
  Impl(AdminOptions options, Metrics& metrics)
      : metrics_(metrics),
        dropped_(metrics.AddCounter("platen_admin_connections_dropped_total",
                                    "Connections without a request that made room for new ones.")),
        server_(
            {.address = std::move(options.address),
             .name = kName,
             .connections_max = options.connections_max,
             .request_timeout = options.request_timeout,
             .answer_timeout = options.answer_timeout,
             .header_bytes_max = options.header_bytes_max},
            [this](const HttpRequest& request, const HttpAnswer& answer) {
              answer(Answer(request));
            },
            [this](HttpRefusal refusal) {
              if (refusal == HttpRefusal::kDropped) dropped_.Increment();
            }) {}

  void AddPage(std::string path, HttpHandler handler) {
    const std::lock_guard lock(mutex_);
    pages_.insert_or_assign(std::move(path), std::move(handler));
  }

  HttpServer& server() { return server_; }

  HealthChecks liveness;
  HealthChecks readiness;

 private:
  HttpResponse Answer(const HttpRequest& request);
  HttpHandler FindPage(const std::string& path);

  Metrics& metrics_;
  Counter& dropped_;
  std::mutex mutex_;
  std::map<std::string, HttpHandler> pages_;
  HttpServer server_;
};

HttpHandler AdminServer::Impl::FindPage(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto exact = pages_.find(path); exact != pages_.end()) return exact->second;
  for (auto page = pages_.rbegin(); page != pages_.rend(); ++page) {  // Longer prefixes come first.
    if (page->first.size() > 1 && page->first.ends_with('/') && path.starts_with(page->first))
      return page->second;
  }
  return nullptr;
}

HttpResponse AdminServer::Impl::Answer(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return Refusal(405, "only GET and HEAD");
  }
  if (!NamesLoopback(request.host)) {
    return Refusal(421, "this server answers to localhost only");
  }
  if (request.path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.Text()};
  }
  if (request.path == "/livez" || request.path == "/readyz") {
    const bool live = request.path == "/livez";
    HealthChecks::Outcome outcome = live ? liveness.Ask("alive") : readiness.Ask("ready");
    return {.status = outcome.ok ? 200 : 503,
            .content_type = "application/json",
            .body = std::move(outcome.json)};
  }
  const HttpHandler page = FindPage(request.path);
  if (page == nullptr) return Refusal(404, "no such page");
  return page(request);
}

absl::Status CheckAdminAddress(const std::string& address) {
  return CheckLoopbackAddress(kName, address);
}

AdminServer::AdminServer(AdminOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), metrics)) {}

AdminServer::~AdminServer() {
  impl_->server().Stop();
}

void AdminServer::AddLivenessCheck(std::string name, HealthCheck check) {
  impl_->liveness.Add(std::move(name), std::move(check));
}

void AdminServer::AddReadinessCheck(std::string name, HealthCheck check) {
  impl_->readiness.Add(std::move(name), std::move(check));
}

void AdminServer::AddPage(std::string path, HttpHandler handler) {
  impl_->AddPage(std::move(path), std::move(handler));
}

absl::Status AdminServer::Start() {
  return impl_->server().Start();
}

void AdminServer::Stop() {
  impl_->server().Stop();
}

std::uint16_t AdminServer::port() const {
  return impl_->server().port();
}

}  // namespace platen::service
