#include "services/notifier/notifier_config.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/rules/rule_book.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"
#include "libs/service/kafka_config.h"
#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"
#include "services/notifier/edge/channels/email/email_channel.h"
#include "services/notifier/edge/channels/events_api/events_api_channel.h"
#include "services/notifier/edge/channels/slack/slack_channel.h"
#include "services/notifier/edge/channels/teams/teams_channel.h"
#include "services/notifier/edge/channels/webhook/webhook_channel.h"

namespace platen::notifier {
namespace {

constexpr std::size_t kNameBytesMax = 63;

constexpr std::array<std::string_view, 4> kCategories = {"error", "jam", "alarm", "supply"};

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

void ValidateReceiver(const config::v1::Receiver& receiver,
                      bool is_for_contacts,
                      const std::string& path,
                      service::FaultList& faults) {
  if (!IsName(receiver.name())) {
    faults.Add(path + ".name", "must be 1 to 63 characters of a-z, 0-9 and \"-\"");
  }
  switch (receiver.channel_case()) {
    case config::v1::Receiver::kEmail:
      return edge::ValidateEmail(receiver.email(), is_for_contacts, path + ".email", faults);
    case config::v1::Receiver::kWebhook:
      return edge::ValidateWebhook(receiver.webhook(), path + ".webhook", faults);
    case config::v1::Receiver::kSlack:
      return edge::ValidateSlack(receiver.slack(), path + ".slack", faults);
    case config::v1::Receiver::kTeams:
      return edge::ValidateTeams(receiver.teams(), path + ".teams", faults);
    case config::v1::Receiver::kEventsApi:
      return edge::ValidateEventsApi(receiver.events_api(), path + ".events_api", faults);
    case config::v1::Receiver::kAlertmanager:
      return edge::ValidateAlertmanager(receiver.alertmanager(), path + ".alertmanager", faults);
    case config::v1::Receiver::CHANNEL_NOT_SET:
      faults.Add(path, "has no channel; give it email, webhook or another");
  }
}

void ValidateRule(const config::v1::NotifyRule& rule,
                  const std::set<std::string>& receivers,
                  const std::string& path,
                  service::FaultList& faults) {
  if (!IsName(rule.name())) {
    faults.Add(path + ".name", "must be 1 to 63 characters of a-z, 0-9 and \"-\"");
  }
  for (const std::string& category : rule.categories()) {
    if (std::find(kCategories.begin(), kCategories.end(), category) == kCategories.end()) {
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
  switch (receiver.channel_case()) {
    case config::v1::Receiver::kEmail: {
      PLATEN_ASSIGN_OR_RETURN(edge::EmailOptions options, edge::ToEmailOptions(receiver.email()));
      return std::make_unique<edge::EmailChannel>(std::move(options), transfers);
    }
    case config::v1::Receiver::kWebhook: {
      PLATEN_ASSIGN_OR_RETURN(edge::WebhookOptions options,
                              edge::ToWebhookOptions(receiver.webhook()));
      return std::make_unique<edge::WebhookChannel>(std::move(options), transfers);
    }
    case config::v1::Receiver::kSlack: {
      PLATEN_ASSIGN_OR_RETURN(edge::HttpTarget target, edge::ToSlackTarget(receiver.slack()));
      return std::make_unique<edge::SlackChannel>(std::move(target), transfers);
    }
    case config::v1::Receiver::kTeams: {
      PLATEN_ASSIGN_OR_RETURN(edge::HttpTarget target, edge::ToTeamsTarget(receiver.teams()));
      return std::make_unique<edge::TeamsChannel>(std::move(target), transfers);
    }
    case config::v1::Receiver::kEventsApi: {
      PLATEN_ASSIGN_OR_RETURN(edge::EventsApiOptions options,
                              edge::ToEventsApiOptions(receiver.events_api()));
      return std::make_unique<edge::EventsApiChannel>(std::move(options), transfers);
    }
    case config::v1::Receiver::kAlertmanager: {
      PLATEN_ASSIGN_OR_RETURN(edge::AlertmanagerOptions options,
                              edge::ToAlertmanagerOptions(receiver.alertmanager()));
      return std::make_unique<edge::AlertmanagerChannel>(std::move(options), transfers);
    }
    case config::v1::Receiver::CHANNEL_NOT_SET:
      break;
  }
  return base::InvalidArgument("has no channel");
}

// Whether rules may name it: the receiver for contacts may be there for nobody else.
bool IsForRules(const config::v1::Receiver& receiver) {
  return !receiver.has_email() || !receiver.email().to().empty();
}

const config::v1::Receiver* ContactReceiver(const config::v1::Notifier& config) {
  const auto found =
      std::find_if(config.receivers().begin(), config.receivers().end(), [&](const auto& receiver) {
        return !config.contact_receiver().empty() && receiver.name() == config.contact_receiver();
      });
  return found == config.receivers().end() ? nullptr : &*found;
}

void AddMatcher(const std::string& field,
                const google::protobuf::RepeatedPtrField<std::string>& values,
                rules::v1::Match& match) {
  if (values.empty()) return;
  rules::v1::Matcher& matcher = *match.add_all_of();
  matcher.set_field(field);
  *matcher.mutable_is() = values;
}

absl::StatusOr<std::vector<rules::v1::Record>> ReadRules(const std::string& path) {
  rules::v1::RuleFile file;
  service::FaultList faults;
  service::LoadConfig({.file = path}, file, faults);
  std::vector<rules::v1::Record> records(file.records().begin(), file.records().end());
  for (const rules::v1::Record& record : records) {
    if (const absl::Status status = rules::CheckRecord(record); !status.ok()) {
      faults.Add(path, std::string(status.message()));
    }
  }
  if (!faults.empty()) return base::InvalidArgument("rules_file: ", faults.ToString());
  return records;
}

}  // namespace

std::vector<std::string> ChannelKinds() {
  return {"email", "webhook", "slack", "teams", "events_api", "alertmanager"};
}

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
    const config::v1::Receiver& receiver = config.receivers(i);
    const bool is_for_contacts =
        !receiver.name().empty() && receiver.name() == config.contact_receiver();
    ValidateReceiver(receiver, is_for_contacts, path, faults);
    if (!names.insert(receiver.name()).second) {
      faults.Add(path + ".name", "is another receiver's name");
    }
    if (is_for_contacts && !receiver.has_email()) {
      faults.Add("contact_receiver", "must have e-mail");
    }
  }
  if (!config.contact_receiver().empty() && !names.contains(config.contact_receiver())) {
    faults.Add("contact_receiver",
               base::StrCat("there is no receiver \"", config.contact_receiver(), "\""));
  }
  for (const auto& receiver : config.receivers()) {
    if (!IsForRules(receiver)) names.erase(receiver.name());
  }
  for (int i = 0; i < config.rules_size(); ++i) {
    ValidateRule(config.rules(i), names, base::StrCat("rules[", i, "]"), faults);
  }
  if (!config.rules().empty() && !config.rules_file().empty()) {
    faults.Add("rules_file", "is instead of rules, not beside them");
  }
}

absl::StatusOr<std::vector<rules::v1::Record>> ToRules(const config::v1::Notifier& config) {
  if (!config.rules_file().empty()) return ReadRules(config.rules_file());
  std::vector<rules::v1::Record> records;
  for (const config::v1::NotifyRule& rule : config.rules()) {
    rules::v1::Record& record = records.emplace_back();
    record.set_name(base::StrCat("rules/", rule.name()));
    record.mutable_rule()->set_order(static_cast<std::int32_t>(records.size()));
    *record.mutable_rule()->mutable_receivers() = rule.receivers();
    rules::v1::Match match;
    AddMatcher("alert.category", rule.categories(), match);
    AddMatcher("tenant", rule.tenants(), match);
    if (rule.categories().empty() && !match.all_of().empty()) {
      rules::v1::Matcher& alarms = *match.add_all_of();
      alarms.set_field("alert.category");
      alarms.add_is_not("supply");
    }
    if (!match.all_of().empty()) *record.mutable_rule()->add_any_of() = std::move(match);
  }
  if (records.empty()) {
    rules::v1::Record& all = records.emplace_back();
    all.set_name("rules/all");
    for (const auto& receiver : config.receivers()) {
      if (IsForRules(receiver)) all.mutable_rule()->add_receivers(receiver.name());
    }
  }
  return records;
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
  if (before.contact_receiver() != changed.contact_receiver() ||
      names.contains(changed.contact_receiver())) {
    names.insert(std::string(core::kContacts));
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
  if (const config::v1::Receiver* const contacts = ContactReceiver(config)) {
    PLATEN_ASSIGN_OR_RETURN(channels[std::string(core::kContacts)],
                            MakeChannel(*contacts, transfers));
  }
  return channels;
}

}  // namespace platen::notifier
