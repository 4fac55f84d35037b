// PrintConfig: the effective configuration as YAML, secrets redacted.

#include <algorithm>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include "libs/service/config.h"
#include "libs/service/config_values.h"

namespace platen::service {
namespace {

namespace pb = google::protobuf;

constexpr const char* kRedacted = "(redacted)";

// What is printed so far, and how to go on.
struct Printed {
  YAML::Emitter yaml;
  Unset unset;
};

void EmitMessage(Printed& out, const pb::Message& message);

void EmitValue(Printed& out,
               const pb::Message& message,
               const pb::FieldDescriptor& field,
               int index) {
  if (IsNested(field)) {
    const pb::Reflection& reflection = *message.GetReflection();
    EmitMessage(out,
                index < 0 ? reflection.GetMessage(message, &field)
                          : reflection.GetRepeatedMessage(message, &field, index));
    return;
  }
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) out.yaml << YAML::DoubleQuoted;
  out.yaml << TextOf(message, field, index);
}

void EmitMap(Printed& out, const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  const pb::FieldDescriptor& key = *field.message_type()->map_key();
  const pb::FieldDescriptor& value = *field.message_type()->map_value();
  std::vector<const pb::Message*> pairs;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    pairs.push_back(&reflection.GetRepeatedMessage(message, &field, i));
  }
  // A map has no order of its own; two prints of one configuration must be the same text.
  std::sort(pairs.begin(), pairs.end(), [&key](const pb::Message* a, const pb::Message* b) {
    return TextOf(*a, key, -1) < TextOf(*b, key, -1);
  });
  out.yaml << YAML::BeginMap;
  for (const pb::Message* pair : pairs) {
    out.yaml << YAML::Key << TextOf(*pair, key, -1) << YAML::Value;
    IsSecret(field) ? void(out.yaml << kRedacted) : EmitValue(out, *pair, value, -1);
  }
  out.yaml << YAML::EndMap;
}

void EmitList(Printed& out, const pb::Message& message, const pb::FieldDescriptor& field) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (size == 0) out.yaml << YAML::Flow;
  out.yaml << YAML::BeginSeq;
  for (int i = 0; i < size; ++i) {
    IsSecret(field) ? void(out.yaml << kRedacted) : EmitValue(out, message, field, i);
  }
  out.yaml << YAML::EndSeq;
}

bool IsUnset(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) == 0
                             : !reflection.HasField(message, &field);
}

void EmitField(Printed& out, const pb::Message& message, const pb::FieldDescriptor& field) {
  if (!field.is_repeated() && field.has_presence() &&
      !message.GetReflection()->HasField(message, &field))
    return;
  if (out.unset == Unset::kLeftOut && IsUnset(message, field)) return;
  out.yaml << YAML::Key << field.name() << YAML::Value;
  if (field.is_map()) {
    EmitMap(out, message, field);
  } else if (field.is_repeated()) {
    EmitList(out, message, field);
  } else if (IsSecret(field) && (IsNested(field) || !TextOf(message, field, -1).empty())) {
    out.yaml << YAML::DoubleQuoted << kRedacted;
  } else {
    EmitValue(out, message, field, -1);
  }
}

void EmitMessage(Printed& out, const pb::Message& message) {
  out.yaml << YAML::BeginMap;
  const pb::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    // An enum that nobody set has no name that could be read back.
    const bool unset_enum = !field.is_repeated() &&
                            field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM &&
                            message.GetReflection()->GetEnumValue(message, &field) == 0;
    if (!unset_enum) EmitField(out, message, field);
  }
  out.yaml << YAML::EndMap;
}

}  // namespace

std::string PrintConfig(const pb::Message& config, Unset unset) {
  Printed out{.yaml = {}, .unset = unset};
  EmitMessage(out, config);
  return std::string(out.yaml.c_str()) + "\n";
}

}  // namespace platen::service
