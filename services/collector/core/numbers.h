// What has become of the numbers that this life of the collector gave to its events: how far they
// are all acknowledged, which is what a heartbeat may claim; and which of them nobody will ever
// say, because their partition went to another collector, who says the same under numbers of its
// own. Those are to be told upstream, where they would be taken for lost.
//
// Pure, thread-confined.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "services/collector/core/spool_order.h"

namespace platen::collector::core {

// Why a number is never said.
enum class GivenUp : std::uint8_t {
  kHandedOver,  // Its device has another owner.
  kRefused,     // By Kafka, for good: lost.
};

// One number, by what it counts in.
struct NumberGiven {
  event::v1::Lane lane = event::v1::LANE_UNSPECIFIED;
  std::string route;
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
};

NumberGiven NumberOf(const event::v1::Event& event);

class Numbers {
 public:
  // Numbers that are given up and not told yet are kept up to this many; beyond it the gateway has
  // to find them itself.
  static constexpr std::size_t kUntoldMax = 65'536;

  // The event was stamped, and goes on its way.
  void OnGiven(const event::v1::Event& event);
  // It has arrived. Nothing changes where that is known.
  void OnAcknowledged(const NumberGiven& given);
  // It will not be said again.
  void OnGivenUp(const NumberGiven& given, GivenUp why);

  // The next ranges that are to be told, at most `limit`, each once. Their numbers count as open
  // until OnTold().
  std::vector<SpoolGap> TakeGaps(std::size_t limit);
  void OnTold(const SpoolGap& gap);

  bool HasUntold() const { return untold_ > 0; }

  // By lane and route: the highest number below which, itself included, each was acknowledged or
  // told. 0: none.
  std::map<std::pair<event::v1::Lane, std::string>, std::uint64_t> acknowledged() const;

  // Numbers given up so far.
  std::uint64_t given_up() const { return given_up_; }

 private:
  struct Stream {
    std::uint64_t epoch = 0;
    std::uint64_t highest = 0;
    absl::btree_set<std::uint64_t> open;
    absl::btree_map<std::uint64_t, GivenUp> untold;
  };

  std::map<std::pair<event::v1::Lane, std::string>, Stream> streams_;
  std::size_t untold_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace platen::collector::core
