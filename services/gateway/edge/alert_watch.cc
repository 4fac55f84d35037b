#include "services/gateway/edge/alert_watch.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/edge/grpc_status.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;

constexpr int kCatchUpPage = 200;

}  // namespace

absl::Status AlertWatch::Prepare(Peers& peers, const fleet::WatchAlertsRequest& request) {
  PLATEN_ASSIGN_OR_RETURN(const core::Caller caller, peers.Authenticate(*call_.auth_context()));
  PLATEN_RETURN_IF_ERROR(core::CheckMayRead(caller));
  PLATEN_ASSIGN_OR_RETURN(place_, core::ParsePlace(request.parent(), core::Wildcards::kAllowed));
  if (!place_.tenant.empty() && !caller.MaySee(place_.tenant)) {
    return base::Error(
        absl::StatusCode::kPermissionDenied, caller.name, " may not see tenant ", place_.tenant);
  }
  PLATEN_ASSIGN_OR_RETURN(filter_, core::ParseAlertFilter(request.filter()));
  if (filter_.open.has_value()) {
    return base::InvalidArgument(
        "filter: a stream tells of beginnings and ends; leave \"open\" out");
  }
  parent_ = request.parent();
  tenants_ = caller.tenants;
  snapshot_ = request.resume_token().empty();
  if (!snapshot_) {
    PLATEN_ASSIGN_OR_RETURN(
        caught_up_to_,
        core::ReadResumeToken(hub_.options().store_id, parent_, request.resume_token()));
  }
  PLATEN_ASSIGN_OR_RETURN(watch_,
                          peers.Watch(*call_.auth_context(), [this] { call_.TryCancel(); }));
  return absl::OkStatus();
}

void AlertWatch::Begin(std::shared_ptr<AlertWatch> self,
                       Peers& peers,
                       const fleet::WatchAlertsRequest& request) {
  self_ = std::move(self);
  hub_.metrics().watch_streams.Increment();
  absl::Status status = Prepare(peers, request);
  // From here on nothing is missed: what comes now waits in live_.
  if (status.ok() && !hub_.Add(self_)) {
    status = base::ResourceExhausted("too many streams of alerts are open, or the gateway stops");
  }
  const std::lock_guard lock(mutex_);
  last_write_ = hub_.Now();
  if (!status.ok()) return End(ToGrpc(status));
  AskForMore();
}

void AlertWatch::AskForMore() {
  if (asking_ || synced_ || ending_.has_value()) return;
  const absl::Status status =
      readers_.Submit([self = shared_from_this()](Reader& reader) { self->CatchUp(reader); });
  if (!status.ok()) return End(ToGrpc(status));
  asking_ = true;
}

void AlertWatch::CatchUp(Reader& reader) {
  std::int64_t after = 0;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    after = caught_up_to_;
    first = !synced_to_.has_value();
  }
  absl::StatusOr<std::int64_t> last =
      first ? reader.LastPosition() : absl::StatusOr<std::int64_t>(0);
  auto alerts = reader.AlertsAfter(
      {.place = place_, .tenants = tenants_, .limit = kCatchUpPage}, after, snapshot_);
  const std::lock_guard lock(mutex_);
  asking_ = false;
  if (!last.ok()) return End(ToGrpc(last.status()));
  if (!alerts.ok()) return End(ToGrpc(alerts.status()));
  if (first) synced_to_ = *last;
  for (Reader::PositionedAlert& alert : *alerts) {
    caught_up_to_ = alert.position;
    if (!filter_.Matches(alert.record)) continue;
    fleet::WatchAlertsResponse& response = outbox_.emplace_back();
    *response.mutable_alert() = std::move(alert.record);
    // A snapshot that was cut short begins anew; a resumed stream goes on from each of its changes.
    if (!snapshot_) response.set_resume_token(Token(alert.position));
  }
  if (alerts->size() < static_cast<std::size_t>(kCatchUpPage)) SendSynced();
  Proceed();
}

