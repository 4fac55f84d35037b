#include "services/gateway/edge/link_table.h"

#include <utility>

#include "libs/base/status.h"
#include "services/gateway/core/record_orders.h"

namespace platen::gateway::edge {

absl::StatusOr<core::LinkedAlert> LookUpLink(Database& database,
                                             const core::AlertPlace& alert,
                                             const std::string& digest) {
  core::LinkedAlert found;
  PLATEN_ASSIGN_OR_RETURN(Statement used,
                          database.Prepare("SELECT use_ms FROM used_links WHERE digest=?"));
  used.BindBlob(1, digest);
  PLATEN_ASSIGN_OR_RETURN(const bool is_used, used.Step());
  if (is_used) found.use_ms = used.Int(0);

  const core::DevicePlace& at = alert.device;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT a.open, e.payload FROM alerts a JOIN devices d ON d.number=a.device"
                       " JOIN events e ON e.seq=a.update_seq WHERE d.id=? AND a.alert_id=? AND"
                       " a.tenant=? AND a.site=?"));
  find.BindBlob(1, at.device.bytes())
      .BindText(2, alert.alert_id)
      .BindText(3, at.place.tenant)
      .BindText(4, at.place.site);
  PLATEN_ASSIGN_OR_RETURN(const bool is_known, find.Step());
  event::v1::Event last;
  if (!is_known || !last.ParseFromString(find.String(1))) return found;
  found.is_open = find.Int(0) != 0;
  found.last = std::move(last);

  PLATEN_ASSIGN_OR_RETURN(Statement care,
                          database.Prepare("SELECT record FROM records WHERE name=?"));
  const std::string name = core::AcknowledgementName(alert);
  care.BindText(1, name);
  PLATEN_ASSIGN_OR_RETURN(const bool is_cared, care.Step());
  rules::v1::Record record;
  if (is_cared && record.ParseFromString(care.String(0))) found.care = std::move(record);
  return found;
}

absl::Status MarkLinkUsed(Database& database,
                          const std::string& digest,
                          std::int64_t expire_ms,
                          std::int64_t now_ms,
                          std::int64_t used_links_max) {
  PLATEN_ASSIGN_OR_RETURN(Statement forget,
                          database.Prepare("DELETE FROM used_links WHERE expire_ms<=?"));
  forget.Bind(1, now_ms);
  PLATEN_RETURN_IF_ERROR(forget.Run());
  PLATEN_ASSIGN_OR_RETURN(
      Statement make_room,
      database.Prepare("DELETE FROM used_links WHERE digest IN (SELECT digest FROM used_links"
                       " ORDER BY expire_ms LIMIT max(0, (SELECT count(*) FROM used_links)-?))"));
  make_room.Bind(1, used_links_max - 1);
  PLATEN_RETURN_IF_ERROR(make_room.Run());
  PLATEN_ASSIGN_OR_RETURN(
      Statement put,
      database.Prepare("INSERT INTO used_links(digest, use_ms, expire_ms) VALUES(?,?,?)"));
  put.BindBlob(1, digest).Bind(2, now_ms).Bind(3, expire_ms);
  return put.Run();
}

}  // namespace platen::gateway::edge
