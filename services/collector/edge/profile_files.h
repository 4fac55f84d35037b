// Profiles from a directory of YAML files; profiles/README.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/collector/core/profile.h"

namespace platen::collector::edge {

// A profile is some hundred lines; more than this is something else.
inline constexpr std::size_t kMaxProfileBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxProfiles = 4096;
// Mistakes that are told; more help nobody.
inline constexpr std::size_t kMaxFaults = 100;

// Reads every *.yaml of `directory`, in the order of their names. A set with a mistake is refused
// as a whole, with its mistakes listed as file:line: what, the first kMaxFaults of them; so are two
// profiles of one name or for the same sysObjectID, and what is no file of at most
// kMaxProfileBytes. Errors: kNotFound (no such directory, or no profile in it), kInvalidArgument
// (mistakes).
absl::StatusOr<core::ProfileSet> LoadProfiles(const std::filesystem::path& directory);

// One file's text. Adds its mistakes, with `file` in front, to `faults`; with any, the profile is
// not to be used.
core::Profile ParseProfile(std::string_view file,
                           const std::string& text,
                           std::vector<std::string>& faults);

}  // namespace platen::collector::edge
