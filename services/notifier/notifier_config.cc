#include "services/notifier/notifier_config.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/service/common_config.h"
#include "libs/service/kafka_config.h"
#include "services/notifier/edge/channels/email/email_channel.h"
#include "services/notifier/edge/channels/webhook/webhook_channel.h"

namespace platen::notifier {
namespace {

constexpr std::size_t kNameBytesMax = 63;

const std::map<std::string, event::v1::AlertCategory>& Categories() {
  static const auto& categories = *new std::map<std::string, event::v1::AlertCategory>{
      {"error", event::v1::ALERT_CATEGORY_ERROR},
      {"jam", event::v1::ALERT_CATEGORY_JAM},
      {"alarm", event::v1::ALERT_CATEGORY_ALARM},
      {"supply", event::v1::ALERT_CATEGORY_SUPPLY}};
  return categories;
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

void ValidateReceiver(const config::v1::Receiver& receiver,
                      const std::string& path,
                      service::FaultList& faults) {
  if (!IsName(receiver.name())) {
    faults.Add(path + ".name", "must be 1 to 63 characters of a-z, 0-9 and \"-\"");
  }
  switch (receiver.channel_case()) {
    case config::v1::Receiver::kEmail:
      return edge::ValidateEmail(receiver.email(), path + ".email", faults);
    case config::v1::Receiver::kWebhook:
      return edge::ValidateWebhook(receiver.webhook(), path + ".webhook", faults);
    case config::v1::Receiver::CHANNEL_NOT_SET:
      faults.Add(path, "has no channel; give it email or webhook");
  }
}

void ValidateRule(const config::v1::NotifyRule& rule,
                  const std::set<std::string>& receivers,
                  const std::string& path,
                  service::FaultList& faults) {
  service::RequireValue(rule.name(), path + ".name", faults);
  for (const std::string& category : rule.categories()) {
    if (!Categories().contains(category)) {
      faults.Add(path + ".categories",
                 base::StrCat("\"", category, "\" is none of error, jam, alarm, supply"));
    }
  }
  for (const std::string& receiver : rule.receivers()) {
    if (!receivers.contains(receiver)) {
      faults.Add(path + ".receivers", base::StrCat("there is no receiver \"", receiver, "\""));
    }
  }
}

absl::StatusOr<std::unique_ptr<edge::Channel>> MakeChannel(const config::v1::Receiver& receiver,
                                                           edge::Transfers& transfers) {
  if (receiver.has_email()) {
    PLATEN_ASSIGN_OR_RETURN(edge::EmailOptions options, edge::ToEmailOptions(receiver.email()));
    return std::make_unique<edge::EmailChannel>(std::move(options), transfers);
  }
  PLATEN_ASSIGN_OR_RETURN(edge::WebhookOptions options, edge::ToWebhookOptions(receiver.webhook()));
  return std::make_unique<edge::WebhookChannel>(std::move(options), transfers);
}

}  // namespace

config::v1::Notifier DefaultConfig() {
  config::v1::Notifier config;
  config.mutable_drain_timeout()->set_seconds(20);
  return config;
}

void ValidateConfig(const config::v1::Notifier& config, service::FaultList& faults) {
  service::ValidateCommon(config, faults);
  service::RequireInstance(config.instance(), faults);
  service::RequireValue(config.state_dir(), "state_dir", faults);
  service::ValidateKafka(config.kafka(), "kafka", faults);
  if (config.receivers().empty()) faults.Add("receivers", "names nobody");
  std::set<std::string> names;
  for (int i = 0; i < config.receivers_size(); ++i) {
    const std::string path = base::StrCat("receivers[", i, "]");
    ValidateReceiver(config.receivers(i), path, faults);
    if (!names.insert(config.receivers(i).name()).second) {
      faults.Add(path + ".name", "is another receiver's name");
    }
  }
  for (int i = 0; i < config.rules_size(); ++i) {
    ValidateRule(config.rules(i), names, base::StrCat("rules[", i, "]"), faults);
  }
}

core::Routing ToRouting(const config::v1::Notifier& config) {
  std::vector<core::RoutingRule> rules;
  for (const config::v1::NotifyRule& rule : config.rules()) {
    core::RoutingRule& made = rules.emplace_back();
    for (const std::string& category : rule.categories()) {
      made.categories.push_back(Categories().at(category));
    }
    made.tenants.assign(rule.tenants().begin(), rule.tenants().end());
    made.receivers.assign(rule.receivers().begin(), rule.receivers().end());
  }
  std::vector<std::string> all;
  for (const config::v1::Receiver& receiver : config.receivers()) all.push_back(receiver.name());
  return core::Routing(std::move(rules), std::move(all));
}

std::set<std::string> ChangedReceivers(const config::v1::Notifier& before,
                                       const config::v1::Notifier& changed) {
  using google::protobuf::util::MessageDifferencer;
  std::set<std::string> names;
  for (const config::v1::Receiver& receiver : changed.receivers()) {
    const bool same =
        std::any_of(before.receivers().begin(), before.receivers().end(), [&](const auto& former) {
          return MessageDifferencer::Equals(former, receiver);
        });
    if (!same) names.insert(receiver.name());
  }
  return names;
}

absl::StatusOr<Channels> MakeChannels(const config::v1::Notifier& config,
                                      edge::Transfers& transfers) {
  Channels channels;
  for (const config::v1::Receiver& receiver : config.receivers()) {
    auto channel = MakeChannel(receiver, transfers);
    if (!channel.ok()) {
      return base::Annotate(channel.status(), base::StrCat("receiver ", receiver.name()));
    }
    channels[receiver.name()] = *std::move(channel);
  }
  return channels;
}

}  // namespace platen::notifier
