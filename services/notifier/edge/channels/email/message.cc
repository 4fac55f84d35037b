#include "services/notifier/edge/channels/email/message.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/notifier/core/identity.h"
#include "services/notifier/edge/channels/email/encoding.h"
#include "services/notifier/edge/channels/email/mail_text.h"

namespace platen::notifier::edge {
namespace {

std::string MessageId(std::string_view local, const std::string& domain) {
  return base::StrCat("<", local, "@", domain, ">");
}

// Independent of locale and of the process's time zone.
std::string MailDate(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000",
                          absl::FromUnixMillis(base::ToMillis(event::FromProto(time))),
                          absl::UTCTimeZone());
}

// The headers that make an incident a thread.
std::string ThreadHeaders(const v1::Notification& notification, const std::string& domain) {
  const std::string incident =
      MessageId(base::StrCat("incident-", base::HexEncode(notification.incident_id())), domain);
  std::string headers =
      base::StrCat("Message-ID: ", MessageId(base::HexEncode(notification.id()), domain), "\r\n");
  const auto id = base::IncidentId::FromBytes(notification.incident_id());
  if (notification.kind() == v1::NOTIFICATION_KIND_RAISED || !id.ok()) {
    return headers + base::StrCat("References: ", incident, "\r\n");
  }
  const std::string raise = MessageId(
      core::DeriveNotificationId(notification.receiver(), *id, v1::NOTIFICATION_KIND_RAISED)
          .ToHex(),
      domain);
  return headers +
         base::StrCat("In-Reply-To: ", raise, "\r\nReferences: ", incident, "\r\n ", raise, "\r\n");
}

std::string Part(std::string_view boundary, std::string_view type, const std::string& text) {
  return base::StrCat("--",
                      boundary,
                      "\r\nContent-Type: ",
                      type,
                      "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                      QuotedPrintable(text),
                      "\r\n");
}

}  // namespace

std::string ComposeMail(const v1::Notification& notification, const MailFrame& frame) {
  const bool raised = notification.kind() == v1::NOTIFICATION_KIND_RAISED;
  const std::string id = base::HexEncode(notification.id());
  const std::string boundary = base::StrCat("platen-", id);
  const MailText text = Describe(notification);
  std::string mail = base::StrCat("From: ", EncodeHeader(frame.from), "\r\n");
  mail += base::StrCat("To: ", EncodeHeader(absl::StrJoin(frame.to, ", ")), "\r\n");
  mail += base::StrCat(
      "Subject: ", EncodeHeader(base::StrCat(raised ? "" : "Re: ", notification.title())), "\r\n");
  mail += base::StrCat("Date: ", MailDate(notification.decide_time()), "\r\n");
  mail += ThreadHeaders(notification, frame.message_id_domain);
  // No answers by machines on holiday.
  mail += "Auto-Submitted: auto-generated\r\n";
  mail += base::StrCat("Platen-Notification: ", id, "\r\n");
  mail += base::StrCat("MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"",
                       boundary,
                       "\"\r\n\r\n");
  mail += Part(boundary, "text/plain", RenderPlain(text));
  mail += Part(boundary, "text/html", RenderHtml(text));
  mail += base::StrCat("--", boundary, "--\r\n");
  return mail;
}

}  // namespace platen::notifier::edge
