// Whether two registered devices are one printer, by evidence alone: what needs no person. Pure.
#pragma once

#include <string>

namespace platen::gateway::core {

// What the registry knows of a device.
struct DeviceEvidence {
  std::string serial_key;  // event::SerialEvidence().
  std::string model;
  std::string macs;      // As DeviceReport::Identity has them.
  bool answers = false;  // It is polled, and answers there as itself.
  bool fixed = false;    // A person has said that its address is its own.
};

// A known serial number that answers at a new address has moved: `known` was registered first, and
// does not answer where it was; `found` answers. Not where the address of `known` is fixed, where
// both answer (two printers with one number, or one with two interfaces: a person decides), or
// where their interfaces or models contradict the serial number, which some firmware makes up.
bool HasMoved(const DeviceEvidence& known, const DeviceEvidence& found);

}  // namespace platen::gateway::core
