// One stream of alerts: the open ones, SYNCED, then changes as they come.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "platen/fleet/v1/fleet.grpc.pb.h"

#include "services/gateway/core/alert_filter.h"
#include "services/gateway/edge/alert_hub.h"
#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/read_pool.h"

namespace platen::gateway::edge {

// First catches up from the store, page by page as its reader takes them, while live changes wait
// in a bounded buffer; then passes those on. Owned by itself from Begin() until OnDone().
class AlertWatch final : public grpc::ServerWriteReactor<platen::fleet::v1::WatchAlertsResponse>,
                         public std::enable_shared_from_this<AlertWatch> {
 public:
  AlertWatch(AlertHub& hub, ReadPool& readers, grpc::CallbackServerContext& call)
      : hub_(hub), readers_(readers), call_(call) {}

  void Begin(std::shared_ptr<AlertWatch> self,
             Peers& peers,
             const platen::fleet::v1::WatchAlertsRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void OnChange(const std::shared_ptr<const WatchedChange>& change);
  void OnTick(base::MonotonicTime now);
  void Drain();

 private:
  absl::Status Prepare(Peers& peers, const platen::fleet::v1::WatchAlertsRequest& request);
  // On a reader's thread: the next page of what was before the live changes.
  void CatchUp(Reader& reader);
  bool Sees(const WatchedChange& change) const;

  // REQUIRES of the following: mutex_ is held.
  void AskForMore();
  void SendSynced();
  void End(const grpc::Status& status);
  void EndSlow(const std::string& why);
  void Proceed();
  std::string Token(std::int64_t position) const;

  AlertHub& hub_;
  ReadPool& readers_;
  grpc::CallbackServerContext& call_;
  std::shared_ptr<AlertWatch> self_;
  tls::PeerRegistry::Registration watch_;
  std::string parent_;
  core::Place place_;
  std::vector<std::string> tenants_;
  core::AlertFilter filter_;
  bool snapshot_ = true;  // Only open alerts are caught up with, and without tokens until SYNCED.

  std::mutex mutex_;
  bool synced_ = false;
  bool asking_ = false;
  std::int64_t caught_up_to_ = 0;          // Position of the last alert caught up with.
  std::optional<std::int64_t> synced_to_;  // Live changes up to here are known already.
  std::int64_t position_ = 0;              // Of the last change sent or passed over.
  std::deque<platen::fleet::v1::WatchAlertsResponse> outbox_;
  std::deque<std::shared_ptr<const WatchedChange>> live_;  // Until SYNCED.
  platen::fleet::v1::WatchAlertsResponse writing_message_;
  bool writing_ = false;
  std::string written_token_;  // Of the last message written that had one.
  base::MonotonicTime last_write_;
  std::optional<grpc::Status> ending_;
  bool finished_ = false;
};

}  // namespace platen::gateway::edge
