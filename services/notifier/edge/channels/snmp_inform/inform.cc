#include "services/notifier/edge/channels/snmp_inform/inform.h"

#include <array>
#include <span>
#include <vector>

#include <arpa/inet.h>

#include "absl/strings/str_cat.h"
#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/snmp/message.h"
#include "libs/snmp/message_writer.h"
#include "services/notifier/edge/channels/description.h"

namespace platen::notifier::edge {
namespace {

using snmp::Oid;
using snmp::ValueType;
using snmp::ValueView;

// Fits into one frame with the headers of IPv6 and UDP.
constexpr std::size_t kDatagramBytesMax = 1400;
// prtAlertDescription, sysName and others are DisplayStrings of 255 bytes.
constexpr std::size_t kTextBytesMax = 255;

// IANA-PRINTER-MIB.
constexpr std::int32_t kGroupOther = 1;
constexpr std::int32_t kGroupAlert = 18;
constexpr std::int32_t kCodeOther = 1;
constexpr std::int32_t kCodeRemoval = 1801;

// Varbinds of one notification, with the bytes that they borrow.
class Inform {
 public:
  explicit Inform(std::size_t community_bytes) : writer_(buffer_, community_bytes) {}

  void Number(const Oid& name, std::int64_t number) { Add(name, ValueView::Integer(number)); }

  // Nothing where it is empty.
  void Text(const Oid& name, const std::string& text) {
    const std::string line = alerting::OneLine(text, kTextBytesMax);
    if (!line.empty()) Add(name, ValueView::Octets(line));
  }

  // False where it finds no room.
  bool Add(const Oid& name, const ValueView& value) {
    return writer_.Add({.name = name, .value = value});
  }

  std::string Finish(std::string_view community, std::int32_t request_id) {
    const std::span<const std::uint8_t> bytes = writer_.Finish(
        {.type = snmp::PduType::kInform, .request_id = request_id, .community = community});
    return {bytes.begin(), bytes.end()};
  }

 private:
  std::array<std::uint8_t, kDatagramBytesMax> buffer_{};
  snmp::MessageWriter writer_;
};

// prtAlertEntry.column.hrDeviceIndex.prtAlertIndex.
Oid AlertColumn(std::uint32_t column, std::int32_t index) {
  return {1, 3, 6, 1, 2, 1, 43, 18, 1, 1, column, 1, static_cast<std::uint32_t>(index)};
}

void AddAlert(const v1::Notification& notification, Inform& inform) {
  const event::v1::Alert& alert = notification.event().alert();
  const std::int32_t index = AlertIndexOf(notification);
  const bool over = notification.kind() == v1::NOTIFICATION_KIND_CLEARED;
  const int severity = alert.severity() == event::v1::ALERT_SEVERITY_UNSPECIFIED || over
                           ? event::v1::ALERT_SEVERITY_OTHER
                           : alert.severity();
  inform.Number(AlertColumn(1, index), index);
  inform.Number(AlertColumn(2, index), severity);
  inform.Number(AlertColumn(4, index),
                over                 ? kGroupAlert
                : alert.group() == 0 ? kGroupOther
                                     : alert.group());
  inform.Number(AlertColumn(5, index), over ? index : alert.group_index());
  inform.Number(AlertColumn(6, index), alert.location());
  inform.Number(AlertColumn(7, index),
                over                ? kCodeRemoval
                : alert.code() == 0 ? kCodeOther
                                    : alert.code());
}

// The ids last, whatever the text is cut to.
std::string DescriptionOf(const v1::Notification& notification) {
  const std::string ids = absl::StrCat(" [incident ",
                                       base::HexEncode(notification.incident_id()),
                                       " message ",
                                       base::HexEncode(notification.id()),
                                       "]");
  const Description text = Describe(notification);
  const std::string said = absl::StrCat(text.headline, ": ", text.first_line);
  return alerting::OneLine(said, kTextBytesMax - ids.size()) + ids;
}

}  // namespace

std::int32_t AlertIndexOf(const v1::Notification& notification) {
  constexpr std::int64_t kIndexMax = 0x7FFFFFFF;
  const std::int64_t own = notification.event().alert().alert_index();
  if (own > 0 && own <= kIndexMax) return static_cast<std::int32_t>(own);
  std::uint32_t made = 0;
  for (const char c : notification.incident_id().substr(0, 4)) {
    made = made << 8 | static_cast<unsigned char>(c);
  }
  return static_cast<std::int32_t>(made % kIndexMax) + 1;
}

std::string ComposeInform(const v1::Notification& notification,
                          std::string_view community,
                          std::int32_t request_id) {
  const event::v1::DeviceLabel& device = notification.event().alert().device();
  Inform inform(community.size());
  // sysUpTime.0: how long the printer is up is not known here.
  inform.Add({1, 3, 6, 1, 2, 1, 1, 3, 0}, ValueView::Number(ValueType::kTimeTicks, 0));
  const Oid printer_v2_alert{1, 3, 6, 1, 2, 1, 43, 18, 2, 0, 1};
  inform.Add({1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}, ValueView::ObjectId(printer_v2_alert));
  AddAlert(notification, inform);
  inform.Text(AlertColumn(8, AlertIndexOf(notification)), DescriptionOf(notification));
  in_addr address{};
  if (inet_pton(AF_INET, device.address().c_str(), &address) == 1) {
    const std::string_view bytes(reinterpret_cast<const char*>(&address), sizeof address);
    inform.Add({1, 3, 6, 1, 6, 3, 18, 1, 3, 0}, ValueView::Bytes(ValueType::kIpAddress, bytes));
  }
  inform.Text({1, 3, 6, 1, 2, 1, 1, 5, 0}, device.display_name());
  inform.Text({1, 3, 6, 1, 2, 1, 1, 6, 0}, device.location());
  inform.Text({1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1}, PrinterName(device));
  inform.Text({1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1}, device.serial_number());
  return inform.Finish(community, request_id);
}

std::optional<std::int32_t> ReadInformResponse(std::string_view datagram,
                                               std::string_view community,
                                               std::int32_t request_id) {
  snmp::MessageDecoder decoder;
  snmp::MessageView message;
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(datagram.data()),
                                            datagram.size());
  if (decoder.Decode(bytes, message) != snmp::DecodeFault::kNone) return std::nullopt;
  const snmp::MessageHead& head = message.head;
  const bool fits = head.version == snmp::Version::kV2c && head.type == snmp::PduType::kResponse &&
                    head.request_id == request_id && head.community == community;
  return fits ? std::optional(head.error_status) : std::nullopt;
}

}  // namespace platen::notifier::edge
