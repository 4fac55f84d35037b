// What the tests of DeliverCore share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/alerting/identity.h"
#include "services/notifier/core/deliver_core.h"

namespace platen::notifier::core {
using event::v1::NotificationReport;
inline constexpr SendResult kDelivered{.outcome = SendOutcome::kDelivered};
inline constexpr SendResult kRefused{.outcome = SendOutcome::kRefused};
inline constexpr SendResult kAway{.outcome = SendOutcome::kRetry};

inline v1::Notification Message(const std::string& receiver,
                                const std::string& alert_id,
                                v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED) {
  v1::Notification notification;
  const base::IncidentId incident =
      alerting::DeriveIncidentId({.alert_id = alert_id, .instance = 1});
  notification.set_incident_id(std::string(incident.bytes()));
  notification.set_receiver(receiver);
  notification.set_kind(kind);
  notification.set_id(
      std::string(alerting::DeriveNotificationId(receiver, incident, kind).bytes()));
  notification.mutable_event()->mutable_alert()->set_alert_id(alert_id);
  notification.mutable_event()->set_device_id(std::string(16, 'd'));
  return notification;
}

// One partition, receivers that answer when told to, a Kafka that acknowledges at once unless held.
class DeliverCoreTest : public testing::Test {
 protected:
  DeliverCoreTest() { Start(); }

  void Start() {
    sends_.clear();
    unacknowledged_.clear();
    core_.emplace(options_, receivers_, random_);
    core_->Assign(0);
    for (const auto& [key, value] : parked_) ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    Take(core_->OnRestoreEnd(now_, 0));
  }

  void Read(std::int64_t offset, const v1::Notification& notification) {
    const std::string value = notification.SerializeAsString();
    Take(core_->OnRecord(now_, {.offset = offset, .value = value}));
  }

  // The oldest try for `receiver` has this outcome.
  void Answer(const std::string& receiver, const SendResult& result) {
    for (auto send = sends_.begin(); send != sends_.end(); ++send) {
      if (send->notification->receiver() != receiver) continue;
      const Token token = send->token;
      sends_.erase(send);
      return Take(core_->OnResult(now_, token, result));
    }
    FAIL() << "nothing is being sent to " << receiver;
  }

  void Wait(base::Duration duration) {
    now_.monotonic += duration;
    now_.wall += duration;
    Take(core_->OnTimer(now_));
  }

  std::vector<std::string> Sending() const {
    std::vector<std::string> sending;
    for (const SendEffect& send : sends_) {
      sending.push_back(send.notification->receiver() + " " +
                        send.notification->event().alert().alert_id());
    }
    return sending;
  }

  void Acknowledge() {
    hold_kafka_ = false;
    while (!unacknowledged_.empty()) {
      const Token token = unacknowledged_.front();
      unacknowledged_.erase(unacknowledged_.begin());
      Take(core_->OnAcknowledged(token));
    }
  }

  void Take(const DeliverEffects& effects) {
    sends_.insert(sends_.end(), effects.sends.begin(), effects.sends.end());
    for (const ParkEffect& park : effects.parks) {
      if (park.parked.has_value()) {
        parked_[park.key] = park.parked->SerializeAsString();
      } else {
        parked_.erase(park.key);
      }
      unacknowledged_.push_back(park.token);
    }
    for (const ReportEffect& report : effects.reports) {
      if (report.event.has_alert_decision()) {
        decisions_.push_back(report.event.alert_decision());
      } else if (report.event.has_alert()) {
        alerts_.push_back(report.event.alert());
      } else {
        const NotificationReport& said = report.event.notification_report();
        (said.outcome() == NotificationReport::OUTCOME_DELAYED ? delays_ : reports_)
            .push_back(said);
      }
      unacknowledged_.insert(unacknowledged_.end(), report.tokens.begin(), report.tokens.end());
    }
    for (const DeadLetterEffect& dead : effects.dead_letters) {
      dead_letters_.push_back(dead.letter.reason());
      unacknowledged_.push_back(dead.token);
    }
    for (const CommitEffect& commit : effects.commits) committed_ = commit.next;
    if (!hold_kafka_) Acknowledge();
  }

  DeliverOptions options_{.queue = {.backoff = {.first = std::chrono::seconds(1),
                                                .max = std::chrono::seconds(60),
                                                .jitter = 0},
                                    .away_after = 3},
                          .park_after = 3,
                          .held_open_max = 5,
                          .queued_max = 8};
  TermsByReceiver receivers_{{"desk", {.channel = "email"}}, {"erp", {.channel = "webhook"}}};
  base::Random random_{1};
  Moment now_{.wall = base::WallFromMillis(1'700'000'000'000)};
  std::optional<DeliverCore> core_;
  std::vector<SendEffect> sends_;
  std::vector<Token> unacknowledged_;
  std::map<std::string, std::string> parked_;
  // Of ends.
  std::vector<NotificationReport> reports_;
  std::vector<NotificationReport> delays_;
  std::vector<event::v1::AlertDecision> decisions_;
  std::vector<event::v1::Alert> alerts_;
  std::vector<std::string> dead_letters_;
  std::int64_t committed_ = 0;
  bool hold_kafka_ = false;
};

}  // namespace platen::notifier::core
