#include "services/gateway/edge/exchange_stream.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/log.h"
#include "services/gateway/core/batch_payload.h"
#include "services/gateway/edge/grpc_status.h"

namespace platen::gateway::edge {
namespace {

namespace ingest = platen::ingest::v1;

// Directives that wait for their acknowledgement, at the most.
constexpr std::size_t kDirectivesInFlightMax = 64;
constexpr std::chrono::milliseconds kRetryDelay{500};

grpc::Status Protocol(std::string_view what) {
  return {grpc::StatusCode::INVALID_ARGUMENT, std::string(what)};
}

}  // namespace

ExchangeStream::ExchangeStream(const IngestContext& context, grpc::CallbackServerContext& call)
    : context_(context),
      call_(call),
      begun_(context.clock.Now()),
      order_(context.options.window_batches) {}

void ExchangeStream::Begin(std::shared_ptr<ExchangeStream> self, const grpc::Status& refused) {
  self_ = std::move(self);
  context_.metrics.ingest_streams.Increment();
  absl::Status denied;
  if (absl::StatusOr<core::Caller> caller = context_.peers.Authenticate(*call_.auth_context());
      caller.ok()) {
    caller_ = *std::move(caller);
    auto watch = context_.peers.Watch(*call_.auth_context(), [this] { call_.TryCancel(); });
    denied = watch.status();
    if (watch.ok()) watch_ = *std::move(watch);
  } else {
    denied = caller.status();
  }
  const std::lock_guard lock(mutex_);
  if (!refused.ok()) return EndNow(StreamEnd::kStopping, refused);
  if (!denied.ok()) return EndNow(StreamEnd::kDenied, ToGrpc(denied));
  StartRead(&request_);
}

void ExchangeStream::OnReadDone(bool ok) {
  if (!ok) {
    const std::lock_guard lock(mutex_);
    return EndWhenAnswered(StreamEnd::kClient, grpc::Status::OK);
  }
  switch (request_.message_case()) {
    case ingest::ExchangeRequest::kHello:
      OnHello(request_.hello());
      break;
    case ingest::ExchangeRequest::kBatch:
      OnBatch(request_.batch());
      break;
    case ingest::ExchangeRequest::kDirectiveAck:
      OnDirectiveAck(request_.directive_ack());
      break;
    case ingest::ExchangeRequest::MESSAGE_NOT_SET: {
      const std::lock_guard lock(mutex_);
      EndNow(StreamEnd::kProtocol, Protocol("a message of no kind that this gateway knows"));
      break;
    }
  }
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&request_);
}

void ExchangeStream::OnHello(const ingest::Hello& hello) {
  const absl::Status allowed = core::CheckMayIngest(caller_, hello.installation());
  const std::lock_guard lock(mutex_);
  if (hello_.has_value()) return EndNow(StreamEnd::kProtocol, Protocol("Hello was said already"));
  if (!allowed.ok()) return EndNow(StreamEnd::kDenied, ToGrpc(allowed));
  if (!platen::event::v1::Lane_IsValid(hello.lane()) ||
      hello.lane() == platen::event::v1::LANE_UNSPECIFIED || hello.instance().empty() ||
      hello.instance().size() > 127) {
    return EndNow(StreamEnd::kProtocol, Protocol("Hello: instance and lane are required"));
  }
  hello_ = hello;
  ingest::ExchangeResponse response;
  ingest::Welcome& welcome = *response.mutable_welcome();
  welcome.set_server(context_.options.server_name);
  welcome.set_window_batches(context_.options.window_batches);
  welcome.set_max_payload_bytes(core::kPayloadBytesMax);
  welcome.add_compressions(ingest::COMPRESSION_NONE);
  welcome.add_compressions(ingest::COMPRESSION_ZSTD);
  Send(std::move(response));
  service::LogInfo("ingest stream begins",
                   {{"client", caller_.name},
                    {"installation", hello.installation()},
                    {"instance", hello.instance()},
                    {"lane", platen::event::v1::Lane_Name(hello.lane())},
                    {"route", hello.route()},
                    {"version", hello.version()}});
  if (hello.wants_directives()) PumpDirectives();
}

void ExchangeStream::OnBatch(const ingest::Batch& batch) {
  core::StreamOrder::Decision decision;
  // The gate of the moment in which the batch was taken: if one before it fails from now on, it
  // fails too, however late it reaches the store.
  std::shared_ptr<OrderGate> gate;
  {
    const std::lock_guard lock(mutex_);
    if (ending_.has_value()) return;  // Sent again on the next stream.
    if (!hello_.has_value()) return EndNow(StreamEnd::kProtocol, Protocol("Hello comes first"));
    decision = order_.OnBatch(batch.number());
    gate = gate_;
    switch (decision.verdict) {
      case core::StreamOrder::Verdict::kTake:
        break;
      case core::StreamOrder::Verdict::kWait:
        return;
      case core::StreamOrder::Verdict::kRewind:
        return Send(MakeAnswer({.number = batch.number(), .next_number = decision.next_number},
                               {},
                               base::Unavailable("a batch before this one could not be stored")));
      case core::StreamOrder::Verdict::kHole:
        return EndNow(
            StreamEnd::kProtocol,
            Protocol(base::StrCat(
                "batch ", batch.number(), " came where ", decision.next_number, " was expected")));
      case core::StreamOrder::Verdict::kOverWindow:
        return EndNow(StreamEnd::kProtocol,
                      Protocol("more batches are unanswered than window_batches allows"));
    }
  }
  SubmitBatch(batch, decision.ticket, std::move(gate));
}

