// What is asked of the store: by the partner API, the live page and the streams that carry
// directives.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"
#include "platen/ingest/v1/ingest.pb.h"
#include "platen/rules/v1/rules_service.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/alert_filter.h"
#include "services/gateway/core/device_filter.h"
#include "services/gateway/core/link_page.h"
#include "services/gateway/core/names.h"
#include "services/gateway/core/record_orders.h"
#include "services/gateway/edge/page.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

class Query;

// What the caller may see, where it looks, and how much it takes.
struct Range {
  core::Place place;
  std::vector<std::string> tenants;  // Empty: all.
  std::string after;                 // Cursor of the page before; empty: from the beginning.
  int limit = 100;
};

struct MeterQuery {
  Range range;
  base::DeviceId device;                 // None: any.
  std::optional<std::int64_t> start_ms;  // Inclusive.
  std::optional<std::int64_t> end_ms;    // Exclusive.
  bool latest_only = false;
};

struct AlertQuery {
  Range range;
  base::DeviceId device;  // None: any.
  bool open_only = false;
  std::optional<core::AlertFilter> filter;  // With it a page may be short and not the last.
};

struct HistoryQuery {
  Range range;
  base::DeviceId device;  // None: any.
  std::set<int> kinds;    // Field numbers of Event's body; empty: all.
};

struct AlertEventQuery {
  Range range;
  std::int64_t start_ms = 0;        // Stored at or after it.
  std::int64_t end_ms = INT64_MAX;  // Stored before it.
};

struct GapQuery {
  std::int64_t start_ms = 0;  // Told at or after it.
  std::string after;          // As in Range.
  int limit = 100;
};

struct RecordQuery {
  core::RecordScope scope;
  std::vector<std::string> tenants;  // Empty: all.
  std::set<int> kinds;               // Numbers of rules::RecordKind; empty: all.
  std::string after;                 // Name of the last record of the page before.
  int limit = 100;
};

struct RecordPage {
  Page<platen::rules::v1::Record> page;
  std::vector<std::string> undelivered;  // Names of those that some installation does not have.
};

struct AlertHistoryQuery {
  core::AlertPlace alert;
  std::string after;  // As in Range.
  int limit = 100;
};

// A device in one line.
struct DeviceLine {
  std::string id;  // Hexadecimal.
  std::string tenant;
  std::string site;
  std::string display_name;
  std::string model;
  std::string serial_number;
  std::string address;
  std::string location;
  platen::fleet::v1::Device::State state = platen::fleet::v1::Device::STATE_UNSPECIFIED;
  std::optional<std::int64_t> total;
  int supplies_low = 0;
  int open_alerts = 0;
  std::int64_t seen_ms = 0;
};

