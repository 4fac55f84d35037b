// The notifier's configuration: defaults, faults, and what the parts are made of it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platen/config/v1/notifier.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/deliver_pipeline.h"
#include "services/notifier/edge/ways_out.h"

namespace platen::notifier {

// What Channel::kind() may be.
std::vector<std::string> ChannelKinds();

config::v1::Notifier DefaultConfig();

void ValidateConfig(const config::v1::Notifier& config, service::FaultList& faults);

// These have as precondition that ValidateConfig() found no fault.
// The rules as records of platen.rules.v1, each of which can be taken. Reads the rules' file;
// errors name it, and what is wrong.
absl::StatusOr<std::vector<rules::v1::Record>> ToRules(const config::v1::Notifier& config);

// Receivers of `changed` that `before` has not, or has with other values; core::kContacts where
// contacts are reached in another way.
std::set<std::string> ChangedReceivers(const config::v1::Notifier& before,
                                       const config::v1::Notifier& changed);

// On which terms each receiver is spoken to, core::kContacts included.
Terms ToTerms(const config::v1::Notifier& config);

// One channel for each receiver, and one for contacts (core::kContacts) where there is one. Reads
// secrets' files; errors name receiver and file. `ways` must outlive the channels.
absl::StatusOr<Channels> MakeChannels(const config::v1::Notifier& config, edge::WaysOut& ways);

// Absent where messages carry no links. Reads the keys' file; errors name it.
absl::StatusOr<std::optional<edge::AcknowledgeLinks>> MakeLinks(const config::v1::Notifier& config);

}  // namespace platen::notifier
