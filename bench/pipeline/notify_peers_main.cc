// Alerts a CPU-second at 100,000 groups: the notifier from Kafka to a webhook, beside Alertmanager
// from its API to the same webhook. Each alert is a group of its own. In the rounds of one by one
// as many are on their way as a receiver may have open before the notifier parks what waits for it,
// and each is told by itself; in a storm there are many more, which the notifier puts into digests.
// Kafka's own time does not count, nor does that of whoever says the alerts.
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "bench/pipeline/alertmanager_peer.h"
#include "bench/pipeline/figures.h"
#include "bench/pipeline/http_sink.h"
#include "bench/pipeline/notify_bench.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kGroups = 100'000;
constexpr std::uint64_t kAlertsARound = 10'000;
constexpr int kRounds = 3;
constexpr std::uint64_t kAlertsAPost = 50;
// Alerts that are on their way at once.
constexpr std::uint64_t kOneByOne = 200;
constexpr std::uint64_t kStorm = 5'000;

// Different alerts of which the webhook was told.
class Told {
 public:
  HttpSink::OnRequest Listener() {
    return [this](std::size_t, std::string_view, std::string_view body) {
      const std::vector<std::uint64_t> alerts = AlertNumbersIn(body);
      const std::lock_guard lock(mutex_);
      for (const std::uint64_t alert : alerts) {
        if (alert >= told_.size()) told_.resize(alert + 1);
        if (!told_[alert]) ++count_;
        told_[alert] = true;
      }
    };
  }

  std::uint64_t count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::vector<bool> told_;
  std::uint64_t count_ = 0;
};

struct Measured {
  // Alerts a CPU-second, of each round.
  std::vector<double> one_by_one;
  std::vector<double> storm;
  double filling = 0;  // While the groups were made, in a storm.
  double bytes = 0;    // Resident at the end, an alert.
};

// `say` says alerts first … last, kAlertsAPost at most, and `rest` lets what was said go its way;
// `pid` is whoever tells of them.
Measured Run(const std::string& who,
             Told& told,
             pid_t pid,
             const std::function<void(std::uint64_t first, std::uint64_t last)>& say,
             const std::function<void()>& rest) {
  const base::RealClock clock;
  const double resident = ResidentBytesOf(pid);
  std::uint64_t said = 0;
  const auto round = [&](std::uint64_t alerts, std::uint64_t on_their_way) {
    const double before = CpuMicrosOf(pid);
    const base::MonotonicTime begin = clock.Now();
    const auto wait_for = [&](std::uint64_t count) {
      while (told.count() < count) {
        if (clock.Now() - begin > seconds(120)) {
          Broken(base::StrCat(who, " has told of ", told.count(), " of ", said));
        }
        rest();
      }
    };
    for (const std::uint64_t until = said + alerts; said < until; said += kAlertsAPost) {
      if (said > on_their_way) wait_for(said - on_their_way);
      say(said + 1, said + kAlertsAPost);
    }
    wait_for(said);
    const double wall = base::ToSeconds(clock.Now() - begin);
    const double rate = static_cast<double>(alerts) / (CpuMicrosOf(pid) - before) * 1e6;
    std::fprintf(stderr,
                 "%s, %llu on their way: %.0f alerts/cpu-s, %.0f alerts/s\n",
                 who.c_str(),
                 static_cast<unsigned long long>(on_their_way),
                 rate,
                 static_cast<double>(alerts) / wall);
    return rate;
  };
  Measured measured;
  measured.filling = round(kGroups, kStorm);
  for (int i = 0; i < kRounds; ++i) {
    measured.storm.push_back(round(kAlertsARound, kStorm));
    measured.one_by_one.push_back(round(kAlertsARound, kOneByOne));
  }
  measured.bytes = (ResidentBytesOf(pid) - resident) / static_cast<double>(said);
  return measured;
}

int Main(const std::string& notifier_program, const std::string& alertmanager_program) {
  Measured ours;
  {
    Told told;
    const HttpSink sink(1, 0, told.Listener());
    AlertTopics topics(4, 4);
    const NotifierProcess notifier(notifier_program, topics, sink, 1);
    ours = Run(
        "notifier",
        told,
        notifier.pid(),
        [&](std::uint64_t first, std::uint64_t last) {
          for (std::uint64_t alert = first; alert <= last; ++alert) topics.Raise(alert);
          topics.Poll(milliseconds(0));
        },
        [&] { topics.Poll(milliseconds(1)); });
  }
  Measured theirs;
  {
    Told told;
    const HttpSink sink(1, 0, told.Listener());
    AlertmanagerPeer peer(alertmanager_program, sink);
    peer.Start();
    theirs = Run(
        "Alertmanager",
        told,
        peer.pid(),
        [&](std::uint64_t first, std::uint64_t last) {
          std::vector<std::uint64_t> alerts;
          for (std::uint64_t i = first; i <= last; ++i) alerts.push_back(i);
          if (!peer.Post(alerts)) Broken("Alertmanager refuses alerts");
        },
        [] { std::this_thread::sleep_for(milliseconds(1)); });
  }
  const std::string against = "Alertmanager 0.25, API to webhook";
  Report({"notify_alertmanager_filling",
          "alerts/cpu-s",
          {ours.filling},
          {theirs.filling},
          against,
          {}});
  std::printf(
      "{\"name\":\"notify_memory\",\"value\":%.0f,\"unit\":\"bytes/alert\",\"against\":\"%s\","
      "\"against_value\":%.0f,\"ratio\":%.3f,\"less_is_better\":true}\n",
      ours.bytes,
      against.c_str(),
      theirs.bytes,
      ours.bytes / theirs.bytes);
  const bool alone = Report({"notify_alertmanager",
                             "alerts/cpu-s",
                             ours.one_by_one,
                             theirs.one_by_one,
                             against,
                             {.floor = 0.3}});
  return Report({"notify_alertmanager_storm",
                 "alerts/cpu-s",
                 ours.storm,
                 theirs.storm,
                 against,
                 {.floor = 2, .goal = 5}}) &&
                 alone
             ? 0
             : 1;
}

}  // namespace
}  // namespace platen::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr,
                 "usage: notify_peers build/release/bin/platen-notifier "
                 "/usr/bin/prometheus-alertmanager\n");
    return 2;
  }
  return platen::bench::Main(argv[1], argv[2]);
}
