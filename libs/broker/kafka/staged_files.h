// Bytes under a name that librdkafka can open, without a file. For the .cc files of this folder.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace platen::broker::kafka {

// Thread-confined. The names are good as long as this lives.
class StagedFiles {
 public:
  StagedFiles() = default;
  ~StagedFiles();
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;

  // A name under which `content` can be read, by this process alone. kInternal where the system has
  // no memory or file descriptor left.
  absl::StatusOr<std::string> Add(const std::string& content);

 private:
  std::vector<int> descriptors_;
};

}  // namespace platen::broker::kafka
