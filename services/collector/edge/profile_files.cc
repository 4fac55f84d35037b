#include "services/collector/edge/profile_files.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

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
  for (std::size_t i = 0; i < std::min(faults.size(), kMaxFaults); ++i) {
    message += StrCat("\n  ", faults[i]);
  }
  if (faults.size() > kMaxFaults) {
    message += StrCat("\n  and ", faults.size() - kMaxFaults, " more");
  }
  return base::InvalidArgument(message);
}

// Its text; nothing, with a fault, where it can't be a profile.
std::optional<std::string> TextOf(const std::filesystem::path& path,
                                  std::vector<std::string>& faults) {
  std::error_code error;
  // A named pipe would keep us waiting.
  if (!std::filesystem::is_regular_file(path, error)) {
    faults.push_back(StrCat(path.string(), ":1: not a file"));
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxProfileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) {
    faults.push_back(StrCat(path.string(), ":1: can't be read"));
    return std::nullopt;
  }
  return text;
}

// What each file may say, and no two of a set.
class Uniqueness {
 public:
  explicit Uniqueness(std::vector<std::string>& faults) : faults_(faults) {}

  void Check(const std::filesystem::path& path, const core::Profile& profile) {
    Claim(path, "the name", profile.name);
    for (const snmp::Oid& prefix : profile.match.sys_object_ids) {
      Claim(path, "the sys_object_id", prefix.ToString());
    }
  }

 private:
  void Claim(const std::filesystem::path& path, std::string_view what, const std::string& value) {
    const auto [known, is_new] = claims_.try_emplace({std::string(what), value}, path.string());
    if (is_new || value.empty()) return;
    faults_.push_back(
        StrCat(path.string(), ":1: ", known->second, " has ", what, " '", value, "' too"));
  }

  std::map<std::pair<std::string, std::string>, std::string> claims_;
  std::vector<std::string>& faults_;
};

}  // namespace

core::Profile ParseProfile(std::string_view file,
                           const std::string& text,
                           std::vector<std::string>& faults) {
  if (text.size() > kMaxProfileBytes) {
    faults.push_back(StrCat(file, ":1: more than ", kMaxProfileBytes, " bytes"));
    return {};
  }
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
  if (files.size() > kMaxProfiles) {
    return base::InvalidArgument(
        directory.string(), " holds more than ", kMaxProfiles, " profiles");
  }
  Uniqueness uniqueness(faults);
  for (const std::filesystem::path& path : files) {
    const std::optional<std::string> text = TextOf(path, faults);
    if (!text.has_value()) continue;
    profiles.push_back(ParseProfile(path.string(), *text, faults));
    uniqueness.Check(path, profiles.back());
  }
  if (!faults.empty()) return Refusal(faults);
  return core::ProfileSet(std::move(profiles));
}

}  // namespace platen::collector::edge
