#include "services/notifier/notifier_config.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rules/rule_book.h"
#include "libs/service/config.h"

namespace platen::notifier {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kGood = R"(
instance: notifier-0
state_dir: /var/lib/platen/notifier
kafka: {bootstrap_servers: "127.0.0.1:9092"}
receivers:
  - name: desk
    email: {server: "smtp://127.0.0.1:2525", from: alarms@example.com, to: [desk@example.com]}
  - name: erp
    webhook: {url: "https://hooks.example.com/", signing_key: {value: geheim}}
rules:
  - {name: jams, categories: [jam], receivers: [desk]}
)";

std::string FaultsOf(std::string_view yaml, config::v1::Notifier& config) {
  service::FaultList faults;
  config = DefaultConfig();
  service::LoadConfigText(yaml, "notifier.yaml", config, faults);
  if (faults.empty()) ValidateConfig(config, faults);
  return faults.ToString();
}

// Of an alert of acme.
std::vector<std::string> ReceiversOf(const config::v1::Notifier& config,
                                     event::v1::AlertCategory category) {
  event::v1::Event event;
  event.set_tenant("acme");
  event.mutable_alert()->set_category(category);
  rules::RuleBook book;
  const auto records = ToRules(config);
  EXPECT_TRUE(records.ok()) << records.status();
  for (const rules::v1::Record& record : *records) EXPECT_TRUE(book.Put(record).ok());
  std::vector<std::string> receivers;
  for (const rules::Taken& taken : book.RulesFor(event, {})) {
    receivers.insert(
        receivers.end(), taken.rule->receivers().begin(), taken.rule->receivers().end());
  }
  return receivers;
}

TEST(NotifierConfigTest, TakesAGoodFile) {
  config::v1::Notifier config;
  EXPECT_EQ(FaultsOf(kGood, config), "");

  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_JAM), ElementsAre("desk"));
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_ERROR), IsEmpty());
}

TEST(NotifierConfigTest, WithoutRulesAllAreToldOfAllButSupplies) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.clear_rules();
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_ALARM), ElementsAre("desk", "erp"));
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_SUPPLY), IsEmpty());
}

TEST(NotifierConfigTest, ARuleForATenantTakesNoSuppliesUnlessItNamesThem) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.mutable_rules(0)->clear_categories();
  config.mutable_rules(0)->add_tenants("acme");
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_JAM), ElementsAre("desk"));
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_SUPPLY), IsEmpty());
  config.mutable_rules(0)->add_categories("supply");
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_SUPPLY), ElementsAre("desk"));
}

TEST(NotifierConfigTest, ReadsRulesFromAFileAndNamesWhatIsWrongThere) {
  const std::string path = testing::TempDir() + "/notifier-rules.yaml";
  std::ofstream(path) << R"(
records:
  - name: rules/jams
    rule:
      any_of:
        - all_of:
            - {field: alert.category, is: [jam]}
            - {field: tenant, is: [acme]}
      after: 10m
      receivers: [desk]
)";
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.clear_rules();
  config.set_rules_file(path);
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_JAM), ElementsAre("desk"));

  std::ofstream(path)
      << "records: [{name: rules/jams, rule: {hours: 5, receivers: [desk], afetr: 10m}}]";
  const std::string refusal(ToRules(config).status().message());
  EXPECT_THAT(refusal, HasSubstr("notifier-rules.yaml"));
  EXPECT_THAT(refusal, HasSubstr("afetr"));
}

TEST(NotifierConfigTest, RefusesAlsoOfItsOwnRulesWhatNobodyCouldFollow) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.clear_rules();
  while (config.receivers_size() < 40) {
    config.add_receivers()->set_name("r" + std::to_string(config.receivers_size()));
  }
  const absl::Status status = ToRules(config).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("'rules/all': receivers: at most 32"));
}

TEST(NotifierConfigTest, MakesAChannelForEachReceiver) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  edge::WaysOut ways;

  const auto channels = MakeChannels(config, ways);

  ASSERT_TRUE(channels.ok()) << channels.status();
  EXPECT_EQ(channels->at("desk")->kind(), "email");
  EXPECT_EQ(channels->at("erp")->kind(), "webhook");
}

TEST(NotifierConfigTest, KnowsEachKindOfChannel) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(R"(
instance: notifier-0
state_dir: /var/lib/platen/notifier
kafka: {bootstrap_servers: "127.0.0.1:9092"}
receivers:
  - name: email
    email: {server: "smtp://127.0.0.1:2525", from: alarms@example.com, to: [desk@example.com]}
  - name: webhook
    webhook: {url: "https://hooks.example.com/", signing_key: {value: k}}
  - name: slack
    slack: {url: {value: "https://hooks.example.com/s"}}
  - name: teams
    teams: {url: {value: "https://hooks.example.com/t"}, http: {timeout: 5s}}
  - name: events-api
    events_api: {routing_key: {value: k}}
  - name: alertmanager
    alertmanager: {url: "https://alerts.example.com:9093"}
  - name: syslog
    syslog: {server: "logs.example.com:6514"}
  - name: snmp-inform
    snmp_inform: {manager: "nms.example.com:162", community: {value: c}}
)",
                     config),
            "");
  edge::WaysOut ways;

  const auto channels = MakeChannels(config, ways);

  ASSERT_TRUE(channels.ok()) << channels.status();
  const auto kinds = ChannelKinds();
  EXPECT_EQ(channels->size(), kinds.size());
  for (const auto& [name, channel] : *channels) {
    EXPECT_THAT(kinds, testing::Contains(channel->kind()));
  }
}

