// Rules as a notifier puts them together: those of its own file, over them what is set at the
// gateway.
#pragma once

#include <string>
#include <vector>

#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "tools/platenctl/commands.h"

namespace platen::platenctl {

inline constexpr OptionSpec kOverOption = {
    "over",
    "FILE",
    "the notifier's own file: as if applied over it and what is set at the gateway"};

// Those in force with the notifier's own file as --over says, but for acknowledgements; none
// without
// --over. Asks the gateway. Errors: those of the file and of the call.
absl::StatusOr<std::vector<rules::v1::Record>> RulesInForce(Session& session);

// `over` with the records of `file` in the place of those of the same name.
absl::StatusOr<std::vector<rules::v1::Record>> ReadRulesOver(
    const std::vector<rules::v1::Record>& over, const std::string& file);

}  // namespace platen::platenctl
