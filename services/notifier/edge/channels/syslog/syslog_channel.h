// Syslog: RFC 5424 messages over TLS (RFC 5425), one connection a try.
//
// RFC 5425 knows no acknowledgement. What counts as delivered: every byte was written, we have
// ended our side, and then the receiver has ended its own, so it has read all of it. Whether it has
// put it anywhere is not known to anybody but it. A connection that is reset, cut off before, or
// left open until the time is over is tried again under the same id. Nothing is ever refused by a
// receiver.
#pragma once

#include <string>
#include <string_view>

#include "platen/config/v1/notifier.pb.h"

#include "libs/service/faults.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/channels/syslog/message.h"
#include "services/notifier/edge/exchanges.h"

namespace platen::notifier::edge {

struct SyslogOptions {
  // Without bytes.
  TlsMessage target;
  SyslogFrame frame;
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].syslog").
void ValidateSyslog(const config::v1::Syslog& config,
                    const std::string& path,
                    service::FaultList& faults);

// REQUIRES: ValidateSyslog() found no fault.
SyslogOptions ToSyslogOptions(const config::v1::Syslog& config);

// How what came of it is to be taken. Pure.
core::SendResult ClassifySyslog(const ExchangeAnswer& answer);

class SyslogChannel final : public Channel {
 public:
  // `exchanges` must outlive this.
  SyslogChannel(SyslogOptions options, Exchanges& exchanges);

  std::string_view kind() const override { return "syslog"; }

  void Send(const SendTry& send, Done done) override;

 private:
  const SyslogOptions options_;
  Exchanges& exchanges_;
};

}  // namespace platen::notifier::edge
