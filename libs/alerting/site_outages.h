// Silence across devices: where so many devices of a site fall silent that it is the site that does
// not answer, a receiver gets one message about the site, and none about each of them.
//
// Holds what is said of silent devices (GroupTerms.site) by receiver and group, in the place of
// grouper.h: until the group's wait and interval are over, as there, or as long as the site does
// not answer. Over is that once fewer than half of those held are silent, for as long as a wait;
// then the site's end is told, who is still silent is told of alone, and the rest is covered: it
// began and ended while the site was told of.
//
// All that it knows lies with the parked deliveries (platen.deliveries.v1): the held messages, and
// one record for the site's own (platen.notifier.v1.SiteOutage). A site's beginning is told only
// once that record is kept, so that it has one id for ever. How many were told of alone before is
// not kept: after a restart they no longer count towards the site's.
//
// Pure, thread-confined. Memory: what is held; whoever adds bounds it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/delivery.h"
#include "libs/alerting/grouper.h"
#include "libs/base/time.h"

namespace platen::alerting {

class SiteOutages {
 public:
  // What a group comes to.
  struct Turn {
    enum class What {
      kRelease,  // Devices, and not a site: `told` go as a group.
      kKeep,     // A site's beginning: to be kept, then OnKept().
      kTell,     // The site's beginning, kept: to be told.
      kClose,    // The site's end: to be kept and told; then `told`; nothing is told of `covered`.
    };
    What what = What::kRelease;
    // "receiver/group key".
    std::string group;
    std::int32_t partition = 0;
    // Of the site; absent where devices are released.
    std::optional<notifier::v1::Notification> notification;
    Grouper::Group told;
    Grouper::Group covered;
  };

  // Whether it is about a device whose silence may be its site's.
  static bool Concerns(const notifier::v1::Notification& notification);

  // Holds what waits; gives back what goes at once. REQUIRES: Concerns().
  std::unique_ptr<Delivery> Add(base::MonotonicTime now,
                                base::WallTime wall,
                                std::unique_ptr<Delivery> delivery);

  // Whether the incident's beginning is held.
  bool Holds(const notifier::v1::Notification& notification) const;

  // A site of which the receiver was told, or is being told, from before a restart; before any of
  // its devices is added.
  void Restore(base::MonotonicTime now,
               std::int32_t partition,
               notifier::v1::Notification beginning,
               bool told);

  // The record of the group's site is kept.
  void OnKept(const std::string& group);

  // The groups whose time has come.
  std::vector<Turn> TakeDue(base::MonotonicTime now, base::WallTime wall);
  std::optional<base::MonotonicTime> next_wake() const;

  // What the group holds, in the order in which it came.
  std::vector<Delivery*> HeldBy(const std::string& group);

  // A beginning that a site keeps quiet.
  struct Inhibited {
    std::int32_t partition = 0;
    std::shared_ptr<const notifier::v1::Notification> notification;
  };

  // Those since the last call.
  std::vector<Inhibited> TakeInhibited();

  // Takes out what came from the partition, which is to be given back, and forgets its sites.
  Grouper::Group TakeOf(std::int32_t partition);

  // Deliveries that are held.
  std::size_t size() const { return size_; }

  // Sites of which a receiver is told that they don't answer.
  std::size_t open() const;

 private:
  struct Outage {
    notifier::v1::Notification beginning;
    bool kept = false;
    bool told = false;
  };

  struct Waiting {
    std::int32_t partition = 0;
    Grouper::Group members;
    // Incidents whose beginnings are held, and those of them that have not ended.
    std::set<std::string> held;
    std::set<std::string> silent;
    // Incidents that were told of alone and have not ended.
    std::set<std::string> alone;
    notifier::v1::GroupTerms terms;
    // When it is looked whether it is the site; when devices are told of; when the site is over.
    std::optional<base::MonotonicTime> check;
    std::optional<base::MonotonicTime> release;
    std::optional<base::MonotonicTime> close;
    // When something was told last.
    std::optional<base::MonotonicTime> last;
    std::optional<Outage> outage;
    std::optional<base::MonotonicTime> due;
  };

  using Groups = std::map<std::string, Waiting, std::less<>>;

  static bool IsSite(const Waiting& group);
  static void LookForEnd(base::MonotonicTime now, Waiting& group);
  void Reschedule(Groups::iterator group);
  void TakeTurn(base::MonotonicTime now,
                base::WallTime wall,
                Groups::iterator group,
                std::vector<Turn>& turns);
  Turn Release(base::MonotonicTime now, Groups::iterator group);
  Turn Open(base::WallTime wall, Groups::iterator group);
  Turn Close(base::MonotonicTime now, base::WallTime wall, Groups::iterator group);

  Groups groups_;
  std::set<std::pair<base::MonotonicTime, std::string>> due_;
  std::vector<Inhibited> inhibited_;
  std::size_t size_ = 0;
};

// That a site kept this beginning quiet, as an event of the alerts lane for the history. Said again
// it is the same.
event::v1::Event ToInhibitionEvent(const notifier::v1::Notification& inhibited);

}  // namespace platen::alerting
