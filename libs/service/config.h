// An operator's configuration as a protobuf message: read from YAML by reflection, overridden by
// environment and flags, checked as a whole, printed back without its secrets.
//
// Precedence: defaults < file < environment < flags. How values are written:
//   scalars            as usual; integers of bytes carry `_bytes` in their name and no unit
//   enums              by short name: LOG_FORMAT_JSON of enum LogFormat is `json`
//   Duration           `30s`, `200ms`, `12h`, `1h30m`, `7d`; a bare number is refused
//   Timestamp          `2026-01-31T12:00:00Z`, `2026-01-31T13:00:00+01:00`
//   nested, repeated   YAML mappings and sequences; a sequence replaces the default one
//   map<string, …>     YAML mappings, replacing the default one
// A field marked `(platen.config.v1.secret) = true` is refused in flags and redacted in print.
// Prefer a key
// `<name>_file` which names a file (ReadSecretFile).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/service/faults.h"

namespace google::protobuf {
class Message;
}

namespace platen::service {

struct ConfigSources {
  // YAML file to read; empty for none.
  std::string file;
  // Name and value of environment variables; those that start with PLATEN_ and name a key of the
  // message count: PLATEN_LOG_LEVEL is `log.level`. Lists are separated by commas. Others
  // are left alone (several services share an environment), unless they are one or two letters off
  // a key.
  std::vector<std::pair<std::string, std::string>> environment;
  // `path=value` each, as given to --set. A value may be YAML in flow style where the key is not a
  // scalar.
  std::vector<std::string> sets;
};

// Merges `sources` over `config`, which holds the defaults. Every fault found is added to `faults`;
// `config` is of no use if there are any. Returns false where the file could not be read or is no
// YAML: what is missing in `config` then is no fault of its own. Thread-safe on distinct arguments.
bool LoadConfig(const ConfigSources& sources, google::protobuf::Message& config, FaultList& faults);

// The same for YAML text instead of a file, which faults call `name`.
bool LoadConfigText(std::string_view text,
                    const std::string& name,
                    google::protobuf::Message& config,
                    FaultList& faults);

// What becomes of fields that have no value of their own.
enum class Unset { kShown, kLeftOut };

// YAML which LoadConfig reads back to the same message, but for secrets, which appear as
// "(redacted)".
std::string PrintConfig(const google::protobuf::Message& config, Unset unset = Unset::kShown);

// The content of a secret's file without its trailing line end. Errors: kNotFound,
// kPermissionDenied (with the file's name and what to do), kInvalidArgument (empty, or above 64
// KiB: not a secret's file).
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Variables of this process's environment that start with PLATEN_.
std::vector<std::pair<std::string, std::string>> PlatenEnvironment();

}  // namespace platen::service
