#include "tests/simulation/notifier_world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"

namespace platen::notifier {
namespace {

constexpr int kPartitions = 3;
constexpr std::chrono::milliseconds kNoWait{0};
const std::vector<std::string> kReceivers = {"desk", "erp", "pager"};

std::string DeviceId(int device) {
  return std::string(15, 'd') + static_cast<char>('A' + device);
}

std::vector<broker::TopicSpec> TopicSpecs() {
  std::vector<broker::TopicSpec> specs;
  for (const char* name :
       {"alerts", "notifier-state", "notifications", "deliveries", "deadletter", "rules"}) {
    specs.push_back({.name = base::StrCat("platen.", name, ".v1"), .partitions = kPartitions});
  }
  return specs;
}

// Everybody is told of everything.
std::vector<rules::v1::Record> Rules() {
  rules::v1::Record record;
  record.set_name("rules/all");
  for (const std::string& receiver : kReceivers) record.mutable_rule()->add_receivers(receiver);
  return {record};
}

}  // namespace

// A try under way: the receiver may still take it after its sender is gone.
struct NotifierWorld::Pending {
  std::shared_ptr<const v1::Notification> notification;
  edge::Channel::Done done;
};

struct NotifierWorld::Receiver {
  std::string name;
  bool away = false;
  std::deque<Pending> pending;
  std::vector<Receipt> receipts;
};

class NotifierWorld::FakeChannel final : public edge::Channel {
 public:
  explicit FakeChannel(Receiver& receiver) : receiver_(receiver) {}

  std::string_view kind() const override { return "fake"; }

  void Send(const edge::SendTry& send, Done done) override {
    receiver_.pending.push_back({send.notification, std::move(done)});
  }

