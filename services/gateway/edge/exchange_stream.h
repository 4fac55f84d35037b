// One ingest stream, from Hello to its end.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "platen/ingest/v1/ingest.grpc.pb.h"

#include "services/gateway/core/stream_order.h"
#include "services/gateway/edge/ingest_server.h"

namespace platen::gateway::edge {

// Owned by itself from Begin() until gRPC says OnDone(); what the store and the readers still hold
// then finds it ended. Reads and decodes on gRPC's threads, one message at a time; answers come
// from the writing thread. Its outbox is bounded by the window and by the directives in flight.
class ExchangeStream final : public grpc::ServerBidiReactor<platen::ingest::v1::ExchangeRequest,
                                                            platen::ingest::v1::ExchangeResponse>,
                             public std::enable_shared_from_this<ExchangeStream> {
 public:
  ExchangeStream(const IngestContext& context, grpc::CallbackServerContext& call);

  // Unless `refused` is OK the stream ends with it.
  void Begin(std::shared_ptr<ExchangeStream> self, const grpc::Status& refused);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void OnDirectives(const std::string& installation);
  void OnTick(base::MonotonicTime now);
  void Drain();

 private:
  void OnHello(const platen::ingest::v1::Hello& hello);
  void OnBatch(const platen::ingest::v1::Batch& batch);
  void OnDirectiveAck(const platen::ingest::v1::DirectiveAck& ack);
  void SubmitBatch(const platen::ingest::v1::Batch& batch,
                   core::StreamOrder::Ticket ticket,
                   std::shared_ptr<OrderGate> gate);
  void OnSettled(core::StreamOrder::Ticket ticket,
                 base::MonotonicTime arrived,
                 const core::AdmittedBatch& batch,
                 const absl::StatusOr<BatchOutcome>& outcome);
  platen::ingest::v1::ExchangeResponse MakeAnswer(const core::StreamOrder::Answer& answer,
                                                  const core::AdmittedBatch& batch,
                                                  const absl::StatusOr<BatchOutcome>& outcome);
  void CountStored(const core::AdmittedBatch& batch,
                   const BatchOutcome& outcome,
                   base::MonotonicTime arrived);
  void FetchDirectives(Reader& reader);
  void PumpDirectives();

  // REQUIRES of the following: mutex_ is held.
  void Send(platen::ingest::v1::ExchangeResponse response);
  // Ends with `status` once what was taken is answered, or at once. The first end counts.
  void EndWhenAnswered(StreamEnd end, const grpc::Status& status);
  void EndNow(StreamEnd end, const grpc::Status& status);
  void Proceed();

  const IngestContext& context_;
  grpc::CallbackServerContext& call_;
  const base::MonotonicTime begun_;
  std::shared_ptr<ExchangeStream> self_;
  core::Caller caller_;
  tls::PeerRegistry::Registration watch_;
  platen::ingest::v1::ExchangeRequest request_;  // Of the read that is under way.

  std::mutex mutex_;
  std::optional<platen::ingest::v1::Hello> hello_;
  core::StreamOrder order_;
  std::shared_ptr<OrderGate> gate_ = std::make_shared<OrderGate>();
  std::deque<platen::ingest::v1::ExchangeResponse> outbox_;
  platen::ingest::v1::ExchangeResponse writing_message_;
  bool writing_ = false;
  base::MonotonicTime write_began_;
  std::optional<grpc::Status> ending_;  // Nothing is taken any more.
  bool drop_unanswered_ = false;
  bool finished_ = false;  // Finish() was called, or the call is gone.
  bool pumping_ = false;
  bool pump_again_ = false;
  std::uint64_t last_directive_ = 0;
  std::size_t directives_in_flight_ = 0;
};

}  // namespace platen::gateway::edge
