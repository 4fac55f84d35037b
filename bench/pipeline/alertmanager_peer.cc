#include "bench/pipeline/alertmanager_peer.h"

#include <array>
#include <csignal>
#include <thread>
#include <utility>

#include <unistd.h>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/processes.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;

std::string JsonOf(const std::vector<std::uint64_t>& alerts) {
  std::string json = "[";
  for (const std::uint64_t alert : alerts) {
    json += base::StrCat(json.size() > 1 ? "," : "",
                         R"({"labels":{"alertname":"PrinterJam","tenant":"acme","site":"hq",)",
                         R"("printer":")",
                         alert,
                         R"("},"annotations":{"description":"bench )",
                         alert,
                         R"("},"endsAt":"2099-01-01T00:00:00Z"})");
  }
  return json + "]";
}

}  // namespace

AlertmanagerPeer::AlertmanagerPeer(std::string program, const HttpSink& sink)
    : program_(std::move(program)), port_(FreePort()) {
  directory_.Write("alertmanager.yml",
                   base::StrCat("route:\n"
                                "  receiver: hook\n"
                                "  group_by: [alertname, printer]\n"
                                "  group_wait: 0s\n"
                                "  group_interval: 5m\n"
                                "  repeat_interval: 24h\n"
                                "receivers:\n"
                                "  - name: hook\n"
                                "    webhook_configs:\n"
                                "      - url: http://127.0.0.1:",
                                sink.port(0),
                                "/hook\n"));
}

AlertmanagerPeer::~AlertmanagerPeer() = default;

void AlertmanagerPeer::Start() {
  process_ = std::make_unique<testing_support::ChildProcess>(
      std::vector<std::string>{program_,
                               "--config.file",
                               directory_.File("alertmanager.yml"),
                               "--storage.path",
                               directory_.File("data"),
                               base::StrCat("--web.listen-address=127.0.0.1:", port_),
                               "--cluster.listen-address=",
                               "--log.level=error"},
      directory_.File("log.txt"));
  const base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + std::chrono::seconds(60);
  while (!Post({})) {
    if (clock.Now() > deadline) Broken("Alertmanager does not start");
    std::this_thread::sleep_for(milliseconds(10));
  }
}

void AlertmanagerPeer::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait();
  process_.reset();
}

bool AlertmanagerPeer::Post(const std::vector<std::uint64_t>& alerts) {
  const int socket = TryConnect(port_);
  if (socket < 0) return false;
  const std::string request = MakePost("/api/v2/alerts", JsonOf(alerts));
  std::size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t more = write(socket, request.data() + sent, request.size() - sent);
    if (more <= 0) break;
    sent += static_cast<std::size_t>(more);
  }
  std::array<char, 1024> answer{};
  const ssize_t got = sent == request.size() ? read(socket, answer.data(), answer.size()) : -1;
  close(socket);
  return got > 0 &&
         std::string_view(answer.data(), static_cast<std::size_t>(got)).starts_with("HTTP/1.1 200");
}

}  // namespace platen::bench
