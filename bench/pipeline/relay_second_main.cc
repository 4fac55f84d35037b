// What a second relay adds: events a second of one relay, and of two in one group, each held to the
// same small part of a CPU, so that relays are what is short, as on machines of their own. Broker
// and gateway are not held. Needs the right to make control groups (version 1).
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/relay_bench.h"
#include "libs/base/random.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kRounds = 3;
constexpr int kRelaysARound = 3;  // One alone, two together.
constexpr std::uint64_t kEvents = 1'500'000;
constexpr int kMeters = 2;
constexpr int kPeriodMicros = 20'000;
constexpr int kQuotaMicros = 3'000;
// What a relay has forwarded before it counts.
constexpr std::uint64_t kWarmUpEvents = 40'000;
constexpr seconds kMeasured{3};
constexpr seconds kPatience{60};

// At most kQuotaMicros of CPU time each kPeriodMicros for whoever enters.
class CpuLimit {
 public:
  CpuLimit()
      : directory_(base::StrCat("/sys/fs/cgroup/cpu/platen-bench-", base::SecureRandom64())) {
    std::error_code error;
    if (!std::filesystem::create_directory(directory_, error)) {
      Broken(base::StrCat("no control group can be made (", error.message(), ")"));
    }
    Write("cpu.cfs_period_us", kPeriodMicros);
    Write("cpu.cfs_quota_us", kQuotaMicros);
  }

  // REQUIRES: who is in it has ended.
  ~CpuLimit() { rmdir(directory_.c_str()); }

  void Enter() const { Write("cgroup.procs", getpid()); }

 private:
  void Write(const std::string& file, int value) const {
    std::ofstream out(directory_ / file);
    out << value << std::flush;
    if (!out) Broken(base::StrCat("control group: ", file, " can't be written"));
  }

  const std::filesystem::path directory_;
};

// A lane of the relay in a process of its own, which waits until it is told where to forward from,
// and ends with this object. REQUIRES: this process has no threads yet.
class RelayProcess {
 public:
  RelayProcess(const Certificates& certificates, const std::string& gateway)
      : delivered_(static_cast<Counter*>(mmap(
            nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    int orders[2];
    if (delivered_ == MAP_FAILED || pipe(orders) != 0) Broken("no memory, or no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      close(orders[1]);
      Serve(certificates, gateway, orders[0]);
    }
    close(orders[0]);
    orders_ = orders[1];
  }

  ~RelayProcess() {
    Stop();
    munmap(delivered_, sizeof(Counter));
  }

  void Begin(const std::string& topic, const std::string& group) const {
    const std::string order = base::StrCat(topic, "\n", group, "\n");
    if (write(orders_, order.data(), order.size()) < 0) Broken("a relay is gone");
  }

  void Stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, 0), nullptr, 0);
    close(orders_);
  }

  std::uint64_t delivered() const { return *delivered_; }

 private:
  using Counter = std::atomic<std::uint64_t>;

  static std::string ReadLine(int from) {
    std::string line;
    for (char c = 0; read(from, &c, 1) == 1 && c != '\n';) line.push_back(c);
    return line;
  }

  [[noreturn]] void Serve(const Certificates& certificates, const std::string& gateway, int from) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit_.Enter();
    const std::string topic = ReadLine(from);
    const std::string group = ReadLine(from);
    if (group.empty()) _exit(0);
    const base::RealClock clock;
    const auto credentials = certificates.Make(clock);
    relay::edge::TlsChannels channels(gateway, *credentials);
    broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
    Lane lane(broker, {.topic = topic, .group = group}, channels);
    if (!lane.pipeline().Open().ok()) Broken("no subscriber");
    while (true) {
      lane.pipeline().Step(milliseconds(50));
      *delivered_ = lane.pipeline().core().totals().delivered;
    }
  }

  const CpuLimit limit_;
  Counter* const delivered_;
  pid_t pid_ = 0;
  int orders_ = -1;
};

using RelayProcesses = std::vector<std::unique_ptr<RelayProcess>>;

std::uint64_t Delivered(const RelayProcesses& relays) {
  std::uint64_t sum = 0;
  for (const auto& relay : relays) sum += relay->delivered();
  return sum;
}

// Events a second of these relays in one group, from when all of them are warm.
double RateOf(RelayProcesses relays, const FilledTopic& topic) {
  const base::RealClock clock;
  const std::string group = base::StrCat("bench-relay-", base::SecureRandom64());
  for (const auto& relay : relays) relay->Begin(topic.name, group);
  const base::MonotonicTime deadline = clock.Now() + kPatience;
  for (const auto& relay : relays) {
    while (relay->delivered() < kWarmUpEvents) {
      if (clock.Now() > deadline) Broken("a relay forwards next to nothing");
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  const base::MonotonicTime begin = clock.Now();
  const std::uint64_t before = Delivered(relays);
  std::this_thread::sleep_for(kMeasured);
  const std::uint64_t after = Delivered(relays);
  if (after >= topic.events) Broken("there were too few events");
  return static_cast<double>(after - before) / base::ToSeconds(clock.Now() - begin);
}

int Main() {
  const Certificates certificates;
  const GatewayProcess gateway(certificates);
  RelayProcesses idle;
  for (int i = 0; i < kRounds * kRelaysARound; ++i) {
    idle.push_back(std::make_unique<RelayProcess>(certificates, gateway.target()));
  }
  broker::kafka::KafkaBroker broker({.bootstrap_servers = KafkaAddress(), .client_id = "bench"});
  const FilledTopic topic = FillTopic(broker, kEvents, kMeters);
  const auto take = [&idle](std::size_t count) {
    RelayProcesses taken;
    for (; count > 0; --count) {
      taken.push_back(std::move(idle.back()));
      idle.pop_back();
    }
    return taken;
  };
  std::vector<double> one;
  std::vector<double> two;
  for (int round = 0; round < kRounds; ++round) {
    one.push_back(RateOf(take(1), topic));
    two.push_back(RateOf(take(2), topic));
  }
  const Bound bound = {.floor = 1.6, .goal = 1.6};
  return Report({"relay_second", "events/s", two, one, "one relay of as much CPU", bound}) ? 0 : 1;
}

}  // namespace
}  // namespace platen::bench

int main() {
  return platen::bench::Main();
}
