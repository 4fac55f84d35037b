// The named checks behind /livez and /readyz, and how their outcome is written.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace platen::service {

// Answers why it is not so, or OK. Called on the admin server's thread: must not block.
using HealthCheck = std::function<absl::Status()>;

// Thread-safe.
class HealthChecks {
 public:
  void Add(std::string name, HealthCheck check);

  struct Outcome {
    bool ok = true;
    // {"<word>":true,"checks":[{"name":"kafka","ok":false,"reason":"no broker answers"}]}
    std::string json;
  };

  // Asks every check, in the order of their names. `word` is what it means if all pass: "ready".
  Outcome Ask(const std::string& word) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, HealthCheck> checks_;
};

}  // namespace platen::service
