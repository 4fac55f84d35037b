// What one agent was learned to bear, from reading to reading.
//
// Dialogues ask for less where an agent refuses or is silent, and an hour of a bad network looks
// the same: so after a long time a little more is tried again. Where that fails, the next try is
// twice as far away. An agent that was silent altogether was most likely off: once it answers, it
// is asked for as much as before, and for less only where it is silent to that again.
//
// Pure: no I/O, no clock. Thread-confined.
#pragma once

#include <optional>

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

  // It has ended, and its dialogues have learned what they have. `silent`: nothing was answered.
  void End(base::MonotonicTime now, bool silent);

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
  // What was borne before it fell silent, as long as it is.
  std::optional<AgentLimits> before_silence_;
  bool doubted_ = false;  // It is asked for as much as before a silence, and has not answered yet.
};

}  // namespace platen::snmp
