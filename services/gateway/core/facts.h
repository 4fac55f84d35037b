// What an admitted event means for the store: compact, without protobuf objects, ready to be
// written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/lane.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/ids.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/core/source_stream.h"

namespace platen::gateway::core {

// What one event says of its device. Parts that it does not speak of are absent. The readings
// themselves stay in the ledger: a device's row only points at the newest of each kind.
struct DeviceReport {
  struct Identity {
    std::string serial_number;
    std::string model;
    std::string address;     // Empty where the event does not say.
    std::string serial_key;  // event::SerialEvidence(): empty where it is no evidence.
    std::string macs;        // In lower case, a blank before and behind each.
  };

  struct Meters {
    std::optional<std::uint64_t> total_impressions;
  };

  struct Supplies {
    int low = 0;  // How many are low or empty.
  };

  std::optional<Identity> identity;
  bool firmware = false;
  std::optional<platen::event::v1::Reachability> status;
  std::optional<Meters> meters;
  std::optional<Supplies> supplies;
  bool answered = false;  // The device itself was heard.
};

// What one event says of an alert.
struct AlertReport {
  std::string alert_id;
  platen::event::v1::AlertTransition transition = platen::event::v1::ALERT_TRANSITION_UNSPECIFIED;
  std::int64_t raise_ms = 0;  // As the alert tells; 0 where it does not.
  std::int64_t time_ms = 0;   // Of this transition, never after its receipt.
  std::uint64_t term = 0;
};

// Numbers of a source, one after the other, or the highest number that a heartbeat claims. Or
// numbers of which it tells that they will not come.
struct SequenceReport {
  SourceStream stream;
  std::uint64_t first = 0;  // 0 for a claim.
  std::uint64_t last = 0;
  std::uint64_t claimed = 0;
  bool is_told_gap = false;

  std::uint64_t count() const { return first == 0 || is_told_gap ? 0 : last - first + 1; }
};

// A heartbeat, for the view of the pipeline.
struct HeartbeatReport {
  std::string role;
  std::string instance;
  std::vector<std::pair<std::string, double>> figures;
  // Of a collector.
  std::vector<platen::event::v1::Heartbeat::SlowReading> slowest;
  std::vector<platen::event::v1::Heartbeat::Partition> partitions;
};

struct AdmittedEvent {
  base::EventId id;
  DeviceNumber device = 0;  // 0: a fact about a source.
  PlaceNumber place = 0;    // 0: a place where nothing is registered.
  platen::event::v1::Lane lane = platen::event::v1::LANE_UNSPECIFIED;
  int kind = 0;  // Event.body's field number.
  std::int64_t occurrence_ms = 0;
  std::int64_t observation_ms = 0;  // As told; a clock in 2099 is stored as such, and only stored.
  std::int64_t effective_ms = 0;  // observation_ms, but never after receipt: what decides "newer".
  std::string_view payload;       // As it came; a slice of the batch.
  std::optional<DeviceReport> device_report;
  std::optional<AlertReport> alert;
  std::optional<HeartbeatReport> heartbeat;
};

}  // namespace platen::gateway::core
