#include "services/gateway/edge/schema.h"

#include <string>

#include "libs/base/status.h"

namespace platen::gateway::edge {
namespace {

// "PLTN"; marks the file as ours.
constexpr std::int64_t kApplicationId = 0x504C544E;

// events.seq is the ledger's position: it only grows, and is what page and resume tokens hold.
// Event ids begin with milliseconds, so both b-trees are appended to. Nothing is stored twice: a
// device's row points at its newest reading of each kind (…_seq), an alert's at its last event
// (update_seq). All times are milliseconds since the Unix epoch.
constexpr char kVersion1[] = R"sql(
CREATE TABLE meta(
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE places(
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  site TEXT NOT NULL,
  UNIQUE(tenant, site));

CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  device INTEGER NOT NULL,
  place INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  occurrence_ms INTEGER NOT NULL,
  observation_ms INTEGER NOT NULL,
  receipt_ms INTEGER NOT NULL,
  payload BLOB NOT NULL);
CREATE INDEX events_meters ON events(device) WHERE kind IN (22, 29);

CREATE TABLE devices(
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  place INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  site TEXT NOT NULL,
  address TEXT NOT NULL,
  display_name TEXT NOT NULL DEFAULT '',
  customer TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  serial_number TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  state INTEGER NOT NULL DEFAULT 1,
  term INTEGER NOT NULL DEFAULT 0,
  reachability INTEGER NOT NULL DEFAULT 0,
  open_alerts INTEGER NOT NULL DEFAULT 0,
  create_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL DEFAULT 0,
  seen_ms INTEGER NOT NULL DEFAULT 0,
  identity_seq INTEGER NOT NULL DEFAULT 0, identity_ms INTEGER NOT NULL DEFAULT 0,
  firmware_seq INTEGER NOT NULL DEFAULT 0, firmware_ms INTEGER NOT NULL DEFAULT 0,
  status_seq INTEGER NOT NULL DEFAULT 0, status_ms INTEGER NOT NULL DEFAULT 0,
  meters_seq INTEGER NOT NULL DEFAULT 0, meters_ms INTEGER NOT NULL DEFAULT 0,
  supplies_seq INTEGER NOT NULL DEFAULT 0, supplies_ms INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  supplies_low INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX devices_by_name ON devices(tenant, site, id);
CREATE INDEX devices_by_state ON devices(tenant, state);
CREATE INDEX devices_by_serial ON devices(serial_number) WHERE serial_number <> '';

CREATE TABLE targets(
  device INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  site TEXT NOT NULL,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  expected_serial TEXT NOT NULL,
  installation TEXT NOT NULL,
  directive INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  create_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL,
  record BLOB NOT NULL,
  UNIQUE(tenant, site, address, port));
CREATE UNIQUE INDEX targets_by_name ON targets(tenant, site, id);
CREATE UNIQUE INDEX targets_by_serial ON targets(tenant, site, expected_serial)
  WHERE expected_serial <> '';

CREATE TABLE requests(
  request_id TEXT PRIMARY KEY,
  fingerprint BLOB NOT NULL,
  device BLOB NOT NULL,
  create_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX requests_by_age ON requests(create_ms);

CREATE TABLE installations(
  name TEXT PRIMARY KEY,
  last_directive INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE directives(
  installation TEXT NOT NULL,
  number INTEGER NOT NULL,
  target INTEGER NOT NULL,
  refusal TEXT NOT NULL DEFAULT '',
  record BLOB NOT NULL,
  PRIMARY KEY(installation, number)) WITHOUT ROWID;

CREATE TABLE alerts(
  device INTEGER NOT NULL,
  alert_id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  site TEXT NOT NULL,
  open INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  raise_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL,
  update_seq INTEGER NOT NULL,
  PRIMARY KEY(device, alert_id)) WITHOUT ROWID;
CREATE INDEX alerts_by_change ON alerts(open, update_seq);

CREATE TABLE sequences(
  instance TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  route TEXT NOT NULL,
  seen BLOB NOT NULL,
  claimed INTEGER NOT NULL,
  claimed_ms INTEGER NOT NULL,
  PRIMARY KEY(instance, epoch, lane, route)) WITHOUT ROWID;

INSERT INTO meta VALUES('store_id', randomblob(16));
)sql";

// What became of devices (24 supply_replacement, 28 identity_report, 42 device_transfer, 45
// meter_mismatch, 60 other_device, 61 epoch_confirmation), and what tells that two are one:
// serial_key is the serial number as event::SerialEvidence() has it, macs the addresses with a
// blank around each. merged_into is the number of the device that this one turned out to be; its
// events stay its own, so that it can be split off again. epoch_order is the newest EpochOrder.
constexpr char kVersion2[] = R"sql(
ALTER TABLE devices ADD COLUMN serial_key TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN macs TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN merged_into INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN epoch_order BLOB NOT NULL DEFAULT x'';
CREATE INDEX devices_by_serial_key ON devices(tenant, serial_key) WHERE serial_key <> '';
CREATE INDEX devices_merged ON devices(merged_into) WHERE merged_into <> 0;
CREATE INDEX events_history ON events(device) WHERE kind IN (24, 28, 42, 45, 60, 61);
)sql";

// What was lost (39 gap).
constexpr char kVersion3[] = R"sql(
CREATE INDEX events_gaps ON events(seq) WHERE kind=39;
)sql";

// Numbers of which their source has told that they will not come. x'00' is the empty set.
constexpr char kVersion4[] = R"sql(
ALTER TABLE sequences ADD COLUMN excused BLOB NOT NULL DEFAULT x'00';
)sql";

// Whose numbers they are: instances of two installations may have one name. Numbers from before are
// any installation's that has orders: each goes on with them.
constexpr char kVersion5[] = R"sql(
ALTER TABLE sequences RENAME TO sequences_before;
CREATE TABLE sequences(
  installation TEXT NOT NULL,
  instance TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  route TEXT NOT NULL,
  seen BLOB NOT NULL,
  claimed INTEGER NOT NULL,
  claimed_ms INTEGER NOT NULL,
  excused BLOB NOT NULL,
  PRIMARY KEY(installation, instance, epoch, lane, route)) WITHOUT ROWID;
INSERT INTO sequences(installation, instance, epoch, lane, route, seen, claimed, claimed_ms, excused)
  SELECT coalesce(name, 'default'), instance, epoch, lane, route, seen, claimed, claimed_ms, excused
  FROM sequences_before LEFT JOIN installations;
DROP TABLE sequences_before;
)sql";

