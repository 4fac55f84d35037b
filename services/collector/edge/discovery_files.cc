#include "services/collector/edge/discovery_files.h"

#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include "libs/base/read_file.h"
#include "libs/base/status.h"
#include "services/collector/core/agent_access.h"
#include "services/collector/edge/tool_options.h"

namespace platen::collector::edge {
namespace {

constexpr std::size_t kBytesMax = std::size_t{256} << 20;

absl::Status Fault(const std::string& path, int error) {
  return base::Unavailable("can't write ", path, ": ", base::ErrnoMessage(error));
}

template <class Message>
absl::Status FromJson(std::string_view json, Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // Of a target, others know more.
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message, options);
  return status.ok() ? absl::OkStatus() : base::InvalidArgument(std::string(status.message()));
}

}  // namespace

absl::StatusOr<core::AddressSet> ReadAddresses(const std::string& text, core::RangeEnds ends) {
  if (!text.starts_with('@')) return core::AddressSet::Parse(text, ends);
  const std::string path = text.substr(1);
  PLATEN_ASSIGN_OR_RETURN(const std::string content, base::ReadFile(path, kBytesMax));
  auto addresses = core::AddressSet::Parse(content, ends);
  if (addresses.ok()) return addresses;
  return base::InvalidArgument(path, ": ", std::string(addresses.status().message()));
}

absl::StatusOr<collector::v1::DiscoveryReport> ReadReport(const std::string& path) {
  collector::v1::DiscoveryReport report;
  const auto json = base::ReadFile(path, kBytesMax);
  if (absl::IsNotFound(json.status())) return report;
  PLATEN_RETURN_IF_ERROR(json.status());
  const absl::Status status = FromJson(*json, report);
  if (status.ok()) return report;
  return base::InvalidArgument(
      path, " is no report of a discovery: ", std::string(status.message()));
}

absl::Status WriteReport(const std::string& path, const collector::v1::DiscoveryReport& report) {
  const std::string fresh = path + ".new";
  const std::string json = ToJson(report) + "\n";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Fault(fresh, errno);
  std::string_view left = json;
  while (!left.empty()) {
    const ssize_t written = ::write(file, left.data(), left.size());
    if (written < 0) break;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool durable = left.empty() && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!durable) return Fault(fresh, error);
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return Fault(path, errno);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<event::v1::Target>> ReadKnownTargets(const std::string& path) {
  PLATEN_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kBytesMax));
  std::vector<event::v1::Target> targets;
  std::string_view left = text;
  for (int number = 1; !left.empty(); ++number) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.starts_with('#'))
      continue;
    event::v1::Target target;
    absl::Status status = FromJson(line, target);
    if (status.ok() && core::AccessOf(target).agent.port == 0) {
      status = base::InvalidArgument("`address` is missing, or no IP address");
    }
    if (!status.ok()) {
      return base::InvalidArgument(path, ":", number, ": ", std::string(status.message()));
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace platen::collector::edge
