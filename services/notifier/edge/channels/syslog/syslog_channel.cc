#include "services/notifier/edge/channels/syslog/syslog_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/service/common_config.h"
#include "services/notifier/edge/peer_address.h"

namespace platen::notifier::edge {
namespace {

constexpr std::uint32_t kFacilityMax = 23;
constexpr std::size_t kHostnameBytesMax = 255;
constexpr std::size_t kNameBytesMax = 32;

// RFC 5424, 6: what may stand in names.
bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool IsStructuredDataId(const std::string& id) {
  const std::size_t at = id.find('@');
  return id.size() <= kNameBytesMax && IsPrintable(id) &&
         id.find_first_of("=]\"") == std::string::npos && at != std::string::npos && at > 0 &&
         at + 1 < id.size() && id.find_first_not_of("0123456789.", at + 1) == std::string::npos;
}

}  // namespace

void ValidateSyslog(const config::v1::Syslog& config,
                    const std::string& path,
                    service::FaultList& faults) {
  if (!ParsePeer(config.server()).has_value()) faults.Add(path + ".server", "must be host:port");
  if (!config.ca_file().empty()) service::RequireFile(config.ca_file(), path + ".ca_file", faults);
  if (!config.cert_file().empty() || !config.key_file().empty()) {
    service::RequireFile(config.cert_file(), path + ".cert_file", faults);
    service::RequireFile(config.key_file(), path + ".key_file", faults);
  }
  if (config.has_timeout()) {
    service::RequireDuration(config.timeout(),
                             std::chrono::milliseconds(100),
                             std::chrono::minutes(2),
                             path + ".timeout",
                             faults);
  }
  if (config.facility() > kFacilityMax) faults.Add(path + ".facility", "must be 1 to 23");
  if (!IsPrintable(config.hostname()) || config.hostname().size() > kHostnameBytesMax) {
    faults.Add(path + ".hostname", "must be a host's name");
  }
  if (!config.structured_data_id().empty() && !IsStructuredDataId(config.structured_data_id())) {
    faults.Add(path + ".structured_data_id", "must be name@number, at most 32 characters");
  }
}

SyslogOptions ToSyslogOptions(const config::v1::Syslog& config) {
  SyslogOptions options;
  options.target = {.peer = ToPeer(config.server(),
                                   config.allow_private_addresses(),
                                   config.has_timeout() ? &config.timeout() : nullptr),
                    .ca_file = config.ca_file(),
                    .cert_file = config.cert_file(),
                    .key_file = config.key_file()};
  if (config.facility() != 0) options.frame.facility = config.facility();
  if (!config.hostname().empty()) options.frame.hostname = config.hostname();
  if (!config.structured_data_id().empty()) {
    options.frame.structured_data_id = config.structured_data_id();
  }
  return options;
}

core::SendResult ClassifySyslog(const ExchangeAnswer& answer) {
  if (answer.completed) {
    return {.outcome = core::SendOutcome::kDelivered, .detail = "read to its end"};
  }
  return {.outcome = core::SendOutcome::kRetry,
          .detail = absl::StrCat("not sent: ", answer.failure)};
}

SyslogChannel::SyslogChannel(SyslogOptions options, Exchanges& exchanges)
    : options_(std::move(options)), exchanges_(exchanges) {}

void SyslogChannel::Send(const SendTry& send, Done done) {
  TlsMessage message = options_.target;
  message.bytes = ComposeSyslogStream(*send.notification, options_.frame);
  exchanges_.Send(std::move(message), [done = std::move(done)](const ExchangeAnswer& answer) {
    done(ClassifySyslog(answer));
  });
}

}  // namespace platen::notifier::edge
