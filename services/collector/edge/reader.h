// Carries out readings over SNMP: many at once, one request in flight to each device, every answer
// matched to its question.
//
// What is asked next is decided by libs/snmp's dialogues (Fetch for single objects, Walk for
// subtrees); here are the datagrams, the timeouts, and what each agent was learned to bear.
// Thread-confined; nothing waits.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/flow/rate_limit.h"
#include "libs/snmp/datagrams.h"
#include "libs/snmp/dialogue.h"
#include "libs/snmp/learned_limits.h"
#include "libs/snmp/match.h"
#include "services/collector/core/due_queue.h"
#include "services/collector/core/effects.h"
#include "services/collector/edge/device_reader.h"
#include "services/collector/edge/links.h"
#include "services/collector/edge/sessions.h"

namespace platen::collector::edge {

struct ReaderOptions {
  base::Duration timeout = std::chrono::seconds(2);
  std::uint32_t retries = 2;
  // Most requests in flight, over all devices.
  std::size_t in_flight_max = 4096;
  // Most requests a second, over all devices.
  std::uint32_t requests_per_second = 5000;
  // What some lines bear.
  LinksOptions links;
  // Communities by credential name.
  using Communities = std::map<std::string, std::string, std::less<>>;
  Communities communities;
  // Users of SNMPv3 by credential name. REQUIRES: valid (snmp::usm::Validate).
  Sessions::Users users;
};

class Reader final : public DeviceReader {
 public:
  // `network` must outlive this. `key` makes request ids unpredictable.
  Reader(const ReaderOptions& options, snmp::Datagrams& network, snmp::SipKey key);
  ~Reader() override;

  // Whom readings that begin from now on are asked as.
  void SetCredentials(const ReaderOptions::Communities& communities, const Sessions::Users& users);

  void Start(const core::ReadRequest& request) override;
  void Forget(core::DeviceSlot slot) override;

  std::vector<core::DeviceSlot> WithEngine(std::string_view engine_id) const override {
    return sessions_.WithEngine(engine_id);
  }

  // Receives, sends and times out what there is.
  void Poll(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) override;
  std::optional<base::MonotonicTime> next() const override;
  ReaderFigures figures() const override;

  const std::array<std::uint64_t, snmp::kMatchResults>& match_counts() const override {
    return matcher_.counts();
  }

 private:
  struct Job;

  void Receive(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers);
  // A message of SNMPv1 or v2c, and one of v3.
  void OnPlain(const snmp::InDatagram& in, std::vector<core::ReadAnswer>& answers);
  void OnSecured(const snmp::InDatagram& in,
                 base::MonotonicTime now,
                 std::vector<core::ReadAnswer>& answers);
  void OnMessage(const snmp::InDatagram& in,
                 const snmp::MessageView& message,
                 std::vector<core::ReadAnswer>& answers);
  bool Prepare(const core::ReadRequest& request, Job& job);
  void Expire(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers);
  void SendReady(base::MonotonicTime now);
  // The job has a request: it is sent once the line to its agent has room, and the collector.
  void Queue(core::DeviceSlot slot, bool doubtful = false);
  // Asks the job's dialogue for its next request and queues it; ends the reading when there is
  // none.
  void Advance(core::DeviceSlot slot, std::vector<core::ReadAnswer>& answers);
  bool NextDialogue(Job& job);
  static std::vector<snmp::Oid> Unfinished(const Job& job);
  void Finish(core::DeviceSlot slot, std::vector<core::ReadAnswer>& answers);
  std::size_t SendBatch(std::span<const core::DeviceSlot> slots, base::MonotonicTime now);
  std::size_t Launch(std::span<const core::DeviceSlot> slots,
                     std::size_t taken,
                     base::MonotonicTime now);

  ReaderOptions options_;
  snmp::Datagrams& network_;
  snmp::ResponseMatcher matcher_;
  snmp::MessageDecoder decoder_;
  snmp::usm::Cipher cipher_;
  Sessions sessions_;
  std::vector<std::unique_ptr<Job>> jobs_;  // By device slot.
  // By device slot; dialogues borrow them, so they never move.
  std::deque<snmp::LearnedLimits> learned_;
  std::vector<core::DeviceSlot> ready_;  // Have a request to send.
  // The same, of those who are asked but once: who are perhaps not there wait for the others.
  std::vector<core::DeviceSlot> doubtful_;
  std::vector<core::DeviceSlot> failed_;  // Could not begin.
  Links links_;                           // Who waits for a line, too.
  core::DueQueue deadlines_;
  flow::RateLimit rate_;
  base::MonotonicTime polled_;
  std::vector<std::uint8_t> buffer_;
  std::vector<snmp::OutDatagram> batch_;
  ReaderFigures figures_;
};

// Waits until `reader` has something to do again, as tools do that have nothing else to: for an
// answer on `network`, or until a request is due. Never spins, never sleeps through an answer.
void WaitForReader(const Reader& reader, base::MonotonicTime now, snmp::Datagrams& network);

}  // namespace platen::collector::edge
