// What a device says at an instant: its model's recording, with what lives put in, and its alert
// table.
#pragma once

#include <string>

#include "libs/snmp/agent.h"
#include "tools/fleetsim/device.h"

namespace platen::fleetsim {

// Cheap to make for every request. Borrows the device. What it hands out lives until its next call.
class DeviceMib final : public snmp::Mib {
 public:
  DeviceMib(const Device& device, base::MonotonicTime now)
      : device_(device), model_(device.model()), now_(now) {}

  std::optional<snmp::ValueView> Get(snmp::OidView name) override;
  std::optional<snmp::VarbindView> Next(snmp::OidView name) override;

  // What makes this device different from others of its model: the recorded serial with its own
  // last digits.
  std::string Serial() const;

 private:
  snmp::ValueView ValueOf(std::size_t row);
  snmp::ValueView Individual(std::size_t row);
  // What a counter counts from.
  snmp::Value CounterBase(const snmp::Value& recorded) const;
  snmp::ValueView StatusValue(const LiveRow& live, const snmp::Value& recorded);
  snmp::ValueView ErrorState(const snmp::Value& recorded);
  snmp::ValueView Level(const LiveRow& live, const snmp::Value& recorded);
  snmp::ValueView Panel(const snmp::Value& recorded);
  snmp::ValueView BrotherRecords(const snmp::Value& recorded);
  std::int64_t PartStatus(Part part, std::uint32_t index, std::int64_t recorded) const;
  std::int64_t LightOn(std::uint32_t light, std::int64_t recorded) const;

  // A cell of the alert table; nothing for a column it does not have.
  std::optional<snmp::ValueView> AlertCell(const Alert& alert, std::uint32_t column);
  // The first name of the alert table behind `name`, if there is one.
  std::optional<snmp::VarbindView> NextAlertCell(snmp::OidView name);

  const Device& device_;
  const PrinterModel& model_;
  base::MonotonicTime now_;
  std::string text_;  // Backs a value that was put together.
  snmp::Oid name_;    // Backs the name of an alert's cell.
};

}  // namespace platen::fleetsim
