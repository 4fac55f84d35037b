// Runs a fuzz target without libFuzzer: every file of a corpus as it is, every truncation of it,
// then mutations of them, from a seed. So the targets run in every build, with every compiler, and
// a failure replays from what is printed.
//
//   TARGET CORPUS_DIRECTORY [--iterations=N] [--seed=N]
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "libs/base/random.h"
#include "tests/fuzz/corpus.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace platen::fuzz {
namespace {

struct Arguments {
  std::string corpus;
  std::uint64_t iterations = 20000;
  std::uint64_t seed = 1;
};

// What runs at the moment; printed if it crashes.
char g_running[256] = "nothing";

void SayWhatRan(int signal) {
  // Only async-signal-safe calls from here on.
  constexpr std::string_view kIntro = "\nfuzz target failed on: ";
  [[maybe_unused]] auto written = write(STDERR_FILENO, kIntro.data(), kIntro.size());
  written = write(STDERR_FILENO, g_running, std::string_view(g_running).size());
  written = write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// In a heap block of exactly its size, so that AddressSanitizer sees a step beyond it.
void Run(const Bytes& input) {
  const auto block = std::make_unique_for_overwrite<std::uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), block.get());
  LLVMFuzzerTestOneInput(block.get(), input.size());
}

Bytes Mutate(base::Random& random, const std::vector<Seed>& seeds) {
  Bytes bytes = seeds[random.Below(seeds.size())].bytes;
  for (std::uint64_t changes = 1 + random.Below(6); changes > 0; --changes) {
    const std::size_t at = bytes.empty() ? 0 : random.Below(bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    static constexpr std::uint8_t kSpecial[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff};
    switch (random.Below(6)) {
      case 0:
        if (!bytes.empty()) *place = static_cast<std::uint8_t>(random.Next());
        break;
      case 1:
        if (!bytes.empty()) *place = kSpecial[random.Below(std::size(kSpecial))];
        break;
      case 2:
        bytes.insert(place, static_cast<std::uint8_t>(random.Next()));
        break;
      case 3:
        if (!bytes.empty()) bytes.erase(place);
        break;
      case 4:
        bytes.resize(at);
        break;
      default: {
        const Bytes& other = seeds[random.Below(seeds.size())].bytes;
        const std::size_t from = other.empty() ? 0 : random.Below(other.size());
        bytes.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
    }
    if (bytes.size() > 100'000) bytes.resize(100'000);
  }
  return bytes;
}

void RunAll(const Arguments& arguments, const std::vector<Seed>& seeds) {
  std::uint64_t runs = 0;
  for (const Seed& seed : seeds) {
    for (std::size_t size = 0; size <= seed.bytes.size(); ++size) {
      std::snprintf(g_running, sizeof g_running, "%s, first %zu bytes", seed.name.c_str(), size);
      Run(Bytes(seed.bytes.begin(), seed.bytes.begin() + static_cast<std::ptrdiff_t>(size)));
      ++runs;
    }
  }
  base::Random random(arguments.seed);
  for (std::uint64_t i = 0; i < arguments.iterations; ++i) {
    std::snprintf(g_running,
                  sizeof g_running,
                  "mutation %llu of --seed=%llu",
                  static_cast<unsigned long long>(i),
                  static_cast<unsigned long long>(arguments.seed));
    Run(Mutate(random, seeds));
    ++runs;
  }
  std::printf("%llu inputs from %zu seeds, --seed=%llu\n",
              static_cast<unsigned long long>(runs),
              seeds.size(),
              static_cast<unsigned long long>(arguments.seed));
}

Arguments ReadArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const auto value = [&](std::string_view name) {
      return text.starts_with(name) ? text.substr(name.size()) : std::string();
    };
    if (const auto count = value("--iterations="); !count.empty()) {
      arguments.iterations = std::strtoull(count.c_str(), nullptr, 10);
    } else if (const auto seed = value("--seed="); !seed.empty()) {
      arguments.seed = std::strtoull(seed.c_str(), nullptr, 10);
    } else {
      arguments.corpus = text;
    }
  }
  return arguments;
}

}  // namespace
}  // namespace platen::fuzz

int main(int argc, char** argv) {
  const auto arguments = platen::fuzz::ReadArguments(argc, argv);
  const auto seeds = platen::fuzz::ReadCorpus(arguments.corpus);
  if (seeds.empty()) {
    std::fprintf(stderr, "no .hex or .txt files in \"%s\"\n", arguments.corpus.c_str());
    return 2;
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL})
    std::signal(signal, platen::fuzz::SayWhatRan);
  platen::fuzz::RunAll(arguments, seeds);
  return 0;
}
