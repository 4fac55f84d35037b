#include "services/notifier/edge/channels/email/email_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;

// "a@b" of "a@b" or "Name <a@b>"; empty where it is no address. ASCII only: what SMTP without
// extensions carries.
std::string AddressOf(std::string_view text) {
  std::string_view address = text;
  if (const std::size_t open = text.rfind('<'); open != std::string_view::npos) {
    if (text.back() != '>') return "";
    address = text.substr(open + 1, text.size() - open - 2);
  }
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7F && c != ',' && c != ';';
  });
  const bool one_at = std::count(address.begin(), address.end(), '@') == 1 &&
                      !address.starts_with('@') && !address.ends_with('@');
  const bool no_space = address.find_first_of(" <>\"\\()") == std::string_view::npos;
  return plain && one_at && no_space ? std::string(address) : "";
}

std::string DomainOf(const std::string& address) {
  return address.substr(address.find('@') + 1);
}

bool IsRefusal(int code) {
  return code >= 500 && code < 600;
}

// 530, 534, 535, 538: what is missing is our login or encryption, and the mail is not to blame.
bool IsLoginCode(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

// The reply with the status that decides.
std::string Reply(const TransferAnswer& answer) {
  for (auto reply = answer.replies.rbegin(); reply != answer.replies.rend(); ++reply) {
    if (absl::StartsWith(*reply, absl::StrCat(answer.status))) return *reply;
  }
  return absl::StrCat(answer.status);
}

}  // namespace

void ValidateEmail(const config::v1::Email& config,
                   bool is_for_contacts,
                   const std::string& path,
                   service::FaultList& faults) {
  const bool smtp = absl::StartsWith(config.server(), "smtp://");
  const bool smtps = absl::StartsWith(config.server(), "smtps://");
  const std::size_t host = config.server().find("://");
  if ((!smtp && !smtps) || config.server().size() <= host + 3 ||
      config.server().find_first_of("@/ ?#\r\n", host + 3) != std::string::npos) {
    faults.Add(path + ".server", "must be smtp://host:port or smtps://host:port");
  }
  if (AddressOf(config.from()).empty()) {
    faults.Add(path + ".from", "must be an address, \"alarms@example.com\" or \"Name <…>\"");
  }
  if (config.to().empty() && !is_for_contacts) faults.Add(path + ".to", "names nobody");
  for (int i = 0; i < config.to_size(); ++i) {
    if (AddressOf(config.to(i)).empty()) {
      faults.Add(absl::StrCat(path, ".to[", i, "]"), "is not an address");
    }
  }
  if (config.message_id_domain().find_first_of("@<> \r\n") != std::string::npos) {
    faults.Add(path + ".message_id_domain", "must be a domain's name");
  }
  if (!config.username().empty()) {
    service::RequireFile(config.password_file(), path + ".password_file", faults);
    if (config.allow_plaintext()) {
      faults.Add(path + ".allow_plaintext", "must be false where a password is sent");
    }
  }
  if (!config.ca_file().empty()) service::RequireFile(config.ca_file(), path + ".ca_file", faults);
}

absl::StatusOr<EmailOptions> ToEmailOptions(const config::v1::Email& config) {
  EmailOptions options{.server = config.server(),
                       .frame = {.from = config.from(),
                                 .to = {config.to().begin(), config.to().end()},
                                 .message_id_domain = config.message_id_domain()},
                       .allow_plaintext = config.allow_plaintext(),
                       .username = config.username(),
                       .ca_file = config.ca_file()};
  if (options.frame.message_id_domain.empty()) {
    options.frame.message_id_domain = DomainOf(AddressOf(config.from()));
  }
  if (!options.username.empty()) {
    PLATEN_ASSIGN_OR_RETURN(options.password, service::ReadSecretFile(config.password_file()));
  }
  return options;
}

core::SendResult ClassifySmtp(const TransferAnswer& answer) {
  if (answer.completed) {
    const auto refused =
        std::count_if(answer.replies.begin(), answer.replies.end(), [](const std::string& reply) {
          return absl::StartsWith(reply, "5");
        });
    std::string detail = absl::StrCat("accepted: ", Reply(answer));
    if (refused > 0) absl::StrAppend(&detail, "; recipients refused: ", refused);
    return {.outcome = SendOutcome::kDelivered, .detail = std::move(detail)};
  }
  if (answer.login_refused || IsLoginCode(answer.status)) {
    return {.outcome = SendOutcome::kRetry,
            .detail = "the mail server refuses the login; see username and password_file"};
  }
  // It is a refusal only if the server said it of this mail, and not of us in its greeting or of
  // STARTTLS.
  if (IsRefusal(answer.status) && !answer.tls_failed && answer.replies.size() > 1) {
    return {.outcome = SendOutcome::kRefused,
            .detail = absl::StrCat("the mail server refuses it: ", Reply(answer))};
  }
  if (answer.status >= 400 && !answer.tls_failed) {
    return {.outcome = SendOutcome::kRetry,
            .detail = absl::StrCat("the mail server does not take it now: ", Reply(answer))};
  }
  return {.outcome = SendOutcome::kRetry,
          .detail = absl::StrCat(answer.sent ? "no answer: " : "not sent: ", answer.failure)};
}

EmailChannel::EmailChannel(EmailOptions options, Transfers& transfers)
    : options_(std::move(options)), transfers_(transfers) {}

void EmailChannel::Send(const SendTry& send, Done done) {
  MailFrame frame = options_.frame;
  if (!send.notification->emails().empty()) {
    frame.to = {send.notification->emails().begin(), send.notification->emails().end()};
    std::erase_if(frame.to, [](const std::string& to) { return AddressOf(to).empty(); });
  }
  if (frame.to.empty()) {
    return done({.outcome = SendOutcome::kRefused, .detail = "it goes to no address"});
  }
  TransferRequest request;
  // The path is what libcurl says in EHLO. Mail servers live inside; it is the operator who names
  // them.
  request.server = {.url = absl::StrCat(options_.server, "/", frame.message_id_domain),
                    .allow_plaintext = options_.allow_plaintext,
                    .allow_private_addresses = true,
                    .ca_file = options_.ca_file,
                    .username = options_.username,
                    .password = options_.password};
  request.timeout = options_.timeout;
  request.mail_from = AddressOf(frame.from);
  for (const std::string& to : frame.to) request.mail_to.push_back(AddressOf(to));
  request.body = ComposeMail(*send.notification, frame);
  transfers_.Start(std::move(request), [done = std::move(done)](const TransferAnswer& answer) {
    done(ClassifySmtp(answer));
  });
}

}  // namespace platen::notifier::edge
