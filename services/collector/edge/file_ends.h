// The three seams without Kafka: targets from a file, events to a file, state in memory for the
// length of the run.
//
// For trying Platen out, for tests, and for looking at one device: `targets_file` and `events_file`
// of the configuration.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "services/collector/core/seams.h"

namespace platen::collector::edge {

// One platen.event.v1.Target as protobuf JSON a line; blank lines and lines that begin with '#' are
// skipped. All are in partition 0. A target without device id gets one from its tenant, site and
// address, so that it is the same in each run.
class FileTargets final : public core::TargetSource {
 public:
  // kNotFound: no such file; kInvalidArgument: a line is no target (all such lines are listed).
  static absl::StatusOr<std::unique_ptr<FileTargets>> Open(const std::string& path);

  absl::Status Poll(std::vector<Step>& steps) override;

  void Release(std::int32_t) override {}

 private:
  std::vector<Step> steps_;
};

// Nothing was known before, everything is forgotten at the end. A Put() is told back as a read, as
// Kafka would.
class MemoryState final : public core::StateStore {
 public:
  void Open(std::int32_t partition) override;

  void Close(std::int32_t) override {}

  absl::Status Put(std::int32_t partition,
                   std::string_view key,
                   std::optional<std::string_view> value,
                   std::uint64_t token) override;
  absl::Status Poll(std::vector<Step>& steps) override;

  void Purge() override {}

 private:
  std::vector<Step> steps_;
};

// One event as protobuf JSON a line.
class FileEvents final : public core::EventPublisher {
 public:
  // "-": standard output. kPermissionDenied: can't be written.
  static absl::StatusOr<std::unique_ptr<FileEvents>> Open(const std::string& path);
  ~FileEvents() override;

  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override;
  absl::Status Poll(std::vector<core::Published>& published) override;

  void Purge() override {}

 private:
  explicit FileEvents(std::FILE* file) : file_(file) {}

  std::FILE* file_;
  std::vector<core::Published> published_;
};

}  // namespace platen::collector::edge
