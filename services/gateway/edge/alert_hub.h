// Alert changes, from the store to the streams that watch them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "libs/base/time.h"
#include "services/gateway/core/names.h"
#include "services/gateway/edge/gateway_metrics.h"
#include "services/gateway/edge/ledger.h"

namespace platen::gateway::edge {

class AlertWatch;

// One change, made once and shared by all who watch.
struct WatchedChange {
  std::int64_t position = 0;
  core::Place place;
  platen::fleet::v1::AlertRecord record;
};

struct AlertHubOptions {
  std::string store_id;
  std::size_t watches_max = 256;
  // Changes that may wait for one reader.
  std::size_t buffer_max = 1000;
  base::Duration keep_alive = std::chrono::seconds(10);
  // A write that is not taken for this long ends the stream.
  base::Duration patience = std::chrono::seconds(30);
};

// Thread-safe. `metrics` and `clock` must outlive this.
class AlertHub {
 public:
  AlertHub(AlertHubOptions options, GatewayMetrics& metrics, const base::Clock& clock)
      : options_(std::move(options)), metrics_(metrics), clock_(clock) {}

  const AlertHubOptions& options() const { return options_; }

  GatewayMetrics& metrics() { return metrics_; }

  base::MonotonicTime Now() const { return clock_.Now(); }

  // False where too many watch, or after Drain().
  bool Add(const std::shared_ptr<AlertWatch>& watch);

  // The store's listener.
  void Publish(const std::vector<AlertChange>& changes);

  // To be called about every second: keep-alives, and the end of stuck readers.
  void Tick();

  // Ends all streams with UNAVAILABLE; takes no new ones.
  void Drain();

 private:
  std::vector<std::shared_ptr<AlertWatch>> Watches();

  const AlertHubOptions options_;
  GatewayMetrics& metrics_;
  const base::Clock& clock_;
  std::mutex mutex_;
  bool draining_ = false;
  std::vector<std::weak_ptr<AlertWatch>> watches_;
};

}  // namespace platen::gateway::edge
