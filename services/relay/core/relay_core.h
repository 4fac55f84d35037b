// The relay's decisions for one lane and route: what is sent when, what may be committed, what goes
// to the dead letters, when to take no more. No I/O, no threads, no clock.
//
// A record has ended when the gateway has accepted it, or when its dead letter is in Kafka; offsets
// are committed over the contiguous prefix of what has ended. After a transient failure or the loss
// of the stream, everything unanswered is sent again in order, so the gateway sees a partition's
// records in their order, some of them twice.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/flow/batcher.h"
#include "services/relay/core/batch.h"
#include "services/relay/core/dead_letter.h"
#include "services/relay/core/route_filter.h"
#include "services/relay/core/send_window.h"

namespace platen::relay::core {

struct RelayOptions {
  flow::BatchLimits batch;
  // At most one batch is sent at a time, so that HoldUntil() can follow from its size.
  bool paced = false;
  // How many batches are on the way at first; more as they are answered (adaptive_window.h).
  std::size_t window_first = 2;
  // Beyond this many bytes in memory no more records are taken. Without a stream it is an eighth:
  // Kafka keeps them as well, and memory stays what it was.
  std::size_t buffer_bytes_max = 4u << 20;
  // Records are not asked for while the buffer is full; when that lasts this long, partitions are
  // paused (which makes the broker's client throw its prefetched records away).
  base::Duration pause_after = std::chrono::milliseconds(500);
  // How long partitions that are asked back wait for what is on the way.
  base::Duration drain_timeout = std::chrono::seconds(4);
  // Larger events are dead letters; the gateway may allow less (Welcome.max_payload_bytes), and
  // then what waits is cut again for it.
  std::size_t event_bytes_max = 256 * 1024;
};

// What is to be done, in this order.
struct Effects {
  // To the uplink, in order. The batches live until the core is called again.
  std::vector<SendWindow::Next> send;
  // To the dead-letter topic; answer with OnDeadLetter().
  std::vector<DeadLetter> dead_letters;
  // First offset *not* yet ended, per partition.
  std::vector<broker::PartitionOffset> commit;
  std::vector<broker::Partition> pause;
  std::vector<broker::Partition> resume;
  // After their commits: these may go.
  std::vector<broker::Partition> release;
  // The gateway broke the protocol: end the stream, then OnStreamDown().
  bool reset_stream = false;
  // Call OnTimer() no later than this.
  std::optional<base::MonotonicTime> wake_at;
};

// The gateway's answer to a batch.
struct BatchAnswer {
  struct Refusal {
    std::size_t index = 0;
    DeadLetterReason reason = DeadLetterReason::kUnspecified;
    std::string detail;
  };

  std::uint64_t number = 0;
  // Set: a transient failure, send again from this number, not before `retry_delay`.
  std::optional<std::uint64_t> rewind_to;
  base::Duration retry_delay{0};
  std::vector<Refusal> refusals;
  std::size_t duplicates = 0;
  // 0: unchanged.
  std::size_t window = 0;
};

// Since the start. received = delivered + dead_lettered + dropped + handed_back + in_flight, at
// every moment.
struct RelayTotals {
  std::uint64_t received = 0;       // Taken in for this route.
  std::uint64_t skipped = 0;        // Another route's.
  std::uint64_t unknown_route = 0;  // Taken though their route is in no configuration.
  std::uint64_t delivered = 0;      // Accepted by the gateway.
  std::uint64_t duplicates = 0;     // Of these, known to it already.
  std::uint64_t dead_lettered = 0;  // In the dead-letter topic.
  std::uint64_t dropped = 0;        // Refused even as dead letters.
  std::uint64_t handed_back = 0;    // Their partition went before they ended.
  std::uint64_t batches_accepted = 0;
  std::uint64_t batches_rewound = 0;
  std::uint64_t stream_losses = 0;
  std::array<std::uint64_t, kDeadLetterReasons> refused{};  // By reason.
};

// Thread-confined.
class RelayCore {
 public:
  RelayCore(const RelayOptions& options, RouteFilter filter);

