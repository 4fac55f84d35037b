// The readers of a snapshot's tables, for snapshot.cc alone.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "platen/event/v1/device.pb.h"

#include "services/collector/core/profile.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/trace.h"

namespace platen::collector::core {

// A name in pieces. It is put together only where somebody wants it: nearly all snapshots are made
// without a trace. Borrows its pieces.
class Label {
 public:
  Label(std::string_view whole) : before_(whole) {}  // NOLINT(google-explicit-constructor)

  Label(const char* whole) : before_(whole) {}  // NOLINT(google-explicit-constructor)

  Label(const std::string& whole) : before_(whole) {}  // NOLINT(google-explicit-constructor)

  Label(std::string_view before, std::string_view middle, std::string_view after = {})
      : before_(before), middle_(middle), after_(after) {}

  // "status.console_lines[3]".
  Label(std::string_view before, std::size_t number, std::string_view after)
      : before_(before), after_(after), number_(number) {}

  // "supplies[1.3].level".
  Label(std::string_view table, RowKey key, std::string_view member)
      : before_(table), after_(member), key_(key) {}

  // "brother@1/counters.total".
  Label(const Profile& profile, std::string_view rule) : after_(rule), profile_(&profile) {}

  std::string ToString() const;

 private:
  std::string_view before_;
  std::string_view middle_;
  std::string_view after_;
  std::optional<std::size_t> number_;
  std::optional<RowKey> key_;
  const Profile* profile_ = nullptr;
};

// What all readers share while one snapshot is made.
struct Reader {
  const Readings& readings;
  const Profile* profile;  // Null where none fits.
  DeviceTraits traits;
  int charset = 0;            // IANA MIBenum; 0 where the device does not say.
  std::uint32_t primary = 1;  // hrDeviceIndex of the printer that the status is of.
  std::string default_why;    // Why a standard value without profile is missing.
  event::v1::DeviceSnapshot* out;
  Trace* trace;
  const event::v1::Identity* known =
      nullptr;  // By an earlier reading, where this one does not say.

  // This reading's, or the known one.
  const event::v1::Identity& Identity() const;

  void Note(const Label& field, const snmp::Varbind* from, const Label& rule) const;
  void Missing(const Label& what, std::string_view why) const;

  // Text of a cell in the device's charset; nothing where it is not there, not text, or blank.
  std::optional<std::string> Text(const snmp::Varbind* from) const;

  // The same, noted under `field`.
  std::string NotedText(const Label& field, const snmp::Varbind* from, const Label& rule) const;

  // What a profile's rule finds; the varbind it came from, null where none, in `from`.
  std::optional<std::string> ByRule(const TextRule& rule, const snmp::Varbind** from) const;

  // "profile brother@1" for sentences, or "no profile for this model".
  std::string ProfileWords() const;
};

void ReadIdentity(const Reader& reader);
// Of the identity only who it is: the serial number, where the device says it.
void ReadAnswerer(const Reader& reader);
void ReadFirmware(const Reader& reader);
void ReadStatus(const Reader& reader);
void ReadMeters(const Reader& reader);
void ReadSupplies(const Reader& reader);
void ReadMedia(const Reader& reader);
void ReadAlerts(const Reader& reader);

}  // namespace platen::collector::core
