// The notifier's configuration: defaults, faults, and what the parts are made of it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "platen/config/v1/notifier.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/deliver_pipeline.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier {

// What Channel::kind() may be.
std::vector<std::string> ChannelKinds();

config::v1::Notifier DefaultConfig();

void ValidateConfig(const config::v1::Notifier& config, service::FaultList& faults);

// These have as precondition that ValidateConfig() found no fault.
// The rules as records of platen.rules.v1. Reads the rules' file; errors name it, and what is wrong
// in it.
absl::StatusOr<std::vector<rules::v1::Record>> ToRules(const config::v1::Notifier& config);

// Receivers of `changed` that `before` has not, or has with other values; core::kContacts where
// contacts are reached in another way.
std::set<std::string> ChangedReceivers(const config::v1::Notifier& before,
                                       const config::v1::Notifier& changed);

// One channel for each receiver, and one for contacts (core::kContacts) where there is one. Reads
// secrets' files; errors name receiver and file. `transfers` must outlive the channels.
absl::StatusOr<Channels> MakeChannels(const config::v1::Notifier& config,
                                      edge::Transfers& transfers);

}  // namespace platen::notifier
