#include "bench/pipeline/figures.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace platen::bench {
namespace {

double At(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size()) * part)];
}

double Median(const std::vector<double>& values) {
  return At(values, 0.5);
}

double Spread(const std::vector<double>& values) {
  return (At(values, 0.75) - At(values, 0.25)) / 2 / Median(values);
}

}  // namespace

bool Report(const Figure& figure) {
  const double ratio = Median(figure.ours) / Median(figure.theirs);
  std::printf(
      "{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"%s\",\"against\":\"%s\","
      "\"against_value\":%.0f,\"ratio\":%.3f,",
      figure.name.c_str(),
      Median(figure.ours),
      figure.unit.c_str(),
      figure.against.c_str(),
      Median(figure.theirs),
      ratio);
  if (figure.bound.floor > 0) std::printf("\"floor\":%.2f,", figure.bound.floor);
  if (figure.bound.goal > 0) std::printf("\"goal\":%.2f,", figure.bound.goal);
  std::printf(
      "\"spread\":%.3f,\"against_spread\":%.3f}\n", Spread(figure.ours), Spread(figure.theirs));
  std::fflush(stdout);
  return ratio >= figure.bound.floor;
}

void Broken(const std::string& why) {
  std::fprintf(stderr, "broken run: %s\n", why.c_str());
  std::exit(2);
}

}  // namespace platen::bench
