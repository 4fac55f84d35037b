// What people would be told of events: decide and group, by their own code, on a clock that runs as
// fast as there is something to decide. Nothing is kept, and everything asked for is there at once.
//
// What people did meanwhile (acknowledgements) is not played. The devices of a site are those of
// which an event was played.
//
// Pure, thread-confined. Memory: that of DecideCore, and what waits for its group.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"
#include "platen/notifier/v1/state.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/status/status.h"
#include "libs/alerting/decide_core.h"
#include "libs/alerting/grouper.h"
#include "libs/alerting/site_outages.h"
#include "libs/base/time.h"

namespace platen::alerting {

class Rehearsal {
 public:
  // A message as it would go out, alone or as a digest.
  using OnMessage =
      std::function<void(base::WallTime now, const notifier::v1::Notification& message)>;
  // An AlertDecision event, for the history.
  using OnDecision = std::function<void(base::WallTime now, const event::v1::Event& decision)>;

  explicit Rehearsal(OnMessage on_message, OnDecision on_decision = nullptr);

  // The rules from now on. Errors: DecideCore::SetDefaults().
  absl::Status SetRules(const std::vector<rules::v1::Record>& records);

  // An event that is read at this time; where that has passed, now. What is due before comes first.
  void Play(base::WallTime at, const event::v1::Event& event);

  // Time goes by without events.
  void PlayUntil(base::WallTime until);

  // Why each event, and each look at an alert, ended as it did.
  const std::map<notifier::v1::DecisionReason, std::size_t>& reasons() const { return reasons_; }

  base::WallTime now() const { return now_; }

 private:
  std::optional<base::WallTime> NextWake() const;
  void Take(DecideEffects effects);
  void Group(std::unique_ptr<Delivery> delivery);
  void SendDue();
  void Send(const Grouper::Group& members);
  void TakeInhibited();

  const OnMessage on_message_;
  const OnDecision on_decision_;
  DecideCore core_;
  Grouper grouper_;
  SiteOutages outages_;
  base::WallTime now_;
  base::WallTime last_tidied_;
  std::int64_t next_offset_ = 0;
  std::map<notifier::v1::DecisionReason, std::size_t> reasons_;
};

}  // namespace platen::alerting