void ExchangeStream::SubmitBatch(const ingest::Batch& batch,
                                 core::StreamOrder::Ticket ticket,
                                 std::shared_ptr<OrderGate> gate) {
  const base::MonotonicTime arrived = context_.clock.Now();
  const auto reject = [this](const absl::Status& why) {
    const std::lock_guard lock(mutex_);
    EndNow(StreamEnd::kProtocol, ToGrpc(why));
  };
  absl::StatusOr<std::string> bytes = core::Decompress(batch);
  if (!bytes.ok()) return reject(bytes.status());
  const auto payload = std::make_shared<const std::string>(*std::move(bytes));
  const auto events = core::SplitPayload(*payload, batch.events());
  if (!events.ok()) return reject(events.status());
  auto admitted = std::make_shared<const core::AdmittedBatch>(context_.store.Admit(
      *events, {.installation = hello_->installation(), .tenants = caller_.tenants}));
  context_.view.OnArrived(hello_->installation(), hello_->instance(), *admitted);
  const absl::Status queued =
      context_.store.StoreBatch(admitted,
                                payload,
                                std::move(gate),
                                [self = shared_from_this(), ticket, arrived, admitted](
                                    const absl::StatusOr<BatchOutcome>& outcome) {
                                  self->OnSettled(ticket, arrived, *admitted, outcome);
                                });
  if (!queued.ok()) OnSettled(ticket, arrived, *admitted, queued);
}

void ExchangeStream::OnSettled(core::StreamOrder::Ticket ticket,
                               base::MonotonicTime arrived,
                               const core::AdmittedBatch& batch,
                               const absl::StatusOr<BatchOutcome>& outcome) {
  if (outcome.ok()) CountStored(batch, *outcome, arrived);
  const std::lock_guard lock(mutex_);
  for (const core::StreamOrder::Answer& answer : order_.OnSettled(ticket, outcome.ok())) {
    Send(MakeAnswer(answer, batch, outcome));
    if (!answer.accepted) gate_ = std::make_shared<OrderGate>();
  }
  Proceed();
}

ingest::ExchangeResponse ExchangeStream::MakeAnswer(const core::StreamOrder::Answer& answer,
                                                    const core::AdmittedBatch& batch,
                                                    const absl::StatusOr<BatchOutcome>& outcome) {
  ingest::ExchangeResponse response;
  ingest::BatchAck& ack = *response.mutable_batch_ack();
  ack.set_number(answer.number);
  if (answer.accepted) {
    ingest::Accepted& accepted = *ack.mutable_accepted();
    *accepted.mutable_refusals() = {batch.refusals.begin(), batch.refusals.end()};
    if (outcome.ok()) accepted.set_duplicates(outcome->duplicates);
    return response;
  }
  context_.metrics.rewinds.Increment();
  ingest::Rewind& rewind = *ack.mutable_rewind();
  rewind.set_next_number(answer.next_number);
  rewind.mutable_retry_delay()->set_nanos(
      static_cast<std::int32_t>(std::chrono::nanoseconds(kRetryDelay).count()));
  rewind.set_detail(outcome.ok() ? "a batch before this one could not be stored"
                                 : std::string(outcome.status().message()));
  return response;
}

void ExchangeStream::CountStored(const core::AdmittedBatch& batch,
                                 const BatchOutcome& outcome,
                                 base::MonotonicTime arrived) {
  GatewayMetrics& metrics = context_.metrics;
  context_.view.OnStored(outcome.stored);
  metrics.batches.Increment();
  metrics.events_stored.Increment(outcome.stored);
  metrics.sent_again.Increment(outcome.sent_again);
  metrics.told_again.Increment(outcome.duplicates - outcome.sent_again);
  metrics.conflicts.Increment(outcome.conflicts);
  metrics.batch_seconds.Observe(base::ToSeconds(context_.clock.Now() - arrived));
  for (const ingest::Refusal& refusal : batch.refusals) {
    metrics.refusals[refusal.reason()].Increment();
  }
  if (!batch.refusals.empty()) {
    service::LogWarning("events refused",
                        {{"events", batch.refusals.size()},
                         {"first_reason", core::RefusalName(batch.refusals.front().reason())},
                         {"first_detail", batch.refusals.front().detail()}});
  }
}

