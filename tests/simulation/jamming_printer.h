// A printer that jams and is cleared, as what an agent would say of it.
#pragma once

#include <cstdint>
#include <vector>

#include "libs/base/sim_clock.h"
#include "libs/snmp/value.h"

namespace platen::simulation {

// Row, bit, status and counters move together, as a real one's do; a printer of the plain kind,
// without rows, has the bit alone. `clock` must outlive it.
class JammingPrinter {
 public:
  JammingPrinter(int number, bool has_rows, const base::SimClock& clock);

  void Jam();
  void Clear();

  bool jammed() const { return jammed_; }

  int jams() const { return jams_; }

  // Everything it says at the moment, by name. Valid until the next call.
  const std::vector<snmp::Varbind>& Table();

 private:
  std::uint64_t Ticks() const;
  void AddRow();

  const base::SimClock& clock_;
  const int number_;
  const bool has_rows_;
  base::MonotonicTime booted_;
  bool jammed_ = false;
  int jams_ = 0;
  std::uint64_t raised_ticks_ = 0;
  std::vector<snmp::Varbind> table_;
};

}  // namespace platen::simulation
