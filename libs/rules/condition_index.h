// Which of many conditions take an event, without asking each: silences and maintenance windows,
// of which there are thousands, and of which an event meets few.
//
// Each alternative of a condition hangs on one of its tests, one that asks for exact values, and is
// asked only where the event has one of them. So what an event costs grows with how many kinds of
// fields conditions hang on, and with those that hang on what it has.
//
// Pure, thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/container/flat_hash_map.h"
#include "libs/rules/condition.h"

namespace platen::rules {

class ConditionIndex {
 public:
  using Id = std::uint64_t;

  // REQUIRES: no condition has this id.
  void Add(Id id, Condition condition);

  // Does nothing where there is none.
  void Remove(Id id);

  // Those that take the event, in ascending order.
  std::vector<Id> Find(const event::v1::Event& event) const;

  std::size_t size() const { return conditions_.size(); }

 private:
  // An alternative of a condition, by its place.
  struct Hanging {
    Id id = 0;
    const Condition::Alternative* tests = nullptr;
  };

  struct Place {
    // Into by_field_; empty where it hangs on nothing.
    std::string path;
    std::vector<std::string> keys;
  };

  struct Kept {
    Condition condition;
    // One for each alternative.
    std::vector<Place> places;
  };

  struct ByField {
    explicit ByField(Field on) : field(std::move(on)) {}

    Field field;
    absl::flat_hash_map<std::string, std::vector<Hanging>> by_key;
  };

  Place ChoosePlace(const Condition::Alternative& tests) const;
  std::size_t Crowd(const Test& test, const std::vector<std::string>& keys) const;

  std::map<std::string, ByField> by_field_;
  // Alternatives without a test for exact values.
  std::vector<Hanging> loose_;
  // Addresses of what is kept are stable.
  absl::flat_hash_map<Id, std::unique_ptr<Kept>> conditions_;
};

}  // namespace platen::rules
