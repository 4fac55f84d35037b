// platen.notifications.v1 → deliver → receivers; platen.deliveries.v1, reports on platen.alerts.v1.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "libs/base/random.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/edge/acknowledge_links.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/partition_pipeline.h"

namespace platen::notifier {

// By receiver; core::kContacts stands for all contacts.
using Channels = std::map<std::string, std::unique_ptr<edge::Channel>>;

// On which terms receivers are spoken to, by the same names; the kinds of channels are filled in.
using Terms = core::TermsByReceiver;

class DeliverPipeline final : public PartitionPipeline {
 public:
  // `random` and what the channels borrow must outlive this; tries that outlive it have no
  // consequence.
  DeliverPipeline(const PipelineContext& context,
                  const PipelineOptions& options,
                  const core::DeliverOptions& deliver,
                  Channels channels,
                  const Terms& terms,
                  base::Random& random);
  ~DeliverPipeline() override;

  absl::Status Step(std::chrono::milliseconds max_wait) override;

  // These are the receivers from now on; `changed` are those that are reached in another way than
  // before. What is on its way stays on it, as DeliverCore::SetReceivers() says.
  void SetChannels(Channels channels, const Terms& terms, const std::set<std::string>& changed);

  // From now on messages carry links by which their readers acknowledge; none: they carry none.
  void SetLinks(std::optional<edge::AcknowledgeLinks> links) { links_ = std::move(links); }

 private:
  class Results;

  void OnAssigned(std::int32_t partition) override;
  void OnRestored(std::int32_t partition,
                  std::string_view key,
                  std::optional<std::string_view> value) override;
  void OnRestoreEnd(std::int32_t partition) override;
  void OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) override;
  void OnDrain(std::int32_t partition) override;
  bool IsIdle(std::int32_t partition) override;
  void OnGone(std::int32_t partition) override;
  void OnAcknowledged(alerting::Token token) override;

  void Apply(core::DeliverEffects effects);
  void Send(const core::SendEffect& effect);
  void OnRetry(const core::RetryEffect& retry);
  void OnEnded(const core::EndedEffect& ended);
  void TakeResults();
  void ShowFigures();
  void IndexChannels();
  std::chrono::milliseconds WaitOf(std::chrono::milliseconds max_wait) const;
  // Null where the configuration has none.
  edge::Channel* ChannelOf(const std::string& receiver) const;
  std::string KindOf(const std::string& receiver) const;
  core::Moment Now() const;

  Channels channels_;
  std::optional<edge::AcknowledgeLinks> links_;
  // The same, by a hash: each delivery asks twice.
  absl::flat_hash_map<std::string, edge::Channel*> channel_of_;
  base::MonotonicTime next_figures_;
  core::DeliverCore core_;
  // Shared with tries under way.
  std::shared_ptr<Results> results_;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace platen::notifier
