// Where each value of a snapshot comes from: what `explain` prints.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace platen::collector::core {

// One value: its place in the DeviceSnapshot ("supplies[1.3].level"), the OID it was read under
// (dotted; empty where it was concluded from other values), what the device sent, and the rule.
struct TraceEntry {
  std::string field;
  std::string oid;
  std::string sent;  // "-3", "Black Toner", "hex 00 04"; empty where there is no OID.
  std::string rule;
};

// In the order of reading. Thread-compatible.
class Trace {
 public:
  void Add(TraceEntry entry) { entries_.push_back(std::move(entry)); }

  const std::vector<TraceEntry>& entries() const { return entries_; }

 private:
  std::vector<TraceEntry> entries_;
};

}  // namespace platen::collector::core
