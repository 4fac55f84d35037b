// SNMP inform: an alert told to a network management station, which answers that it has it.
//
// Delivered is what was answered by a Response-PDU with the request's id and no error. Within a try
// an inform is said three times, with jitter, under one request id, which nobody can guess. SNMPv2c
// only: the community is no protection worth the name, and what is said is readable on the way.
#pragma once

#include <string>
#include <string_view>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/exchanges.h"

namespace platen::notifier::edge {

struct SnmpInformOptions {
  Peer manager;
  std::string community;
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].snmp_inform").
void ValidateSnmpInform(const config::v1::SnmpInform& config,
                        const std::string& path,
                        service::FaultList& faults);

// REQUIRES: ValidateSnmpInform() found no fault. Reads the community's file; errors name it.
absl::StatusOr<SnmpInformOptions> ToSnmpInformOptions(const config::v1::SnmpInform& config);

// How an answer's error-status is to be taken; nullopt where there was none for the reason
// `failure`. Pure.
core::SendResult ClassifyInform(std::optional<std::int32_t> error_status,
                                const std::string& failure);

class SnmpInformChannel final : public Channel {
 public:
  // `exchanges` must outlive this.
  SnmpInformChannel(SnmpInformOptions options, Exchanges& exchanges);

  std::string_view kind() const override { return "snmp_inform"; }

  // A digest goes as one inform for each that it stands for, one after the other; where one fails
  // the next try begins with the first again.
  void Send(const SendTry& send, Done done) override;

 private:
  const std::shared_ptr<const SnmpInformOptions> options_;
  Exchanges& exchanges_;
};

}  // namespace platen::notifier::edge
