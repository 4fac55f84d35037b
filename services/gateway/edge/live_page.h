// The one page that people look at: read-only, on the administrator's loopback port.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/time.h"
#include "libs/service/http.h"
#include "services/gateway/edge/pipeline_view.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

// The page itself, with all it needs (live_page.html).
extern const char kLivePageHtml[];

// GET / is the page, GET /live.json what it shows, made anew about once a second while somebody
// looks. Thread-safe but for Refresh(), which belongs to one thread.
class LivePage {
 public:
  // Beyond this many, devices are counted and not listed.
  static constexpr int kDevicesMax = 2000;
  static constexpr int kAlertsMax = 100;

  // All outlive this.
  LivePage(std::string instance,
           std::unique_ptr<Reader> reader,
           const Store& store,
           PipelineView& view,
           const base::Clock& clock)
      : instance_(std::move(instance)),
        reader_(std::move(reader)),
        store_(store),
        view_(view),
        clock_(clock) {}

  service::HttpResponse Page() const;
  service::HttpResponse Live();

  // To be called about every second.
  void Refresh();

 private:
  absl::StatusOr<std::string> MakeJson();

  const std::string instance_;
  const std::unique_ptr<Reader> reader_;
  const Store& store_;
  PipelineView& view_;
  const base::Clock& clock_;
  std::atomic<std::int64_t> asked_ms_ = 0;
  std::int64_t made_ms_ = 0;
  std::mutex mutex_;
  std::string json_;
};

}  // namespace platen::gateway::edge
