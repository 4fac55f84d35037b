// What it costs to find a device's profile among ten, and among a thousand: the same, where one
// knows the device's sysObjectID or the first word of its description.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/collector/core/profile.h"

namespace platen::collector::core {
namespace {

using snmp::operator""_oid;

// Makers with three prefixes, a description and a model each.
ProfileSet Makers(std::int64_t count) {
  std::vector<Profile> profiles(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    const std::string maker = "Maker" + std::to_string(i);
    profiles[i].name = maker;
    profiles[i].match.sys_object_ids = {"1.3.6.1.4.1"_oid.Child(number),
                                        "1.3.6.1.4.1"_oid.Child({number, 2, 3, 9}),
                                        "1.3.6.1.4.1"_oid.Child({number, 1, 7})};
    profiles[i].match.sys_descrs = {*MakePattern("^" + maker + " ")};
    profiles[i].match.models = {*MakePattern("^(" + maker + "|MAKER" + std::to_string(i) + ") ")};
  }
  return ProfileSet(std::move(profiles));
}

void Look(benchmark::State& state, const DeviceTraits& device) {
  const ProfileSet profiles = Makers(state.range(0));
  for (auto _ : state) {
    const Profile* profile = profiles.Match(device);
    if (profile == nullptr) state.SkipWithError("no profile was found");
    benchmark::DoNotOptimize(profile);
  }
}

void ByObjectId(benchmark::State& state) {
  Look(state, {.sys_object_id = "1.3.6.1.4.1.7.2.3.9.1.25.3.8.1"_oid});
}

void ByDescription(benchmark::State& state) {
  Look(state, {.sys_descr = "Maker7 Laser 700, firmware 2.17.4, network card 1.2"});
}

void ByModel(benchmark::State& state) {
  Look(state, {.sys_descr = "Print server", .model = "MAKER7 Laser 700"});
}

void ByName(benchmark::State& state) {
  const ProfileSet profiles = Makers(state.range(0));
  for (auto _ : state) {
    const Profile* profile = profiles.Find("Maker7");
    if (profile == nullptr) state.SkipWithError("no profile was found");
    benchmark::DoNotOptimize(profile);
  }
}

BENCHMARK(ByObjectId)->Arg(10)->Arg(1000);
BENCHMARK(ByDescription)->Arg(10)->Arg(1000);
BENCHMARK(ByModel)->Arg(10)->Arg(1000);
BENCHMARK(ByName)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace platen::collector::core

BENCHMARK_MAIN();
