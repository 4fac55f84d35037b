#include "services/gateway/edge/ledger.h"

#include <algorithm>
#include <utility>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "services/gateway/core/same_fact.h"

namespace platen::gateway::edge {
namespace {

constexpr std::pair<const char*, std::int64_t LedgerCounts::*> kCounters[] = {
    {"events_stored", &LedgerCounts::stored},
    {"duplicates", &LedgerCounts::duplicates},
    {"conflicts", &LedgerCounts::conflicts},
    {"refusals", &LedgerCounts::refusals}};

}  // namespace

Ledger::Ledger(Database& database, Statements statements, SequenceTable sequences)
    : database_(database), statements_(std::move(statements)), sequences_(std::move(sequences)) {}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Load(Database& database, std::int64_t now_ms) {
  Statements statements;
  PLATEN_ASSIGN_OR_RETURN(
      statements.insert_event,
      database.Prepare("INSERT OR IGNORE INTO events(id, device, place, lane, kind, occurrence_ms,"
                       " observation_ms, receipt_ms, payload) VALUES(?,?,?,?,?,?,?,?,?)"));
  PLATEN_ASSIGN_OR_RETURN(statements.find_payload,
                          database.Prepare("SELECT payload FROM events WHERE id=?"));
  PLATEN_ASSIGN_OR_RETURN(statements.find_alert,
                          database.Prepare("SELECT open, ended, raise_ms, end_ms FROM alerts"
                                           " WHERE device=? AND alert_id=?"));
  PLATEN_ASSIGN_OR_RETURN(
      statements.put_alert,
      database.Prepare("INSERT OR REPLACE INTO alerts(device, alert_id, tenant, site, open, ended,"
                       " raise_ms, end_ms, update_ms, update_seq)"
                       " SELECT ?1, ?2, tenant, site, ?3, ?4, ?5, ?6, ?7, ?8 FROM devices"
                       " WHERE number=?1"));
  PLATEN_ASSIGN_OR_RETURN(
      statements.touch_device,
      database.Prepare(
          "UPDATE devices SET term=?2, reachability=?3, open_alerts=?4, update_ms=?5,"
          " seen_ms=max(seen_ms, ?6), total=coalesce(?7, total),"
          " supplies_low=coalesce(?8, supplies_low),"
          " firmware_seq=iif(?9, ?9, firmware_seq), firmware_ms=?10,"
          " status_seq=iif(?11, ?11, status_seq), status_ms=?12,"
          " meters_seq=iif(?13, ?13, meters_seq), meters_ms=?14,"
          " supplies_seq=iif(?15, ?15, supplies_seq), supplies_ms=?16 WHERE number=?1"));
  PLATEN_ASSIGN_OR_RETURN(
      statements.set_identity,
      database.Prepare("UPDATE devices SET identity_seq=?2, identity_ms=?3, serial_number=?4,"
                       " model=?5, address=iif(?6='', address, ?6), serial_key=?7, macs=?8"
                       " WHERE number=?1"));
  PLATEN_ASSIGN_OR_RETURN(statements.set_state,
                          database.Prepare("UPDATE devices SET state=?2 WHERE number=?1"));
  PLATEN_ASSIGN_OR_RETURN(statements.put_counter,
                          database.Prepare("INSERT OR REPLACE INTO meta VALUES(?,?)"));
  PLATEN_ASSIGN_OR_RETURN(SequenceTable sequences, SequenceTable::Load(database, now_ms));
  std::unique_ptr<Ledger> ledger(new Ledger(database, std::move(statements), std::move(sequences)));
  PLATEN_RETURN_IF_ERROR(ledger->ReadDevices());
  PLATEN_RETURN_IF_ERROR(ledger->ReadCounts());
  return ledger;
}

absl::Status Ledger::ReadDevices() {
  PLATEN_ASSIGN_OR_RETURN(
      Statement all,
      database_.Prepare(
          "SELECT number, id, place, term, reachability, open_alerts, update_ms, identity_ms,"
          " firmware_ms, status_ms, meters_ms, supplies_ms FROM devices"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, all.Step());
    if (!row) return absl::OkStatus();
    PLATEN_ASSIGN_OR_RETURN(const base::DeviceId id, base::DeviceId::FromBytes(all.Bytes(1)));
    AddDevice(all.Int(0), id, all.Int(2));
    devices_[static_cast<std::size_t>(all.Int(0))].facts = {
        .term = static_cast<std::uint64_t>(all.Int(3)),
        .reachability = static_cast<platen::event::v1::Reachability>(all.Int(4)),
        .open_alerts = static_cast<int>(all.Int(5)),
        .heard = all.Int(6) != 0,
        .identity_ms = all.Int(7),
        .firmware_ms = all.Int(8),
        .status_ms = all.Int(9),
        .meters_ms = all.Int(10),
        .supplies_ms = all.Int(11)};
  }
}

absl::Status Ledger::ReadCounts() {
  PLATEN_ASSIGN_OR_RETURN(Statement one, database_.Prepare("SELECT value FROM meta WHERE name=?"));
  for (const auto& [name, member] : kCounters) {
    one.BindText(1, name);
    PLATEN_ASSIGN_OR_RETURN(const bool row, one.Step());
    if (row) counts_.*member = one.Int(0);
    one.Reset();
  }
  pending_counts_ = counts_;
  return absl::OkStatus();
}

void Ledger::AddDevice(core::DeviceNumber number,
                       const base::DeviceId& id,
                       core::PlaceNumber place) {
  const auto index = static_cast<std::size_t>(number);
  if (index >= devices_.size()) devices_.resize(index + 1);
  devices_[index].id = id;
  devices_[index].place = place;
}

absl::Status Ledger::Apply(const core::AdmittedBatch& batch,
                           std::int64_t receipt_ms,
                           BatchOutcome& outcome) {
  std::uint64_t repeated = 0;
  const auto record_numbers = [&] {
    for (const core::SequenceReport& report : batch.sequences) {
      repeated += sequences_.Add(report, receipt_ms);
    }
  };
  if (!base::IsPlanted(base::PlantedBug::kAuditsAfterDeduplication)) record_numbers();
  for (const core::AdmittedEvent& event : batch.events) {
    PLATEN_ASSIGN_OR_RETURN(const bool fresh, InsertEvent(event, receipt_ms));
    if (!fresh) {
      PLATEN_ASSIGN_OR_RETURN(const bool conflict, IsConflict(event));
      ++outcome.duplicates;
      if (conflict) ++outcome.conflicts;
      continue;
    }
    ++outcome.stored;
    const std::int64_t seq = database_.last_insert_rowid();
    if (!event.device_report.has_value()) continue;
    Touched& touched = Touch(event.device);
    touched.update_ms = receipt_ms;
    ApplyReport(event, seq, touched);
    if (event.alert.has_value()) {
      PLATEN_RETURN_IF_ERROR(ApplyAlert(event, seq, receipt_ms, touched));
    }
  }
  if (base::IsPlanted(base::PlantedBug::kAuditsAfterDeduplication) && outcome.duplicates == 0) {
    record_numbers();
  }
  outcome.sent_again =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(outcome.duplicates, repeated));
  pending_counts_.stored += outcome.stored;
  pending_counts_.duplicates += outcome.duplicates;
  pending_counts_.conflicts += outcome.conflicts;
  pending_counts_.refusals += static_cast<std::int64_t>(batch.refusals.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> Ledger::InsertEvent(const core::AdmittedEvent& event,
                                         std::int64_t receipt_ms) {
  statements_.insert_event.BindBlob(1, event.id.bytes())
      .Bind(2, event.device)
      .Bind(3, event.place)
      .Bind(4, event.lane)
      .Bind(5, event.kind)
      .Bind(6, event.occurrence_ms)
      .Bind(7, event.observation_ms)
      .Bind(8, receipt_ms)
      .BindBlob(9, event.payload);
  PLATEN_RETURN_IF_ERROR(statements_.insert_event.Run());
  return database_.changes() != 0;
}

absl::StatusOr<bool> Ledger::IsConflict(const core::AdmittedEvent& event) {
  Statement& find = statements_.find_payload;
  find.BindBlob(1, event.id.bytes());
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  const bool same = row && core::IsSameFact(find.Bytes(0), event.payload);
  find.Reset();
  return !same;
}

Ledger::Touched& Ledger::Touch(core::DeviceNumber number) {
  const auto [found, added] = touched_.try_emplace(number);
  if (added) found->second.facts = devices_[static_cast<std::size_t>(number)].facts;
  return found->second;
}

void Ledger::ApplyReport(const core::AdmittedEvent& event, std::int64_t seq, Touched& touched) {
  const core::DeviceReport& report = *event.device_report;
  core::DeviceFacts& facts = touched.facts;
  const std::int64_t at = event.effective_ms;
  // A reading that was overtaken by a newer one of its kind is history only.
  const auto newer = [at](std::int64_t& known) {
    if (at < known) return false;
    known = at;
    return true;
  };
  facts.heard = true;
  if (report.answered) touched.seen_ms = std::max(touched.seen_ms, at);
  if (report.identity.has_value() && newer(facts.identity_ms)) {
    touched.identity = report.identity;
    touched.identity_seq = seq;
  }
  if (report.firmware && newer(facts.firmware_ms)) touched.firmware_seq = seq;
  if (report.status.has_value() && newer(facts.status_ms)) {
    facts.reachability = *report.status;
    touched.status_seq = seq;
  }
  if (report.meters.has_value() && newer(facts.meters_ms)) {
    touched.meters_seq = seq;
    if (report.meters->total_impressions.has_value()) {
      touched.total = report.meters->total_impressions;
    }
  }
  if (report.supplies.has_value() && newer(facts.supplies_ms)) {
    touched.supplies_seq = seq;
    touched.supplies_low = report.supplies->low;
  }
}

absl::StatusOr<std::optional<core::AlertState>> Ledger::FindAlert(
    const core::AdmittedEvent& event) {
  Statement& find = statements_.find_alert;
  find.Bind(1, event.device).BindText(2, event.alert->alert_id);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  std::optional<core::AlertState> state;
  if (row) {
    state = core::AlertState{.open = find.Int(0) != 0,
                             .ended = find.Int(1) != 0,
                             .raise_ms = find.Int(2),
                             .end_ms = find.Int(3)};
  }
  find.Reset();
  return state;
}

absl::Status Ledger::ApplyAlert(const core::AdmittedEvent& event,
                                std::int64_t seq,
                                std::int64_t receipt_ms,
                                Touched& touched) {
  const core::AlertReport& report = *event.alert;
  PLATEN_ASSIGN_OR_RETURN(const std::optional<core::AlertState> current, FindAlert(event));
  const std::optional<core::AlertState> next = core::Project(current, touched.facts.term, report);
  touched.facts.term = std::max(touched.facts.term, report.term);
  if (!next.has_value()) return absl::OkStatus();
  touched.facts.open_alerts +=
      (next->open ? 1 : 0) - (current.has_value() && current->open ? 1 : 0);
  statements_.put_alert.Bind(1, event.device)
      .BindText(2, report.alert_id)
      .Bind(3, next->open ? 1 : 0)
      .Bind(4, next->ended ? 1 : 0)
      .Bind(5, next->raise_ms)
      .Bind(6, next->end_ms)
      .Bind(7, receipt_ms)
      .Bind(8, seq);
  PLATEN_RETURN_IF_ERROR(statements_.put_alert.Run());
  const Resident& resident = devices_[static_cast<std::size_t>(event.device)];
  pending_alerts_.push_back({.seq = seq,
                             .update_ms = receipt_ms,
                             .device = resident.id,
                             .place = resident.place,
                             .state = *next,
                             .payload = std::string(event.payload)});
  return absl::OkStatus();
}

absl::Status Ledger::WriteDevice(core::DeviceNumber number, Touched& touched) {
  const core::DeviceFacts& facts = touched.facts;
  Statement& touch = statements_.touch_device;
  touch.Bind(1, number)
      .Bind(2, static_cast<std::int64_t>(facts.term))
      .Bind(3, facts.reachability)
      .Bind(4, facts.open_alerts)
      .Bind(5, touched.update_ms)
      .Bind(6, touched.seen_ms)
      .BindNull(7)
      .BindNull(8);
  if (touched.total.has_value()) touch.Bind(7, static_cast<std::int64_t>(*touched.total));
  if (touched.supplies_low.has_value()) touch.Bind(8, *touched.supplies_low);
  touch.Bind(9, touched.firmware_seq)
      .Bind(10, facts.firmware_ms)
      .Bind(11, touched.status_seq)
      .Bind(12, facts.status_ms)
      .Bind(13, touched.meters_seq)
      .Bind(14, facts.meters_ms)
      .Bind(15, touched.supplies_seq)
      .Bind(16, facts.supplies_ms);
  PLATEN_RETURN_IF_ERROR(touch.Run());
  if (touched.identity.has_value()) {
    statements_.set_identity.Bind(1, number)
        .Bind(2, touched.identity_seq)
        .Bind(3, facts.identity_ms)
        .BindText(4, touched.identity->serial_number)
        .BindText(5, touched.identity->model)
        .BindText(6, touched.identity->address)
        .BindText(7, touched.identity->serial_key)
        .BindText(8, touched.identity->macs);
    PLATEN_RETURN_IF_ERROR(statements_.set_identity.Run());
  }
  // The state is indexed: it is written only where it changes.
  const auto state = core::StateOf(facts);
  if (state == core::StateOf(devices_[static_cast<std::size_t>(number)].facts)) {
    return absl::OkStatus();
  }
  statements_.set_state.Bind(1, number).Bind(2, state);
  return statements_.set_state.Run();
}

absl::Status Ledger::WriteCounts() {
  for (const auto& [name, member] : kCounters) {
    if (counts_.*member == pending_counts_.*member) continue;
    statements_.put_counter.BindText(1, name).Bind(2, pending_counts_.*member);
    PLATEN_RETURN_IF_ERROR(statements_.put_counter.Run());
  }
  return absl::OkStatus();
}

absl::Status Ledger::BeforeCommit(Database&) {
  for (auto& [number, touched] : touched_) {
    PLATEN_RETURN_IF_ERROR(WriteDevice(number, touched));
    const bool gone = core::StateOf(touched.facts) == platen::fleet::v1::Device::STATE_UNREACHABLE;
    if (touched.identity.has_value() || (gone && touched.status_seq != 0)) {
      identity_news_.push_back(number);
    }
  }
  PLATEN_RETURN_IF_ERROR(sequences_.Write());
  return WriteCounts();
}

void Ledger::EndAlerts(core::DeviceNumber number) {
  devices_[static_cast<std::size_t>(number)].facts.open_alerts = 0;
}

void Ledger::OnCommit() {
  identity_news_.clear();
  for (const auto& [number, touched] : touched_) {
    devices_[static_cast<std::size_t>(number)].facts = touched.facts;
  }
  touched_.clear();
  sequences_.Commit();
  counts_ = pending_counts_;
  committed_alerts_ = std::move(pending_alerts_);
  pending_alerts_.clear();
}

void Ledger::OnRollback(const absl::Status&) {
  identity_news_.clear();
  touched_.clear();
  if (!base::IsPlanted(base::PlantedBug::kAuditsOutsideTransaction)) sequences_.Rollback();
  pending_counts_ = counts_;
  pending_alerts_.clear();
}

}  // namespace platen::gateway::edge
