// Command lines of the tools `probe`, `discover`, `explain` and `record`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/status/statusor.h"
#include "libs/snmp/usm/keys.h"
#include "services/collector/core/report.h"

namespace platen::collector::edge {

// Exit codes, stable for scripts.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,  // Something on this machine: profiles, a file, a socket.
  kExitUsage = 2,
  kExitNoSnmp = 3,     // The host lives but doesn't answer SNMP.
  kExitSilent = 4,     // The host doesn't answer at all.
  kExitNoPrinter = 5,  // It answers SNMP and is no printer.
  kExitPartial = 6,    // The reading ended early.
};

enum class OutputFormat : std::uint8_t { kText, kJson, kImport };

// What `discover` is told beside what all tools are.
struct DiscoverOptions {
  std::string ranges;  // Each of the three: addresses, or "@FILE".
  std::string exclude;
  std::string allow;
  // Whom to ask by SLP and by DNS-SD: "multicast", or addresses as above; empty: nobody.
  std::string slp;
  std::string dns_sd;
  std::uint16_t slp_port = 0;  // Each of the two: 0 is the protocol's own.
  std::uint16_t dns_sd_port = 0;
  std::uint32_t rate = 100;  // Requests a second.
  std::string known;         // A file of targets.
  std::string report;        // The file of the last report, and of this one.
  std::string show;          // A report to be printed, and nobody asked.
};

struct ToolOptions {
  std::vector<std::string> operands;  // What stands there without a dash.
  std::string community = "public";
  std::uint16_t port = 161;
  bool version_1 = false;   // Ask in SNMPv1 only; otherwise v2c, falling back to v1.
  bool version_2c = false;  // Ask in v2c only.
  // Ask in SNMPv3 only, as this user. Its passwords come from the environment, where the list of
  // processes does not show them.
  std::optional<snmp::usm::UserOptions> user;
  std::chrono::milliseconds timeout{2000};
  int retries = 1;
  OutputFormat format = OutputFormat::kText;
  std::string profiles;               // Directory; empty: found near the program.
  bool diff = false;                  // explain: two recordings, and what happened between them.
  std::optional<std::uint64_t> seed;  // record: makes masks repeatable, and guessable.
  DiscoverOptions discover;
  bool help = false;
};

inline constexpr char kAuthPasswordVariable[] = "PLATEN_SNMP_AUTH_PASSWORD";
inline constexpr char kPrivPasswordVariable[] = "PLATEN_SNMP_PRIV_PASSWORD";

// Reads what follows the subcommand. kInvalidArgument names the option and what it takes.
absl::StatusOr<ToolOptions> ParseToolOptions(std::span<const std::string> arguments);

// The directory of profiles: the option, else the environment's PLATEN_PROFILES_DIR, else
// "profiles" or "share/platen/profiles" beside the program or in a directory above it.
std::string ProfilesDirectory(const ToolOptions& options);

// Colours on a terminal (unless NO_COLOR is set), block characters in a UTF-8 locale.
core::ReportStyle StyleFor(int output_fd);

// Protobuf JSON, one line, with the field names of the .proto files.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace platen::collector::edge
