// What one agent was learned to bear, from reading to reading.
//
// Dialogues ask for less where an agent refuses or is silent, and an hour of a bad network looks
// the same: so after a long time a little more is tried again. Where that fails, the next try is
// twice as far away.
//
// Pure: no I/O, no clock. Thread-confined.
#pragma once

#include "libs/base/time.h"
#include "libs/snmp/dialogue.h"

namespace platen::snmp {

// From the last that was learned to the first try, and between tries that fail at the most.
inline constexpr base::Duration kGoodTime = std::chrono::hours(24);
inline constexpr base::Duration kGoodTimeMax = 16 * kGoodTime;

class LearnedLimits {
 public:
  // Borrowed by the dialogues of the reading under way; never moves while one is.
  AgentLimits& limits() { return limits_; }

  // A reading begins: twice as much is borne from now on where the time for a try has come.
  void Begin(base::MonotonicTime now);

  // It has ended, and its dialogues have learned what they have.
  void End(base::MonotonicTime now);

  // Another agent, or nothing that was worth learning.
  void Forget() { *this = {}; }

 private:
  bool is_less_than(const AgentLimits& other) const {
    return limits_.names_max < other.names_max || limits_.answers_max < other.answers_max;
  }

  AgentLimits limits_;
  AgentLimits begun_with_;
  base::Duration good_time_ = kGoodTime;
  base::MonotonicTime next_try_;
  bool tried_ = false;  // What is borne now is a try that has not failed yet.
};

}  // namespace platen::snmp