TEST(NotifierConfigTest, ReachesContactsByTheReceiverThatIsForThem) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  edge::WaysOut ways;
  EXPECT_FALSE(MakeChannels(config, ways)->contains(std::string(core::kContacts)));

  config::v1::Notifier changed = config;
  changed.set_contact_receiver("desk");

  EXPECT_EQ(MakeChannels(changed, ways)->at(std::string(core::kContacts))->kind(), "email");
  EXPECT_THAT(ChangedReceivers(config, changed), ElementsAre(std::string(core::kContacts)));
  EXPECT_THAT(ChangedReceivers(changed, changed), IsEmpty());
}

TEST(NotifierConfigTest, TheReceiverForContactsNeedsNoRecipientsButThenNoRuleMayNameIt) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.set_contact_receiver("desk");
  config.mutable_receivers(0)->mutable_email()->clear_to();
  const auto faults_of = [](const config::v1::Notifier& each) {
    service::FaultList faults;
    ValidateConfig(each, faults);
    return faults.ToString();
  };
  EXPECT_THAT(faults_of(config), HasSubstr("rules[0].receivers"));
  config.clear_rules();
  EXPECT_EQ(faults_of(config), "");
  EXPECT_THAT(ReceiversOf(config, event::v1::ALERT_CATEGORY_JAM), ElementsAre("erp"));

  config.set_contact_receiver("erp");
  EXPECT_THAT(faults_of(config), HasSubstr("contact_receiver: must have e-mail"));
  config.set_contact_receiver("nobody");
  EXPECT_THAT(faults_of(config), HasSubstr("contact_receiver: there is no receiver"));
}

TEST(NotifierConfigTest, NamesReceiverAndFileWhereASecretIsMissing) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  config.mutable_receivers(1)->mutable_webhook()->mutable_signing_key()->clear_value();
  config.mutable_receivers(1)->mutable_webhook()->mutable_signing_key()->set_secret_file(
      "/nowhere/key");
  edge::WaysOut ways;

  const auto channels = MakeChannels(config, ways);

  EXPECT_THAT(std::string(channels.status().message()), HasSubstr("receiver erp"));
  EXPECT_THAT(std::string(channels.status().message()), HasSubstr("/nowhere/key"));
}

TEST(NotifierConfigTest, ListsAllFaults) {
  config::v1::Notifier config;
  const std::string faults = FaultsOf(R"(
receivers:
  - name: Desk
    email: {server: "imap://x", from: alarms@example.com, to: [desk@example.com]}
  - name: erp
  - name: erp
    webhook: {url: "https://hooks.example.com/", signing_key: {value: geheim}}
rules:
  - {categories: [jams], receivers: [nobody]}
)",
                                      config);

  for (const char* path : {"instance",
                           "state_dir",
                           "kafka.bootstrap_servers",
                           "receivers[0].name",
                           "receivers[0].email.server",
                           "receivers[1]",
                           "receivers[2].name",
                           "rules[0].name",
                           "rules[0].categories",
                           "rules[0].receivers"}) {
    EXPECT_THAT(faults, HasSubstr(std::string(path) + ":")) << faults;
  }
}

TEST(NotifierConfigTest, PrintsNoSecret) {
  config::v1::Notifier config;
  ASSERT_EQ(FaultsOf(kGood, config), "");
  (*config.mutable_receivers(1)->mutable_webhook()->mutable_headers())["Authorization"] = "geheim";

  EXPECT_THAT(service::PrintConfig(config), Not(HasSubstr("geheim")));
}

TEST(NotifierConfigTest, SaysOnWhichTermsReceiversAreSpokenTo) {
  config::v1::Notifier config;
  const std::string text = R"(
instance: notifier-0
state_dir: /var/lib/platen/notifier
kafka: {bootstrap_servers: "127.0.0.1:9092"}
contact_receiver: desk
receivers:
  - name: desk
    rate: {messages: 10, per: 30s}
    digest_above: 5
    email: {server: "smtp://127.0.0.1:2525", from: alarms@example.com, to: [desk@example.com]}
  - name: siem
    syslog: {server: "logs.example.com:6514"}
)";
  ASSERT_EQ(FaultsOf(text, config), "");

  const Terms terms = ToTerms(config);

  const core::ReceiverRate rate{.messages = 10, .per = std::chrono::seconds(30)};
  EXPECT_EQ(terms.at("desk").rate, rate);
  EXPECT_EQ(terms.at("desk").digest_above, 5u);
  EXPECT_EQ(terms.at(std::string(core::kContacts)).rate, rate);
  EXPECT_FALSE(terms.at("siem").rate.has_value());
  EXPECT_EQ(terms.at("siem").digest_above, 20u);

  config.mutable_receivers(0)->mutable_rate()->set_messages(0);
  config.mutable_receivers(0)->mutable_rate()->mutable_per()->set_seconds(7200);
  service::FaultList faults;
  ValidateConfig(config, faults);
  EXPECT_THAT(faults.ToString(), HasSubstr("receivers[0].rate.messages"));
  EXPECT_THAT(faults.ToString(), HasSubstr("receivers[0].rate.per"));
}

}  // namespace
}  // namespace platen::notifier
