// The notifier as a process, on a real Kafka, with a mail server and a webhook receiver that are
// processes too: what people get, and that kill -9 loses none of it.
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "platen/event/v1/event.pb.h"

#include "libs/base/ids.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/headers.h"
#include "libs/event/sequence.h"
#include "libs/event/timestamps.h"
#include "tests/support/child_process.h"

namespace platen::notifier {
namespace {

using testing_support::ChildProcess;
using testing_support::Eventually;

constexpr int kPartitions = 4;

using Line = std::map<std::string, std::string>;

class NotifierKafkaTest : public testing::Test {
 protected:
  NotifierKafkaTest()
      : prefix_("nt" + base::NewDeviceId().ToHex().substr(0, 12)),
        broker_({.bootstrap_servers = std::getenv("PLATEN_TEST_KAFKA")}),
        sequencer_("collector-0", 1) {
    std::vector<broker::TopicSpec> topics;
    for (const char* name :
         {"alerts", "notifier-state", "notifications", "deliveries", "deadletter", "rules"}) {
      broker::TopicSpec spec{.name = base::StrCat(prefix_, ".", name, ".v1"),
                             .partitions = kPartitions};
      if (std::string(name) == "notifier-state" || std::string(name) == "deliveries") {
        spec.config = {{"cleanup.policy", "compact"}};
      }
      topics.push_back(spec);
    }
    const absl::Status made = broker_.EnsureTopics(topics, std::chrono::seconds(30));
    EXPECT_TRUE(made.ok()) << made;
    publisher_ = *broker_.NewPublisher({});
    StartMailSink("");
    StartHookSink("");
  }

  // What the notifier said, where something went wrong.
  void TearDown() override {
    if (!HasFailure() || notifier_ == nullptr) return;
    notifier_->Signal(SIGTERM);
    while (const auto line = notifier_->ReadLine()) std::cerr << *line << "\n";
  }

  void StartMailSink(const std::string& answers) {
    mail_sink_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{testing_support::SourceFile("deploy/local/sinks/smtp-sink"),
                                 "--port",
                                 std::to_string(mail_port_),
                                 "--store",
                                 directory_.File("mails.jsonl"),
                                 "--answers",
                                 answers});
    mail_port_ = PortOf(*mail_sink_);
  }

  void StartHookSink(const std::string& answers) {
    hook_sink_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{testing_support::SourceFile("deploy/local/sinks/webhook-sink"),
                                 "--port",
                                 std::to_string(hook_port_),
                                 "--store",
                                 directory_.File("hooks.jsonl"),
                                 "--answers",
                                 answers,
                                 "--signing-key-file",
                                 directory_.Write("hook.key", "integration-key")});
    hook_port_ = PortOf(*hook_sink_);
  }

  static int PortOf(ChildProcess& sink) {
    const std::string line = sink.ReadLine().value_or("");
    EXPECT_NE(line.find("listening on"), std::string::npos) << line;
    return std::stoi(line.substr(line.rfind(':') + 1));
  }

  std::string Desk() const {
    return base::StrCat(
        "  - name: desk\n    email:\n      {server: \"smtp://127.0.0.1:",
        mail_port_,
        "\", from: alarms@platen.test, to: [desk@platen.test], allow_plaintext: true}\n");
  }

  std::string Erp() const {
    return base::StrCat("  - name: erp\n    webhook:\n      {url: \"http://127.0.0.1:",
                        hook_port_,
                        "/hook\", signing_key: {secret_file: ",
                        directory_.File("hook.key"),
                        "}, allow_plaintext: true, allow_private_addresses: true}\n");
  }

