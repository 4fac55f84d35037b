#include "tests/simulation/pipeline/gateway_host.h"

#include <algorithm>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"
#include "services/gateway/core/batch_payload.h"
#include "services/gateway/edge/directive_table.h"
#include "services/gateway/edge/schema.h"

namespace platen::simulation {

namespace edge = gateway::edge;
using gateway::core::AdmittedBatch;
using gateway::core::StreamOrder;
using Verdict = StreamOrder::Verdict;

namespace {

constexpr const char* kInstallation = "campus";
constexpr std::size_t kDirectivesInFlightMax = 4;
constexpr std::size_t kQueueJobsMax = 16;

void MustBe(const absl::Status& status) {
  ABSL_RAW_CHECK(status.ok(), std::string(status.message()).c_str());
}

}  // namespace

// One stream, as ExchangeStream keeps it.
struct GatewayHost::Session {
  explicit Session(std::size_t window) : order(window) {}

  // The relay is gone and nothing of it is left to hear.
  bool is_over() const { return wire->broken || (wire.use_count() == 1 && wire->up.empty()); }

  std::shared_ptr<Wire> wire = std::make_shared<Wire>();
  StreamOrder order;
  std::shared_ptr<edge::OrderGate> gate = std::make_shared<edge::OrderGate>();
  std::uint64_t last_directive = 0;
  std::size_t directives_in_flight = 0;
};

class GatewayHost::Observer final : public edge::TransactionObserver {
 public:
  Observer(GatewayHost& host, edge::Ledger& ledger) : host_(host), ledger_(ledger) {}

  absl::Status BeforeCommit(edge::Database& database) override {
    PLATEN_RETURN_IF_ERROR(ledger_.BeforeCommit(database));
    if (!std::exchange(host_.fail_next_commit_, false)) return absl::OkStatus();
    return base::Unavailable("disk I/O error");
  }

  void OnCommit() override {
    ledger_.OnCommit();
    ++host_.seen_.transactions;
  }

  void OnRollback(const absl::Status& why) override {
    host_.trace_.Say("gateway: rolls back: ", std::string(why.message()));
    ledger_.OnRollback(why);
    ++host_.seen_.rollbacks;
  }

