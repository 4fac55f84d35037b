// Everything that is wrong with a configuration, each fault with the place an operator has to edit.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platen::service {

// Where a value came from: a line of a file, an environment variable or a flag.
struct Origin {
  std::string source;  // "relay.yaml", "environment PLATEN_LOG_LEVEL", "--set log.level".
  int line = 0;        // 1-based; 0 where the source has no lines.
};

struct Fault {
  Origin origin;
  std::string path;  // "log.level", "receivers[2].url"; empty for the whole document.
  std::string message;

  // "file:line: path: message".
  std::string ToString() const;
};

// Collects faults, and remembers for each path where its value was given, so that a validator names
// a path and the operator reads a line number. Thread-confined.
class FaultList {
 public:
  // Adds a fault at the place where `path`, or else its nearest ancestor, was given.
  void Add(std::string_view path, std::string message);

  // Adds a fault at a place known to the caller.
  void AddAt(Origin origin, std::string_view path, std::string message);

  // Says that the value at `path` was given at `origin`; the last one wins.
  void Remember(std::string_view path, Origin origin);

  bool empty() const { return faults_.empty(); }

  std::span<const Fault> faults() const { return faults_; }

  // One fault a line, in the order of file and line.
  std::string ToString() const;

 private:
  std::vector<Fault> faults_;
  std::map<std::string, Origin, std::less<>> origins_;
};

}  // namespace platen::service
