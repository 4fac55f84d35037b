#include "libs/base/status.h"

#include <cerrno>
#include <system_error>

namespace platen::base {

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return Error(status.code(), context, ": ", ToStd(status.message()));
}

std::string ErrnoMessage(int error) {
  return std::generic_category().message(error);
}

}  // namespace platen::base
