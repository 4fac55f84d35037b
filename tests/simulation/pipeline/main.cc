// Runs seeds of the whole pipeline's simulation, and says which of them break a promise.
//
//   pipeline_simulation --seed N              replays one, with a line for each thing that happens
//   pipeline_simulation --first N --seeds M   runs M seeds from N on; stops at the first that fails
//   pipeline_simulation --twice N --seeds M   runs each twice, and compares what happened
//
//   pipeline_simulation --bugs                lists the bugs that can be planted
//   (PLATEN_PLANTED_BUGS only, libs/base/planted_bug.h)
//
// PLATEN_SIMULATION_SEED=N is the same as --seed N. Exit code 1: a promise was broken; 2: the
// command line is wrong.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include <unistd.h>

#include "libs/base/planted_bug.h"
#include "libs/service/log.h"
#include "tests/simulation/pipeline/world.h"

namespace platen::simulation {
namespace {

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 100;
  bool replay = false;
  bool twice = false;
};

// What runs at the moment; printed if it crashes.
char g_running[64] = "";

void SayWhatRan(int signal) {
  // Only async-signal-safe calls from here on.
  [[maybe_unused]] const auto written =
      write(STDERR_FILENO, g_running, std::string_view(g_running).size());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void PrintSeen(const WorldSeen& seen) {
  std::printf(
      "met: %llu steps, %llu events, %llu jams, %llu notifications; %llu crashes, %llu cuts, %llu"
      " clock steps, %llu disk faults;\n     %llu rollbacks, %llu rewinds, %llu duplicates, %llu"
      " handed back, %llu dead letters, %llu eaten by retention;\n     %llu outages, %llu spooled,"
      " %llu shed, %llu numbers given up, %llu failures of spools' disks;\n     %llu jams passed "
      "while"
      " Kafka was away, of which %llu were told by whoever was overtaken\n",
      static_cast<unsigned long long>(seen.steps),
      static_cast<unsigned long long>(seen.events),
      static_cast<unsigned long long>(seen.jams),
      static_cast<unsigned long long>(seen.notifications),
      static_cast<unsigned long long>(seen.crashes),
      static_cast<unsigned long long>(seen.cuts),
      static_cast<unsigned long long>(seen.clock_steps),
      static_cast<unsigned long long>(seen.disk_faults),
      static_cast<unsigned long long>(seen.rollbacks),
      static_cast<unsigned long long>(seen.rewinds),
      static_cast<unsigned long long>(seen.duplicates),
      static_cast<unsigned long long>(seen.handed_back),
      static_cast<unsigned long long>(seen.dead_letters),
      static_cast<unsigned long long>(seen.dropped),
      static_cast<unsigned long long>(seen.outages),
      static_cast<unsigned long long>(seen.spooled),
      static_cast<unsigned long long>(seen.shed),
      static_cast<unsigned long long>(seen.given_up),
      static_cast<unsigned long long>(seen.spool_failures),
      static_cast<unsigned long long>(seen.passed),
      static_cast<unsigned long long>(seen.told_by_term));
}

int Fail(std::uint64_t seed, const std::string& why) {
  const auto number = static_cast<unsigned long long>(seed);
  std::printf("seed %llu: %s\nreplay with --seed %llu\n", number, why.c_str(), number);
  return 1;
}

int Run(const Arguments& arguments) {
  service::SetLogLevel(service::LogLevel::kError);
  service::Metrics registry;
  notifier::NotifierMetrics metrics(registry, {"none"});
  const Tracing tracing = arguments.replay  ? Tracing::kPrint
                          : arguments.twice ? Tracing::kDigest
                                            : Tracing::kOff;
  WorldSeen seen;
  const std::uint64_t end = arguments.first + arguments.seeds;
  for (std::uint64_t seed = arguments.first; seed < end; ++seed) {
    std::snprintf(g_running,
                  sizeof g_running,
                  "\nseed %llu crashed: replay with --seed N\n",
                  static_cast<unsigned long long>(seed));
    World world({.seed = seed, .tracing = tracing}, metrics);
    const std::string broken = world.Run();
    seen.Add(world.seen());
    if (!broken.empty()) return Fail(seed, broken);
    if (!arguments.twice) continue;
    World again({.seed = seed, .tracing = tracing}, metrics);
    again.Run();
    if (again.digest() != world.digest()) return Fail(seed, "two runs of it differ");
  }
  PrintSeen(seen);
  return 0;
}

int ListBugs() {
#ifdef PLATEN_PLANTED_BUGS
  for (const auto& [name, bug] : base::kPlantedBugs) {
    std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
  }
#endif
  return 0;
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--bugs") return ListBugs();
  Arguments arguments;
  if (const char* seed = std::getenv("PLATEN_SIMULATION_SEED")) {
    arguments = {.first = std::strtoull(seed, nullptr, 10), .seeds = 1, .replay = true};
  }
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seed") {
      arguments = {.first = value, .seeds = 1, .replay = true};
    } else if (name == "--first" || name == "--twice") {
      arguments.first = value;
      arguments.twice = name == "--twice";
    } else if (name == "--seeds") {
      arguments.seeds = value;
    } else {
      std::fprintf(stderr, "pipeline_simulation: no option %s\n", argv[i]);
      return 2;
    }
  }
  std::signal(SIGSEGV, SayWhatRan);
  std::signal(SIGABRT, SayWhatRan);
  return Run(arguments);
}

}  // namespace
}  // namespace platen::simulation

int main(int argc, char** argv) {
  return platen::simulation::Main(argc, argv);
}