// Records of platen.rules.v1, by name; useless_ms: when nobody needs it any more, 0: never. A
// directive is about a target or, where that is 0, about the record of this name. An installation's
// tenants are those whose records it is given: '' for all, ',acme,globex,' for some, NULL where no
// relay of it is configured. What became of alerts (20 alert, 40 alert_decision, 44
// notification_report).
constexpr char kVersion6[] = R"sql(
CREATE TABLE records(
  name TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  site TEXT NOT NULL,
  kind INTEGER NOT NULL,
  useless_ms INTEGER NOT NULL,
  record BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX records_by_scope ON records(tenant, site);
CREATE INDEX records_by_use ON records(useless_ms) WHERE useless_ms <> 0;
ALTER TABLE directives ADD COLUMN about TEXT NOT NULL DEFAULT '';
CREATE INDEX directives_about ON directives(installation, about) WHERE about <> '';
ALTER TABLE installations ADD COLUMN tenants TEXT;
CREATE INDEX events_alerts ON events(device) WHERE kind IN (20, 40, 44);
)sql";

// Links of messages that were used (links::LinkDigest()), until they expire.
constexpr char kVersion7[] = R"sql(
CREATE TABLE used_links(
  digest BLOB PRIMARY KEY,
  use_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX used_links_by_end ON used_links(expire_ms);
)sql";

absl::Status Upgrade(Database& database, std::int64_t from) {
  return database.Execute(base::StrCat("BEGIN IMMEDIATE;",
                                       from < 2 ? kVersion2 : "",
                                       from < 3 ? kVersion3 : "",
                                       from < 4 ? kVersion4 : "",
                                       from < 5 ? kVersion5 : "",
                                       from < 6 ? kVersion6 : "",
                                       kVersion7,
                                       "PRAGMA user_version=",
                                       kSchemaVersion,
                                       "; COMMIT;"));
}

absl::Status Make(Database& database) {
  PLATEN_ASSIGN_OR_RETURN(const auto tables,
                          database.QueryInt("SELECT count(*) FROM sqlite_schema"));
  if (tables.value_or(0) != 0) {
    return base::FailedPrecondition("the file is a database of another program");
  }
  return database.Execute(base::StrCat("BEGIN IMMEDIATE; PRAGMA application_id=",
                                       kApplicationId,
                                       ";",
                                       kVersion1,
                                       kVersion2,
                                       kVersion3,
                                       kVersion4,
                                       kVersion5,
                                       kVersion6,
                                       kVersion7,
                                       "PRAGMA user_version=",
                                       kSchemaVersion,
                                       "; COMMIT;"));
}

}  // namespace

absl::Status PrepareSchema(Database& database) {
  PLATEN_ASSIGN_OR_RETURN(const auto version, database.QueryInt("PRAGMA user_version"));
  PLATEN_ASSIGN_OR_RETURN(const auto application, database.QueryInt("PRAGMA application_id"));
  if (version == 0 && application == 0) return Make(database);
  if (application != kApplicationId) {
    return base::FailedPrecondition("the file is a database of another program");
  }
  if (version > kSchemaVersion) {
    return base::FailedPrecondition("the file has version ",
                                    *version,
                                    ", this program knows up to ",
                                    kSchemaVersion,
                                    ": it was written by a newer one");
  }
  return *version < kSchemaVersion ? Upgrade(database, *version) : absl::OkStatus();
}

}  // namespace platen::gateway::edge
