#include "services/gateway/edge/directive_table.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::gateway::edge {

absl::StatusOr<std::int64_t> AddDirective(Database& database,
                                          const std::string& installation,
                                          const Subject& subject,
                                          platen::ingest::v1::Directive directive) {
  if (!subject.record.empty()) {
    PLATEN_ASSIGN_OR_RETURN(
        Statement forget,
        database.Prepare("DELETE FROM directives WHERE installation=? AND about=?"));
    forget.BindText(1, installation).BindText(2, subject.record);
    PLATEN_RETURN_IF_ERROR(forget.Run());
  }
  PLATEN_ASSIGN_OR_RETURN(
      Statement count,
      database.Prepare("INSERT INTO installations(name, last_directive) VALUES(?,1) ON CONFLICT"
                       "(name) DO UPDATE SET last_directive=last_directive+1"
                       " RETURNING last_directive"));
  count.BindText(1, installation);
  PLATEN_RETURN_IF_ERROR(count.Step().status());
  const std::int64_t number = count.Int(0);
  count.Reset();
  directive.set_number(static_cast<std::uint64_t>(number));
  const std::string record = directive.SerializeAsString();
  PLATEN_ASSIGN_OR_RETURN(
      Statement add,
      database.Prepare("INSERT INTO directives(installation, number, target, about, record)"
                       " VALUES(?,?,?,?,?)"));
  add.BindText(1, installation)
      .Bind(2, number)
      .Bind(3, subject.device)
      .BindText(4, subject.record)
      .BindBlob(5, record);
  PLATEN_RETURN_IF_ERROR(add.Run());
  return number;
}

absl::Status AcknowledgeDirective(Database& database,
                                  std::string_view installation,
                                  std::uint64_t number,
                                  std::string_view refusal) {
  const auto stored_number = static_cast<std::int64_t>(number);
  if (!refusal.empty()) {
    PLATEN_ASSIGN_OR_RETURN(
        Statement refuse,
        database.Prepare("UPDATE directives SET refusal=? WHERE installation=? AND number=?"));
    refuse.BindText(1, refusal).BindText(2, installation).Bind(3, stored_number);
    return refuse.Run();
  }
  PLATEN_ASSIGN_OR_RETURN(
      Statement deliver,
      database.Prepare("UPDATE targets SET delivered=1 WHERE directive=?2 AND device=(SELECT target"
                       " FROM directives WHERE installation=?1 AND number=?2)"));
  deliver.BindText(1, installation).Bind(2, stored_number);
  PLATEN_RETURN_IF_ERROR(deliver.Run());
  // Whoever has this order has what was ordered of the same target before it, also where that
  // acknowledgement was lost: said again, the older one would be taken for the newer.
  PLATEN_ASSIGN_OR_RETURN(
      Statement remove,
      database.Prepare("DELETE FROM directives WHERE installation=?1 AND number<=?2 AND"
                       " (target, about)=(SELECT target, about FROM directives WHERE"
                       " installation=?1 AND number=?2)"));
  remove.BindText(1, installation).Bind(2, stored_number);
  return remove.Run();
}

}  // namespace platen::gateway::edge
