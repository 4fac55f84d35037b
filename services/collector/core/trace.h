// Where each value of a snapshot comes from: what `explain` prints.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platen::collector::core {

// One value: its place in the DeviceSnapshot ("supplies[1.3].level"), the OID it was read under
// (dotted; empty where it was concluded from other values) and the name of the rule.
struct TraceEntry {
  std::string field;
  std::string oid;
  std::string rule;
};

// In the order of reading. Thread-compatible.
class Trace {
 public:
  void Add(std::string field, std::string oid, std::string_view rule) {
    entries_.push_back({std::move(field), std::move(oid), std::string(rule)});
  }

  const std::vector<TraceEntry>& entries() const { return entries_; }

 private:
  std::vector<TraceEntry> entries_;
};

}  // namespace platen::collector::core
