#include "tests/simulation/pipeline/promises.h"

#include "libs/base/status.h"
#include "services/gateway/core/source_stream.h"

namespace platen::simulation {

void Promises::OnDurable(const std::string& instance, const Durable& durable) {
  const collector::core::NumberGiven& given = durable.number;
  if (durable.transition != event::v1::ALERT_TRANSITION_UNSPECIFIED) {
    seen_[durable.device][{instance, durable.transition}] = durable.sight;
  }
  const SourceStream stream{
      .instance = instance, .epoch = given.epoch, .lane = given.lane, .route = given.route};
  if (settled_[stream].Contains(given.number)) return;
  owed_[instance].insert({stream, given.number});
}

void Promises::OnHeard(const event::v1::Event& event) {
  const auto& source = event.source();
  Settle({.instance = source.instance(),
          .epoch = source.epoch(),
          .lane = event.lane(),
          .route = source.route()},
         source.sequence(),
         source.sequence());
  if (!event.has_gap()) return;
  const event::v1::Gap& gap = event.gap();
  const auto stream = gateway::core::ParseSourceStream(gap.stream());
  if (!stream.has_value()) return;
  Settle(*stream, gap.first(), gap.last());
  std::uint64_t& count = gap.reason() == event::v1::Gap::REASON_GIVEN_UP ? given_up_ : shed_;
  count += gap.last() - gap.first() + 1;
}

void Promises::Settle(const SourceStream& stream, std::uint64_t first, std::uint64_t last) {
  settled_[stream].Add(first, last);
  auto& owed = owed_[stream.instance];
  owed.erase(owed.lower_bound({stream, first}), owed.upper_bound({stream, last}));
}

Promises::Sight Promises::SightOf(const std::string& instance,
                                  const std::string& device,
                                  event::v1::AlertTransition transition) const {
  const auto seen = seen_.find(device);
  if (seen == seen_.end()) return {};
  const auto found = seen->second.find({instance, transition});
  return found == seen->second.end() ? Sight{} : found->second;
}

std::size_t Promises::Owed(const std::string& instance) const {
  const auto found = owed_.find(instance);
  return found == owed_.end() ? 0 : found->second.size();
}

std::string Promises::WhatIsOwed(const std::string& instance) const {
  const auto& [stream, number] = *owed_.at(instance).begin();
  return base::StrCat("number ", number, " of ", gateway::core::ToName(stream));
}

std::uint64_t Promises::FirstUntold(const SourceStream& stream, std::uint64_t claimed) const {
  if (claimed == 0) return 0;
  const auto found = settled_.find(stream);
  if (found == settled_.end()) return 1;
  const auto missing = found->second.MissingIn({1, claimed});
  return missing.empty() ? 0 : missing.front().first;
}

}  // namespace platen::simulation
