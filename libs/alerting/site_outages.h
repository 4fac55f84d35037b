// Silence across devices: where so many devices of a site fall silent that it is the site that does
// not answer, a receiver gets one message about the site, and none about each of them. Where it is
// no more than one of its subnets, the message is about that.
//
// Holds what is said of silent devices (GroupTerms.site) by receiver and group, in the place of
// grouper.h: until the group's wait and interval are over, as there, or as long as the site or
// their subnet does not answer (an outage). Over is that once fewer than half of those held are
// silent, for as long as a wait; then the outage's end is told, who is still silent is told of
// apart, and the rest is covered: it began and ended while the outage was told of.
//
// A site's outage takes over what its subnets' hold, and these end as soon as it is told. Where it
// ends and a subnet stays silent, the subnet has one.
//
// All that it knows lies with the parked deliveries (platen.deliveries.v1): the held messages, and
// one record for each outage's own (platen.notifier.v1.SiteOutage). A beginning is told only once
// that record is kept, so that it has one id for ever. How many were told of alone before is not
// kept: after a restart they no longer count.
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

#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/delivery.h"
#include "libs/alerting/grouper.h"
#include "libs/base/time.h"

namespace platen::alerting {

class SiteOutages {
 public:
  struct Place {
    // "receiver/group key".
    std::string group;
    // Empty: the whole site.
    std::string subnet;
  };

  // What a group comes to.
  struct Turn {
    enum class What {
      kRelease,  // Devices, and no outage: `told` go as a group.
      kKeep,     // An outage's beginning: to be kept, then OnKept().
      kTell,     // The outage's beginning, kept: to be told.
      kClose,    // Its end: to be kept and told; then `told`; nothing is told of `covered`.
    };
    What what = What::kRelease;
    Place place;
    std::int32_t partition = 0;
    // Of the outage; absent where devices are released.
    std::optional<notifier::v1::Notification> notification;
    Grouper::Group told;
    Grouper::Group covered;
  };

  // Whether it is about a device whose silence may be its site's or its subnet's.
  static bool Concerns(const notifier::v1::Notification& notification);

  // Holds what waits; gives back what goes at once. REQUIRES: Concerns().
  std::unique_ptr<Delivery> Add(base::MonotonicTime now,
                                base::WallTime wall,
                                std::unique_ptr<Delivery> delivery);

  // Whether the incident's beginning is held.
  bool Holds(const notifier::v1::Notification& notification) const;

  // The beginning of the outage that has the incident, in the group of what is said of it; null
  // where it is over. Valid until the next call of something else.
  const notifier::v1::Notification* BeginningOf(const notifier::v1::Notification& said) const;

  // An outage of which the receiver was told, or is being told, from before a restart; before any
  // of its devices is added.
  void Restore(base::MonotonicTime now,
               std::int32_t partition,
               notifier::v1::Notification beginning,
               bool told);

  // The record of the outage's beginning is kept.
  void OnKept(const Place& place);

  // The groups whose time has come.
  std::vector<Turn> TakeDue(base::MonotonicTime now, base::WallTime wall);
  std::optional<base::MonotonicTime> next_wake() const;

  // What the outage holds.
  std::vector<Delivery*> HeldBy(const Place& place);

  // A beginning that an outage keeps quiet.
  struct Inhibited {
    std::int32_t partition = 0;
    std::shared_ptr<const notifier::v1::Notification> notification;
  };

  // Those since the last call.
  std::vector<Inhibited> TakeInhibited();

  // Takes out what came from the partition, which is to be given back, and forgets its outages.
  Grouper::Group TakeOf(std::int32_t partition);

  // Deliveries that are held.
  std::size_t size() const { return size_; }

  // Sites and subnets of which a receiver is told that they don't answer.
  std::size_t open() const;

 private:
  // Incidents of devices, and the subnets of these.
  using Devices = std::map<std::string, std::string, std::less<>>;

  // Messages that are held together.
  struct Held {
    Grouper::Group members;
    // Incidents whose beginnings are held, and those of them that have not ended.
    Devices began;
    Devices silent;
  };

  struct Outage {
    notifier::v1::Notification beginning;
    bool kept = false;
    bool told = false;
    Held held;
    // When it is over.
    std::optional<base::MonotonicTime> close;
  };

  struct Waiting {
    std::int32_t partition = 0;
    // Of no outage.
    Held held;
    // Those that were told of alone and have not ended.
    Devices alone;
    notifier::v1::GroupTerms terms;
    // When it is looked whether there is an outage; when devices are told of.
    std::optional<base::MonotonicTime> check;
    std::optional<base::MonotonicTime> release;
    // When something was told last.
    std::optional<base::MonotonicTime> last;
    // By subnet; empty: the site's.
    std::map<std::string, Outage, std::less<>> outages;
    std::optional<base::MonotonicTime> due;
  };

  using Groups = std::map<std::string, Waiting, std::less<>>;

  static bool IsIdle(const Waiting& group);
  static bool IsUntold(const Waiting& group);
  static bool IsSite(const Waiting& group);
  static std::vector<std::string> SubnetsOut(const Waiting& group);
  static Outage* OutageOf(Waiting& group, const notifier::v1::Notification& notification);
  static void LookForEnd(base::MonotonicTime now,
                         const notifier::v1::GroupTerms& terms,
                         Outage& outage);
  void Reschedule(Groups::iterator group);
  void TakeTurn(base::MonotonicTime now,
                base::WallTime wall,
                Groups::iterator group,
                std::vector<Turn>& turns);
  static void TakeOver(base::WallTime wall, Groups::iterator group, std::vector<Turn>& turns);
  Turn Release(base::MonotonicTime now, Groups::iterator group);
  Turn Open(base::MonotonicTime now,
            base::WallTime wall,
            Groups::iterator group,
            const std::string& subnet);
  void Close(base::MonotonicTime now,
             base::WallTime wall,
             Groups::iterator group,
             const std::string& subnet,
             std::vector<Turn>& turns);

  Groups groups_;
  std::set<std::pair<base::MonotonicTime, std::string>> due_;
  std::vector<Inhibited> inhibited_;
  std::size_t size_ = 0;
};

}  // namespace platen::alerting
