#include "libs/flow/backoff.h"

#include <algorithm>
#include <cmath>

namespace platen::flow {

base::Duration BackoffDelay(const BackoffOptions& options,
                            std::uint32_t failures,
                            base::Random& random) {
  if (failures == 0) return base::Duration::zero();
  const double exponent = static_cast<double>(std::min(failures - 1, 1000u));
  const double grown =
      static_cast<double>(options.first.count()) * std::pow(options.factor, exponent);
  const double whole = std::min(grown, static_cast<double>(options.max.count()));
  return base::Duration(
      static_cast<base::Duration::rep>(whole * (1.0 - options.jitter * random.Unit())));
}

}  // namespace platen::flow
