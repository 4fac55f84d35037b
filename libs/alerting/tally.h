// How many messages went to whom, for what, and when it was worst.
//
// Pure. Memory: one entry for each receiver, rule and category, hour, device and open incident.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "absl/container/flat_hash_map.h"
#include "libs/base/time.h"

namespace platen::alerting {

// Messages of one receiver, by one rule, about one category of alerts. A digest is one message;
// where it tells of several rules or categories, it is of "several".
struct TallyRow {
  std::string receiver;
  // Name of the rule's record by which the beginning was told.
  std::string rule;
  // "jam", "error", "alarm", "supply".
  std::string category;
  std::size_t messages = 0;
  // What the messages tell of, each member of a digest for itself.
  std::size_t beginnings = 0;
  std::size_t ends = 0;
  // Passed on, told again, acknowledged.
  std::size_t others = 0;
};

class Tally {
 public:
  void Count(base::WallTime at, const notifier::v1::Notification& message);

  // Most messages first.
  std::vector<TallyRow> Rows() const;

  std::size_t messages() const { return messages_; }

  struct Hour {
    base::WallTime begin;
    std::size_t messages = 0;
  };

  // The hour with most messages; zero where there were none.
  Hour BusiestHour() const;

  struct Device {
    // In hexadecimal.
    std::string id;
    // A message about it, for people.
    std::string title;
    // Beginnings that were told of it, to all receivers.
    std::size_t beginnings = 0;
  };

  // The device of which most was told; of equals the one with the lowest id.
  Device BusiestDevice() const;

 private:
  struct Part {
    notifier::v1::NotificationKind kind = notifier::v1::NOTIFICATION_KIND_UNSPECIFIED;
    const std::string* incident = nullptr;
    const std::string* rule = nullptr;
    const std::string* title = nullptr;
    const event::v1::Event* event = nullptr;
  };

  struct Counts {
    std::size_t messages = 0;
    std::size_t beginnings = 0;
    std::size_t ends = 0;
    std::size_t others = 0;
  };

  std::string RuleOf(const std::string& receiver, const Part& part);

  std::size_t messages_ = 0;
  // By receiver, rule, category.
  std::map<std::tuple<std::string, std::string, std::string>, Counts> rows_;
  std::map<std::int64_t, std::size_t> hours_;
  std::map<std::string, Device> devices_;
  // By receiver and incident, until its end: the rule that told of it.
  absl::flat_hash_map<std::string, std::string> rules_;
};

}  // namespace platen::alerting
