// What is said by SNMP: an InformRequest-PDU (RFC 3416, 4.2.7) in SNMPv2c with the Printer MIB's
// printerV2Alert (RFC 3805), about the printer whose address is snmpTrapAddress.0 (RFC 3584).
//
// Platen has no arc of its own under `enterprises`, so everything is said in standard objects: the
// printer by sysName, sysLocation, hrDeviceDescr and its serial number, the alert by the columns of
// prtAlertTable, and the ids of message and incident at the end of prtAlertDescription.
//
// An end is said as the MIB says it: alertRemovalOfBinaryChangeEntry, in the group `alert`, with
// the index of the alert that is gone as the group's index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// About one alert, no digest. At most 1400 bytes, with as much of the text as finds room.
std::string ComposeInform(const v1::Notification& notification,
                          std::string_view community,
                          std::int32_t request_id);

// The index of the alert: the printer's own, or a number made of the incident where it gave none.
// The same in all that is said of an incident; above 0.
std::int32_t AlertIndexOf(const v1::Notification& notification);

// The error-status of `datagram` where it is the answer to what had that community and id; nullopt
// where it is anything else.
std::optional<std::int32_t> ReadInformResponse(std::string_view datagram,
                                               std::string_view community,
                                               std::int32_t request_id);

}  // namespace platen::notifier::edge
