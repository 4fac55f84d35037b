#include "services/notifier/notifier_roles.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/notifier/decide_pipeline.h"
#include "services/notifier/deliver_pipeline.h"
#include "services/notifier/edge/ways_out.h"
#include "services/notifier/notifier_config.h"
#include "services/notifier/pipeline_thread.h"

namespace platen::notifier {
namespace {

using Config = config::v1::Notifier;

PipelineOptions ToPipelineOptions(const Config& config,
                                  std::string_view stage,
                                  std::uint64_t epoch) {
  const std::string& prefix = config.kafka().topic_prefix();
  return {.topics = event::Topics(prefix),
          .group_prefix = prefix.empty() ? "platen" : prefix,
          .instance = base::StrCat(config.instance(), "-", stage),
          .epoch = epoch,
          .version = service::Version()};
}

service::Part ThreadPart(const std::string& name, PipelineThread& thread) {
  return {.name = name,
          .start =
              [&thread] {
                thread.Start();
                return absl::OkStatus();
              },
          .stop = [&thread](base::MonotonicTime deadline) { thread.Stop(deadline); }};
}

void AddChecks(service::AdminServer& admin, const std::string& name, PipelineThread& thread) {
  admin.AddLivenessCheck(name, [&thread] { return thread.CheckAlive(); });
  admin.AddReadinessCheck(name, [&thread] { return thread.CheckReady(); });
}

alerting::DecideOptions ToDecideOptions(const Config& config) {
  return {.collectors_gone_after = event::FromProto(config.collectors_gone_after())};
}

core::DeliverOptions ToDeliverOptions(std::uint64_t epoch) {
  core::DeliverOptions options;
  options.queue.backoff.max = std::chrono::minutes(1);
  options.epoch = epoch;
  return options;
}

std::set<std::string> ReceiverNames(const Config& config) {
  std::set<std::string> names;
  for (const auto& receiver : config.receivers()) names.insert(receiver.name());
  return names;
}

class DeliverRole final : public Role {
 public:
  DeliverRole(const PipelineContext& pipeline,
              const Config& config,
              std::uint64_t epoch,
              std::unique_ptr<edge::WaysOut> ways,
              Channels channels,
              base::Random& random)
      : ways_(std::move(ways)),
        in_force_(config),
        pipeline_(pipeline,
                  ToPipelineOptions(config, name(), epoch),
                  ToDeliverOptions(epoch),
                  std::move(channels),
                  ToTerms(config),
                  random),
        thread_(std::string(name()), pipeline_, pipeline.clock) {}

  // Before its thread starts.
  void SetLinks(std::optional<edge::AcknowledgeLinks> links) {
    pipeline_.SetLinks(std::move(links));
  }

  std::string_view name() const override { return "deliver"; }

  absl::Status Prepare(const Config& changed) override {
    PLATEN_ASSIGN_OR_RETURN(channels_, MakeChannels(changed, *ways_));
    PLATEN_ASSIGN_OR_RETURN(links_, MakeLinks(changed));
    changed_ = changed;
    return absl::OkStatus();
  }

  absl::Status TakeOver() override {
    thread_.Call([this] {
      pipeline_.SetChannels(
          std::move(channels_), ToTerms(changed_), ChangedReceivers(in_force_, changed_));
      pipeline_.SetLinks(std::move(links_));
    });
    in_force_ = changed_;
    return absl::OkStatus();
  }

  PipelineThread& thread() { return thread_; }

 private:
  const std::unique_ptr<edge::WaysOut> ways_;
  Config in_force_;
  // Prepared.
  Config changed_;
  Channels channels_;
  std::optional<edge::AcknowledgeLinks> links_;
  DeliverPipeline pipeline_;
  PipelineThread thread_;
};

class DecideRole final : public Role {
 public:
  DecideRole(const PipelineContext& pipeline, const Config& config, std::uint64_t epoch)
      : pipeline_(pipeline, ToPipelineOptions(config, name(), epoch), ToDecideOptions(config)),
        thread_(std::string(name()), pipeline_, pipeline.clock) {}

  // Before its thread starts.
  absl::Status SetRules(const Config& config) {
    PLATEN_ASSIGN_OR_RETURN(const std::vector<rules::v1::Record> rules, ToRules(config));
    return pipeline_.SetRules(rules, ReceiverNames(config));
  }

  std::string_view name() const override { return "decide"; }

  absl::Status Prepare(const Config& changed) override {
    PLATEN_ASSIGN_OR_RETURN(rules_, ToRules(changed));
    receivers_ = ReceiverNames(changed);
    return absl::OkStatus();
  }

  absl::Status TakeOver() override {
    absl::Status taken;
    thread_.Call([&] { taken = pipeline_.SetRules(rules_, receivers_); });
    return taken;
  }

  PipelineThread& thread() { return thread_; }

 private:
  DecidePipeline pipeline_;
  PipelineThread thread_;
  // Prepared.
  std::vector<rules::v1::Record> rules_;
  std::set<std::string> receivers_;
};

// Its thread and checks into the service, itself into `roles`.
template <class AnyRole>
void Add(std::unique_ptr<AnyRole> role,
         service::ServiceContext<Config>& service,
         std::vector<std::unique_ptr<Role>>& roles) {
  const std::string name(role->name());
  AddChecks(service.admin, name, role->thread());
  service.lifecycle.AddPart(ThreadPart(name, role->thread()));
  roles.push_back(std::move(role));
}

}  // namespace

bool HasRole(const Config& config, config::v1::NotifierRole role) {
  return config.roles().empty() ||
         std::find(config.roles().begin(), config.roles().end(), role) != config.roles().end();
}

absl::StatusOr<std::vector<std::unique_ptr<Role>>> MakeRoles(
    const PipelineContext& pipeline,
    const Config& config,
    std::uint64_t epoch,
    base::Random& random,
    service::ServiceContext<Config>& service) {
  std::unique_ptr<DeliverRole> deliver;
  std::unique_ptr<DecideRole> decide;
  if (HasRole(config, config::v1::NOTIFIER_ROLE_DELIVER)) {
    auto ways = std::make_unique<edge::WaysOut>(
        edge::Transfers::Figures{.waiting = &pipeline.metrics.mails_waiting,
                                 .under_way = &pipeline.metrics.mails_under_way});
    PLATEN_ASSIGN_OR_RETURN(Channels channels, MakeChannels(config, *ways));
    deliver = std::make_unique<DeliverRole>(
        pipeline, config, epoch, std::move(ways), std::move(channels), random);
    PLATEN_ASSIGN_OR_RETURN(auto links, MakeLinks(config));
    deliver->SetLinks(std::move(links));
  }
  if (HasRole(config, config::v1::NOTIFIER_ROLE_DECIDE)) {
    decide = std::make_unique<DecideRole>(pipeline, config, epoch);
    PLATEN_RETURN_IF_ERROR(decide->SetRules(config));
  }
  std::vector<std::unique_ptr<Role>> roles;
  if (deliver != nullptr) Add(std::move(deliver), service, roles);
  if (decide != nullptr) Add(std::move(decide), service, roles);
  return roles;
}

}  // namespace platen::notifier
