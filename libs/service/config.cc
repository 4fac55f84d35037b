#include "libs/service/config.h"

#include <google/protobuf/message.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include "libs/base/read_file.h"
#include "libs/base/status.h"
#include "libs/service/config_overrides.h"
#include "libs/service/config_reader.h"

namespace platen::service {
namespace {

constexpr std::size_t kConfigBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kSecretBytesMax = 64 * 1024;

}  // namespace

bool LoadConfigText(std::string_view text,
                    const std::string& name,
                    google::protobuf::Message& config,
                    FaultList& faults) {
  faults.Remember("", {.source = name, .line = 1});
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      faults.AddAt({.source = name, .line = documents[1].Mark().line + 1},
                   "",
                   "a second YAML document; a configuration is one document");
    }
    if (!documents.empty()) ConfigReader(name, true, faults).ReadMessage(documents[0], config, "");
    return true;
  } catch (const YAML::Exception& error) {
    faults.AddAt({.source = name, .line = error.mark.line + 1}, "", "not YAML: " + error.msg);
    return false;
  }
}

bool LoadConfig(const ConfigSources& sources,
                google::protobuf::Message& config,
                FaultList& faults) {
  bool is_read = true;
  if (!sources.file.empty()) {
    const absl::StatusOr<std::string> text = base::ReadFile(sources.file, kConfigBytesMax);
    if (text.ok()) {
      is_read = LoadConfigText(*text, sources.file, config, faults);
    } else {
      faults.AddAt({.source = "configuration"}, "", std::string(text.status().message()));
      is_read = false;
    }
  }
  ApplyEnvironment(sources.environment, config, faults);
  ApplySets(sources.sets, config, faults);
  return is_read;
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  PLATEN_ASSIGN_OR_RETURN(std::string secret, base::ReadFile(path, kSecretBytesMax));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return base::InvalidArgument("secret file ", path, " is empty");
  return secret;
}

std::vector<std::pair<std::string, std::string>> PlatenEnvironment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with("PLATEN_") || equals == std::string_view::npos) continue;
    found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

}  // namespace platen::service