  // Writes the configuration and returns the file's name.
  std::string Configure(const std::string& receivers,
                        const std::string& rules = "",
                        const std::string& log_level = "warning") const {
    return directory_.Write("notifier.yaml",
                            base::StrCat("instance: notifier-0\nstate_dir: ",
                                         directory_.File("state"),
                                         "\nkafka: {bootstrap_servers: \"",
                                         std::getenv("PLATEN_TEST_KAFKA"),
                                         "\", topic_prefix: ",
                                         prefix_,
                                         "}\nadmin: {listen: \"127.0.0.1:0\"}\nlog: {level: ",
                                         log_level,
                                         "}\nreceivers:\n",
                                         receivers,
                                         rules));
  }

  void StartNotifier(const std::string& config) {
    notifier_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        base::StrCat(std::getenv("PLATEN_BUILD_DIR"), "/bin/platen-notifier"), "--config", config});
  }

  // A process with one role only, with an identity and a state of its own.
  std::unique_ptr<ChildProcess> StartRole(const std::string& config, const std::string& role) {
    return std::make_unique<ChildProcess>(std::vector<std::string>{
        base::StrCat(std::getenv("PLATEN_BUILD_DIR"), "/bin/platen-notifier"),
        "--config",
        config,
        "--set",
        base::StrCat("roles=[", role, "]"),
        "--set",
        base::StrCat("instance=", role, "-0"),
        "--set",
        base::StrCat("state_dir=", directory_.File(role))});
  }

  void StartNotifier() { StartNotifier(Configure(Desk() + Erp())); }

  // Sends SIGHUP and returns what the notifier logs up to a line with `last`.
  std::string HangUp(const std::string& last) {
    notifier_->Signal(SIGHUP);
    std::string said;
    while (const auto line = notifier_->ReadLine()) {
      said += *line + "\n";
      if (line->find(last) != std::string::npos) break;
    }
    return said;
  }

  void Say(int alert, event::v1::AlertTransition transition) {
    event::v1::Event event;
    event.set_tenant("acme");
    event.set_site("hq");
    event.set_device_id(std::string(15, 'd') + static_cast<char>('a' + alert % 7));
    event.set_term(1);
    *event.mutable_observation_time() = event::ToProto(clock_.WallNow());
    event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
    occurrence.set_condition("jam");
    occurrence.set_instance(static_cast<std::uint64_t>(alert));
    occurrence.set_transition(transition);
    event::v1::Alert& body = *event.mutable_alert();
    body.set_alert_id(base::StrCat("jam/", alert));
    body.set_category(event::v1::ALERT_CATEGORY_JAM);
    body.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
    body.set_code(8);
    body.set_where("Tray 2");
    body.set_instance(static_cast<std::uint64_t>(alert));
    body.set_transition(transition);
    if (transition == event::v1::ALERT_TRANSITION_ENDED) body.set_end(event::v1::ALERT_END_CLEARED);
    body.mutable_device()->set_model("HL-L5100DN");
    ASSERT_TRUE(sequencer_.Stamp(event).ok());
    const std::string value = event.SerializeAsString();
    const auto id =
        publisher_->Publish({.topic = prefix_ + ".alerts.v1",
                             .partition = broker::PartitionFor(event.device_id(), kPartitions),
                             .key = event.device_id(),
                             .value = value});
    ASSERT_TRUE(id.ok()) << id.status();
    while (publisher_->in_flight() > 0) publisher_->Poll(std::chrono::milliseconds(10));
  }

  void Raise(int alert) { Say(alert, event::v1::ALERT_TRANSITION_RAISED); }

  void Clear(int alert) { Say(alert, event::v1::ALERT_TRANSITION_ENDED); }

  // Top-level strings of each line that was answered with "ok".
  std::vector<Line> TakenBy(const std::string& store) const {
    std::vector<Line> taken;
    std::istringstream lines(testing_support::ReadWholeFile(directory_.File(store)));
    for (std::string text; std::getline(lines, text);) {
      google::protobuf::Struct record;
      if (!google::protobuf::util::JsonStringToMessage(text, &record).ok()) continue;
      Line line;
      for (const auto& [name, value] : record.fields()) line[name] = value.string_value();
      if (line["answer"] == "ok") taken.push_back(std::move(line));
    }
    return taken;
  }

  std::vector<Line> Mails() const { return TakenBy("mails.jsonl"); }

  std::vector<Line> Hooks() const { return TakenBy("hooks.jsonl"); }

  // Different values of a field.
  static std::size_t Distinct(const std::vector<Line>& lines, const std::string& field) {
    std::map<std::string, int> values;
    for (const Line& line : lines) ++values[line.at(field)];
    return values.size();
  }

  const std::string prefix_;
  const base::RealClock clock_;
  testing_support::TemporaryDirectory directory_;
  broker::kafka::KafkaBroker broker_;
  event::Sequencer sequencer_;
  std::unique_ptr<broker::Publisher> publisher_;
  int mail_port_ = 0;
  int hook_port_ = 0;
  std::unique_ptr<ChildProcess> mail_sink_;
  std::unique_ptr<ChildProcess> hook_sink_;
  std::unique_ptr<ChildProcess> notifier_;
};

