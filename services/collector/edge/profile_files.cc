#include "services/collector/edge/profile_files.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "libs/base/status.h"
#include "services/collector/edge/profile_yaml.h"

namespace platen::collector::edge {
namespace {

using base::StrCat;

absl::StatusOr<std::vector<std::filesystem::path>> YamlFiles(
    const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  if (error) {
    return base::NotFound("profiles can't be read from ",
                          directory.string(),
                          ": ",
                          error.message(),
                          "; name their directory with profiles_dir or --profiles");
  }
  if (files.empty()) {
    return base::NotFound("no *.yaml in ",
                          directory.string(),
                          "; name the directory of profiles with profiles_dir or --profiles");
  }
  std::ranges::sort(files);
  return files;
}

absl::Status Refusal(const std::vector<std::string>& faults) {
  std::string message = "profiles refused:";
  for (const std::string& fault : faults) message += StrCat("\n  ", fault);
  return base::InvalidArgument(message);
}

}  // namespace

core::Profile ParseProfile(std::string_view file,
                           const std::string& text,
                           std::vector<std::string>& faults) {
  try {
    YamlFaults found(file, faults);
    return ReadProfile(YAML::Load(text), found);
  } catch (const YAML::Exception& error) {
    faults.push_back(StrCat(file, ":", error.mark.line + 1, ": ", error.msg));
    return {};
  }
}

absl::StatusOr<core::ProfileSet> LoadProfiles(const std::filesystem::path& directory) {
  PLATEN_ASSIGN_OR_RETURN(const auto files, YamlFiles(directory));
  std::vector<core::Profile> profiles;
  std::vector<std::string> faults;
  std::set<std::string> names;
  for (const std::filesystem::path& path : files) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) {
      faults.push_back(StrCat(path.string(), ":1: can't be read"));
      continue;
    }
    profiles.push_back(ParseProfile(path.string(), text.str(), faults));
    if (!names.insert(profiles.back().name).second) {
      faults.push_back(
          StrCat(path.string(), ":1: another file has the name '", profiles.back().name, "' too"));
    }
  }
  if (!faults.empty()) return Refusal(faults);
  return core::ProfileSet(std::move(profiles));
}

}  // namespace platen::collector::edge