 private:
  GatewayHost& host_;
  edge::Ledger& ledger_;
};

// What a crash forgets.
struct GatewayHost::Process {
  gateway::core::Registry registry;
  std::unique_ptr<edge::Ledger> ledger;
  std::unique_ptr<Observer> observer;
  std::unique_ptr<edge::GroupWriter> writer;
  std::deque<edge::WriteJob> jobs;
  std::vector<std::shared_ptr<Session>> sessions;
};

GatewayHost::GatewayHost(base::Random& random, const base::SimClock& clock, const Trace& trace)
    : random_(random), clock_(clock), trace_(trace) {
  auto disk = edge::Database::Open(":memory:");
  MustBe(disk.status());
  disk_ = *std::move(disk);
  MustBe(edge::PrepareSchema(*disk_));
  find_directives_ = *disk_->Prepare(
      "SELECT record FROM directives WHERE installation=? AND number>? AND refusal=''"
      " ORDER BY number LIMIT ?");
  find_stored_ = *disk_->Prepare("SELECT seq, id, payload FROM events WHERE seq>? ORDER BY seq");
  count_open_ = *disk_->Prepare("SELECT count(*) FROM alerts WHERE open=1");
  Start();
}

GatewayHost::~GatewayHost() = default;

void GatewayHost::Start() {
  process_ = std::make_unique<Process>();
  auto ledger = edge::Ledger::Load(*disk_, NowMs());
  MustBe(ledger.status());
  process_->ledger = *std::move(ledger);
  process_->observer = std::make_unique<Observer>(*this, *process_->ledger);
  process_->writer = std::make_unique<edge::GroupWriter>(*disk_, *process_->observer);
  auto places = *disk_->Prepare("SELECT number, tenant, site FROM places");
  while (*places.Step()) {
    process_->registry.AddPlace(places.Int(0), {places.String(1), places.String(2)});
  }
  auto devices = *disk_->Prepare("SELECT id, number, place FROM devices");
  while (*devices.Step()) {
    process_->registry.AddDevice(*base::DeviceId::FromBytes(devices.Bytes(0)),
                                 {.number = devices.Int(1), .place = devices.Int(2)});
  }
}

void GatewayHost::Crash() {
  trace_.Say("gateway: crashes with ", process_->jobs.size(), " batches unwritten");
  for (const auto& session : process_->sessions) session->wire->broken = true;
  process_.reset();
}

std::shared_ptr<Wire> GatewayHost::Connect(bool wants_directives) {
  if (process_ == nullptr) return nullptr;
  const std::size_t window = 1 + random_.Below(4);
  auto session = std::make_shared<Session>(window);
  session->wire->wants_directives = wants_directives;
  process_->sessions.push_back(session);
  ingest::v1::ExchangeResponse response;
  response.mutable_welcome()->set_server("gateway");
  response.mutable_welcome()->set_window_batches(static_cast<std::uint32_t>(window));
  response.mutable_welcome()->set_max_payload_bytes(gateway::core::kPayloadBytesMax);
  Say(*session, std::move(response));
  return session->wire;
}

void GatewayHost::Say(Session& session, ingest::v1::ExchangeResponse response) {
  auto& down = session.wire->down;
  base::MonotonicTime arrival = clock_.Now() + std::chrono::milliseconds(random_.Below(40));
  if (!down.empty()) arrival = std::max(arrival, down.back().arrival);
  down.push_back({arrival, std::move(response)});
}

void GatewayHost::FillDisk(base::Duration time) {
  full_until_ = clock_.Now() + time;
  is_full_ = true;
  const auto pages = disk_->QueryInt("PRAGMA page_count");
  MustBe(disk_->Execute(base::StrCat("PRAGMA max_page_count=", **pages)));
}

void GatewayHost::Heal() {
  slow_until_ = {};
  fail_next_commit_ = false;
  if (!std::exchange(is_full_, false)) return;
  MustBe(disk_->Execute("PRAGMA max_page_count=1000000"));
}

void GatewayHost::Turn() {
  if (is_full_ && clock_.Now() >= full_until_) {
    is_full_ = false;
    MustBe(disk_->Execute("PRAGMA max_page_count=1000000"));
  }
  if (process_ == nullptr) return;
  const auto sessions = process_->sessions;
  for (const auto& session : sessions) Hear(session);
  std::erase_if(process_->sessions, [](const auto& each) { return each->is_over(); });
  if (clock_.Now() >= slow_until_) Write();
  for (const auto& session : process_->sessions) SendDirectives(*session);
}

void GatewayHost::Hear(const std::shared_ptr<Session>& session) {
  Wire& wire = *session->wire;
  while (!wire.up.empty() && wire.up.front().arrival <= clock_.Now()) {
    if (process_->jobs.size() >= kQueueJobsMax) return;
    auto message = std::move(wire.up.front().message);
    wire.up.pop_front();
    if (const auto* batch = std::get_if<ingest::v1::Batch>(&message)) {
      Hear(session, *batch);
      continue;
    }
    const auto& ack = std::get<ingest::v1::DirectiveAck>(message);
    if (session->directives_in_flight > 0) --session->directives_in_flight;
    process_->jobs.push_back(
        {.apply =
             [number = ack.number(), refusal = ack.refusal()](edge::Database& database) {
               return edge::AcknowledgeDirective(database, kInstallation, number, refusal);
             },
         .done = [](const absl::Status&) {},
         .events = 1});
  }
}

void GatewayHost::Hear(const std::shared_ptr<Session>& session, const ingest::v1::Batch& batch) {
  const StreamOrder::Decision decision = session->order.OnBatch(batch.number());
  switch (decision.verdict) {
    case Verdict::kTake:
      return Submit(session, batch, decision.ticket);
    case Verdict::kWait:
      return;
    case Verdict::kRewind: {
      ingest::v1::ExchangeResponse response;
      response.mutable_batch_ack()->set_number(batch.number());
      response.mutable_batch_ack()->mutable_rewind()->set_next_number(decision.next_number);
      return Say(*session, std::move(response));
    }
    case Verdict::kHole:
    case Verdict::kOverWindow:
      misbehaviour_ = base::StrCat("a relay broke the protocol: batch ",
                                   batch.number(),
                                   " where ",
                                   decision.next_number,
                                   " was expected, or too many");
      session->wire->broken = true;
  }
}

void GatewayHost::Submit(const std::shared_ptr<Session>& session,
                         const ingest::v1::Batch& batch,
                         StreamOrder::Ticket ticket) {
  auto bytes = gateway::core::Decompress(batch);
  MustBe(bytes.status());
  const auto payload = std::make_shared<const std::string>(*std::move(bytes));
  const auto events = gateway::core::SplitPayload(*payload, batch.events());
  MustBe(events.status());
  const auto admitted = std::make_shared<const AdmittedBatch>(
      gateway::core::Admit(*events, process_->registry, {}, clock_.WallNow()));
  const auto outcome = std::make_shared<edge::BatchOutcome>();
  process_->jobs.push_back(
      {.apply =
           [this, admitted, payload, outcome](edge::Database&) {
             return process_->ledger->Apply(*admitted, NowMs(), *outcome);
           },
       .done =
           [this, session, ticket, admitted, outcome](const absl::Status& status) {
             Settle(*session,
                    ticket,
                    *admitted,
                    status.ok() ? absl::StatusOr<edge::BatchOutcome>(*outcome) : status);
           },
       .bytes = payload->size(),
       .events = admitted->events.size(),
       .gate = session->gate});
}

void GatewayHost::Settle(Session& session,
                         StreamOrder::Ticket ticket,
                         const AdmittedBatch& batch,
                         const absl::StatusOr<edge::BatchOutcome>& outcome) {
  if (outcome.ok()) {
    seen_.stored += outcome->stored;
    seen_.duplicates += outcome->duplicates;
    seen_.refusals += batch.refusals.size();
    for (const auto& report : batch.sequences) {
      if (report.count() == 0) continue;
      answered_[report.stream].Add(report.first, report.last);
    }
  }
  for (const StreamOrder::Answer& answer : session.order.OnSettled(ticket, outcome.ok())) {
    ingest::v1::ExchangeResponse response;
    ingest::v1::BatchAck& ack = *response.mutable_batch_ack();
    ack.set_number(answer.number);
    if (answer.accepted) {
      *ack.mutable_accepted()->mutable_refusals() = {batch.refusals.begin(), batch.refusals.end()};
      if (outcome.ok()) ack.mutable_accepted()->set_duplicates(outcome->duplicates);
    } else {
      ++seen_.rewinds;
      ack.mutable_rewind()->set_next_number(answer.next_number);
      ack.mutable_rewind()->mutable_retry_delay()->set_nanos(200'000'000);
      session.gate = std::make_shared<edge::OrderGate>();
    }
    Say(session, std::move(response));
  }
}

// One transaction for some of what waits, as the writing thread takes it.
void GatewayHost::Write() {
  auto& jobs = process_->jobs;
  if (jobs.empty()) return;
  std::vector<edge::WriteJob> group;
  for (std::uint64_t n = 1 + random_.Below(jobs.size()); n > 0; --n) {
    group.push_back(std::move(jobs.front()));
    jobs.pop_front();
  }
  trace_.Say("gateway: writes ", group.size(), " jobs");
  process_->writer->Write(group);
}

void GatewayHost::SendDirectives(Session& session) {
  if (!session.wire->wants_directives || session.directives_in_flight >= kDirectivesInFlightMax) {
    return;
  }
  edge::Statement& find = find_directives_;
  find.BindText(1, kInstallation)
      .Bind(2, static_cast<std::int64_t>(session.last_directive))
      .Bind(3, static_cast<std::int64_t>(kDirectivesInFlightMax - session.directives_in_flight));
  while (*find.Step()) {
    ingest::v1::ExchangeResponse response;
    ABSL_RAW_CHECK(response.mutable_directive()->ParseFromString(find.String(0)), "a directive");
    session.last_directive = response.directive().number();
    ++session.directives_in_flight;
    trace_.Say("gateway: sends directive ", session.last_directive);
    Say(session, std::move(response));
  }
  find.Reset();
}

bool GatewayHost::Order(std::function<absl::Status(edge::Database&)> apply) {
  if (process_ == nullptr || clock_.Now() < slow_until_) return false;
  bool stored = false;
  std::vector<edge::WriteJob> group;
  group.push_back({.apply = std::move(apply),
                   .done = [&stored](const absl::Status& status) { stored = status.ok(); },
                   .events = 1});
  process_->writer->Write(group);
  return stored;
}

void GatewayHost::Register(const base::DeviceId& device, const std::string& address) {
  edge::Registration registration{.place = {"acme", "hq"}, .device = device};
  registration.target.set_address(address);
  registration.target.set_installation(kInstallation);
  registration.target.set_display_name("first");
  std::vector<edge::Registered> registered;
  const bool stored = Order([&](edge::Database& database) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(
        registered,
        edge::RegisterTargets(database, {registration}, edge::Registering::kKeep, NowMs()));
    return absl::OkStatus();
  });
  ABSL_RAW_CHECK(stored, "a fresh gateway registers");
  for (const edge::Registered& one : registered) {
    process_->registry.AddPlace(one.place_number, one.place);
    process_->registry.AddDevice(one.device, {.number = one.number, .place = one.place_number});
    process_->ledger->AddDevice(one.number, one.device, one.place_number);
  }
}

