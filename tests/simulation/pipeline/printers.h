// Printers that jam, and the network between them and one collector, at the level of readings: an
// answer may be late, in part, or not come. (Datagrams have a simulation of their own.)
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/snmp/datagrams.h"
#include "libs/snmp/value.h"
#include "services/collector/edge/device_reader.h"
#include "tests/simulation/jamming_printer.h"

namespace platen::simulation {

// One with a name and an address of its own.
class SimPrinter : public JammingPrinter {
 public:
  SimPrinter(int number, bool has_rows, const base::SimClock& clock);

  const base::DeviceId& id() const { return id_; }

  const std::string& address() const { return address_; }

  // Answers nothing at all.
  bool silent = false;

 private:
  base::DeviceId id_;
  std::string address_;
};

// Probabilities for each reading.
struct ReadingFaults {
  double silent = 0;
  double partial = 0;
  base::Duration delay_max = std::chrono::milliseconds(20);
};

// One collector's network. Thread-confined; what it is made with must outlive it.
class PrinterReader final : public collector::edge::DeviceReader {
 public:
  PrinterReader(std::vector<SimPrinter>& printers,
                const ReadingFaults& faults,
                base::Random& random,
                const base::SimClock& clock)
      : printers_(printers), faults_(faults), random_(random), clock_(clock) {}

  void Start(const collector::core::ReadRequest& request) override;

  void Forget(collector::core::DeviceSlot slot) override { jobs_.erase(slot); }

  // Printers here speak no SNMPv3.
  std::vector<collector::core::DeviceSlot> WithEngine(std::string_view /*id*/) const override {
    return {};
  }

  void Poll(base::MonotonicTime now, std::vector<collector::core::ReadAnswer>& answers) override;

  std::optional<base::MonotonicTime> next() const override { return std::nullopt; }

  collector::edge::ReaderFigures figures() const override { return {}; }

  const std::array<std::uint64_t, snmp::kMatchResults>& match_counts() const override {
    return match_counts_;
  }

 private:
  struct Job {
    collector::core::ReadingId id;
    std::string address;
    collector::core::ReadingPlan plan;
    base::MonotonicTime due;
    bool silent = false;
    bool partial = false;
  };

  collector::core::ReadAnswer Answer(const Job& job);

  std::vector<SimPrinter>& printers_;
  const ReadingFaults& faults_;
  base::Random& random_;
  const base::SimClock& clock_;
  std::map<collector::core::DeviceSlot, Job> jobs_;
  std::array<std::uint64_t, snmp::kMatchResults> match_counts_{};
};

// A network without datagrams, for the loop that waits on one.
class NoDatagrams final : public snmp::Datagrams {
 public:
  std::size_t Send(std::span<const snmp::OutDatagram> batch) override { return batch.size(); }

  std::span<const snmp::InDatagram> Receive() override { return {}; }

  bool Wait(base::Duration /*at_most*/) override { return false; }

  int fd() const override { return -1; }

  std::size_t port_count() const override { return 0; }

  snmp::Endpoint local(std::size_t /*port*/) const override { return {}; }

  snmp::DatagramCounts counts() const override { return {}; }
};

}  // namespace platen::simulation