void AlertWatch::SendSynced() {
  synced_ = true;
  position_ = *synced_to_;
  fleet::WatchAlertsResponse& response = outbox_.emplace_back();
  response.mutable_synced();
  response.set_resume_token(Token(position_));
  for (const auto& change : std::exchange(live_, {})) {
    if (change->position <= position_) continue;
    position_ = change->position;
    fleet::WatchAlertsResponse& next = outbox_.emplace_back();
    *next.mutable_alert() = change->record;
    next.set_resume_token(Token(position_));
  }
}

bool AlertWatch::Sees(const WatchedChange& change) const {
  const core::Place& place = change.place;
  return (place_.tenant.empty() || place_.tenant == place.tenant) &&
         (place_.site.empty() || place_.site == place.site) &&
         (tenants_.empty() || std::ranges::find(tenants_, place.tenant) != tenants_.end()) &&
         filter_.Matches(change.record);
}

void AlertWatch::OnChange(const std::shared_ptr<const WatchedChange>& change) {
  const std::lock_guard lock(mutex_);
  if (ending_.has_value() || finished_) return;
  if (!Sees(*change)) {
    if (synced_) position_ = std::max(position_, change->position);
    return;
  }
  if (outbox_.size() + live_.size() >= hub_.options().buffer_max) {
    return EndSlow("the reader lags; go on from the last resume_token that it has");
  }
  if (!synced_) {
    live_.push_back(change);
    return;
  }
  if (change->position <= position_) return;
  position_ = change->position;
  fleet::WatchAlertsResponse& response = outbox_.emplace_back();
  *response.mutable_alert() = change->record;
  response.set_resume_token(Token(position_));
  Proceed();
}

void AlertWatch::OnTick(base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (ending_.has_value() || finished_) return;
  if (writing_ && now - last_write_ > hub_.options().patience) {
    EndSlow("the reader takes nothing");
    return call_.TryCancel();  // Its write would never end.
  }
  if (synced_ && !writing_ && now - last_write_ >= hub_.options().keep_alive) {
    fleet::WatchAlertsResponse& response = outbox_.emplace_back();
    response.mutable_keep_alive();
    response.set_resume_token(Token(position_));
    Proceed();
  }
}

void AlertWatch::Drain() {
  const std::lock_guard lock(mutex_);
  End({grpc::StatusCode::UNAVAILABLE, "the gateway is stopping"});
}

void AlertWatch::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) End({grpc::StatusCode::CANCELLED, "the reader is gone"});
  Proceed();
}

void AlertWatch::OnCancel() {
  const std::lock_guard lock(mutex_);
  End({grpc::StatusCode::CANCELLED, "the reader is gone"});
}

void AlertWatch::OnDone() {
  watch_ = {};
  hub_.metrics().watch_streams.Decrement();
  self_.reset();
}

void AlertWatch::End(const grpc::Status& status) {
  if (!ending_.has_value()) ending_ = status;
  outbox_.clear();
  live_.clear();
  Proceed();
}

// What it is told to go on from is what was given to it last, which it reads before this end.
void AlertWatch::EndSlow(const std::string& why) {
  hub_.metrics().watch_streams_too_slow.Increment();
  End(ToGrpc(base::ResourceExhausted(why), "SLOW_READER", written_token_));
}

void AlertWatch::Proceed() {
  if (finished_ || writing_) return;
  if (ending_.has_value()) {
    finished_ = true;
    return Finish(*ending_);
  }
  if (outbox_.empty()) return AskForMore();
  writing_ = true;
  last_write_ = hub_.Now();
  writing_message_ = std::move(outbox_.front());
  outbox_.pop_front();
  if (!writing_message_.resume_token().empty()) written_token_ = writing_message_.resume_token();
  StartWrite(&writing_message_);
}

std::string AlertWatch::Token(std::int64_t position) const {
  return core::MakeResumeToken(hub_.options().store_id, parent_, position);
}

}  // namespace platen::gateway::edge