// A connection of its own. Thread-confined. Every method sees one state of the store; errors are
// the store's (IsStoreFailure), or kInvalidArgument for a cursor that is none.
class Reader {
 public:
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& file);

  // kNotFound.
  absl::StatusOr<platen::fleet::v1::Device> GetDevice(const core::Place& place,
                                                      const base::DeviceId& device);
  // In order of names.
  absl::StatusOr<Page<platen::fleet::v1::Device>> ListDevices(const Range& range,
                                                              const core::DeviceFilter& filter);
  absl::StatusOr<std::int64_t> CountDevices(const Range& range, const core::DeviceFilter& filter);
  absl::StatusOr<std::vector<DeviceLine>> ListDeviceLines(const Range& range);
  // Absent where there is none.
  absl::StatusOr<std::optional<DeviceLine>> FindDeviceLine(const base::DeviceId& device);
  // By the number of Device.State.
  absl::StatusOr<std::map<int, std::int64_t>> CountStates(const Range& range);

  // kNotFound.
  absl::StatusOr<platen::fleet::v1::Target> GetTarget(const core::Place& place,
                                                      const base::DeviceId& device);
  // In order of names.
  absl::StatusOr<Page<platen::fleet::v1::Target>> ListTargets(const Range& range);

  // Newest first, in the order in which they were stored; latest_only in order of names. A page may
  // be short, or empty, and not the last.
  absl::StatusOr<Page<platen::fleet::v1::MeterReadingRecord>> ListMeterReadings(
      const MeterQuery& query);

  // What became of devices, newest first, in the order in which it was stored. A page may be short,
  // or empty, and not the last.
  absl::StatusOr<Page<platen::fleet::v1::DeviceHistoryRecord>> ListDeviceHistory(
      const HistoryQuery& query);

  // Events of alerts, oldest first, in the order in which they were stored. A page may be short, or
  // empty, and not the last.
  absl::StatusOr<Page<platen::fleet::v1::DeviceHistoryRecord>> ListAlertEvents(
      const AlertEventQuery& query);

  // What was lost, as sources and the gateway's audit tell, newest first, and how much of it is
  // missing still.
  absl::StatusOr<Page<platen::fleet::v1::GapRecord>> ListGaps(const GapQuery& query);

  // Open ones first, then newest first.
  absl::StatusOr<Page<platen::fleet::v1::AlertRecord>> ListAlerts(const AlertQuery& query);
  absl::StatusOr<std::int64_t> CountOpenAlerts(const Range& range);

  // What was reported and decided of an alert, and how its messages fared, oldest first. A page may
  // be short, or empty, and not the last. kNotFound where there is no such device.
  absl::StatusOr<Page<platen::rules::v1::AlertHistoryRecord>> ListAlertHistory(
      const AlertHistoryQuery& query);

  // As link_table.h.
  absl::StatusOr<core::LinkedAlert> LookUpLink(const core::AlertPlace& alert,
                                               const std::string& digest);
  absl::StatusOr<std::int64_t> CountUsedLinks();

  // kNotFound.
  absl::StatusOr<platen::rules::v1::Record> GetRecord(const std::string& name);
  // In order of names.
  absl::StatusOr<RecordPage> ListRecords(const RecordQuery& query);
  absl::StatusOr<std::int64_t> CountRecords();

  struct PositionedAlert {
    std::int64_t position = 0;
    platen::fleet::v1::AlertRecord record;
  };

  // Alerts whose last change lies after `position`, in order of change, only open ones if asked.
  absl::StatusOr<std::vector<PositionedAlert>> AlertsAfter(const Range& range,
                                                           std::int64_t position,
                                                           bool open_only);
  // Position of the newest event.
  absl::StatusOr<std::int64_t> LastPosition();

  // Position of the first event that was stored at or after a time; one behind all where there is
  // none. Exact where the gateway's clock never went back.
  absl::StatusOr<std::int64_t> FirstPositionSince(std::int64_t receipt_ms);

  // In order of their numbers, without refused ones.
  absl::StatusOr<std::vector<platen::ingest::v1::Directive>> DirectivesAfter(
      const std::string& installation, std::uint64_t number, int limit);
  absl::StatusOr<std::int64_t> CountDirectives();

  // 32 hexadecimal digits, made with the store.
  absl::StatusOr<std::string> StoreId();
  absl::StatusOr<std::int64_t> DatabaseBytes();

 private:
  explicit Reader(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  absl::StatusOr<platen::fleet::v1::Device> MakeDevice(const Statement& row);
  absl::StatusOr<std::string> Payload(std::int64_t seq);
  // To `sql`, about events `e` of devices `d`: which of them one call looks at, newest first.
  // Returns the cursor behind them; empty where there are no more. kInvalidArgument for a damaged
  // cursor.
  absl::StatusOr<std::string> WhereEvents(const Range& range,
                                          const base::DeviceId& device,
                                          Query& sql);
  absl::StatusOr<Page<platen::fleet::v1::MeterReadingRecord>> ListLatestReadings(
      const MeterQuery& query);

  std::unique_ptr<Database> database_;
};

// The record of an alert whose last event is `payload`.
platen::fleet::v1::AlertRecord MakeAlertRecord(const core::Place& place,
                                               const base::DeviceId& device,
                                               bool open,
                                               std::int64_t raise_ms,
                                               std::int64_t end_ms,
                                               std::int64_t update_ms,
                                               std::string_view payload);

}  // namespace platen::gateway::edge
