// collector slow, owners, coverage: what collectors say of themselves, as the gateway heard it
// last.
#include <algorithm>
#include <functional>
#include <vector>

#include <google/protobuf/struct.pb.h>

#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/owners.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;
using Hop = fleet::PipelineStatus::Hop;

constexpr OptionSpec kSlowLimitOption = {"limit", "N", "at most N lines; default 20", 1, INT32_MAX};

absl::StatusOr<fleet::PipelineStatus> AskOperatorsStatus(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(fleet::PipelineStatus status, AskStatus(session));
  if (status.hops().empty()) {
    return base::Error(absl::StatusCode::kPermissionDenied,
                       "collectors are the operator's, and this caller is of one tenant");
  }
  return status;
}

std::string Seconds(const google::protobuf::Duration& duration) {
  return absl::StrFormat("%.2f s", base::ToSeconds(event::FromProto(duration)));
}

absl::Status RunSlow(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::PipelineStatus status, AskOperatorsStatus(session));
  std::vector<std::pair<const Hop*, const fleet::PipelineStatus::SlowReading*>> slowest;
  for (const Hop& hop : status.hops()) {
    for (const auto& slow : hop.slowest()) slowest.emplace_back(&hop, &slow);
  }
  std::ranges::stable_sort(slowest, std::greater(), [](const auto& each) {
    return event::FromProto(each.second->reading().duration());
  });
  const auto limit = static_cast<std::size_t>(session.arguments.Number("limit", 20));
  slowest.resize(std::min(slowest.size(), limit));
  Table table({{"TOOK", Align::kRight},
               {"REQUESTS", Align::kRight},
               {"RESULT"},
               {"ENDED"},
               {"ADDRESS"},
               {"NAME"},
               {"MODEL", Align::kLeft, true},
               {"COLLECTOR"},
               {"DEVICE"}});
  const base::WallTime now = session.clock.WallNow();
  for (const auto& [hop, slow] : slowest) {
    const auto& reading = slow->reading();
    if (format == Format::kJson) {
      session.out << ToJson(*slow) << '\n';
      continue;
    }
    table.Add({Seconds(reading.duration()),
               std::to_string(reading.requests()),
               reading.answered() ? "answered" : "silent",
               format == Format::kCsv ? Time(reading.end_time()) : Age(reading.end_time(), now),
               slow->address(),
               slow->display_name(),
               slow->model(),
               hop->instance(),
               slow->device()});
  }
  if (format != Format::kJson) Write(table, format, "no collector has said anything yet", session);
  return absl::OkStatus();
}

absl::Status RunOwners(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::PipelineStatus status, AskOperatorsStatus(session));
  const base::WallTime now = session.clock.WallNow();
  Table table({{"INSTALLATION"},
               {"PARTITION", Align::kRight},
               {"COLLECTOR"},
               {"DEVICES", Align::kRight},
               {"TERM", Align::kRight},
               {"HEARD"}});
  for (const Owner& owner : OwnersOf(status, now)) {
    const bool owned = owner.hop != nullptr;
    if (format == Format::kJson) {
      google::protobuf::Struct object;
      auto& fields = *object.mutable_fields();
      fields["installation"].set_string_value(owner.installation);
      fields["partition"].set_number_value(owner.partition.number());
      fields["collector"].set_string_value(owned ? owner.hop->instance() : "");
      fields["devices"].set_number_value(owner.partition.devices());
      session.out << ToJson(object) << '\n';
      continue;
    }
    table.Add({owner.installation,
               std::to_string(owner.partition.number()),
               owned ? owner.hop->instance() : "nobody",
               std::to_string(owner.partition.devices()),
               owned ? std::to_string(owner.partition.term()) : "-",
               owned ? Age(owner.hop->last_heard_time(), now) : "-"});
  }
  if (format != Format::kJson) Write(table, format, "no collector has said anything yet", session);
  return absl::OkStatus();
}

// Targets, and those of them that are still on their way to their installation.
absl::StatusOr<std::pair<std::uint64_t, std::uint64_t>> CountTargets(Session& session) {
  std::pair<std::uint64_t, std::uint64_t> counts;
  fleet::ListTargetsRequest request;
  request.set_parent("tenants/-/sites/-");
  request.set_page_size(1000);
  do {
    fleet::ListTargetsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListTargets(&context, request, &response);
    }));
    for (const fleet::Target& target : response.targets()) {
      ++counts.first;
      counts.second += target.delivered() ? 0 : 1;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return counts;
}

absl::Status RunCoverage(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::PipelineStatus status, AskOperatorsStatus(session));
  PLATEN_ASSIGN_OR_RETURN(const auto targets, CountTargets(session));
  std::uint64_t polled = 0;
  std::uint64_t unowned = 0;
  for (const Owner& owner : OwnersOf(status, session.clock.WallNow())) {
    polled += owner.hop == nullptr ? 0 : owner.partition.devices();
    unowned += owner.hop == nullptr ? 1 : 0;
  }
  const auto in_state = [&](fleet::Device::State state) -> std::uint64_t {
    const auto found = status.devices_by_state().find(fleet::Device::State_Name(state));
    return found == status.devices_by_state().end() ? 0 : static_cast<std::uint64_t>(found->second);
  };

  struct Line {
    const char* key;
    const char* words;
    std::uint64_t count;
  };

  const std::vector<Line> lines = {
      {"registered", "registered to be polled", targets.first},
      {"underWay", "of these, on their way to their collectors", targets.second},
      {"polled", "polled, as collectors said last", polled},
      {"unpolled",
       "polled by nobody",
       targets.first - std::min(targets.first, targets.second + polled)},
      {"unownedPartitions", "partitions that no collector owns", unowned},
      {"neverHeard", "devices that were never heard", in_state(fleet::Device::STATE_PENDING)},
      {"unreachable", "devices that do not answer", in_state(fleet::Device::STATE_UNREACHABLE)},
  };
  if (format == Format::kJson) {
    google::protobuf::Struct object;
    for (const Line& line : lines) {
      (*object.mutable_fields())[line.key].set_number_value(static_cast<double>(line.count));
    }
    session.out << ToJson(object) << '\n';
    return absl::OkStatus();
  }
  Table table({{"WHAT"}, {"COUNT", Align::kRight}});
  for (const Line& line : lines) table.Add({line.words, Grouped(line.count)});
  Write(table, format, "", session);
  return absl::OkStatus();
}

}  // namespace

Command CollectorSlowCommand() {
  return {.name = "collector slow",
          .help = "the printers whose readings took longest in the last 10 to 20 minutes",
          .options = {kSlowLimitOption, kOutputOption},
          .run = RunSlow};
}

Command CollectorOwnersCommand() {
  return {.name = "collector owners",
          .help = "which collector polls which partition of the devices, and what nobody polls",
          .options = {kOutputOption},
          .run = RunOwners};
}

Command CollectorCoverageCommand() {
  return {.name = "collector coverage",
          .help = "how many of the registered printers are polled, and how many are not",
          .options = {kOutputOption},
          .run = RunCoverage};
}

}  // namespace platen::platenctl
