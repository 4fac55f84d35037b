#include "libs/snmp/fetch.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace platen::snmp {

Fetch::Fetch(FetchOptions options, AgentLimits& limits)
    : options_(std::move(options)),
      limits_(limits),
      patience_(limits, options_.allow_v1),
      pending_(options_.names.size()) {
  std::iota(pending_.begin(), pending_.end(), std::size_t{0});
}

std::optional<RequestSpec> Fetch::Next() {
  ChooseNames();
  if (names_.empty()) return std::nullopt;
  return RequestSpec{.version = limits_.version, .type = PduType::kGet, .names = names_};
}

void Fetch::ChooseNames() {
  names_.clear();
  if (silent_) return;
  const std::size_t most =
      std::max<std::size_t>(1, std::min<std::size_t>(limits_.names_max, narrow_));
  for (std::size_t i = 0; i < pending_.size() && i < most; ++i)
    names_.push_back(options_.names[pending_[i]]);
}

std::span<const VarbindView> Fetch::OnResponse(const MessageView& response) {
  taken_.clear();
  if (names_.empty()) return taken_;
  patience_.OnAnswer();
  if (response.head.error_status != 0) {
    OnRefusal(response);
  } else {
    TakeAnswers(response);
    if (taken_.empty()) AskForLess();
    if (std::exchange(suspects_, false)) narrow_ = kMaxVarbinds;  // It was not that one.
  }
  return taken_;
}

// An agent may answer fewer names than asked for; those left are asked again.
void Fetch::TakeAnswers(const MessageView& response) {
  const std::size_t most = std::min(response.varbinds.size(), names_.size());
  while (taken_.size() < most && response.varbinds[taken_.size()].name == names_[taken_.size()]) {
    taken_.push_back(response.varbinds[taken_.size()]);
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken_.size()));
}

void Fetch::OnRefusal(const MessageView& response) {
  const auto is = [&response](ErrorStatus status) {
    return response.head.error_status == static_cast<std::int32_t>(status);
  };
  const bool no_such_name = is(ErrorStatus::kNoSuchName);
  const auto index = static_cast<std::size_t>(std::max(response.head.error_index, 1)) - 1;
  const bool says_which = response.head.error_index >= 1 && index < names_.size();
  if (is(ErrorStatus::kTooBig)) return AskForLess();
  if (!no_such_name || (!says_which && names_.size() > 1)) return Isolate(index, says_which);
  const std::size_t missing = says_which ? index : 0;
  taken_.push_back({names_[missing], ValueView::Empty(ValueType::kNoSuchObject)});
  DropPending(missing);
}

void Fetch::AskForLess() {
  if (names_.size() > 1) {
    limits_.names_max = static_cast<std::uint8_t>(names_.size() / 2);
    return;
  }
  ++refused_;
  DropPending(0);
}

// The name is the trouble, not the size: nothing is learned of what the agent bears.
void Fetch::Isolate(std::size_t index, bool says_which) {
  if (names_.size() == 1) {
    ++refused_;
    DropPending(0);
    narrow_ = kMaxVarbinds;
    suspects_ = false;
  } else if (says_which) {
    const auto suspect = pending_.begin() + static_cast<std::ptrdiff_t>(index);
    std::rotate(pending_.begin(), suspect, suspect + 1);
    narrow_ = 1;
    suspects_ = true;
  } else {
    narrow_ = names_.size() / 2;
  }
}

void Fetch::OnTimeout() {
  if (names_.empty()) return;
  switch (patience_.OnSilence()) {
    case Patience::Verdict::kAskAgain:
      return;
    case Patience::Verdict::kGiveUp:
      silent_ = true;
      return;
    case Patience::Verdict::kAskForLess:
      if (names_.size() > 1) AskForLess();
  }
}

FetchEnd Fetch::end() const {
  if (silent_) return FetchEnd::kSilent;
  return pending_.empty() ? FetchEnd::kComplete : FetchEnd::kReading;
}

}  // namespace platen::snmp
