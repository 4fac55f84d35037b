#include "libs/snmp/walk.h"

#include <algorithm>
#include <utility>

#include "absl/base/internal/raw_logging.h"

namespace platen::snmp {

Walk::Walk(WalkOptions options, AgentLimits& limits)
    : options_(std::move(options)),
      limits_(limits),
      patience_(limits, options_.allow_v1),
      last_(options_.subtrees),
      ends_(last_.size(), SubtreeEnd::kReading) {
  for (const Oid& subtree : last_)
    ABSL_RAW_CHECK(!subtree.empty(), "Walk: a subtree is the empty OID");
  for (std::size_t i = 0; i < std::min(last_.size(), options_.after.size()); ++i) {
    if (!options_.after[i].empty()) last_[i] = options_.after[i];
  }
}

std::optional<RequestSpec> Walk::Next() {
  ChooseColumns();
  if (columns_.empty()) return std::nullopt;
  names_.clear();
  for (const std::size_t subtree : columns_) names_.push_back(last_[subtree]);
  RequestSpec request{.version = limits_.version, .type = PduType::kGetNext, .names = names_};
  if (bulk()) {
    request.type = PduType::kGetBulk;
    const std::size_t rows = std::min(answers() / columns_.size(), options_.rows_max);
    request.bulk.max_repetitions = std::max<std::int32_t>(1, static_cast<std::int32_t>(rows));
  }
  return request;
}

void Walk::ChooseColumns() {
  const std::size_t names = std::min(limits_.names_max, narrow_.names_max);
  const std::size_t most = std::max<std::size_t>(1, std::min(options_.columns_max, names));
  columns_.clear();
  for (std::size_t i = 0; i < ends_.size() && columns_.size() < most; ++i) {
    if (ends_[i] == SubtreeEnd::kReading) columns_.push_back(i);
  }
}

std::span<const VarbindView> Walk::OnResponse(const MessageView& response) {
  taken_.clear();
  if (columns_.empty()) return taken_;
  patience_.OnAnswer();
  if (response.head.error_status != 0) {
    OnRefusal(response);
  } else if (response.varbinds.empty()) {
    AskForLess(limits_);
  } else {
    TakeRows(response);
  }
  return taken_;
}

void Walk::TakeRows(const MessageView& response) {
  for (std::size_t i = 0; i < response.varbinds.size(); ++i) {
    const std::size_t column = i % columns_.size();
    if (ends_[columns_[column]] != SubtreeEnd::kReading)
      continue;  // Rows behind the end of a shorter column.
    if (total_ == options_.varbinds_max) return EndAll(SubtreeEnd::kCut);
    Take(column, response.varbinds[i]);
  }
}

void Walk::Take(std::size_t column, const VarbindView& varbind) {
  const std::size_t subtree = columns_[column];
  if (varbind.value.is_exception()) return EndColumn(column, SubtreeEnd::kComplete);
  // Also where it lies outside of the subtree: who goes backwards has not shown its end.
  if (varbind.name <= last_[subtree].view()) return EndColumn(column, SubtreeEnd::kNotIncreasing);
  if (!varbind.name.StartsWith(options_.subtrees[subtree])) {
    return EndColumn(column, SubtreeEnd::kComplete);
  }
  last_[subtree] = Oid(varbind.name);
  taken_.push_back(varbind);
  ++total_;
}

void Walk::OnRefusal(const MessageView& response) {
  const bool no_such_name =
      response.head.error_status == static_cast<std::int32_t>(ErrorStatus::kNoSuchName);
  // An agent that fails at an object is not one that bears less.
  const bool too_big =
      response.head.error_status == static_cast<std::int32_t>(ErrorStatus::kTooBig);
  if (!no_such_name) return AskForLess(too_big ? limits_ : narrow_);
  // In v1 that is how the end of the MIB is said, for one of the names; it may not say of which.
  const std::int32_t index = response.head.error_index;
  if (index >= 1 && static_cast<std::size_t>(index) <= columns_.size()) {
    EndColumn(static_cast<std::size_t>(index) - 1, SubtreeEnd::kComplete);
  } else if (columns_.size() == 1) {
    EndColumn(0, SubtreeEnd::kComplete);
  } else {
    AskForLess(narrow_);
  }
}

void Walk::AskForLess(AgentLimits& limits) {
  if (bulk() && answers() > columns_.size()) {
    limits.answers_max = static_cast<std::uint8_t>(answers() / 2);
  } else if (columns_.size() > 1) {
    limits.names_max = static_cast<std::uint8_t>(columns_.size() / 2);
  } else if (bulk()) {
    limits.answers_max = 1;
  } else {
    EndColumn(0, SubtreeEnd::kRefused);
  }
}

void Walk::EndColumn(std::size_t column, SubtreeEnd end) {
  ends_[columns_[column]] = end;
  // What the agent fails at lay here, or close behind.
  if (columns_.size() == 1) narrow_ = kWide;
}

void Walk::OnTimeout() {
  if (columns_.empty()) return;
  switch (patience_.OnSilence()) {
    case Patience::Verdict::kAskAgain:
      return;
    case Patience::Verdict::kGiveUp:
      return EndAll(SubtreeEnd::kSilent);
    case Patience::Verdict::kAskForLess:
      // At the least already, silence is worth another try, where an error would not be.
      if (bulk() || columns_.size() > 1) AskForLess(limits_);
  }
}

void Walk::EndAll(SubtreeEnd end) {
  for (SubtreeEnd& each : ends_) {
    if (each == SubtreeEnd::kReading) each = end;
  }
}

bool Walk::complete() const {
  return std::all_of(
      ends_.begin(), ends_.end(), [](SubtreeEnd end) { return end == SubtreeEnd::kComplete; });
}

std::string_view Name(SubtreeEnd end) {
  switch (end) {
    case SubtreeEnd::kReading:
      return "reading";
    case SubtreeEnd::kComplete:
      return "complete";
    case SubtreeEnd::kNotIncreasing:
      return "not_increasing";
    case SubtreeEnd::kRefused:
      return "refused";
    case SubtreeEnd::kCut:
      return "cut";
    case SubtreeEnd::kSilent:
      return "silent";
  }
  return "unknown";
}

}  // namespace platen::snmp
