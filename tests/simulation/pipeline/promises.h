// What collectors owe: numbers that the core of a collector takes for durable, and that Kafka does
// not have yet. They are in its spool, or on their way; where they were given up, a gap in Kafka
// says so.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "services/collector/core/numbers.h"
#include "services/gateway/core/interval_set.h"
#include "tests/simulation/pipeline/gateway_host.h"

namespace platen::simulation {

// Thread-confined.
class Promises {
 public:
  // That a jam began, or ended.
  struct Sight {
    std::uint64_t epoch = 0;
    std::uint64_t term = 0;
    std::string event;
    std::string alert;
  };

  struct Durable {
    collector::core::NumberGiven number;
    std::string device;
    event::v1::AlertTransition transition = event::v1::ALERT_TRANSITION_UNSPECIFIED;  // Of a jam.
    Sight sight;
  };

  // The core of a collector was told that this is durable.
  void OnDurable(const std::string& instance, const Durable& durable);

  // The newest that the instance has for durable of the device's jams; empty where there is none.
  Sight SightOf(const std::string& instance,
                const std::string& device,
                event::v1::AlertTransition transition) const;

  // Kafka has the event; and where it is a gap in a collector's numbers, what that tells of.
  void OnHeard(const event::v1::Event& event);

  // Numbers of the instance, of whatever life, that are durable and neither in Kafka nor told of.
  std::size_t Owed(const std::string& instance) const;

  // The first of these, for people.
  std::string WhatIsOwed(const std::string& instance) const;

  // The first number up to `claimed` that is neither in Kafka nor told of; 0: none.
  std::uint64_t FirstUntold(const SourceStream& stream, std::uint64_t claimed) const;

  std::uint64_t shed() const { return shed_; }

  std::uint64_t given_up() const { return given_up_; }

 private:
  void Settle(const SourceStream& stream, std::uint64_t first, std::uint64_t last);

  // In Kafka, or told of there.
  SequencesSeen settled_;
  // Durable and not settled, by instance.
  std::map<std::string, std::set<std::pair<SourceStream, std::uint64_t>>> owed_;
  // By device: who has seen what of its jams.
  std::map<std::string, std::map<std::pair<std::string, int>, Sight>> seen_;
  std::uint64_t shed_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace platen::simulation
