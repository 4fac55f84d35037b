// Profiles from a directory of YAML files; profiles/README.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/collector/core/profile.h"

namespace platen::collector::edge {

// Reads every *.yaml of `directory`, in the order of their names. A set with a mistake is refused
// as a whole, with every mistake listed as file:line: what. Errors: kNotFound (no such directory,
// or no profile in it), kInvalidArgument (mistakes).
absl::StatusOr<core::ProfileSet> LoadProfiles(const std::filesystem::path& directory);

// One file's text. Adds its mistakes, with `file` in front, to `faults`; with any, the profile is
// not to be used.
core::Profile ParseProfile(std::string_view file,
                           const std::string& text,
                           std::vector<std::string>& faults);

}  // namespace platen::collector::edge