 private:
  Receiver& receiver_;
};

struct NotifierWorld::Instance {
  std::unique_ptr<DecidePipeline> decide;
  std::unique_ptr<DeliverPipeline> deliver;
};

NotifierWorld::NotifierWorld(WorldOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      broker_(clock_, options_.seed),
      metrics_(metrics_registry_, {"fake"}),
      terms_(static_cast<std::size_t>(options_.devices), 1) {
  if (!broker_.EnsureTopics(TopicSpecs(), kNoWait).ok()) violations_.push_back("no topics");
  publisher_ = *broker_.NewPublisher({});
  broker_.set_faults(options_.faults);
  for (const std::string& name : kReceivers) {
    receivers_[name] = std::make_unique<Receiver>(Receiver{.name = name});
  }
  instances_.resize(static_cast<std::size_t>(options_.instances));
  for (std::size_t i = 0; i < instances_.size(); ++i) StartInstance(i);
}

NotifierWorld::~NotifierWorld() = default;

void NotifierWorld::StartInstance(std::size_t index) {
  auto instance = std::make_unique<Instance>();
  const PipelineContext context{broker_, clock_, metrics_};
  const std::uint64_t epoch = ++lives_;
  PipelineOptions options{.instance = base::StrCat("notifier-", index), .epoch = epoch};
  instance->decide =
      std::make_unique<DecidePipeline>(context, options, core::DecideOptions{}, Rules());
  options.instance += "-deliver";
  core::DeliverOptions deliver;
  deliver.queue.backoff = {.first = std::chrono::seconds(1), .max = std::chrono::seconds(20)};
  deliver.held_open_max = 5;
  deliver.give_up_after = std::chrono::hours(10'000);
  deliver.unnamed_max = std::chrono::hours(10'000);
  deliver.epoch = epoch;
  instance->deliver =
      std::make_unique<DeliverPipeline>(context, options, deliver, MakeChannels(0), random_);
  instances_[index] = std::move(instance);
}

// A channel to each receiver, but to those that `left_out` has the chance to leave out.
Channels NotifierWorld::MakeChannels(double left_out) {
  Channels channels;
  for (const auto& [name, receiver] : receivers_) {
    if (!random_.Chance(left_out)) channels[name] = std::make_unique<FakeChannel>(*receiver);
  }
  return channels;
}

void NotifierWorld::Reload() {
  const std::unique_ptr<Instance>& instance = instances_[random_.Below(instances_.size())];
  const std::string& changed = kReceivers[random_.Below(kReceivers.size())];
  instance->deliver->SetChannels(MakeChannels(0.3), {changed});
  ++reloads_;
}

void NotifierWorld::Step() {
  if (random_.Chance(0.1)) ActPrinter();
  PumpPublisher();
  ActReceivers();
  if (random_.Chance(options_.crash)) Crash();
  if (random_.Chance(options_.reload)) Reload();
  clock_.Advance(std::chrono::milliseconds(random_.Below(100)));
  if (random_.Chance(0.01)) clock_.Advance(std::chrono::seconds(random_.Below(30)));
  if (random_.Chance(0.005)) {
    clock_.StepWall(std::chrono::minutes(static_cast<int>(random_.Below(120)) - 60));
  }
  StepInstances();
  if (++steps_ % 50 == 0) parked_seen_ = std::max(parked_seen_, CountParked());
}

void NotifierWorld::StepInstances() {
  for (const auto& instance : instances_) {
    // Errors are the broker's faults: the next turn tries again.
    if (random_.Chance(0.9)) static_cast<void>(instance->decide->Step(kNoWait));
    if (random_.Chance(0.9)) static_cast<void>(instance->deliver->Step(kNoWait));
  }
}

void NotifierWorld::ActPrinter() {
  const int device = static_cast<int>(random_.Below(static_cast<std::uint64_t>(options_.devices)));
  std::vector<TrueAlert*> open;
  for (TrueAlert& alert : alerts_) {
    if (alert.device == device && !alert.cleared && !alert.withdrawn) open.push_back(&alert);
  }
  std::uint64_t& term = terms_[static_cast<std::size_t>(device)];
  if (open.empty() || (open.size() < 3 && random_.Chance(0.4))) {
    TrueAlert& alert = alerts_.emplace_back();
    alert.id = base::StrCat("jam/", alerts_.size());
    alert.device = device;
    alert.worth_telling = !random_.Chance(0.2);
    return Say(alert, event::v1::ALERT_TRANSITION_RAISED, term);
  }
  TrueAlert& alert = *open[random_.Below(open.size())];
  if (random_.Chance(0.1)) {
    // Another collector takes over and says what is open; the old one, which does not know, sees
    // nothing and says that it is over.
    ++term;
    for (const TrueAlert* const known : open) Say(*known, event::v1::ALERT_TRANSITION_RAISED, term);
    return Say(alert, event::v1::ALERT_TRANSITION_ENDED, term - 1, event::v1::ALERT_END_CLEARED);
  }
  if (random_.Chance(0.1)) {
    alert.withdrawn = true;
    return Say(alert, event::v1::ALERT_TRANSITION_ENDED, term, event::v1::ALERT_END_WITHDRAWN);
  }
  alert.cleared = true;
  Say(alert, event::v1::ALERT_TRANSITION_ENDED, term, event::v1::ALERT_END_CLEARED);
}

void NotifierWorld::Say(const TrueAlert& true_alert,
                        event::v1::AlertTransition transition,
                        std::uint64_t term,
                        event::v1::AlertEnd end) {
  event::v1::Event event;
  event.set_tenant("acme");
  event.set_device_id(DeviceId(true_alert.device));
  event.set_term(term);
  *event.mutable_observation_time() = event::ToProto(clock_.WallNow());
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(true_alert.id);
  occurrence.set_instance(1);
  occurrence.set_transition(transition);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(true_alert.id);
  alert.set_instance(1);
  alert.set_transition(transition);
  alert.set_end(end);
  alert.set_code(true_alert.worth_telling ? 8 : 507);
  // A zombie's end is another event than the true one.
  if (end == event::v1::ALERT_END_CLEARED && !true_alert.cleared)
    occurrence.set_instance(term + 100);
  event.set_id(std::string(event::DeriveId(event)->bytes()));
  to_publish_.emplace_back(event.device_id(), event.SerializeAsString());
}

void NotifierWorld::PumpPublisher() {
  while (!to_publish_.empty()) {
    const auto& [key, value] = to_publish_.front();
    const auto id = publisher_->Publish({.topic = "platen.alerts.v1",
                                         .partition = broker::PartitionFor(key, kPartitions),
                                         .key = key,
                                         .value = value});
    if (!id.ok()) break;
    to_publish_.pop_front();
  }
  publisher_->Poll(kNoWait);
}

void NotifierWorld::ActReceivers() {
  for (const auto& [name, receiver] : receivers_) {
    if (random_.Chance(receiver->away ? options_.receiver_comes_back
                                      : options_.receiver_goes_away)) {
      receiver->away = !receiver->away;
    }
    for (std::uint64_t i = random_.Below(4); i > 0; --i) Answer(*receiver, true);
  }
}

void NotifierWorld::Answer(Receiver& receiver, bool faults) {
  if (receiver.pending.empty()) return;
  const auto chosen = receiver.pending.begin() +
                      static_cast<std::ptrdiff_t>(random_.Below(receiver.pending.size()));
  const Pending pending = std::move(*chosen);
  receiver.pending.erase(chosen);
  if (receiver.away || (faults && random_.Chance(options_.busy))) {
    ++retries_;
    return pending.done({.outcome = core::SendOutcome::kRetry, .detail = "away"});
  }
  const v1::Notification& notification = *pending.notification;
  const std::string& alert_id = notification.event().alert().alert_id();
  const bool raised = notification.kind() == v1::NOTIFICATION_KIND_RAISED;
  const auto alert = std::find_if(
      alerts_.begin(), alerts_.end(), [&](const TrueAlert& known) { return known.id == alert_id; });
  if (!alert->worth_telling) violations_.push_back(alert_id + " is told but is a line of status");
  if (!raised && !alert->cleared) violations_.push_back(alert_id + " is told cleared and is not");
  receiver.receipts.push_back({base::HexEncode(notification.id()), alert_id, raised});
  const bool lost = faults && random_.Chance(options_.lost_answer);
  retries_ += lost ? 1 : 0;
  pending.done({.outcome = lost ? core::SendOutcome::kRetry : core::SendOutcome::kDelivered,
                .detail = lost ? "no answer" : "taken"});
}

void NotifierWorld::Crash() {
  const std::size_t index = random_.Below(instances_.size());
  instances_[index].reset();
  StartInstance(index);
  broker_.ExpireSessions("platen-notifier-decide");
  broker_.ExpireSessions("platen-notifier-deliver");
  ++crashes_;
}

bool NotifierWorld::Settle() {
  broker_.set_faults({});
  for (const auto& instance : instances_) instance->deliver->SetChannels(MakeChannels(0), {});
  for (int i = 0; i < 40'000; ++i) {
    PumpPublisher();
    for (const auto& [name, receiver] : receivers_) {
      receiver->away = false;
      while (!receiver->pending.empty()) Answer(*receiver, false);
    }
    clock_.Advance(std::chrono::milliseconds(50));
    StepInstances();
    if (i % 16 == 0 && IsQuiet()) return true;
  }
  return false;
}

bool NotifierWorld::IsQuiet() const {
  if (!to_publish_.empty() || publisher_->in_flight() > 0 || CountParked() > 0) return false;
  return AllCommitted("platen.alerts.v1", "platen-notifier-decide", kPartitions) &&
         AllCommitted("platen.notifications.v1", "platen-notifier-deliver", kPartitions);
}

bool NotifierWorld::AllCommitted(const std::string& topic,
                                 const std::string& group,
                                 int partitions) const {
  for (int number = 0; number < partitions; ++number) {
    const auto records = broker_.RecordsOf({topic, number});
    if (records.empty()) continue;
    if (broker_.Committed(group, {topic, number}).value_or(0) <= records.back().offset)
      return false;
  }
  return true;
}

int NotifierWorld::CountParked() const {
  std::set<std::string> parked;
  for (int number = 0; number < kPartitions; ++number) {
    for (const auto& record : broker_.RecordsOf({"platen.deliveries.v1", number})) {
      if (record.value.has_value()) {
        parked.insert(record.key);
      } else {
        parked.erase(record.key);
      }
    }
  }
  return static_cast<int>(parked.size());
}

int NotifierWorld::told_incidents() const {
  return static_cast<int>(std::count_if(
      alerts_.begin(), alerts_.end(), [](const TrueAlert& alert) { return alert.worth_telling; }));
}

int NotifierWorld::duplicates() const {
  int duplicates = 0;
  for (const auto& [name, receiver] : receivers_) {
    std::set<std::string> seen;
    for (const Receipt& receipt : receiver->receipts) {
      duplicates += seen.insert(receipt.id).second ? 0 : 1;
    }
  }
  return duplicates;
}

std::vector<std::string> NotifierWorld::Violations() const {
  std::vector<std::string> found = violations_;
  for (const auto& [name, receiver] : receivers_) {
    // Per alert: the ids of its raise and its clear, in this receiver's hands.
    std::map<std::string, std::map<bool, std::string>> ids;
    for (const Receipt& receipt : receiver->receipts) {
      auto& known = ids[receipt.alert];
      if (!receipt.raised && !known.contains(true)) {
        found.push_back(base::StrCat(name, " heard the end of ", receipt.alert, " first"));
      }
      const auto [entry, is_new] = known.emplace(receipt.raised, receipt.id);
      if (!is_new && entry->second != receipt.id) {
        found.push_back(base::StrCat(name, " heard of ", receipt.alert, " under two ids"));
      }
    }
    for (const TrueAlert& alert : alerts_) {
      if (!alert.worth_telling) continue;
      if (!ids[alert.id].contains(true)) {
        found.push_back(base::StrCat(name, " never heard of ", alert.id));
      }
      if (ids[alert.id].contains(false) != alert.cleared) {
        found.push_back(base::StrCat(name, " heard wrongly of the end of ", alert.id));
      }
    }
  }
  return found;
}

}  // namespace platen::notifier
