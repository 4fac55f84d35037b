// What one receiver has to be told, and when it may be tried.
//
// Order: of one incident only the oldest message is ever tried, so a clear never overtakes its
// raise; messages of different incidents do not wait for one another. A digest belongs to every
// incident that it stands for. A receiver that fails is
// tried with one message at a time, ever more seldom, until it takes one. A message that fails
// where others succeed backs off alone.
//
// Fairness: devices take turns, so a printer that makes up alarms by the hundred delays another's
// by one message; and where something must be given up, it is the loudest device's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "libs/alerting/delivery.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/flow/backoff.h"

namespace platen::notifier::core {

using alerting::Delivery;
using alerting::Token;

struct ReceiverQueueOptions {
  flow::BackoffOptions backoff;
  // No answer of a receiver makes it wait longer.
  base::Duration retry_after_max = std::chrono::hours(1);
  // Messages that may be on their way to a healthy receiver at the same time.
  std::size_t parallel_max = 8;
  // Failures in a row after which the receiver counts as away.
  std::uint32_t away_after = 3;
};

// Owns its deliveries. Thread-confined.
class ReceiverQueue {
 public:
  explicit ReceiverQueue(ReceiverQueueOptions options) : options_(options) {}

  // In the order of sequences: mostly behind all others. The pointer is valid until Remove().
  Delivery* Add(std::unique_ptr<Delivery> delivery);

  // The delivery to try now, or null. Begin() follows, or Withhold().
  Delivery* Next(base::MonotonicTime now) const;

  // When Next() may have something; nullopt: not before something else happens.
  std::optional<base::MonotonicTime> next_time() const;

  // A try begins. REQUIRES: tokens grow; `delivery` came from Next().
  void Begin(Delivery& delivery, Token token);

  // It is not tried before Release(), nor is what must not go before it. REQUIRES: it came from
  // Next().
  void Withhold(Delivery& delivery);

  // Nothing is withheld any more.
  void Release();

  // The receiver has taken it, or refused it for good; so it is there. Takes the delivery out.
  std::unique_ptr<Delivery> OnAnswered(Delivery& delivery);

  // The try failed. `retry_after` is what the receiver asked for.
  void OnFailed(base::MonotonicTime now,
                Delivery& delivery,
                std::optional<base::Duration> retry_after,
                base::Random& random);

  // The receiver is not what it was (another address, say): what failed before counts no more, and
  // what waits for another try is tried at once.
  void ForgetFailures();

  // Takes it out, wherever it stands.
  std::unique_ptr<Delivery> Remove(Delivery& delivery);

  bool is_away() const { return failures_ >= options_.away_after; }

  std::size_t size() const { return by_age_.size(); }

  // The same, each digest as all that it stands for.
  std::size_t messages() const { return messages_; }

  // The delivery and all that must go before it, however indirectly; the oldest first.
  std::vector<Delivery*> UpTo(const Delivery& delivery) const;

  // What to give up where too many wait: the oldest that is neither being tried nor withheld, of
  // the device that has most waiting. Null where there is none.
  Delivery* Victim() const;

  // By order of arrival. Removing invalidates iterators of what is removed only.
  const std::map<std::uint64_t, std::unique_ptr<Delivery>>& by_age() const { return by_age_; }

 private:
  // Mostly one.
  using Chain = absl::InlinedVector<Delivery*, 2>;
  using Ready = std::tuple<base::MonotonicTime, std::uint64_t, std::uint64_t, Delivery*>;

  struct Device {
    // The turn of its next message.
    std::uint64_t next_turn = 0;
    // Sequences of what waits.
    absl::btree_set<std::uint64_t> queued;
  };

  static Ready ReadyOf(Delivery& delivery) {
    return {delivery.next_try, delivery.turn, delivery.sequence, &delivery};
  }

  // Whether nothing of its incidents goes before it.
  bool IsFirst(const Delivery& delivery) const;

  const ReceiverQueueOptions options_;
  // By incident, oldest first.
  absl::flat_hash_map<base::IncidentId, Chain> chains_;
  std::map<std::uint64_t, std::unique_ptr<Delivery>> by_age_;
  // Those that have something waiting.
  absl::btree_map<base::DeviceId, Device> devices_;
  // The highest turn that has begun.
  std::uint64_t turn_ = 0;
  // What is the first of all its chains, unless it is being tried or withheld.
  absl::btree_set<Ready> ready_;
  std::set<Delivery*> withheld_;
  std::size_t sending_ = 0;
  std::size_t messages_ = 0;
  // Failures in a row. Tries that had begun when one failed do not count again.
  std::uint32_t failures_ = 0;
  base::MonotonicTime retry_at_;
  Token last_begun_ = 0;
  Token counted_up_to_ = 0;
};

}  // namespace platen::notifier::core
