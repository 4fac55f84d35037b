#include "services/collector/edge/file_ends.h"

#include <cerrno>
#include <fstream>
#include <utility>

#include <google/protobuf/util/json_util.h>

#include "libs/base/sha256.h"
#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

std::string StableId(const event::v1::Target& target) {
  const std::string name =
      base::StrCat(target.tenant(), "\n", target.site(), "\n", target.address());
  return base::Sha256String(name).substr(0, base::DeviceId::kSize);
}

absl::StatusOr<core::TargetChanged> ParseLine(const std::string& line) {
  core::TargetChanged changed;
  event::v1::Target& target = changed.target.emplace();
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, &target);
  if (!parsed.ok()) return base::InvalidArgument(parsed.message().as_string());
  if (target.address().empty()) return base::InvalidArgument("`address` is missing");
  if (target.tenant().empty()) target.set_tenant("local");
  if (target.site().empty()) target.set_site("local");
  if (target.device_id().empty()) target.set_device_id(StableId(target));
  PLATEN_ASSIGN_OR_RETURN(changed.device, base::DeviceId::FromBytes(target.device_id()));
  return changed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileTargets>> FileTargets::Open(const std::string& path) {
  std::ifstream file(path);
  if (!file) return base::NotFound("targets_file ", path, ": ", base::ErrnoMessage(errno));
  auto targets = std::make_unique<FileTargets>();
  targets->steps_.emplace_back(core::PartitionGiven{0});
  std::string faults;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    absl::StatusOr<core::TargetChanged> changed = ParseLine(line);
    if (changed.ok()) {
      targets->steps_.emplace_back(*std::move(changed));
    } else {
      faults +=
          base::StrCat(path, ":", number, ": ", base::ToStd(changed.status().message()), "\n");
    }
  }
  if (!faults.empty()) return base::InvalidArgument(faults);
  return targets;
}

absl::Status FileTargets::Poll(std::vector<Step>& steps) {
  for (Step& step : std::exchange(steps_, {})) steps.push_back(std::move(step));
  return absl::OkStatus();
}

void MemoryState::Open(std::int32_t partition) {
  steps_.emplace_back(core::StateRestored{partition});
}

absl::Status MemoryState::Put(std::int32_t partition,
                              std::string_view key,
                              std::optional<std::string_view> value,
                              std::uint64_t token) {
  core::StateRead read{partition, std::string(key), std::nullopt};
  if (value.has_value()) read.value.emplace(*value);
  steps_.emplace_back(std::move(read));
  steps_.emplace_back(core::StatePut{token, absl::OkStatus()});
  return absl::OkStatus();
}

absl::Status MemoryState::Poll(std::vector<Step>& steps) {
  for (Step& step : std::exchange(steps_, {})) steps.push_back(std::move(step));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileEvents>> FileEvents::Open(const std::string& path) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "ae");
  if (file == nullptr) {
    return base::Error(
        absl::StatusCode::kPermissionDenied, "events_file ", path, ": ", base::ErrnoMessage(errno));
  }
  return std::unique_ptr<FileEvents>(new FileEvents(file));
}

FileEvents::~FileEvents() {
  if (file_ != stdout) std::fclose(file_);
}

absl::Status FileEvents::Publish(const event::v1::Event& event, std::uint64_t token) {
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(event, &json);
  if (!printed.ok()) return base::Internal(printed.message().as_string());
  json += '\n';
  absl::Status status;
  if (std::fwrite(json.data(), 1, json.size(), file_) != json.size() || std::fflush(file_) != 0) {
    status = base::Error(absl::StatusCode::kDataLoss, "events_file: ", base::ErrnoMessage(errno));
  }
  published_.push_back({token, status});
  return absl::OkStatus();
}

absl::Status FileEvents::Poll(std::vector<core::Published>& published) {
  for (core::Published& each : std::exchange(published_, {})) published.push_back(std::move(each));
  return absl::OkStatus();
}

}  // namespace platen::collector::edge
