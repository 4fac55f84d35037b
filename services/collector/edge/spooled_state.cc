#include <algorithm>
#include <functional>
#include <utility>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/status.h"
#include "services/collector/edge/spool.h"

namespace platen::collector::edge {
namespace {

constexpr std::size_t kGivenMax = 500;
// Of the events that a state carries; a record has at most a megabyte.
constexpr std::uint64_t kOutboxBytesMax = 256 * 1024;

std::size_t DigestOf(const std::optional<std::string>& value) {
  return value.has_value() ? std::hash<std::string>()(*value) : 0;
}

}  // namespace

void SpooledState::Open(std::int32_t partition) {
  if (spool_.log().HoldsStates(partition)) {
    open_.erase(partition);
    deferred_.insert(partition);
    return;
  }
  open_.insert(partition);
  kafka_->Open(partition);
}

void SpooledState::Close(std::int32_t partition) {
  open_.erase(partition);
  deferred_.erase(partition);
  if (!settling_.contains(partition)) kafka_->Close(partition);
}

absl::Status SpooledState::Put(std::int32_t partition,
                               std::string_view key,
                               std::optional<std::string_view> value,
                               std::uint64_t token) {
  // A claim means something in Kafka's log only.
  const bool is_claim = key == core::kOwnerKey;
  if (is_claim || (spool_.is_direct() && !spool_.log().HoldsState(partition, key))) {
    PLATEN_RETURN_IF_ERROR(kafka_->Put(partition, key, value, token));
    (is_claim ? claims_ : direct_).insert(token);
    return absl::OkStatus();
  }
  SpoolState state{.partition = partition, .key = std::string(key)};
  // What removes a state says no term of its own.
  if (const auto claimed = claimed_.find(partition); claimed != claimed_.end()) {
    state.term = claimed->second;
  }
  if (value.has_value()) {
    state.value.emplace(*value);
    collector::v1::DeviceState decided;
    if (decided.ParseFromString(*state.value)) state.term = decided.term();
  }
  spool_.log().AddState(std::move(state), token);
  return absl::OkStatus();
}

void SpooledState::Purge() {
  kafka_->Purge();
  TakeBack();
  spool_.log().Purge(spool_.ended());
}

void SpooledState::TakeBack() {
  given_.clear();
  for (auto& [partition, settling] : settling_) {
    settling.written.clear();
    settling.complete_at.reset();
  }
}

absl::Status SpooledState::Poll(std::vector<Step>& steps) {
  kafka_steps_.clear();
  const absl::Status polled = kafka_->Poll(kafka_steps_);
  for (Step& step : kafka_steps_) Take(std::move(step), steps);
  spool_.waiting.states = direct_.size() + claims_.size() + given_.size();
  spool_.OnTurn();
  if (std::exchange(outages_seen_, spool_.outages()) != spool_.outages()) OnOutage();
  for (core::StatePut& put : spool_.ended().states) steps.emplace_back(std::move(put));
  spool_.ended().states.clear();
  BeginSettling();
  Settle();
  EndSettling();
  return polled;
}

void SpooledState::OnOutage() {
  // Nothing that was decided before may reach the log before it is known whether its term stands.
  // Claims alone may wait where they are.
  if (!direct_.empty() || !given_.empty()) {
    kafka_->Purge();
    TakeBack();
  }
  // Whether others have claimed meanwhile is to be read anew.
  std::erase_if(settling_, [](const auto& each) {
    return each.second.settlement.phase() == core::Settlement::Phase::kWriting;
  });
}

// --- What Kafka says -----------------------------------------------------------------------------

void SpooledState::Take(Step step, std::vector<Step>& steps) {
  if (auto* put = std::get_if<core::StatePut>(&step)) {
    TakePut(std::move(*put), steps);
  } else if (auto* read = std::get_if<core::StateRead>(&step)) {
    TakeRead(std::move(*read), steps);
  } else {
    const auto restored = std::get<core::StateRestored>(step);
    spool_.OnSign();
    if (const auto found = settling_.find(restored.partition); found != settling_.end()) {
      found->second.settlement.OnRestored();
    } else if (open_.contains(restored.partition)) {
      steps.emplace_back(restored);
    }
  }
}

void SpooledState::TakePut(core::StatePut put, std::vector<Step>& steps) {
  if (put.status.ok()) spool_.OnSign();
  if ((put.token & kOfSpool) == 0) {
    claims_.erase(put.token);
    direct_.erase(put.token);
    steps.emplace_back(std::move(put));
    return;
  }
  const auto given = given_.find(put.token);
  if (given == given_.end()) return;  // Was taken back.
  const GivenState state = std::move(given->second);
  given_.erase(given);
  if (put.status.ok()) return;  // Counts when it is read back.
  const auto found = settling_.find(state.partition);
  if (found == settling_.end()) return;
  found->second.written.erase(state.key);
  found->second.complete_at.reset();
  // Refused for good: nobody will ever have it.
  if (!absl::IsCancelled(put.status)) {
    spool_.log().Shared(state.partition, state.key, state.version);
  }
}

void SpooledState::TakeRead(core::StateRead read, std::vector<Step>& steps) {
  spool_.OnSign();
  if (read.key == core::kOwnerKey) {
    TakeClaim(read);
  } else if (const auto found = settling_.find(read.partition);
             found != settling_.end() &&
             found->second.settlement.phase() != core::Settlement::Phase::kOvertaken) {
    TakeState(read, found->second);
  }
  if (open_.contains(read.partition)) steps.emplace_back(std::move(read));
}

void SpooledState::TakeClaim(const core::StateRead& read) {
  collector::v1::OwnerClaim claim;
  if (!read.value.has_value() || !claim.ParseFromString(*read.value)) return;
  std::uint64_t& highest = claimed_[read.partition];
  highest = std::max(highest, claim.term());
  const auto found = settling_.find(read.partition);
  if (found == settling_.end()) return;
  Settling& settling = found->second;
  const bool was_ours = settling.settlement.phase() != core::Settlement::Phase::kOvertaken;
  settling.settlement.OnClaim(claim.term());
  const bool is_ours = settling.settlement.phase() != core::Settlement::Phase::kOvertaken;
  settling.claimed = std::max(settling.claimed, claim.term());
  // A claim may have waited for Kafka: it was made earlier, and counts from then on.
  if (was_ours && !is_ours) settling.overtaking.claimed = read.time;
}

void SpooledState::TakeState(const core::StateRead& read, Settling& settling) {
  const auto written = settling.written.find(read.key);
  if (written != settling.written.end() && written->second.digest == DigestOf(read.value)) {
    spool_.log().Shared(read.partition, read.key, written->second.version);
  }
  // One that a fenced owner has written late counts for nobody.
  collector::v1::DeviceState state;
  if (!read.value.has_value()) {
    settling.overtaking.shared.erase(read.key);
  } else if (state.ParseFromString(*read.value) && state.term() >= settling.claimed) {
    settling.overtaking.shared.insert_or_assign(read.key, core::Counted(state));
  }
}

// --- Settling ------------------------------------------------------------------------------------

void SpooledState::BeginSettling() {
  for (const auto& [partition, kept] : spool_.log().states()) {
    const auto found = settling_.find(partition);
    if (found != settling_.end()) continue;
    core::Settlement settlement(0);
    for (const auto& [key, state] : kept) settlement.OnSpooled(state.term);
    settling_.emplace(partition, Settling{settlement, {}, std::nullopt, {}, 0});
    kafka_->Open(partition);
  }
}

void SpooledState::Settle() {
  for (auto& [partition, settling] : settling_) {
    switch (settling.settlement.phase()) {
      case core::Settlement::Phase::kReading:
        break;
      case core::Settlement::Phase::kOvertaken:
        // A file that can't be read now is asked again at the next turn.
        spool_.log().Overtaken(partition, settling.overtaking).IgnoreError();
        break;
      case core::Settlement::Phase::kWriting:
        if (settling.complete_at == spool_.states_written()) break;
        settling.complete_at.reset();
        if (Write(partition, settling)) settling.complete_at = spool_.states_written();
        break;
    }
  }
}

// True when Kafka has been given all there is.
bool SpooledState::Write(std::int32_t partition, Settling& settling) {
  const auto kept = spool_.log().states().find(partition);
  if (kept == spool_.log().states().end()) return true;
  std::vector<std::pair<std::string, std::uint64_t>> due;
  for (const auto& [key, state] : kept->second) {
    const auto written = settling.written.find(key);
    if (written != settling.written.end() && written->second.version == state.version) continue;
    if (given_.size() + due.size() >= kGivenMax) break;
    due.emplace_back(key, state.version);
    settling.settlement.OnSpooled(state.term);
  }
  for (const auto& [key, version] : due) {
    auto state = spool_.log().ReadState(partition, key);
    if (!state.ok()) return false;
    if (!state->has_value()) continue;  // Damaged, and forgotten.
    std::optional<std::string>& value = (*state)->value;
    std::optional<std::string_view> view;
    if (value.has_value()) {
      const auto outbox = spool_.log().OutboxOf(partition, key, kOutboxBytesMax);
      if (!outbox.ok()) return false;
      // Before its own: what has waited longer is older.
      value->insert(0, *outbox);
      view = *value;
    }
    const std::uint64_t token = kOfSpool | ++last_given_;
    if (!kafka_->Put(partition, key, view, token).ok()) return false;
    given_[token] = {partition, key, version};
    settling.written[key] = {version, DigestOf(value)};
  }
  return given_.size() < kGivenMax;
}

void SpooledState::EndSettling() {
  for (auto at = settling_.begin(); at != settling_.end();) {
    const std::int32_t partition = at->first;
    if (spool_.log().states().contains(partition)) {
      ++at;
      continue;
    }
    at = settling_.erase(at);
    if (!open_.contains(partition)) kafka_->Close(partition);
  }
  for (auto at = deferred_.begin(); at != deferred_.end();) {
    const std::int32_t partition = *at;
    if (spool_.log().HoldsStates(partition)) {
      ++at;
      continue;
    }
    at = deferred_.erase(at);
    open_.insert(partition);
    kafka_->Open(partition);
  }
}

}  // namespace platen::collector::edge
