// Deliveries a second to 1,000 receivers, beside a bare loop that posts the same bytes to the same
// receivers over kept connections; and how late those are who answer, while a tenth of them hangs.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

#include "bench/pipeline/figures.h"
#include "bench/pipeline/http_sink.h"
#include "bench/pipeline/notify_bench.h"
#include "bench/pipeline/stopwatch.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kReceivers = 1000;
constexpr std::uint64_t kAlertsARound = 30;
constexpr int kRounds = 3;
constexpr std::uint64_t kLateAlerts = 30;
constexpr milliseconds kBetweenAlerts{500};
constexpr double kLateMax = 1.1;

// What the receivers have had.
class Receivers {
 public:
  HttpSink::OnRequest Listener() {
    return [this](std::size_t, std::string_view, std::string_view body) {
      const base::MonotonicTime now = clock_.Now();
      const std::vector<std::uint64_t> alerts = AlertNumbersIn(body);
      const std::lock_guard lock(mutex_);
      if (body_.empty() && alerts.size() == 1) body_ = body;
      taken_ += alerts.size();
      last_ = now;
      for (const std::uint64_t alert : alerts) {
        if (alert < said_.size()) millis_.push_back(base::ToSeconds(now - said_[alert]) * 1e3);
      }
    };
  }

  std::uint64_t taken() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

  base::MonotonicTime last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  std::string body() {
    const std::lock_guard lock(mutex_);
    return body_;
  }

  // Alert number `alert` is said now: how late it is counts.
  void Said(std::uint64_t alert) {
    const std::lock_guard lock(mutex_);
    said_.resize(alert + 1, clock_.Now());
  }

  // In milliseconds, sorted.
  std::vector<double> TakeMillis() {
    const std::lock_guard lock(mutex_);
    std::ranges::sort(millis_);
    said_.clear();
    return std::move(millis_);
  }

 private:
  const base::RealClock clock_;
  std::mutex mutex_;
  std::uint64_t taken_ = 0;
  base::MonotonicTime last_;
  std::string body_;
  std::vector<base::MonotonicTime> said_;
  std::vector<double> millis_;
};

void WaitFor(Receivers& receivers, AlertTopics& topics, std::uint64_t taken) {
  const base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + seconds(120);
  while (receivers.taken() < taken) {
    if (clock.Now() > deadline) {
      Broken(base::StrCat(receivers.taken(), " of ", taken, " deliveries"));
    }
    topics.Poll(milliseconds(1));
  }
}

// As many posts as the notifier makes, each receiver's next one once it has answered.
double BareRate(const HttpSink& sink, const std::string& body) {
  const std::string request = MakePost("/bare", body);
  const base::RealClock clock;
  const int poll = epoll_create1(0);
  std::vector<int> sockets;
  std::vector<std::uint64_t> left(kReceivers, kAlertsARound);
  for (std::size_t i = 0; i < kReceivers; ++i) {
    sockets.push_back(Connect(sink.port(i)));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, sockets[i], &event) != 0) Broken("epoll");
  }
  const auto post = [&](std::size_t i) {
    if (write(sockets[i], request.data(), request.size()) != static_cast<ssize_t>(request.size())) {
      Broken("a bare post failed");
    }
  };
  const base::MonotonicTime begin = clock.Now();
  for (std::size_t i = 0; i < kReceivers; ++i) post(i);
  std::uint64_t answered = 0;
  std::array<epoll_event, 256> events{};
  std::array<char, 1024> answer;
  while (answered < kReceivers * kAlertsARound) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1000);
    for (int k = 0; k < ready; ++k) {
      const std::size_t i = events[static_cast<std::size_t>(k)].data.u64;
      if (read(sockets[i], answer.data(), answer.size()) <= 0) Broken("a bare post failed");
      ++answered;
      if (--left[i] > 0) post(i);
    }
  }
  const double wall = base::ToSeconds(clock.Now() - begin);
  for (const int socket : sockets) close(socket);
  close(poll);
  return static_cast<double>(kReceivers * kAlertsARound) / wall;
}

bool MeasureRate(const std::string& program) {
  Receivers receivers;
  const HttpSink sink(kReceivers, 0, receivers.Listener());
  AlertTopics topics(4, 4);
  const NotifierProcess notifier(program, topics, sink, kReceivers);
  std::uint64_t alert = 0;
  topics.Raise(++alert);  // Connects everybody.
  WaitFor(receivers, topics, kReceivers);
  const base::RealClock clock;
  std::vector<double> ours;
  std::vector<double> bare;
  double cpu = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t before = receivers.taken();
    const double cpu_before = CpuMicrosOf(notifier.pid());
    const base::MonotonicTime begin = clock.Now();
    for (std::uint64_t i = 0; i < kAlertsARound; ++i) topics.Raise(++alert);
    WaitFor(receivers, topics, before + kReceivers * kAlertsARound);
    const double wall = base::ToSeconds(receivers.last() - begin);
    ours.push_back(static_cast<double>(kReceivers * kAlertsARound) / wall);
    cpu = (CpuMicrosOf(notifier.pid()) - cpu_before) /
          static_cast<double>(kReceivers * kAlertsARound);
    bare.push_back(BareRate(sink, receivers.body()));
  }
  std::fprintf(stderr, "notifier: %.1f us of CPU a delivery\n", cpu);
  return Report({"notify_fanout",
                 "deliveries/s",
                 ours,
                 bare,
                 "bare epoll loop that posts",
                 {.floor = 0.13, .goal = 0.6}});
}

// The p99 of those who answer, in milliseconds.
double LateP99(const std::string& program, std::size_t hanging) {
  Receivers receivers;
  std::mutex mutex;
  const auto listener = receivers.Listener();
  const HttpSink sink(
      kReceivers, hanging, [&](std::size_t receiver, std::string_view path, std::string_view body) {
        if (receiver >= hanging) listener(receiver, path, body);
      });
  AlertTopics topics(4, 4);
  const NotifierProcess notifier(program, topics, sink, kReceivers);
  const std::size_t healthy = kReceivers - hanging;
  std::uint64_t alert = 0;
  for (int i = 0; i < 3; ++i) topics.Raise(++alert);
  WaitFor(receivers, topics, 3 * healthy);
  for (std::uint64_t i = 1; i <= kLateAlerts; ++i) {
    receivers.Said(++alert);
    topics.Raise(alert);
    topics.Poll(kBetweenAlerts);
  }
  WaitFor(receivers, topics, (3 + kLateAlerts) * healthy);
  const std::vector<double> millis = receivers.TakeMillis();
  return At(millis, 0.99);
}

bool MeasureHanging(const std::string& program) {
  const double baseline = LateP99(program, 0);
  const double beside = LateP99(program, kReceivers / 10);
  std::printf(
      "{\"name\":\"notify_beside_hanging_p99\",\"value\":%.1f,\"unit\":\"ms\","
      "\"against\":\"nobody hangs\",\"against_value\":%.1f,\"ratio\":%.3f,\"floor\":%.1f,"
      "\"less_is_better\":true}\n",
      beside,
      baseline,
      beside / baseline,
      kLateMax);
  return beside / baseline <= kLateMax;
}

}  // namespace
}  // namespace platen::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: notify_fanout build/release/bin/platen-notifier\n");
    return 2;
  }
  const bool fast = platen::bench::MeasureRate(argv[1]);
  return platen::bench::MeasureHanging(argv[1]) && fast ? 0 : 1;
}
