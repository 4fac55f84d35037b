// A recording as an agent's Mib: answers what was recorded, unchanged.
#pragma once

#include "libs/snmp/agent.h"
#include "libs/snmp/recording.h"

namespace platen::snmp {

// Borrows the recording.
class RecordingMib final : public Mib {
 public:
  explicit RecordingMib(const Recording& recording) : recording_(recording) {}

  std::optional<ValueView> Get(OidView name) override {
    const Varbind* row = recording_.Find(name);
    if (row == nullptr) return std::nullopt;
    return row->value.view();
  }

  std::optional<VarbindView> Next(OidView name) override {
    const std::size_t index = recording_.IndexAfter(name);
    if (index == recording_.rows.size()) return std::nullopt;
    return recording_.rows[index].view();
  }

 private:
  const Recording& recording_;
};

}  // namespace platen::snmp
