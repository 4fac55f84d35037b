// A YAML document as a Profile: for profile_files.cc alone.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "services/collector/core/profile.h"

namespace platen::collector::edge {

// Collects mistakes with their place.
class YamlFaults {
 public:
  YamlFaults(std::string_view file, std::vector<std::string>& faults)
      : file_(file), faults_(faults) {}

  void Add(const YAML::Node& at, std::string_view what);

  // Every key of the mapping `node` must be one of `known`.
  void RefuseUnknownKeys(const YAML::Node& node, std::initializer_list<std::string_view> known);

 private:
  std::string file_;
  std::vector<std::string>& faults_;
};

core::Profile ReadProfile(const YAML::Node& document, YamlFaults& faults);

// What the keys counters, alert_levels and quirks say.
void ReadBehaviour(const YAML::Node& document, core::Profile& profile, YamlFaults& faults);

}  // namespace platen::collector::edge
