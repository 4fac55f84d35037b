#include "services/notifier/edge/channels/syslog/message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/event/rfc3339.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/digest_members.h"

namespace platen::notifier::edge {
namespace {

// 16 parameters of these, their names and the text stay below 8192 bytes, also where every
// character of a value has to be escaped.
constexpr std::size_t kValueBytesMax = 150;
constexpr std::size_t kTextBytesMax = 1500;
// Says that the text is UTF-8.
constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

// RFC 5424, table 2. What is over or taken care of is of note, and no more.
int SeverityOf(const v1::Notification& notification) {
  constexpr int kCritical = 2;
  constexpr int kWarning = 4;
  constexpr int kNotice = 5;
  if (notification.kind() == v1::NOTIFICATION_KIND_CLEARED ||
      notification.kind() == v1::NOTIFICATION_KIND_ACKNOWLEDGED) {
    return kNotice;
  }
  return notification.event().alert().severity() == event::v1::ALERT_SEVERITY_CRITICAL ? kCritical
                                                                                       : kWarning;
}

class StructuredData {
 public:
  explicit StructuredData(const std::string& id) : text_(absl::StrCat("[", id)) {}

  // Nothing where it is empty.
  void Add(std::string_view name, const std::string& value) {
    const std::string line = alerting::OneLine(value, kValueBytesMax);
    if (line.empty()) return;
    absl::StrAppend(&text_, " ", std::string(name), "=\"");
    for (const char c : line) {
      if (c == '"' || c == '\\' || c == ']') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }

  std::string Close() { return std::move(text_) + "]"; }

 private:
  std::string text_;
};

std::string StructuredDataOf(const v1::Notification& notification, const std::string& id) {
  const event::v1::Event& event = notification.event();
  const event::v1::Alert& alert = event.alert();
  StructuredData data(id);
  data.Add("id", base::HexEncode(notification.id()));
  data.Add("incident", base::HexEncode(notification.incident_id()));
  data.Add("alert", alert.alert_id());
  data.Add("category", CategoryWord(alert.category()));
  data.Add("severity", SeverityWord(alert.severity()));
  data.Add("training", TrainingWord(alert.training()));
  data.Add("tenant", event.tenant());
  data.Add("site", event.site());
  data.Add("device", base::HexEncode(event.device_id()));
  data.Add("serial", alert.device().serial_number());
  data.Add("printer", PrinterName(alert.device()));
  data.Add("customer", alert.device().customer());
  data.Add("location", alert.device().location());
  data.Add("address", alert.device().address());
  data.Add("rule", notification.rule());
  data.Add("author", notification.author());
  return data.Close();
}

}  // namespace

std::string ComposeSyslogMessage(const v1::Notification& notification, const SyslogFrame& frame) {
  const Description text = Describe(notification);
  std::string said = absl::StrCat(text.headline, ": ", text.first_line);
  if (!notification.note().empty()) absl::StrAppend(&said, "; ", notification.note());
  return absl::StrCat("<",
                      frame.facility * 8 + static_cast<std::uint32_t>(SeverityOf(notification)),
                      ">1 ",
                      event::Rfc3339Millis(notification.decide_time()),
                      " ",
                      frame.hostname,
                      " platen - ",
                      absl::AsciiStrToUpper(TransitionWord(notification.kind())),
                      " ",
                      StructuredDataOf(notification, frame.structured_data_id),
                      " ",
                      kByteOrderMark,
                      alerting::OneLine(said, kTextBytesMax));
}

std::string ComposeSyslogStream(const v1::Notification& notification, const SyslogFrame& frame) {
  std::string stream;
  for (const v1::Notification& single : WithoutDigest(notification)) {
    const std::string message = ComposeSyslogMessage(single, frame);
    absl::StrAppend(&stream, message.size(), " ", message);
  }
  return stream;
}

}  // namespace platen::notifier::edge
