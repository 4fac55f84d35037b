#include "libs/service/config_reader.h"

#include <map>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/service/config_values.h"

namespace platen::service {
namespace {

namespace pb = google::protobuf;

const char* KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "a single value";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping of keys";
    default:
      return "nothing";
  }
}

std::vector<std::string> FieldNames(const pb::Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

}  // namespace

std::string JoinPath(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : base::StrCat(parent, ".", name);
}

ConfigReader::ConfigReader(std::string source, bool has_lines, FaultList& faults)
    : source_(std::move(source)), has_lines_(has_lines), faults_(faults) {}

Origin ConfigReader::At(const YAML::Node& node) const {
  return {.source = source_, .line = has_lines_ ? node.Mark().line + 1 : 0};
}

void ConfigReader::ReadMessage(const YAML::Node& node,
                               pb::Message& message,
                               const std::string& path) {
  if (node.IsNull()) return;  // A section whose keys are all commented out.
  if (!node.IsMap()) {
    faults_.AddAt(At(node), path, base::StrCat("needs a mapping of keys, not ", KindOf(node)));
    return;
  }
  std::map<std::string, int> seen;  // Key -> line.
  std::map<const pb::OneofDescriptor*, std::string>
      alternatives;  // The member given of each oneof.
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string key_path = JoinPath(path, key);
    const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(key);
    if (field == nullptr) {
      RefuseUnknown(entry.first, message, key_path);
      continue;
    }
    const auto [first, is_new] = seen.emplace(key, entry.first.Mark().line + 1);
    if (!is_new) {
      faults_.AddAt(
          At(entry.first), key_path, base::StrCat("is given twice; first in line ", first->second));
      continue;
    }
    if (const pb::OneofDescriptor* oneof = field->real_containing_oneof()) {
      const auto [other, only] = alternatives.emplace(oneof, key);
      if (!only) {
        faults_.AddAt(At(entry.first),
                      key_path,
                      base::StrCat("excludes '", other->second, "'; give one of them"));
        continue;
      }
    }
    faults_.Remember(key_path, At(entry.first));
    if (entry.second.IsNull() && !field->is_map() && (field->is_repeated() || !IsNested(*field))) {
      // YAML places an absent value at the next token, lines below.
      faults_.AddAt(At(entry.first), key_path, "has no value; give one or remove the key");
      continue;
    }
    ReadField(entry.second, message, *field, key_path);
  }
}

void ConfigReader::RefuseUnknown(const YAML::Node& key,
                                 const pb::Message& message,
                                 const std::string& path) {
  const std::string name = key.IsScalar() ? key.Scalar() : "";
  const std::string nearest = base::NearestName(name, FieldNames(*message.GetDescriptor()));
  faults_.AddAt(At(key),
                path,
                nearest.empty() ? std::string("is no known key")
                                : base::StrCat("is no known key; did you mean '", nearest, "'?"));
}

void ConfigReader::ReadField(const YAML::Node& node,
                             pb::Message& message,
                             const pb::FieldDescriptor& field,
                             const std::string& path) {
  if (field.is_map()) {
    ReadMap(node, message, field, path);
  } else if (field.is_repeated()) {
    ReadSequence(node, message, field, path);
  } else if (IsNested(field)) {
    ReadMessage(node, *message.GetReflection()->MutableMessage(&message, &field), path);
  } else {
    ReadScalar(node, message, field, path);
  }
}

void ConfigReader::ReadSequence(const YAML::Node& node,
                                pb::Message& message,
                                const pb::FieldDescriptor& field,
                                const std::string& path) {
  if (!node.IsSequence()) {
    faults_.AddAt(At(node), path, base::StrCat("needs a list, not ", KindOf(node)));
    return;
  }
  const pb::Reflection& reflection = *message.GetReflection();
  reflection.ClearField(&message, &field);
  for (std::size_t i = 0; i < node.size(); ++i) {
    const YAML::Node element = node[i];
    const std::string element_path = base::StrCat(path, "[", i, "]");
    faults_.Remember(element_path, At(element));
    if (IsNested(field)) {
      ReadMessage(element, *reflection.AddMessage(&message, &field), element_path);
    } else {
      ReadScalar(element, message, field, element_path);
    }
  }
}

void ConfigReader::ReadMap(const YAML::Node& node,
                           pb::Message& message,
                           const pb::FieldDescriptor& field,
                           const std::string& path) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (!node.IsNull() && !node.IsMap()) {
    faults_.AddAt(At(node), path, base::StrCat("needs a mapping of keys, not ", KindOf(node)));
    return;
  }
  reflection.ClearField(&message, &field);
  std::map<std::string, int> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string key_path = JoinPath(path, key);
    const auto [first, is_new] = seen.emplace(key, entry.first.Mark().line + 1);
    if (!is_new) {
      faults_.AddAt(
          At(entry.first), key_path, base::StrCat("is given twice; first in line ", first->second));
      continue;
    }
    faults_.Remember(key_path, At(entry.first));
    pb::Message& pair = *reflection.AddMessage(&message, &field);
    ReadScalar(entry.first, pair, *field.message_type()->map_key(), key_path);
    ReadField(entry.second, pair, *field.message_type()->map_value(), key_path);
  }
}

void ConfigReader::ReadScalar(const YAML::Node& node,
                              pb::Message& message,
                              const pb::FieldDescriptor& field,
                              const std::string& path) {
  if (node.IsNull()) {
    faults_.AddAt(At(node), path, "has no value; give one or remove the key");
    return;
  }
  if (!node.IsScalar()) {
    faults_.AddAt(At(node), path, base::StrCat("needs a single value, not ", KindOf(node)));
    return;
  }
  if (const absl::Status set = SetFromText(message, field, node.Scalar()); !set.ok()) {
    faults_.AddAt(At(node), path, std::string(set.message()));
  }
}

}  // namespace platen::service