void GatewayHost::Rename(const base::DeviceId& device, const std::string& name) {
  const bool stored = Order([&](edge::Database& database) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(auto find, database.Prepare("SELECT record FROM targets WHERE id=?"));
    find.BindBlob(1, device.bytes());
    PLATEN_RETURN_IF_ERROR(find.Step().status());
    fleet::v1::Target target;
    ABSL_RAW_CHECK(target.ParseFromString(find.String(0)), "a stored target");
    find.Reset();
    target.set_display_name(name);
    return edge::ChangeTarget(database, {"acme", "hq"}, device, target, NowMs());
  });
  trace_.Say("gateway: ", stored ? "orders" : "can't order", " the name ", name);
}

std::vector<StoredEvent> GatewayHost::StoredAfter(std::int64_t seq) {
  std::vector<StoredEvent> stored;
  edge::Statement& find = find_stored_;
  find.Bind(1, seq);
  while (*find.Step()) stored.push_back({find.Int(0), find.String(1), find.String(2)});
  find.Reset();
  return stored;
}

SequencesSeen GatewayHost::Sequences() {
  SequencesSeen sequences;
  auto all = *disk_->Prepare("SELECT instance, epoch, lane, route, seen FROM sequences");
  while (*all.Step()) {
    auto numbers = gateway::core::IntervalSet::Decode(all.Bytes(4));
    MustBe(numbers.status());
    if (numbers->highest() == 0) continue;  // Claimed only.
    sequences[{.instance = all.String(0),
               .epoch = static_cast<std::uint64_t>(all.Int(1)),
               .lane = static_cast<event::v1::Lane>(all.Int(2)),
               .route = all.String(3)}] = *std::move(numbers);
  }
  return sequences;
}

std::int64_t GatewayHost::OpenAlerts() {
  ABSL_RAW_CHECK(*count_open_.Step(), "a count is a row");
  const std::int64_t open = count_open_.Int(0);
  count_open_.Reset();
  return open;
}

std::map<std::string, std::string> GatewayHost::Names() {
  std::map<std::string, std::string> names;
  auto all = *disk_->Prepare("SELECT id, record FROM targets");
  while (*all.Step()) {
    fleet::v1::Target target;
    ABSL_RAW_CHECK(target.ParseFromString(all.String(1)), "a stored target");
    names[all.String(0)] = target.display_name();
  }
  return names;
}

}  // namespace platen::simulation