  // What the broker says.
  Effects OnAssigned(base::MonotonicTime now, std::span<const broker::Partition> partitions);
  Effects OnRecords(base::MonotonicTime now, const broker::RecordBatch& records);
  Effects OnRevoked(base::MonotonicTime now, std::span<const broker::Partition> partitions);
  Effects OnLost(base::MonotonicTime now, std::span<const broker::Partition> partitions);
  // What lies between what was taken and `next` will never come: it counts as ended.
  Effects OnGap(base::MonotonicTime now, const broker::PartitionOffset& next);
  // A dead letter is in Kafka, or (not OK) refused by it.
  Effects OnDeadLetter(base::MonotonicTime now, std::uint64_t id, bool stored);

  // What the gateway says.
  Effects OnStreamUp(base::MonotonicTime now, std::size_t window, std::size_t payload_bytes_max);
  Effects OnStreamDown(base::MonotonicTime now);
  Effects OnAnswer(base::MonotonicTime now, const BatchAnswer& answer);

  Effects OnTimer(base::MonotonicTime now);

  // Sends nothing before `time`, beside what the gateway has asked for. What was wanted earlier is
  // looked at by the next call.
  void HoldUntil(base::MonotonicTime time) { send_not_before_ = std::max(send_not_before_, time); }

  // Takes nothing more and asks everything back, as if all partitions had been revoked.
  Effects Drain(base::MonotonicTime now);

  // Whether OnRecords() looks at records' headers.
  bool needs_headers() const { return filter_.needs_headers(); }

  // Whether the broker is to be asked for records now.
  bool may_poll() const { return paused_ || !buffer_full(); }

  // Taken in and not ended.
  std::size_t in_flight() const { return in_flight_; }

  std::size_t buffered_bytes() const { return buffered_bytes_; }

  // How many batches may be on the way at present.
  std::size_t window() const { return window_.window(); }

  const RelayTotals& totals() const { return totals_; }

 private:
  struct OpenDeadLetter {
    PartitionWorkPtr work;
    std::int64_t offset = 0;
    std::size_t bytes = 0;
  };

  std::size_t buffer_max() const {
    return window_.is_up() ? options_.buffer_bytes_max : options_.buffer_bytes_max / 8;
  }

  bool buffer_full() const { return buffered_bytes_ >= buffer_max(); }

  void Take(base::MonotonicTime now,
            const PartitionWorkPtr& work,
            const broker::RecordView& record,
            Effects& effects);
  void Accept(std::unique_ptr<Batch> batch, const BatchAnswer& answer, Effects& effects);
  void Bury(PartitionWork& work,
            Batch::Item item,
            DeadLetterReason reason,
            std::string_view detail,
            Effects& effects);
  std::string TooLargeDetail(std::string_view event) const;
  // The record has ended, for `count` in totals. No effect where its partition is gone.
  void End(PartitionWork& work, std::int64_t offset, std::uint64_t& count);
  void Seal();
  std::unique_ptr<Batch> NewBatch();
  // Cuts again what was sealed for a gateway that takes larger payloads than this one.
  void Reseal(Effects& effects);
  void HandBackUnsent();
  void GiveUp(PartitionWork& work);
  std::size_t HandBack(Batch& batch);

  // What follows from any change: sends, commits, releases, pauses, the next wake-up.
  void Proceed(base::MonotonicTime now, Effects& effects);
  void Send(base::MonotonicTime now, Effects& effects);
  void CommitAndRelease(base::MonotonicTime now, Effects& effects);
  void PauseOrResume(base::MonotonicTime now, Effects& effects);
  void SetWakeUp(Effects& effects) const;

  const RelayOptions options_;
  const RouteFilter filter_;
  std::map<broker::Partition, PartitionWorkPtr> works_;
  bool draining_ = false;

  flow::Batcher batcher_;
  std::unique_ptr<Batch> filling_ = std::make_unique<Batch>();
  // Ended ones, whose memory is used again; at most kSpareBatches.
  std::vector<std::unique_ptr<Batch>> spare_;
  SendWindow window_{options_.window_first};
  std::size_t payload_bytes_max_;
  base::MonotonicTime send_not_before_;

  std::map<std::uint64_t, OpenDeadLetter> dead_letters_;
  std::uint64_t last_dead_letter_ = 0;

  std::size_t in_flight_ = 0;
  std::size_t buffered_bytes_ = 0;
  std::optional<base::MonotonicTime> full_since_;
  bool paused_ = false;
  RelayTotals totals_;
};

}  // namespace platen::relay::core
