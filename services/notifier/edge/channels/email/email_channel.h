// E-mail: one SMTP exchange a notification, TLS by STARTTLS or from the start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/channels/email/message.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier::edge {

struct EmailOptions {
  // "smtp://host:port" or "smtps://host:port".
  std::string server;
  MailFrame frame;
  bool allow_plaintext = false;
  std::string username;
  std::string password;
  std::string ca_file;
  base::Duration timeout = std::chrono::seconds(30);
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].email"). `is_for_contacts`:
// it may name no recipients, for messages to contacts bring theirs.
void ValidateEmail(const config::v1::Email& config,
                   bool is_for_contacts,
                   const std::string& path,
                   service::FaultList& faults);

// REQUIRES: ValidateEmail() found no fault. Reads the password's file; errors name it.
absl::StatusOr<EmailOptions> ToEmailOptions(const config::v1::Email& config);

// How the server's answer is to be taken. Pure.
core::SendResult ClassifySmtp(const TransferAnswer& answer);

class EmailChannel final : public Channel {
 public:
  // `transfers` must outlive this.
  EmailChannel(EmailOptions options, Transfers& transfers);

  std::string_view kind() const override { return "email"; }

  void Send(const SendTry& send, Done done) override;

 private:
  const EmailOptions options_;
  Transfers& transfers_;
};

}  // namespace platen::notifier::edge
