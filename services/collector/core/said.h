// A small notation for tests: what a device said.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"

namespace platen::collector::core {

class Said {
 public:
  Said& Text(std::string_view oid, std::string_view text) {
    return Add(oid, snmp::Value::Octets(text));
  }

  Said& Number(std::string_view oid, std::int64_t number) {
    return Add(oid, snmp::Value::Integer(number));
  }

  Said& Count(std::string_view oid, std::uint64_t number) {
    return Add(oid, snmp::Value::Number(snmp::ValueType::kCounter32, number));
  }

  Said& Id(std::string_view oid, std::string_view value) {
    return Add(oid, snmp::Value::ObjectId(*snmp::Oid::Parse(value)));
  }

  Said& Nothing(std::string_view oid, snmp::ValueType exception) {
    return Add(oid, snmp::Value(snmp::ValueView::Empty(exception)));
  }

  // A device of type printer with this hrDeviceIndex.
  Said& Printer(std::uint32_t index) {
    return Id("1.3.6.1.2.1.25.3.2.1.2." + std::to_string(index), "1.3.6.1.2.1.25.3.1.5");
  }

  std::vector<snmp::Varbind> Sorted() const {
    std::vector<snmp::Varbind> sorted = varbinds_;
    SortReadings(sorted);
    return sorted;
  }

  event::v1::DeviceSnapshot Snapshot(const Profile* profile = nullptr,
                                     Trace* trace = nullptr) const {
    const std::vector<snmp::Varbind> sorted = Sorted();
    return MakeSnapshot({.readings = sorted, .profile = profile}, trace);
  }

 private:
  Said& Add(std::string_view oid, snmp::Value value) {
    varbinds_.emplace_back(*snmp::Oid::Parse(oid), std::move(value));
    return *this;
  }

  std::vector<snmp::Varbind> varbinds_;
};

// Why `what` is unavailable; empty where it is not listed.
inline std::string WhyMissing(const event::v1::DeviceSnapshot& snapshot, std::string_view what) {
  for (const auto& entry : snapshot.unavailable()) {
    if (entry.what() == what) return entry.why();
  }
  return {};
}

}  // namespace platen::collector::core
