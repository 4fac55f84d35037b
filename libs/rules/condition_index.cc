#include "libs/rules/condition_index.h"

#include <algorithm>

#include "absl/base/internal/raw_logging.h"

namespace platen::rules {
namespace {

// An alternative that would hang on more keys than this hangs on nothing instead.
constexpr std::size_t kKeysMax = 64;

}  // namespace

// How many hang on the fullest of the keys.
std::size_t ConditionIndex::Crowd(const Test& test, const std::vector<std::string>& keys) const {
  const auto found = by_field_.find(test.field().path());
  if (found == by_field_.end()) return 0;
  std::size_t crowd = 0;
  for (const std::string& key : keys) {
    const auto at = found->second.by_key.find(key);
    if (at != found->second.by_key.end()) crowd = std::max(crowd, at->second.size());
  }
  return crowd;
}

// The test whose keys have the fewest on them; of the same the one on an id or text, of which there
// are many, before one on a number.
ConditionIndex::Place ConditionIndex::ChoosePlace(const Condition::Alternative& tests) const {
  Place best;
  std::pair<std::size_t, int> least;
  for (const Test& test : tests) {
    std::vector<std::string> keys = test.ExactKeys();
    if (keys.empty() || keys.size() > kKeysMax) continue;
    const std::pair<std::size_t, int> weight(
        Crowd(test, keys),
        static_cast<int>(Field::Kind::kId) - static_cast<int>(test.field().kind()));
    if (!best.path.empty() && weight >= least) continue;
    best = {test.field().path(), std::move(keys)};
    least = weight;
  }
  return best;
}

void ConditionIndex::Add(Id id, Condition condition) {
  const auto [added, is_new] = conditions_.try_emplace(id, std::make_unique<Kept>());
  ABSL_RAW_CHECK(is_new, "a condition of this id is there");
  Kept& kept = *added->second;
  kept.condition = std::move(condition);
  for (const Condition::Alternative& tests : kept.condition.alternatives()) {
    Place& place = kept.places.emplace_back(ChoosePlace(tests));
    if (place.path.empty()) {
      loose_.push_back({id, &tests});
      continue;
    }
    const auto on = std::find_if(tests.begin(), tests.end(), [&](const Test& test) {
      return test.field().path() == place.path;
    });
    ByField& field = by_field_.try_emplace(place.path, on->field()).first->second;
    for (const std::string& key : place.keys) field.by_key[key].push_back({id, &tests});
  }
}

void ConditionIndex::Remove(Id id) {
  const auto found = conditions_.find(id);
  if (found == conditions_.end()) return;
  const auto of_id = [id](const Hanging& hanging) { return hanging.id == id; };
  for (const Place& place : found->second->places) {
    if (place.path.empty()) {
      std::erase_if(loose_, of_id);
      continue;
    }
    const auto field = by_field_.find(place.path);
    if (field == by_field_.end()) continue;
    for (const std::string& key : place.keys) {
      const auto at = field->second.by_key.find(key);
      if (at == field->second.by_key.end()) continue;
      std::erase_if(at->second, of_id);
      if (at->second.empty()) field->second.by_key.erase(at);
    }
    if (field->second.by_key.empty()) by_field_.erase(field);
  }
  conditions_.erase(found);
}

std::vector<ConditionIndex::Id> ConditionIndex::Find(const event::v1::Event& event) const {
  std::vector<Id> ids;
  const auto ask = [&](const std::vector<Hanging>& all) {
    for (const Hanging& hanging : all) {
      if (AllTake(*hanging.tests, event)) ids.push_back(hanging.id);
    }
  };
  ask(loose_);
  for (const auto& [path, on] : by_field_) {
    const auto key = KeyOf(on.field, event);
    if (!key.has_value()) continue;
    if (const auto at = on.by_key.find(*key); at != on.by_key.end()) ask(at->second);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace platen::rules
