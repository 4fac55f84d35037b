// Which messages go out as one: those of a group of one receiver wait for one another for a while,
// and go not more often than their rule says.
//
// What waits here holds its input open. A digest is made of what has waited; its id is derived from
// its members, so that the same members make the same digest again.
//
// Pure, thread-confined. Memory: what waits; a group has at most kMembersMax and then goes at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/delivery.h"
#include "libs/base/time.h"

namespace platen::alerting {

class Grouper {
 public:
  static constexpr std::size_t kMembersMax = 500;

  // Several deliveries of one receiver and group, in the order in which they came.
  using Group = std::vector<std::unique_ptr<Delivery>>;

  // Takes what has a group and is to wait; gives back what goes at once, as it came.
  std::unique_ptr<Delivery> Add(base::MonotonicTime now,
                                base::WallTime wall,
                                std::unique_ptr<Delivery> delivery);

  // The groups whose time has come. What was alone comes alone.
  std::vector<Group> TakeDue(base::MonotonicTime now);

  // When TakeDue() has something.
  std::optional<base::MonotonicTime> next_wake() const;

  // Takes out what came from the partition, which is to be given back.
  std::vector<std::unique_ptr<Delivery>> TakeOf(std::int32_t partition);

  // Deliveries that wait.
  std::size_t size() const { return size_; }

 private:
  struct Waiting {
    Group members;
    base::MonotonicTime due;
    // When the last message of the group went; absent where none has.
    std::optional<base::MonotonicTime> last;
    base::Duration interval = base::Duration::zero();
  };

  using Groups = std::map<std::string, Waiting, std::less<>>;

  void SetDue(Groups::iterator group, base::MonotonicTime due);

  // By "receiver/group key".
  Groups groups_;
  std::set<std::pair<base::MonotonicTime, std::string>> due_;
  std::size_t size_ = 0;
};

// How much of its group's wait is left for a message, which has waited since it was decided: here,
// or in the hands of another notifier. A moment at least, for those that come behind it, and never
// more than all of it, whatever the clocks of two machines say.
base::Duration WaitLeft(const notifier::v1::Notification& notification, base::WallTime wall);

// One message for all of them; its rule is theirs where they have one. REQUIRES: at least two, of
// one receiver.
notifier::v1::Notification MakeDigest(const Grouper::Group& members);

}  // namespace platen::alerting