TEST_F(NotifierKafkaTest, AJamReachesMailAndWebhookAndItsEndFollowsInTheThread) {
  StartNotifier();
  Raise(1);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 1 && Hooks().size() == 1; }));
  Clear(1);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 2 && Hooks().size() == 2; }));

  const std::vector<Line> mails = Mails();
  EXPECT_EQ(mails[0].at("subject"), "[acme/hq] HL-L5100DN: jam in tray 2");
  EXPECT_EQ(mails[1].at("subject"), "[Cleared] Re: [acme/hq] HL-L5100DN: jam in tray 2");
  EXPECT_THAT(mails[1].at("raw"), testing::HasSubstr("In-Reply-To: " + mails[0].at("message_id")));
  for (const Line& hook : Hooks()) EXPECT_EQ(hook.at("signature"), "valid");

  notifier_->Signal(SIGTERM);
  EXPECT_EQ(notifier_->Wait(), 0);
}

TEST_F(NotifierKafkaTest, APersonWhomARuleNamesGetsMailByTheServerThatIsForContacts) {
  const std::string rules = directory_.Write("rules.yaml", R"(
records:
  - name: contacts/alice
    contact: {emails: [alice@platen.test]}
  - name: rules/jams
    rule:
      receivers: [contacts/alice]
      group: {by: site, wait: 1s, interval: 1s}
)");
  const std::string only_for_contacts =
      base::StrCat("  - name: desk\n    email:\n      {server: \"smtp://127.0.0.1:",
                   mail_port_,
                   "\", from: alarms@platen.test, allow_plaintext: true}\n");
  StartNotifier(Configure(only_for_contacts,
                          base::StrCat("contact_receiver: desk\nrules_file: ", rules, "\n")));
  for (const int alert : {1, 2}) Raise(alert);
  // One digest, or two mails where a moment lay between them.
  const auto all_told = [&] {
    const std::vector<Line> mails = Mails();
    return mails.size() == 2 ||
           (mails.size() == 1 &&
            mails[0].at("subject").find("2 printers: 2 alarms") != std::string::npos);
  };
  ASSERT_TRUE(Eventually(all_told));

  for (const Line& mail : Mails()) {
    EXPECT_THAT(mail.at("raw"), testing::HasSubstr("To: alice@platen.test"));
  }
}

TEST_F(NotifierKafkaTest, KillsInTheMiddleLoseNothing) {
  constexpr int kAlerts = 40;
  constexpr int kKills = 4;
  StartNotifier();
  for (int i = 1; i <= kAlerts; ++i) {
    Raise(i);
    if (i > 3) Clear(i - 3);
    if (i % (kAlerts / kKills) != 0) continue;
    // In the middle of it: something has arrived, not everything.
    ASSERT_TRUE(Eventually([&] { return !Hooks().empty(); }));
    notifier_->Signal(SIGKILL);
    notifier_->Wait();
    StartNotifier();
  }
  for (int i = kAlerts - 2; i <= kAlerts; ++i) Clear(i);

  EXPECT_TRUE(Eventually([&] {
    return Distinct(Mails(), "message_id") == 2 * kAlerts && Distinct(Hooks(), "id") == 2 * kAlerts;
  })) << Distinct(Mails(), "message_id")
      << " mails, " << Distinct(Hooks(), "id") << " webhooks";
}

