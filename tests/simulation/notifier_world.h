// Notifiers over a broker in memory, receivers that fail in every way, printers that jam: all
// driven by one thread from one seed, so that a failing run can be repeated exactly.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"
#include "libs/service/metrics.h"
#include "services/notifier/decide_pipeline.h"
#include "services/notifier/deliver_pipeline.h"

namespace platen::notifier {

struct WorldOptions {
  std::uint64_t seed = 1;
  int instances = 2;
  int devices = 6;
  // Faults of the broker while faults are on.
  broker::memory::Faults faults;
  // Per step, while faults are on.
  double crash = 0.002;
  // A notifier's receivers are changed while it runs: some are named no longer, for a while.
  double reload = 0;
  double receiver_goes_away = 0.005;
  double receiver_comes_back = 0.01;
  // Per answer of a receiver that is there.
  double lost_answer = 0.05;
  double busy = 0.05;
  // Where more wait for a receiver that comes back, they go as digests.
  std::size_t digest_above = 3;
  // Seeds choose rules (notifier_rules.h), change them, silence, and acknowledge; otherwise
  // everybody is told of everything at once.
  bool rules = false;
};

// What one receiver has taken, in order.
struct Receipt {
  std::string id;
  std::string alert;
  v1::NotificationKind kind = v1::NOTIFICATION_KIND_UNSPECIFIED;
};

class NotifierWorld {
 public:
  explicit NotifierWorld(WorldOptions options);
  ~NotifierWorld();

  // One random thing happens: to a printer, a receiver, a process, or the clock; then everybody
  // takes a turn.
  void Step();

  // The receiver is away until ComeBack(), whatever else happens.
  void GoAway(const std::string& receiver);
  void ComeBack(const std::string& receiver);

  // This much time passes, in strides of minutes: printers act, processes crash, faults are on.
  void Elapse(base::Duration whole);

  // Ends all faults, lets every receiver come back, and runs until nothing is left to do. False
  // where that never comes.
  bool Settle();

  // What was promised and does not hold, in words; empty where all holds.
  std::vector<std::string> Violations() const;

  // What the run has met, so that a quiet run is not taken for a good one.
  int crashes() const { return crashes_; }

  int told_incidents() const;
  int duplicates() const;

  int parked_seen() const { return parked_seen_; }

  int retries() const { return retries_; }

  int reloads() const { return reloads_; }

  // Rules, silences and acknowledgements that people have set meanwhile.
  int orders() const { return orders_; }

  // Messages that were parts of digests, and those that passed an alert on.
  int digested() const { return digested_; }

  int escalated() const { return escalated_; }

  // Messages that the receiver took, and how many of them were digests.
  int messages(const std::string& receiver) const;
  int digests(const std::string& receiver) const;

 private:
  class FakeChannel;
  struct Instance;
  struct Receiver;
  struct Pending;

  // An alert of a printer, as it truly was.
  struct TrueAlert {
    std::string id;
    int device = 0;
    bool worth_telling = true;
    bool cleared = false;
    // Cleared with nobody to be told: withdrawn.
    bool withdrawn = false;
  };

  void StartInstance(std::size_t index);
  Channels MakeChannels(double left_out);
  Terms MakeTerms() const;
  void Reload();
  void StepInstances();
  void ActPrinter();
  void ActPeople();
  void Order(const std::string& name, const std::optional<rules::v1::Record>& record);
  void CheckTold(const Receiver& receiver, std::vector<std::string>& found) const;
  bool WaitUntilQuiet();
  void ActReceivers();
  void Answer(Receiver& receiver, bool faults);
  // What the receiver is told of one incident, alone or in a digest.
  void Hear(Receiver& receiver,
            const std::string& id,
            const std::string& alert_id,
            v1::NotificationKind kind);
  void Crash();
  void Say(const TrueAlert& alert,
           event::v1::AlertTransition transition,
           std::uint64_t term,
           event::v1::AlertEnd end = event::v1::ALERT_END_UNSPECIFIED);
  void PumpPublisher();
  bool IsQuiet() const;
  bool AllCommitted(const std::string& topic, const std::string& group, int partitions) const;
  int CountParked() const;

  const WorldOptions options_;
  base::Random random_;
  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  service::Metrics metrics_registry_;
  NotifierMetrics metrics_;
  std::unique_ptr<broker::Publisher> publisher_;
  // Records of the alerts topic, in order.
  std::deque<std::pair<std::string, std::string>> to_publish_;
  // Rules of the configuration, for whoever starts next.
  std::vector<rules::v1::Record> rules_;
  std::map<std::string, std::unique_ptr<Receiver>> receivers_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::deque<TrueAlert> alerts_;
  std::vector<std::uint64_t> terms_;
  std::vector<std::string> violations_;
  bool faults_on_ = true;
  std::uint64_t lives_ = 0;
  int steps_ = 0;
  int crashes_ = 0;
  int parked_seen_ = 0;
  int retries_ = 0;
  int reloads_ = 0;
  int orders_ = 0;
  int digested_ = 0;
  int escalated_ = 0;
};

}  // namespace platen::notifier
