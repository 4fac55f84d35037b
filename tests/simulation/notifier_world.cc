#include "tests/simulation/notifier_world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"
#include "tests/simulation/notifier_rules.h"

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

}  // namespace

// A try under way: the receiver may still take it after its sender is gone.
struct NotifierWorld::Pending {
  std::shared_ptr<const v1::Notification> notification;
  edge::Channel::Done done;
};

struct NotifierWorld::Receiver {
  std::string name;
  bool away = false;
  // Away until it is told otherwise.
  bool kept_away = false;
  int messages = 0;
  int digests = 0;
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
  rules_ = options_.rules ? ChooseRules(random_) : EverybodyAtOnce();
  instances_.resize(static_cast<std::size_t>(options_.instances));
  for (std::size_t i = 0; i < instances_.size(); ++i) StartInstance(i);
}

NotifierWorld::~NotifierWorld() = default;

void NotifierWorld::StartInstance(std::size_t index) {
  auto instance = std::make_unique<Instance>();
  const PipelineContext context{broker_, clock_, metrics_};
  const std::uint64_t epoch = ++lives_;
  PipelineOptions options{.instance = base::StrCat("notifier-", index), .epoch = epoch};
  instance->decide = std::make_unique<DecidePipeline>(context, options, alerting::DecideOptions{});
  if (const absl::Status status =
          instance->decide->SetRules(rules_, {kReceivers.begin(), kReceivers.end()});
      !status.ok()) {
    violations_.push_back(base::StrCat("rules are refused: ", base::ToStd(status.message())));
  }
  options.instance += "-deliver";
  core::DeliverOptions deliver;
  deliver.queue.backoff = {.first = std::chrono::seconds(1), .max = std::chrono::seconds(20)};
  deliver.held_open_max = 5;
  deliver.give_up_after = std::chrono::hours(10'000);
  deliver.unnamed_max = std::chrono::hours(10'000);
  deliver.epoch = epoch;
  instance->deliver = std::make_unique<DeliverPipeline>(
      context, options, deliver, MakeChannels(0), MakeTerms(), random_);
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

Terms NotifierWorld::MakeTerms() const {
  Terms terms;
  for (const std::string& name : kReceivers) terms[name].digest_above = options_.digest_above;
  return terms;
}

void NotifierWorld::Reload() {
  const std::unique_ptr<Instance>& instance = instances_[random_.Below(instances_.size())];
  const std::string& changed = kReceivers[random_.Below(kReceivers.size())];
  instance->deliver->SetChannels(MakeChannels(0.3), MakeTerms(), {changed});
  ++reloads_;
}

void NotifierWorld::Step() {
  if (random_.Chance(0.1)) ActPrinter();
  if (options_.rules && random_.Chance(0.02)) ActPeople();
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

void NotifierWorld::GoAway(const std::string& receiver) {
  receivers_.at(receiver)->kept_away = true;
  receivers_.at(receiver)->away = true;
}

void NotifierWorld::ComeBack(const std::string& receiver) {
  receivers_.at(receiver)->kept_away = false;
  receivers_.at(receiver)->away = false;
}

void NotifierWorld::Elapse(base::Duration whole) {
  const base::MonotonicTime end = clock_.Now() + whole;
  while (clock_.Now() < end) {
    clock_.Advance(std::chrono::minutes(1 + static_cast<int>(random_.Below(10))));
    ActPrinter();
    if (random_.Chance(options_.crash)) Crash();
    for (int turn = 0; turn < 10; ++turn) {
      PumpPublisher();
      ActReceivers();
      clock_.Advance(std::chrono::milliseconds(random_.Below(100)));
      StepInstances();
    }
    parked_seen_ = std::max(parked_seen_, CountParked());
  }
}

int NotifierWorld::messages(const std::string& receiver) const {
  return receivers_.at(receiver)->messages;
}

int NotifierWorld::digests(const std::string& receiver) const {
  return receivers_.at(receiver)->digests;
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

// Somebody changes what is to be told.
void NotifierWorld::ActPeople() {
  ++orders_;
  const base::WallTime now = clock_.WallNow();
  const std::uint64_t what = random_.Below(4);
  if (what == 0) {
    for (const rules::v1::Record& record : ChooseRules(random_)) Order(record.name(), record);
  } else if (what == 1) {
    const rules::v1::Record silence = ChooseSilence(random_, now);
    Order(silence.name(), random_.Chance(0.3) ? std::nullopt : std::optional(silence));
  } else if (what == 2) {
    Order("rules/all", std::nullopt);
  } else if (!alerts_.empty()) {
    const TrueAlert& alert = alerts_[random_.Below(alerts_.size())];
    const rules::v1::Record care =
        ChooseAcknowledgement(random_, now, DeviceId(alert.device), alert.id);
    Order(care.name(), random_.Chance(0.2) ? std::nullopt : std::optional(care));
  }
}

void NotifierWorld::Order(const std::string& name, const std::optional<rules::v1::Record>& record) {
  const std::string value = record.has_value() ? record->SerializeAsString() : "";
  broker::OutgoingRecord order{.topic = "platen.rules.v1",
                               .partition = broker::PartitionFor(name, kPartitions),
                               .key = name};
  if (record.has_value()) order.value = value;
  // What the broker does not take was never ordered.
  static_cast<void>(publisher_->Publish(order));
}

void NotifierWorld::Say(const TrueAlert& true_alert,
                        event::v1::AlertTransition transition,
                        std::uint64_t term,
                        event::v1::AlertEnd end) {
  event::v1::Event event;
  event.set_tenant("acme");
  event.set_site("hq");
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
    if (!receiver->kept_away && random_.Chance(receiver->away ? options_.receiver_comes_back
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
  ++receiver.messages;
  if (notification.members().empty()) {
    Hear(receiver, notification.id(), notification.event().alert().alert_id(), notification.kind());
  } else {
    ++receiver.digests;
    for (const v1::DigestMember& member : notification.members()) {
      ++digested_;
      Hear(receiver, member.id(), member.alert_id(), member.kind());
    }
  }
  const bool lost = faults && random_.Chance(options_.lost_answer);
  retries_ += lost ? 1 : 0;
  pending.done({.outcome = lost ? core::SendOutcome::kRetry : core::SendOutcome::kDelivered,
                .detail = lost ? "no answer" : "taken"});
}

void NotifierWorld::Hear(Receiver& receiver,
                         const std::string& id,
                         const std::string& alert_id,
                         v1::NotificationKind kind) {
  const auto alert = std::find_if(
      alerts_.begin(), alerts_.end(), [&](const TrueAlert& known) { return known.id == alert_id; });
  if (!alert->worth_telling) violations_.push_back(alert_id + " is told but is a line of status");
  if (kind == v1::NOTIFICATION_KIND_CLEARED && !alert->cleared) {
    violations_.push_back(alert_id + " is told cleared and is not");
  }
  escalated_ += kind == v1::NOTIFICATION_KIND_ESCALATED ? 1 : 0;
  receiver.receipts.push_back({base::HexEncode(id), alert_id, kind});
}

void NotifierWorld::Crash() {
  const std::size_t index = random_.Below(instances_.size());
  // What was decided by other rules is said again all the same.
  if (options_.rules && random_.Chance(0.5)) rules_ = ChooseRules(random_);
  instances_[index].reset();
  StartInstance(index);
  broker_.ExpireSessions("platen-notifier-decide");
  broker_.ExpireSessions("platen-notifier-deliver");
  ++crashes_;
}

bool NotifierWorld::WaitUntilQuiet() {
  for (int i = 0; i < 40'000; ++i) {
    PumpPublisher();
    for (const auto& [name, receiver] : receivers_) {
      ComeBack(name);
      while (!receiver->pending.empty()) Answer(*receiver, false);
    }
    clock_.Advance(std::chrono::milliseconds(50));
    StepInstances();
    if (i % 16 == 0 && IsQuiet()) return true;
  }
  return false;
}

bool NotifierWorld::Settle() {
  broker_.set_faults({});
  for (const auto& instance : instances_) {
    instance->deliver->SetChannels(MakeChannels(0), MakeTerms(), {});
  }
  if (!options_.rules) return WaitUntilQuiet();
  // Whatever is to come has come by then: hours, silences, acknowledgements, and clocks that went
  // back.
  for (int i = 0; i < 60; ++i) {
    if (!WaitUntilQuiet()) return false;
    clock_.Advance(std::chrono::minutes(5));
  }
  return WaitUntilQuiet();
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

// Of what rules leave to time: who heard of it hears of its end, and of what still goes on all have
// heard whom no rule leaves out.
void NotifierWorld::CheckTold(const Receiver& receiver, std::vector<std::string>& found) const {
  std::map<std::string, std::set<v1::NotificationKind>> told;
  for (const Receipt& receipt : receiver.receipts) told[receipt.alert].insert(receipt.kind);
  for (const TrueAlert& alert : alerts_) {
    if (!alert.worth_telling) continue;
    const auto& kinds = told[alert.id];
    const bool has_begun = kinds.contains(v1::NOTIFICATION_KIND_RAISED) ||
                           kinds.contains(v1::NOTIFICATION_KIND_ESCALATED);
    const bool must_know =
        !options_.rules || (receiver.name != "pager" && !alert.cleared && !alert.withdrawn);
    if (must_know && !has_begun) {
      found.push_back(base::StrCat(receiver.name, " never heard of ", alert.id));
    }
    const bool must_end = alert.cleared && (has_begun || !options_.rules);
    if (kinds.contains(v1::NOTIFICATION_KIND_CLEARED) != must_end) {
      found.push_back(base::StrCat(receiver.name, " heard wrongly of the end of ", alert.id));
    }
  }
}

std::vector<std::string> NotifierWorld::Violations() const {
  std::vector<std::string> found = violations_;
  for (const auto& [name, receiver] : receivers_) {
    // Per alert: the ids of what is said once, in this receiver's hands.
    std::map<std::string, std::map<v1::NotificationKind, std::string>> ids;
    for (const Receipt& receipt : receiver->receipts) {
      auto& known = ids[receipt.alert];
      if (receipt.kind == v1::NOTIFICATION_KIND_CLEARED &&
          !known.contains(v1::NOTIFICATION_KIND_RAISED) &&
          !known.contains(v1::NOTIFICATION_KIND_ESCALATED)) {
        found.push_back(base::StrCat(name, " heard the end of ", receipt.alert, " first"));
      }
      const auto [entry, is_new] = known.emplace(receipt.kind, receipt.id);
      const bool is_once = receipt.kind == v1::NOTIFICATION_KIND_RAISED ||
                           receipt.kind == v1::NOTIFICATION_KIND_CLEARED;
      if (!is_new && is_once && entry->second != receipt.id) {
        found.push_back(base::StrCat(name, " heard of ", receipt.alert, " under two ids"));
      }
    }
    CheckTold(*receiver, found);
  }
  return found;
}

}  // namespace platen::notifier
