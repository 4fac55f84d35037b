// Walks YAML beside a protobuf message and fills it. Only config.cc and config_overrides.cc see
// this header, which keeps yaml-cpp out of everybody else's compile.
#pragma once

#include <string>
#include <string_view>

#include <yaml-cpp/node/node.h>

#include "libs/service/faults.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace platen::service {

// Thread-confined; borrows `faults`.
class ConfigReader {
 public:
  // Faults name `source`; `has_lines` is false for text that is not a file, where lines mean
  // nothing.
  ConfigReader(std::string source, bool has_lines, FaultList& faults);

  // Merges a mapping into `message`, whose own path is `path` (empty for the whole configuration).
  void ReadMessage(const YAML::Node& node,
                   google::protobuf::Message& message,
                   const std::string& path);

  // Sets one field, of any kind, from the node given for it.
  void ReadField(const YAML::Node& node,
                 google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field,
                 const std::string& path);

 private:
  void ReadSequence(const YAML::Node& node,
                    google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field,
                    const std::string& path);
  void ReadMap(const YAML::Node& node,
               google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& field,
               const std::string& path);
  void ReadScalar(const YAML::Node& node,
                  google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field,
                  const std::string& path);
  void RefuseUnknown(const YAML::Node& key,
                     const google::protobuf::Message& message,
                     const std::string& path);
  Origin At(const YAML::Node& node) const;

  std::string source_;
  bool has_lines_;
  FaultList& faults_;
};

// "kafka" + "brokers" -> "kafka.brokers".
std::string JoinPath(std::string_view parent, std::string_view name);

}  // namespace platen::service
