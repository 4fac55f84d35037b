#include "bench/pipeline/notify_bench.h"

#include <algorithm>
#include <array>
#include <csignal>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/kafka_bench.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::bench {
namespace {

constexpr std::string_view kMark = "bench ";
// As many as one rule may name.
constexpr std::size_t kReceiversARule = 32;

std::string NameOf(std::size_t receiver) {
  return base::StrCat("r", receiver);
}

// Rules that tell everybody, so many each, all but the last going on.
std::string RulesFor(std::size_t receivers) {
  std::string rules = "records:\n";
  for (std::size_t first = 0; first < receivers; first += kReceiversARule) {
    rules += base::StrCat("  - name: rules/r", first, "\n    rule:\n      goes_on: true\n");
    rules += "      receivers: [";
    for (std::size_t i = first; i < std::min(receivers, first + kReceiversARule); ++i) {
      rules += base::StrCat(i == first ? "" : ", ", NameOf(i));
    }
    rules += "]\n";
  }
  return rules;
}

}  // namespace

std::vector<std::uint64_t> AlertNumbersIn(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark)) {
    text.remove_prefix(at + kMark.size());
    std::uint64_t& number = numbers.emplace_back();
    for (const char c : text) {
      if (c < '0' || c > '9') break;
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

AlertTopics::AlertTopics(int alert_partitions, int partitions)
    : prefix_("bench" + base::NewDeviceId().ToHex().substr(0, 12)),
      alert_partitions_(alert_partitions),
      broker_({.bootstrap_servers = KafkaAddress(), .client_id = "bench"}),
      publisher_(*broker_.NewPublisher({.linger = std::chrono::milliseconds(0)})),
      sequencer_("collector-0", 1) {
  std::vector<broker::TopicSpec> topics;
  for (const std::string name :
       {"alerts", "notifier-state", "notifications", "deliveries", "deadletter", "rules"}) {
    broker::TopicSpec spec{
        .name = base::StrCat(prefix_, ".", name, ".v1"),
        .partitions = name == "alerts" || name == "notifier-state" ? alert_partitions : partitions};
    if (name == "notifier-state" || name == "deliveries" || name == "rules") {
      spec.config = {{"cleanup.policy", "compact"}};
    }
    topics.push_back(spec);
  }
  const absl::Status made = broker_.EnsureTopics(topics, std::chrono::seconds(30));
  if (!made.ok()) Broken(made.ToString());
}

void AlertTopics::Say(std::uint64_t alert, event::v1::AlertTransition transition) {
  event::v1::Event event;
  event.set_tenant("acme");
  event.set_site("hq");
  std::array<char, 16> device{};
  for (std::size_t i = 0; i < 8; ++i) device[15 - i] = static_cast<char>(alert >> (8 * i));
  event.set_device_id(device.data(), device.size());
  event.set_term(1);
  *event.mutable_observation_time() = event::ToProto(clock_.WallNow());
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition("jam");
  occurrence.set_instance(1);
  occurrence.set_transition(transition);
  event::v1::Alert& body = *event.mutable_alert();
  body.set_alert_id("jam/1");
  body.set_category(event::v1::ALERT_CATEGORY_JAM);
  body.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  body.set_code(8);
  body.set_where("Tray 2");
  body.set_description(base::StrCat(kMark, alert));
  body.set_instance(1);
  body.set_transition(transition);
  if (transition == event::v1::ALERT_TRANSITION_ENDED) body.set_end(event::v1::ALERT_END_CLEARED);
  body.mutable_device()->set_model("HL-L5100DN");
  if (!sequencer_.Stamp(event).ok()) Broken("an alert without an id");
  const std::string value = event.SerializeAsString();
  while (true) {
    const auto id = publisher_->Publish(
        {.topic = alerts(),
         .partition = broker::PartitionFor(event.device_id(), alert_partitions_),
         .key = event.device_id(),
         .value = value});
    if (id.ok()) return;
    if (id.status().code() != absl::StatusCode::kResourceExhausted) Broken(id.status().ToString());
    publisher_->Poll(std::chrono::milliseconds(10));
  }
}

void AlertTopics::Poll(base::Duration time) {
  const base::MonotonicTime until = clock_.Now() + time;
  do {
    publisher_->Poll(std::chrono::milliseconds(1));
  } while (clock_.Now() < until);
}

void AlertTopics::Flush() {
  while (publisher_->in_flight() > 0) publisher_->Poll(std::chrono::milliseconds(10));
}

NotifierProcess::NotifierProcess(const std::string& program,
                                 const AlertTopics& topics,
                                 const HttpSink& sink,
                                 std::size_t receivers,
                                 const std::string& timeout)
    : program_(program) {
  std::string config = base::StrCat("instance: notifier-0\nstate_dir: ",
                                    directory_.File("state"),
                                    "\nkafka: {bootstrap_servers: \"",
                                    KafkaAddress(),
                                    "\", topic_prefix: ",
                                    topics.prefix(),
                                    "}\nadmin: {listen: \"127.0.0.1:0\"}\nlog: {level: warning}\n",
                                    "rules_file: ",
                                    directory_.Write("rules.yaml", RulesFor(receivers)),
                                    "\nreceivers:\n");
  const std::string key = directory_.Write("key", "bench");
  for (std::size_t i = 0; i < receivers; ++i) {
    config += base::StrCat("  - {name: ",
                           NameOf(i),
                           ", webhook: {url: \"http://127.0.0.1:",
                           sink.port(i),
                           "/hook\", signing_key: {secret_file: ",
                           key,
                           "}, allow_plaintext: true, allow_private_addresses: true, timeout: ",
                           timeout,
                           "}}\n");
  }
  directory_.Write("notifier.yaml", config);
  Start();
}

void NotifierProcess::Start() {
  process_ = std::make_unique<testing_support::ChildProcess>(
      std::vector<std::string>{program_, "--config", directory_.File("notifier.yaml")},
      directory_.File("log.txt"));
}

void NotifierProcess::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait();
}

}  // namespace platen::bench
