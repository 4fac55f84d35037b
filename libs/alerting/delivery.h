// A notification on its way to its receiver, as the stages behind decide hand it on.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/effects.h"
#include "libs/base/time.h"

namespace platen::alerting {

// One notification on its way to its receiver.
struct Delivery {
  // Never null. Shared with the channel that is sending it.
  std::shared_ptr<const notifier::v1::Notification> notification;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  // Order of arrival within this process; restored ones come first.
  std::uint64_t sequence = 0;
  std::uint32_t attempts = 0;
  base::WallTime begin_time;
  base::MonotonicTime next_try;
  // Its device's turn, set by Add(): lower ones are tried first.
  std::uint64_t turn = 0;
  // The try that is under way; 0 where none is.
  Token sending = 0;
  // Asked to be kept in platen.deliveries.v1; then its input is no longer held open by it.
  bool parked = false;
  // Of a digest: what it stands for. These are what is parked and what holds inputs open.
  std::vector<std::unique_ptr<Delivery>> members;

  // Of a site that does not answer: it has no input, and its record is written by whoever made it.
  enum class OfSite : std::uint8_t { kNo, kBeginning, kEnd };
  OfSite of_site = OfSite::kNo;
  // It came while its incident was kept quiet by its site (site_outages.h).
  bool covered = false;
  // Put aside because its receiver takes nothing, and said to be.
  bool delayed = false;
};

}  // namespace platen::alerting
