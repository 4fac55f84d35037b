// What people hear while whoever tells them is killed: the notifier and Alertmanager, each killed
// with kill -9 a hundred times at the same moments, under the same alerts. Alerts are said until
// they are taken, and to Alertmanager again every minute while they are open, as Prometheus does.
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
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

constexpr milliseconds kBetweenAlerts{20};
constexpr seconds kAgain{60};
constexpr int kLifeMillisMin = 200;
constexpr int kLifeMillisMax = 12'000;
// Nothing new for so long, with whoever tells alive: it is over.
constexpr seconds kQuiet{75};

// What the webhook was told.
class Told {
 public:
  HttpSink::OnRequest Listener() {
    return [this](std::size_t, std::string_view, std::string_view body) {
      const std::vector<std::uint64_t> alerts = AlertNumbersIn(body);
      const std::lock_guard lock(mutex_);
      ++messages_;
      for (const std::uint64_t alert : alerts) {
        ++times_[alert];
        if (alerts.size() == 1) ids_[alert].insert(IdIn(body));
      }
      last_ = clock_.Now();
    };
  }

  base::MonotonicTime last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  void Report(const std::string& who, std::uint64_t said, int kills) {
    const std::lock_guard lock(mutex_);
    std::uint64_t again = 0;
    std::uint64_t other_ids = 0;
    for (const auto& [alert, times] : times_) again += times - 1;
    for (const auto& [alert, ids] : ids_) other_ids += ids.size() - 1;
    std::printf(
        "{\"name\":\"crashes\",\"who\":\"%s\",\"kills\":%d,\"alerts\":%lu,\"messages\":%lu,"
        "\"missed\":%lu,"
        "\"again\":%lu,\"again_a_kill\":%.2f,\"under_another_id\":%lu}\n",
        who.c_str(),
        kills,
        said,
        messages_,
        said - times_.size(),
        again,
        static_cast<double>(again) / kills,
        other_ids);
    std::fflush(stdout);
  }

 private:
  // The CloudEvent's; empty where it has none, as Alertmanager's.
  static std::string IdIn(std::string_view body) {
    constexpr std::string_view kId = "\"specversion\":\"1.0\",\"id\":\"";
    const std::size_t at = body.find(kId);
    if (at == std::string_view::npos) return {};
    const std::size_t begin = at + kId.size();
    return std::string(body.substr(begin, body.find('"', begin) - begin));
  }

  const base::RealClock clock_;
  std::mutex mutex_;
  std::uint64_t messages_ = 0;
  std::map<std::uint64_t, std::uint64_t> times_;
  // Of messages that tell of one alert; a digest has an id of its own.
  std::map<std::uint64_t, std::set<std::string>> ids_;
  base::MonotonicTime last_;
};

struct Teller {
  std::function<void()> start;
  std::function<void()> kill;
};

// Kills and starts again, at moments that the seed chooses; then waits until nothing new is told.
void Crash(const Teller& teller, int kills, unsigned seed, Told& told) {
  std::minstd_rand random(seed);
  std::uniform_int_distribution<int> life(kLifeMillisMin, kLifeMillisMax);
  for (int i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(milliseconds(life(random)));
    teller.kill();
    teller.start();
  }
  const base::RealClock clock;
  const base::MonotonicTime begin = clock.Now();
  while (clock.Now() - std::max(begin, told.last()) < kQuiet) {
    std::this_thread::sleep_for(milliseconds(100));
  }
}

void CrashNotifier(const std::string& program, int kills, unsigned seed) {
  Told told;
  const HttpSink sink(1, 0, told.Listener());
  AlertTopics topics(4, 4);
  NotifierProcess notifier(program, topics, sink, 1);
  std::atomic<bool> over = false;
  std::uint64_t said = 0;
  std::thread load([&] {
    while (!over) {
      topics.Raise(++said);
      topics.Poll(kBetweenAlerts);
    }
    topics.Flush();
  });
  int left = kills;
  Crash({[&] { notifier.Start(); },
         [&] {
           notifier.Kill();
           if (--left == 0) over = true;
         }},
        kills,
        seed,
        told);
  load.join();
  told.Report("notifier", said, kills);
}

void CrashAlertmanager(const std::string& program, int kills, unsigned seed) {
  Told told;
  const HttpSink sink(1, 0, told.Listener());
  AlertmanagerPeer peer(program, sink);
  peer.Start();
  std::atomic<bool> new_ones = true;
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> said = 0;
  const auto post = [&](const std::vector<std::uint64_t>& alerts) {
    while (!peer.Post(alerts)) std::this_thread::sleep_for(milliseconds(5));
  };
  std::thread load([&] {
    const base::RealClock clock;
    base::MonotonicTime again = clock.Now() + kAgain;
    while (!over) {
      if (new_ones) {
        post({said + 1});
        ++said;
      }
      if (clock.Now() >= again) {
        std::vector<std::uint64_t> all(said);
        for (std::uint64_t i = 0; i < said; ++i) all[i] = i + 1;
        post(all);
        again = clock.Now() + kAgain;
      }
      std::this_thread::sleep_for(kBetweenAlerts);
    }
  });
  int left = kills;
  Crash({[&] { peer.Start(); },
         [&] {
           peer.Kill();
           if (--left == 0) new_ones = false;
         }},
        kills,
        seed,
        told);
  over = true;
  load.join();
  told.Report("Alertmanager", said, kills);
}

}  // namespace
}  // namespace platen::bench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr,
                 "usage: notify_crashes build/release/bin/platen-notifier "
                 "/usr/bin/prometheus-alertmanager KILLS SEED\n");
    return 2;
  }
  const int kills = std::atoi(argv[3]);
  const auto seed = static_cast<unsigned>(std::atoi(argv[4]));
  platen::bench::CrashNotifier(argv[1], kills, seed);
  platen::bench::CrashAlertmanager(argv[2], kills, seed);
  return 0;
}
