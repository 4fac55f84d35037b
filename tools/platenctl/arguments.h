// Command lines with long GNU options. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status.h"

namespace platen::platenctl {

// kInvalidArgument about the command line itself, and not about what it names: ends with
// kExitUsage.
absl::Status MakeUsageError(std::string_view message);
bool IsUsageError(const absl::Status& status);

template <class... Parts>
absl::Status UsageError(const Parts&... parts) {
  return MakeUsageError(base::StrCat(parts...));
}

// An option that a command knows.
struct OptionSpec {
  std::string_view name;   // Without the dashes.
  std::string_view value;  // What it takes, for the help text; empty: a flag.
  std::string_view help;
  // Where max is not 0, it takes a whole number from min to max.
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// What stands on a command line: operands, and options as `--name value`, `--name=value` or
// `--flag`.
class Arguments {
 public:
  // kInvalidArgument names the option and what it takes, or the nearest one that there is. "--"
  // ends the options.
  static absl::StatusOr<Arguments> Parse(std::span<const std::string> words,
                                         std::span<const OptionSpec> options);

  const std::vector<std::string>& operands() const { return operands_; }

  bool Has(std::string_view name) const { return values_.contains(name); }

  // All that were given, in their order.
  std::vector<std::string> All(std::string_view name) const;

  // Empty where it was not given; the last one where it was given twice.
  std::string Get(std::string_view name) const;
  std::string Get(std::string_view name, std::string_view otherwise) const;
  // REQUIRES: the option's OptionSpec has bounds.
  std::int64_t Number(std::string_view name, std::int64_t otherwise) const;

 private:
  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// Lines of --help for `options`, aligned.
std::string DescribeOptions(std::span<const OptionSpec> options);

}  // namespace platen::platenctl