TEST_F(NotifierKafkaTest, DecidingAndDeliveringMayBeProcessesOfTheirOwn) {
  const std::string config = Configure(Desk() + Erp());
  const auto decide = StartRole(config, "decide");
  auto deliver = StartRole(config, "deliver");
  Raise(1);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 1 && Hooks().size() == 1; }));

  // What is decided waits in Kafka for whoever delivers it.
  deliver->Signal(SIGKILL);
  deliver->Wait();
  Raise(2);
  Clear(1);
  deliver = StartRole(config, "deliver");
  // The first may come again: it was killed before Kafka had heard that it was delivered.
  ASSERT_TRUE(Eventually(
      [&] { return Distinct(Mails(), "message_id") == 3 && Distinct(Hooks(), "id") == 3; }));

  for (ChildProcess* const process : {decide.get(), deliver.get()}) {
    process->Signal(SIGTERM);
    EXPECT_EQ(process->Wait(), 0);
  }
}

TEST_F(NotifierKafkaTest, AReceiverThatIsAwayDelaysNobodyAndHearsEverythingLater) {
  hook_sink_.reset();
  StartNotifier();
  for (int i = 1; i <= 20; ++i) Raise(i);
  ASSERT_TRUE(Eventually([&] { return Distinct(Mails(), "message_id") == 20; }));
  EXPECT_TRUE(Hooks().empty());

  StartHookSink("503,drop");
  EXPECT_TRUE(Eventually([&] { return Distinct(Hooks(), "id") == 20; }))
      << Distinct(Hooks(), "id") << " webhooks";
}

TEST_F(NotifierKafkaTest, HangUpChangesReceiversWhileMessagesWaitForThem) {
  hook_sink_.reset();
  StartNotifier(Configure(Desk() + Erp(), "", "info"));
  for (int i = 1; i <= 10; ++i) Raise(i);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 10; }));

  // The receiver has moved to another port.
  const int former_port = std::exchange(hook_port_, 0);
  StartHookSink("");
  ASSERT_NE(hook_port_, former_port);
  Configure(Desk() + Erp(), "", "info");
  HangUp("configuration reloaded");

  ASSERT_TRUE(Eventually([&] { return Hooks().size() == 10; })) << Hooks().size() << " webhooks";
  Raise(11);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 11 && Hooks().size() == 11; }));
  EXPECT_EQ(Distinct(Mails(), "message_id"), 11);
  EXPECT_EQ(Distinct(Hooks(), "id"), 11);
  notifier_->Signal(SIGTERM);
  EXPECT_EQ(notifier_->Wait(), 0);
}

TEST_F(NotifierKafkaTest, HangUpWithAFaultyFileChangesNothingAndACorrectedOneDoes) {
  StartNotifier(Configure(Desk() + Erp(), "", "info"));
  Raise(1);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 1 && Hooks().size() == 1; }));

  // Takes out a receiver, which is right, and names another that is not there.
  Configure(Desk(), "rules:\n  - {name: all, receivers: [desk, pager]}\n", "info");
  const std::string said = HangUp("the former one stays");
  EXPECT_THAT(said,
              testing::HasSubstr("notifier.yaml:11: rules[0].receivers: there is no receiver"));
  Raise(2);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 2 && Hooks().size() == 2; }));

  Configure(Desk(), "rules:\n  - {name: all, receivers: [desk]}\n", "info");
  HangUp("configuration reloaded");
  Raise(3);
  Clear(3);
  ASSERT_TRUE(Eventually([&] { return Mails().size() == 4; }));
  EXPECT_EQ(Hooks().size(), 2);
}

}  // namespace
}  // namespace platen::notifier
