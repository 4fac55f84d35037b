// A figure of a benchmark: ours beside a peer's, both measured in rounds that alternate within one
// run, for machines differ and so do their hours.
#pragma once

#include <string>
#include <vector>

namespace platen::bench {

// What a figure is held against. `goal` is where it is good.
struct Bound {
  double floor = 0;  // 0: none.
  double goal = 0;
};

struct Figure {
  std::string name;
  std::string unit;
  // One rate a round, more is better.
  std::vector<double> ours;
  std::vector<double> theirs;
  std::string against;
  Bound bound;
};

// One JSON line on standard output: medians, their ratio, and the spreads, each half the distance
// between the quartiles as a part of the median. False where the ratio is under the floor. A run
// whose peer spreads by more than 0.15 is void (bench/pipeline/README.md).
bool Report(const Figure& figure);

// Ends the program with 2: the run is broken, no figure of it counts.
[[noreturn]] void Broken(const std::string& why);

}  // namespace platen::bench
