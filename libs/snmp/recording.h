// What an agent said once, in a file: snmpsim's .snmprec and the output of `snmpwalk -On`.
//
//   1.3.6.1.2.1.1.5.0|4|printer-17                       .1.3.6.1.2.1.1.5.0 = STRING: "printer-17"
//   1.3.6.1.2.1.2.2.1.6.1|4x|0002a4000001                .1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 02
//   A4 00 00 01
//
// Both may be mixed; each line says by itself what it is. Recordings in the field are damaged, so a
// line that cannot be read is skipped and listed, and harms no other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/value.h"

namespace platen::snmp {

struct SkippedLine {
  std::size_t line = 0;  // From 1.
  std::string reason;
};

struct Recording {
  static constexpr std::size_t kListedMax = 100;

  std::vector<Varbind> rows;        // By name, each once: of several, the first.
  std::size_t skipped = 0;          // Lines that could not be read.
  std::vector<SkippedLine> listed;  // The first kListedMax of them.

  // The row of exactly this name, or null.
  const Varbind* Find(OidView name) const;
  // Index of the first row whose name is greater; rows.size() if there is none.
  std::size_t IndexAfter(OidView name) const;
};

// Reads a whole file's text. Never fails: an unreadable file is a recording without rows.
Recording ReadRecording(std::string_view text);

// A line of .snmprec, without its end. Text goes in as it is where that is safe, otherwise in
// hexadecimal.
std::string ToSnmprec(const VarbindView& varbind);

}  // namespace platen::snmp
