#include "services/notifier/edge/channels/email/message.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "libs/alerting/identity.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
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

// The headers that make an incident a thread. A digest is of many, and stands for itself.
std::string ThreadHeaders(const v1::Notification& notification, const std::string& domain) {
  std::string headers =
      base::StrCat("Message-ID: ", MessageId(base::HexEncode(notification.id()), domain), "\r\n");
  if (notification.kind() == v1::NOTIFICATION_KIND_DIGEST) return headers;
  const std::string incident =
      MessageId(base::StrCat("incident-", base::HexEncode(notification.incident_id())), domain);
  const auto id = base::IncidentId::FromBytes(notification.incident_id());
  if (notification.kind() == v1::NOTIFICATION_KIND_RAISED || !id.ok()) {
    return headers + base::StrCat("References: ", incident, "\r\n");
  }
  const std::string raise = MessageId(
      alerting::DeriveNotificationId(notification.receiver(), *id, v1::NOTIFICATION_KIND_RAISED)
          .ToHex(),
      domain);
  return headers +
         base::StrCat("In-Reply-To: ", raise, "\r\nReferences: ", incident, "\r\n ", raise, "\r\n");
}

// Mail programs that join threads by their subject take off "[Cleared] Re: " too (RFC 5256,
// section 2.1), and the people who read it see in the list what it is.
std::string Subject(const v1::Notification& notification) {
  const std::string_view prefix = KindPrefix(notification.kind());
  const std::string title = ShownTitle(notification.title());
  return prefix.empty() ? title : base::StrCat("[", prefix, "] Re: ", title);
}

// Programs know the members of a digest by the ids that they have by themselves, people by what is
// said of them.
std::string MemberHeader(const v1::Notification& notification) {
  if (notification.members().empty()) return "";
  const std::string ids =
      absl::StrJoin(notification.members(), ",\r\n ", [](std::string* out, const auto& member) {
        out->append(base::HexEncode(member.id()));
      });
  return base::StrCat("Platen-Members: ", ids, "\r\n");
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
  const std::string id = base::HexEncode(notification.id());
  const std::string boundary = base::StrCat("platen-", id);
  const Description text = Describe(notification);
  std::string mail = base::StrCat("From: ", EncodeHeader(frame.from), "\r\n");
  mail += base::StrCat("To: ", EncodeHeader(absl::StrJoin(frame.to, ", ")), "\r\n");
  mail += base::StrCat("Subject: ", EncodeHeader(Subject(notification)), "\r\n");
  mail += base::StrCat("Date: ", MailDate(notification.decide_time()), "\r\n");
  mail += ThreadHeaders(notification, frame.message_id_domain);
  // No answers by machines on holiday.
  mail += "Auto-Submitted: auto-generated\r\n";
  mail += base::StrCat("Platen-Notification: ", id, "\r\n");
  mail += MemberHeader(notification);
  mail += base::StrCat("MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"",
                       boundary,
                       "\"\r\n\r\n");
  mail += Part(boundary, "text/plain", RenderPlain(text));
  mail += Part(boundary, "text/html", RenderHtml(text));
  mail += base::StrCat("--", boundary, "--\r\n");
  return mail;
}

}  // namespace platen::notifier::edge
