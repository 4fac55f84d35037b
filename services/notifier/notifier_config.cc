#include "services/notifier/notifier_config.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/event/labels.h"
#include "libs/event/timestamps.h"
#include "libs/rules/rule_book.h"
#include "libs/service/common_config.h"
#include "libs/service/kafka_config.h"
#include "libs/service/rule_file.h"
#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"
#include "services/notifier/edge/channels/email/email_channel.h"
#include "services/notifier/edge/channels/events_api/events_api_channel.h"
#include "services/notifier/edge/channels/slack/slack_channel.h"
#include "services/notifier/edge/channels/snmp_inform/snmp_inform_channel.h"
#include "services/notifier/edge/channels/syslog/syslog_channel.h"
#include "services/notifier/edge/channels/teams/teams_channel.h"
#include "services/notifier/edge/channels/webhook/webhook_channel.h"

namespace platen::notifier {
namespace {

constexpr std::array<std::string_view, 4> kCategories = {"error", "jam", "alarm", "supply"};

void ValidateRate(const config::v1::Rate& rate,
                  const std::string& path,
                  service::FaultList& faults) {
  constexpr std::uint32_t kMessagesMax = 1'000'000;
  if (rate.messages() == 0 || rate.messages() > kMessagesMax) {
    faults.Add(path + ".messages", "must be 1 to 1000000");
  }
  if (rate.has_per()) {
    service::RequireDuration(
        rate.per(), std::chrono::seconds(1), std::chrono::hours(1), path + ".per", faults);
  }
}

void ValidateReceiver(const config::v1::Receiver& receiver,
                      bool is_for_contacts,
                      const std::string& path,
                      service::FaultList& faults) {
  if (!event::IsLabel(receiver.name())) {
    faults.Add(path + ".name", "must be 1 to 63 characters of a-z, 0-9 and \"-\"");
  }
  if (receiver.has_rate()) ValidateRate(receiver.rate(), path + ".rate", faults);
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
    case config::v1::Receiver::kSyslog:
      return edge::ValidateSyslog(receiver.syslog(), path + ".syslog", faults);
    case config::v1::Receiver::kSnmpInform:
      return edge::ValidateSnmpInform(receiver.snmp_inform(), path + ".snmp_inform", faults);
    case config::v1::Receiver::CHANNEL_NOT_SET:
      faults.Add(path, "has no channel; give it email, webhook or another");
  }
}

void ValidateRule(const config::v1::NotifyRule& rule,
                  const std::set<std::string>& receivers,
                  const std::string& path,
                  service::FaultList& faults) {
  if (!event::IsLabel(rule.name())) {
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
                                                           edge::WaysOut& ways) {
  switch (receiver.channel_case()) {
    case config::v1::Receiver::kEmail: {
      PLATEN_ASSIGN_OR_RETURN(edge::EmailOptions options, edge::ToEmailOptions(receiver.email()));
      return std::make_unique<edge::EmailChannel>(std::move(options), ways.transfers);
    }
    case config::v1::Receiver::kWebhook: {
      PLATEN_ASSIGN_OR_RETURN(edge::WebhookOptions options,
                              edge::ToWebhookOptions(receiver.webhook()));
      return std::make_unique<edge::WebhookChannel>(std::move(options), ways.posts);
    }
    case config::v1::Receiver::kSlack: {
      PLATEN_ASSIGN_OR_RETURN(edge::HttpTarget target, edge::ToSlackTarget(receiver.slack()));
      return std::make_unique<edge::SlackChannel>(std::move(target), ways.posts);
    }
    case config::v1::Receiver::kTeams: {
      PLATEN_ASSIGN_OR_RETURN(edge::HttpTarget target, edge::ToTeamsTarget(receiver.teams()));
      return std::make_unique<edge::TeamsChannel>(std::move(target), ways.posts);
    }
    case config::v1::Receiver::kEventsApi: {
      PLATEN_ASSIGN_OR_RETURN(edge::EventsApiOptions options,
                              edge::ToEventsApiOptions(receiver.events_api()));
      return std::make_unique<edge::EventsApiChannel>(std::move(options), ways.posts);
    }
    case config::v1::Receiver::kAlertmanager: {
      PLATEN_ASSIGN_OR_RETURN(edge::AlertmanagerOptions options,
                              edge::ToAlertmanagerOptions(receiver.alertmanager()));
      return std::make_unique<edge::AlertmanagerChannel>(std::move(options), ways.posts);
    }
    case config::v1::Receiver::kSyslog:
      return std::make_unique<edge::SyslogChannel>(edge::ToSyslogOptions(receiver.syslog()),
                                                   ways.exchanges);
    case config::v1::Receiver::kSnmpInform: {
      PLATEN_ASSIGN_OR_RETURN(edge::SnmpInformOptions options,
                              edge::ToSnmpInformOptions(receiver.snmp_inform()));
      return std::make_unique<edge::SnmpInformChannel>(std::move(options), ways.exchanges);
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

// One for each rule of the configuration itself; where it has none, one that tells everybody.
std::vector<rules::v1::Record> MakeRules(const config::v1::Notifier& config) {
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

core::ReceiverTerms ToReceiverTerms(const config::v1::Receiver& receiver) {
  core::ReceiverTerms terms;
  if (receiver.has_rate()) {
    terms.rate.emplace(core::ReceiverRate{.messages = receiver.rate().messages()});
    if (receiver.rate().has_per()) terms.rate->per = event::FromProto(receiver.rate().per());
  }
  if (receiver.digest_above() > 0) terms.digest_above = receiver.digest_above();
  return terms;
}

}  // namespace

std::vector<std::string> ChannelKinds() {
  return {
      "email", "webhook", "slack", "teams", "events_api", "alertmanager", "syslog", "snmp_inform"};
}

config::v1::Notifier DefaultConfig() {
  config::v1::Notifier config;
  config.mutable_drain_timeout()->set_seconds(20);
  config.mutable_collectors_gone_after()->set_seconds(180);
  return config;
}

void ValidateConfig(const config::v1::Notifier& config, service::FaultList& faults) {
  service::ValidateCommon(config, faults);
  service::RequireInstance(config.instance(), faults);
  service::RequireValue(config.state_dir(), "state_dir", faults);
  service::ValidateKafka(config.kafka(), "kafka", faults);
  service::RequireDuration(config.collectors_gone_after(),
                           std::chrono::minutes(1),
                           std::chrono::hours(1),
                           "collectors_gone_after",
                           faults);
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
  if (config.has_acknowledge_links()) {
    edge::ValidateAcknowledgeLinks(config.acknowledge_links(), "acknowledge_links", faults);
  }
}

absl::StatusOr<std::vector<rules::v1::Record>> ToRules(const config::v1::Notifier& config) {
  if (!config.rules_file().empty()) {
    auto records = service::ReadRuleFile(config.rules_file());
    if (!records.ok()) return base::Annotate(records.status(), "rules_file");
    return records;
  }
  std::vector<rules::v1::Record> records = MakeRules(config);
  for (const rules::v1::Record& record : records) {
    PLATEN_RETURN_IF_ERROR(base::Annotate(rules::CheckRecord(record), "rules"));
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

Terms ToTerms(const config::v1::Notifier& config) {
  Terms terms;
  for (const config::v1::Receiver& receiver : config.receivers()) {
    terms[receiver.name()] = ToReceiverTerms(receiver);
  }
  if (const config::v1::Receiver* const contacts = ContactReceiver(config)) {
    terms[std::string(core::kContacts)] = ToReceiverTerms(*contacts);
  }
  return terms;
}

absl::StatusOr<Channels> MakeChannels(const config::v1::Notifier& config, edge::WaysOut& ways) {
  Channels channels;
  for (const config::v1::Receiver& receiver : config.receivers()) {
    auto channel = MakeChannel(receiver, ways);
    if (!channel.ok()) {
      return base::Annotate(channel.status(), base::StrCat("receiver ", receiver.name()));
    }
    channels[receiver.name()] = *std::move(channel);
  }
  if (const config::v1::Receiver* const contacts = ContactReceiver(config)) {
    PLATEN_ASSIGN_OR_RETURN(channels[std::string(core::kContacts)], MakeChannel(*contacts, ways));
  }
  return channels;
}

absl::StatusOr<std::optional<edge::AcknowledgeLinks>> MakeLinks(
    const config::v1::Notifier& config) {
  if (!config.has_acknowledge_links()) return std::nullopt;
  return edge::AcknowledgeLinks::Make(config.acknowledge_links());
}

}  // namespace platen::notifier
