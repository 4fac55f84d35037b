#include "libs/service/config_overrides.h"

#include <map>

#include <absl/strings/ascii.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/service/config_reader.h"
#include "libs/service/config_values.h"

namespace platen::service {
namespace {

namespace pb = google::protobuf;

constexpr int kDepthMax = 16;  // A message type may contain itself.
constexpr std::size_t kTypoMax = 2;

// Every path that leads to a field through nested messages that are not repeated.
void ListPaths(const pb::Descriptor& type,
               const std::string& parent,
               int depth,
               std::vector<std::string>& out) {
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const std::string path = JoinPath(parent, field.name());
    if (IsNested(field) && !field.is_repeated()) {
      if (depth < kDepthMax) ListPaths(*field.message_type(), path, depth + 1, out);
    } else {
      out.push_back(path);
    }
  }
}

std::vector<std::string> Paths(const pb::Message& config) {
  std::vector<std::string> paths;
  ListPaths(*config.GetDescriptor(), "", 0, paths);
  return paths;
}

std::string VariableFor(const std::string& path) {
  return "PLATEN_" + absl::AsciiStrToUpper(absl::StrReplaceAll(path, {{".", "_"}}));
}

// Whether a secret could be written at `field` or below it.
bool HoldsSecret(const pb::FieldDescriptor& field, int depth) {
  if (IsSecret(field)) return true;
  if (!IsNested(field) || depth >= kDepthMax) return false;
  const pb::Descriptor& type = *field.message_type();
  for (int i = 0; i < type.field_count(); ++i) {
    if (HoldsSecret(*type.field(i), depth + 1)) return true;
  }
  return false;
}

// A place in the message: the field and the message that holds it.
struct Place {
  pb::Message* message = nullptr;
  const pb::FieldDescriptor* field = nullptr;
  std::string map_key;  // Set where the path goes into a map.
};

Place Find(pb::Message& config, const std::string& path) {
  Place place{.message = &config};
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (place.field != nullptr) {
      if (!IsNested(*place.field) || place.field->is_repeated()) return {};
      place.message = place.message->GetReflection()->MutableMessage(place.message, place.field);
    }
    place.field = place.message->GetDescriptor()->FindFieldByName(steps[i]);
    if (place.field == nullptr) return {};
    if (place.field->is_map() && i + 1 < steps.size()) {
      if (IsNested(*place.field->message_type()->map_value())) return {};
      // What is left is the key, dots included.
      place.map_key = path.substr(path.find(steps[i] + ".") + steps[i].size() + 1);
      return place;
    }
  }
  return place;
}

YAML::Node ListNode(const std::string& text) {
  YAML::Node list(YAML::NodeType::Sequence);
  if (text.empty()) return list;
  for (const auto item : absl::StrSplit(text, ',')) {
    list.push_back(std::string(absl::StripAsciiWhitespace(item)));
  }
  return list;
}

// A scalar is taken as it stands: "a: b" and "*" are good strings, though not what YAML would make
// of them.
YAML::Node NodeFor(const Place& place, const std::string& text) {
  const pb::FieldDescriptor& field = *place.field;
  const bool flow = !text.empty() && (text.front() == '[' || text.front() == '{');
  if (field.is_repeated() || IsNested(field)) return flow ? YAML::Load(text) : ListNode(text);
  YAML::Node scalar;
  scalar = text;
  return scalar;
}

void SetMapEntry(const Place& place,
                 const std::string& text,
                 const std::string& path,
                 const std::string& source,
                 FaultList& faults) {
  const pb::Reflection& reflection = *place.message->GetReflection();
  const pb::FieldDescriptor& key = *place.field->message_type()->map_key();
  for (int i = 0; i < reflection.FieldSize(*place.message, place.field); ++i) {
    const pb::Message& pair = reflection.GetRepeatedMessage(*place.message, place.field, i);
    if (TextOf(pair, key, -1) != place.map_key) continue;
    reflection.SwapElements(
        place.message, place.field, i, reflection.FieldSize(*place.message, place.field) - 1);
    reflection.RemoveLast(place.message, place.field);
    break;
  }
  pb::Message& pair = *reflection.AddMessage(place.message, place.field);
  absl::Status set = SetFromText(pair, key, place.map_key);
  if (set.ok()) set = SetFromText(pair, *place.field->message_type()->map_value(), text);
  if (!set.ok()) faults.AddAt({.source = source}, path, std::string(set.message()));
}

void Apply(const Place& place,
           const std::string& text,
           const std::string& path,
           const std::string& source,
           FaultList& faults) {
  faults.Remember(path, {.source = source});
  if (!place.map_key.empty()) {
    SetMapEntry(place, text, path, source, faults);
    return;
  }
  try {
    ConfigReader(source, false, faults)
        .ReadField(NodeFor(place, text), *place.message, *place.field, path);
  } catch (const YAML::Exception& error) {
    faults.AddAt({.source = source}, path, "not YAML: " + error.msg);
  }
}

}  // namespace

void ApplyEnvironment(const std::vector<std::pair<std::string, std::string>>& environment,
                      pb::Message& config,
                      FaultList& faults) {
  std::multimap<std::string, std::string> by_variable;
  std::vector<std::string> variables;
  for (const std::string& path : Paths(config)) {
    by_variable.emplace(VariableFor(path), path);
    variables.push_back(VariableFor(path));
  }
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("PLATEN_")) continue;
    const std::string source = "environment " + name;
    if (by_variable.count(name) > 1) {
      faults.AddAt({.source = source}, "", "names more than one key; use the file or --set");
    } else if (const auto found = by_variable.find(name); found != by_variable.end()) {
      Apply(Find(config, found->second), value, found->second, source, faults);
    } else if (const std::string near = base::NearestName(name, variables, kTypoMax);
               !near.empty()) {
      faults.AddAt({.source = source}, "", base::StrCat("names no key; did you mean ", near, "?"));
    }
  }
}

void ApplySets(const std::vector<std::string>& sets, pb::Message& config, FaultList& faults) {
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      faults.AddAt({.source = "--set"}, "", "needs path=value");
      continue;
    }
    const std::string path = set.substr(0, equals);
    const Place place = Find(config, path);
    if (place.field == nullptr) {
      const std::string near = base::NearestName(path, Paths(config));
      faults.AddAt({.source = "--set"},
                   path,
                   near.empty() ? std::string("is no known key")
                                : base::StrCat("is no known key; did you mean '", near, "'?"));
    } else if (HoldsSecret(*place.field, 0)) {
      faults.AddAt({.source = "--set"},
                   path,
                   "is a secret, which everybody could read on the command line; "
                   "put it into the file or name a file that holds it");
    } else {
      Apply(place, set.substr(equals + 1), path, "--set", faults);
    }
  }
}

}  // namespace platen::service
