#include "tests/simulation/sim_gateway.h"

#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"

namespace platen::simulation {

using relay::core::BatchAnswer;
using relay::core::DeadLetterReason;
using relay::edge::StreamDown;
using relay::edge::StreamUp;

bool SimGateway::Take(const std::string& event) {
  if (refused.contains(event)) return true;
  if (!stored_set.contains(event) && random_.Chance(faults.refused_event)) {
    refused.insert(event);
    return true;
  }
  if (stored_set.insert(event).second) {
    stored.push_back(event);
  } else {
    ++duplicates;
  }
  return false;
}

void SimUplink::Open() {
  ABSL_RAW_CHECK(!open_, "Open: a stream is open");
  arrived_.clear();
  expected_ = 1;
  ++gateway_.attempts;
  if (gateway_.random().Chance(gateway_.faults.no_connection)) {
    events_.emplace_back(StreamDown{{.status = base::Unavailable("no connection")}});
    return;
  }
  open_ = true;
  events_.emplace_back(StreamUp{"sim", 1 + gateway_.random().Below(4), 1u << 20});
}

void SimUplink::Close(const relay::edge::GatewayTrouble& /*why*/) {
  if (open_) Break();
}

// The connection is gone: what had arrived may have been handled, its answers are lost.
void SimUplink::Break() {
  std::size_t handled = arrived_.empty() ? 0 : gateway_.random().Below(arrived_.size() + 1);
  for (; handled > 0; --handled) HandleOne();
  open_ = false;
  arrived_.clear();
  events_.clear();
  events_.emplace_back(StreamDown{{.status = base::Unavailable("the stream broke")}});
}

std::size_t SimUplink::Send(const relay::core::SendWindow::Next& next) {
  ABSL_RAW_CHECK(open_ || !events_.empty(), "Send: no stream");
  Arrived& arrived = arrived_.emplace_back();
  arrived.number = next.number;
  for (std::size_t i = 0; i < next.batch->size(); ++i) {
    arrived.events.emplace_back(next.batch->At(i).event);
  }
  return next.batch->payload().size();
}

void SimUplink::AnswerDirective(std::uint64_t /*number*/, const std::string& /*refusal*/) {}

void SimUplink::HandleOne() {
  const Arrived batch = std::move(arrived_.front());
  arrived_.pop_front();
  BatchAnswer answer{.number = batch.number};
  if (gateway_.random().Chance(gateway_.faults.shrunk_window)) answer.window = 1;
  const bool fails = gateway_.random().Chance(gateway_.faults.failed_batch);
  if (batch.number != expected_ || fails) {
    ABSL_RAW_CHECK(batch.number >= expected_, "a batch came again that was accepted");
    answer.rewind_to = expected_;
    answer.retry_delay = std::chrono::milliseconds(gateway_.random().Below(20));
  } else {
    ++expected_;
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
      if (!gateway_.Take(batch.events[i])) continue;
      answer.refusals.push_back(
          {.index = i, .reason = DeadLetterReason::kUnregisteredDevice, .detail = "sim"});
    }
  }
  events_.emplace_back(std::move(answer));
}

std::optional<relay::edge::UplinkEvent> SimUplink::Poll(std::chrono::milliseconds /*max_wait*/) {
  if (open_ && gateway_.random().Chance(gateway_.faults.lost_stream)) Break();
  if (!arrived_.empty() && !gateway_.random().Chance(gateway_.faults.idle)) HandleOne();
  if (events_.empty() || gateway_.random().Chance(gateway_.faults.idle)) return std::nullopt;
  relay::edge::UplinkEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace platen::simulation
