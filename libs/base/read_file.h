// Whole small files: configuration, secrets, certificates.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace platen::base {

// The content of a file, pipe or device of at most `bytes_max` bytes. Errors are one line with the
// path: kNotFound, kPermissionDenied, kInvalidArgument where it is longer, kUnavailable for a
// directory or a disk that fails.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t bytes_max);

}  // namespace platen::base