void ExchangeStream::OnDirectiveAck(const ingest::DirectiveAck& ack) {
  std::string installation;
  {
    const std::lock_guard lock(mutex_);
    if (!hello_.has_value()) return EndNow(StreamEnd::kProtocol, Protocol("Hello comes first"));
    installation = hello_->installation();
    if (directives_in_flight_ > 0) --directives_in_flight_;
    PumpDirectives();
  }
  if (!ack.refusal().empty()) {
    context_.metrics.directives_refused.Increment();
    service::LogWarning("directive refused",
                        {{"installation", installation},
                         {"number", ack.number()},
                         {"reason", std::string_view(ack.refusal()).substr(0, 256)}});
  }
  // A failure here costs a repetition on the next stream, and nothing else.
  context_.store
      .AcknowledgeDirective(
          installation, ack.number(), ack.refusal().substr(0, 1024), [](const absl::Status&) {})
      .IgnoreError();
}

void ExchangeStream::OnDirectives(const std::string& installation) {
  const std::lock_guard lock(mutex_);
  if (hello_.has_value() && hello_->wants_directives() && hello_->installation() == installation) {
    PumpDirectives();
  }
}

void ExchangeStream::PumpDirectives() {
  if (ending_.has_value() || directives_in_flight_ >= kDirectivesInFlightMax) return;
  if (pumping_) {
    pump_again_ = true;
    return;
  }
  pumping_ =
      context_.readers
          .Submit([self = shared_from_this()](Reader& reader) { self->FetchDirectives(reader); })
          .ok();
}

void ExchangeStream::FetchDirectives(Reader& reader) {
  std::string installation;
  std::uint64_t after = 0;
  std::size_t room = 0;
  {
    const std::lock_guard lock(mutex_);
    installation = hello_->installation();
    after = last_directive_;
    room = kDirectivesInFlightMax - directives_in_flight_;
    pump_again_ = false;
  }
  auto directives = reader.DirectivesAfter(installation, after, static_cast<int>(room));
  const std::lock_guard lock(mutex_);
  pumping_ = false;
  if (!directives.ok()) {
    service::LogWarning("directives can't be read", {{"reason", directives.status().message()}});
    return;  // OnTick() asks again.
  }
  for (ingest::Directive& directive : *directives) {
    last_directive_ = directive.number();
    ++directives_in_flight_;
    context_.metrics.directives_sent.Increment();
    ingest::ExchangeResponse response;
    *response.mutable_directive() = std::move(directive);
    Send(std::move(response));
  }
  if (pump_again_) PumpDirectives();
}

void ExchangeStream::OnTick(base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  const IngestOptions& options = context_.options;
  if (writing_ && now - write_began_ > options.patience) {
    EndNow(StreamEnd::kSlow, {grpc::StatusCode::RESOURCE_EXHAUSTED, "answers are not taken"});
    return call_.TryCancel();  // Its write would never end.
  }
  if (!hello_.has_value() && now - begun_ > options.patience) {
    return EndNow(StreamEnd::kProtocol, Protocol("Hello did not come"));
  }
  if (now - begun_ > options.max_stream_age) {
    return EndWhenAnswered(
        StreamEnd::kAge,
        {grpc::StatusCode::UNAVAILABLE, "the stream has reached its age: open a new one"});
  }
  if (hello_.has_value() && hello_->wants_directives()) PumpDirectives();
}

void ExchangeStream::Drain() {
  const std::lock_guard lock(mutex_);
  EndWhenAnswered(StreamEnd::kStopping, {grpc::StatusCode::UNAVAILABLE, "the gateway is stopping"});
}

void ExchangeStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) EndNow(StreamEnd::kClient, {grpc::StatusCode::CANCELLED, "the client is gone"});
  Proceed();
}

void ExchangeStream::OnCancel() {
  const std::lock_guard lock(mutex_);
  EndNow(StreamEnd::kClient, {grpc::StatusCode::CANCELLED, "the client is gone"});
}

void ExchangeStream::OnDone() {
  watch_ = {};
  context_.metrics.ingest_streams.Decrement();
  self_.reset();
}

void ExchangeStream::Send(ingest::ExchangeResponse response) {
  if (drop_unanswered_ || finished_) return;
  outbox_.push_back(std::move(response));
  Proceed();
}

void ExchangeStream::EndWhenAnswered(StreamEnd end, const grpc::Status& status) {
  if (!ending_.has_value()) {
    ending_ = status;
    context_.metrics.streams_ended[end].Increment();
    if (!status.ok()) {
      service::LogInfo("ingest stream ends",
                       {{"client", caller_.name}, {"reason", status.error_message()}});
    }
  }
  Proceed();
}

void ExchangeStream::EndNow(StreamEnd end, const grpc::Status& status) {
  drop_unanswered_ = true;
  outbox_.clear();
  EndWhenAnswered(end, status);
}

void ExchangeStream::Proceed() {
  if (finished_ || writing_) return;
  if (!outbox_.empty()) {
    writing_ = true;
    write_began_ = context_.clock.Now();
    writing_message_ = std::move(outbox_.front());
    outbox_.pop_front();
    return StartWrite(&writing_message_);
  }
  if (ending_.has_value() && (drop_unanswered_ || order_.unanswered() == 0)) {
    finished_ = true;
    Finish(*ending_);
  }
}

}  // namespace platen::gateway::edge
