#include "services/gateway/edge/store.h"

#include <future>
#include <utility>

#include "libs/base/status.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

// How long a number that a source claims may be under way before it counts as missing.
constexpr std::int64_t kClaimPatienceMs = 60'000;

}  // namespace

// Follows the writer's transactions with the ledger, and tells the listeners.
class Store::Observer final : public TransactionObserver {
 public:
  explicit Observer(Store& store) : store_(store) {}

  absl::Status BeforeCommit(Database& database) override {
    PLATEN_RETURN_IF_ERROR(store_.ledger_->BeforeCommit(database));
    const std::int64_t now_ms = base::ToMillis(store_.clock_.WallNow());
    for (const core::DeviceNumber device : store_.ledger_->identity_news()) {
      PLATEN_RETURN_IF_ERROR(MergeByEvidence(database, device, now_ms, moved_));
    }
    return absl::OkStatus();
  }

  void OnCommit() override {
    store_.ledger_->OnCommit();
    store_.PublishStatus(absl::OkStatus());
    store_.OnChanged(std::exchange(moved_, {}));
    std::vector<AlertChange> changes = store_.ledger_->TakeAlertChanges();
    if (changes.empty() || !store_.on_alerts_) return;
    {
      const std::shared_lock lock(store_.registry_mutex_);
      for (AlertChange& change : changes) change.where = store_.registry_.place(change.place);
    }
    store_.on_alerts_(changes);
  }

  void OnRollback(const absl::Status& why) override {
    store_.ledger_->OnRollback(why);
    moved_ = {};
    store_.PublishStatus(why);
  }

 private:
  Store& store_;
  Changed moved_;  // By evidence, in the transaction that is open.
};

Store::Store(std::string file,
             std::unique_ptr<StoreLock> lock,
             std::unique_ptr<Database> database,
             const base::Clock& clock)
    : file_(std::move(file)),
      lock_(std::move(lock)),
      clock_(clock),
      database_(std::move(database)) {}

Store::~Store() {
  if (queue_ != nullptr) queue_->Stop();
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options,
                                                   const base::Clock& clock) {
  PLATEN_ASSIGN_OR_RETURN(std::unique_ptr<StoreLock> lock, StoreLock::Take(options.file));
  PLATEN_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                          Database::Open(options.file, {.named_by = kStoreOption}));
  std::unique_ptr<Store> store(
      new Store(options.file, std::move(lock), std::move(database), clock));
  absl::Status status = PrepareSchema(*store->database_);
  if (status.ok()) {
    absl::StatusOr<std::unique_ptr<Ledger>> ledger =
        Ledger::Load(*store->database_, base::ToMillis(store->clock_.WallNow()));
    status = ledger.status();
    if (ledger.ok()) store->ledger_ = *std::move(ledger);
  }
  if (status.ok()) {
    absl::StatusOr<GapAudit> audit = GapAudit::Load(*store->database_);
    status = audit.status();
    if (audit.ok()) store->audit_ = *std::move(audit);
  }
  if (status.ok()) status = store->LoadRegistry();
  if (!status.ok()) {
    const bool damaged = status.code() == absl::StatusCode::kDataLoss;
    return base::Annotate(status,
                          base::StrCat("the store ",
                                       options.file,
                                       " (store.sqlite_file) can't be used",
                                       damaged ? "; restore it from a backup" : ""));
  }
  store->PublishStatus(absl::OkStatus());
  store->observer_ = std::make_unique<Observer>(*store);
  store->queue_ = std::make_unique<WriteQueue>(options.queue, *store->database_, *store->observer_);
  return store;
}

absl::Status Store::LoadRegistry() {
  PLATEN_ASSIGN_OR_RETURN(Statement places,
                          database_->Prepare("SELECT number, tenant, site FROM places"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, places.Step());
    if (!row) break;
    registry_.AddPlace(places.Int(0), {places.String(1), places.String(2)});
  }
  PLATEN_ASSIGN_OR_RETURN(Statement devices,
                          database_->Prepare("SELECT id, number, place FROM devices"));
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, devices.Step());
    if (!row) return absl::OkStatus();
    PLATEN_ASSIGN_OR_RETURN(const base::DeviceId id, base::DeviceId::FromBytes(devices.Bytes(0)));
    registry_.AddDevice(id, {.number = devices.Int(1), .place = devices.Int(2)});
  }
}

core::AdmittedBatch Store::Admit(const std::vector<std::string_view>& events,
                                 const core::SenderScope& scope) const {
  const std::shared_lock lock(registry_mutex_);
  return core::Admit(events, registry_, scope, clock_.WallNow());
}

absl::Status Store::StoreBatch(std::shared_ptr<const core::AdmittedBatch> batch,
                               std::shared_ptr<const std::string> payload,
                               std::shared_ptr<OrderGate> gate,
                               BatchDone done) {
  auto outcome = std::make_shared<BatchOutcome>();
  const std::size_t bytes = payload->size();
  const std::size_t events = batch->events.size();
  return queue_->Submit(
      {.apply =
           [this, batch = std::move(batch), payload = std::move(payload), outcome](Database&) {
             return ledger_->Apply(*batch, base::ToMillis(clock_.WallNow()), *outcome);
           },
       .done =
           [outcome, done = std::move(done)](const absl::Status& status) {
             done(status.ok() ? absl::StatusOr<BatchOutcome>(*outcome) : status);
           },
       .bytes = bytes,
       .events = events,
       .gate = std::move(gate)});
}

absl::Status Store::RegisterTargets(std::vector<Registration> batch,
                                    Registering mode,
                                    RegisterDone done) {
  auto registered = std::make_shared<std::vector<Registered>>();
  const std::size_t count = batch.size();
  return queue_->Submit(
      {.apply =
           [this, batch = std::move(batch), mode, registered](Database& database) -> absl::Status {
         PLATEN_ASSIGN_OR_RETURN(
             *registered,
             edge::RegisterTargets(database, batch, mode, base::ToMillis(clock_.WallNow())));
         return absl::OkStatus();
       },
       .done =
           [this, registered, done = std::move(done)](const absl::Status& status) {
             if (!status.ok()) return done(status);
             OnRegistered(*registered);
             done(std::move(*registered));
           },
       .bytes = count * sizeof(Registration),
       .events = count});
}

void Store::OnRegistered(const std::vector<Registered>& registered) {
  {
    const std::unique_lock lock(registry_mutex_);
    for (const Registered& one : registered) {
      if (!one.fresh) continue;
      registry_.AddPlace(one.place_number, one.place);
      registry_.AddDevice(one.device, {.number = one.number, .place = one.place_number});
      ledger_->AddDevice(one.number, one.device, one.place_number);
    }
  }
  if (!on_directives_) return;
  std::string told;
  for (const Registered& one : registered) {
    if (one.fresh && one.target.installation() != told) {
      told = one.target.installation();
      on_directives_(told);
    }
  }
}

absl::Status Store::RemoveTarget(core::Place place, base::DeviceId device, Done done) {
  auto installation = std::make_shared<std::string>();
  return queue_->Submit(
      {.apply = [this, place = std::move(place), device, installation](
                    Database& database) -> absl::Status {
         PLATEN_ASSIGN_OR_RETURN(
             *installation,
             edge::RemoveTarget(database, place, device, base::ToMillis(clock_.WallNow())));
         return absl::OkStatus();
       },
       .done =
           [this, installation, done = std::move(done)](const absl::Status& status) {
             if (status.ok() && on_directives_) on_directives_(*installation);
             done(status);
           },
       .events = 1});
}

absl::Status Store::Change(Apply apply, Done done) {
  auto changed = std::make_shared<Changed>();
  return queue_->Submit(
      {.apply = [apply = std::move(apply), changed](Database& database) -> absl::Status {
         PLATEN_RETURN_IF_ERROR(database.Execute("SAVEPOINT change"));
         const absl::Status status = apply(database, *changed);
         if (IsStoreFailure(status)) return status;
         if (!status.ok()) PLATEN_RETURN_IF_ERROR(database.Execute("ROLLBACK TO change"));
         PLATEN_RETURN_IF_ERROR(database.Execute("RELEASE change"));
         return status;
       },
       .done =
           [this, changed, done = std::move(done)](const absl::Status& status) {
             if (status.ok()) OnChanged(*changed);
             done(status);
           },
       .events = 1});
}

void Store::OnChanged(const Changed& changed) {
  OnRegistered(changed.registered);
  for (const core::DeviceNumber device : changed.merged) ledger_->EndAlerts(device);
  if (!on_directives_) return;
  for (const std::string& installation : changed.installations) on_directives_(installation);
}

absl::Status Store::AcknowledgeDirective(std::string installation,
                                         std::uint64_t number,
                                         std::string refusal,
                                         Done done) {
  return queue_->Submit(
      {.apply =
           [installation = std::move(installation), number, refusal = std::move(refusal)](
               Database& database) {
             return edge::AcknowledgeDirective(database, installation, number, refusal);
           },
       .done = std::move(done),
       .events = 1});
}

void Store::Audit() {
  auto told = std::make_shared<std::vector<GapAudit::Told>>();
  const absl::Status queued = queue_->Submit(
      {.apply = [this, told](Database& database) -> absl::Status {
         PLATEN_ASSIGN_OR_RETURN(
             *told, audit_.Look(database, ledger_->sequences(), base::ToMillis(clock_.WallNow())));
         return absl::OkStatus();
       },
       .done =
           [this, told](const absl::Status& status) {
             if (!status.ok() || told->empty()) return;
             audit_.Commit(*told);
             PublishStatus(absl::OkStatus());
           },
       .events = 1});
  (void)queued;  // A store that takes nothing is told of by others.
}

absl::Status Store::LimitPagesForTest(int pages) {
  std::promise<absl::Status> done;
  PLATEN_RETURN_IF_ERROR(
      queue_->Submit({.apply =
                          [pages](Database& database) {
                            return database.Execute(base::StrCat("PRAGMA max_page_count=", pages));
                          },
                      .done = [&done](const absl::Status& status) { done.set_value(status); }}));
  return done.get_future().get();
}

Store::Status Store::status() const {
  const std::lock_guard lock(status_mutex_);
  Status status = status_;
  if (queue_ != nullptr) status.queued_bytes = queue_->queued_bytes();
  return status;
}

void Store::PublishStatus(const absl::Status& last_write) {
  Status status{
      .counts = ledger_->counts(),
      .missing = ledger_->sequences().Missing(base::ToMillis(clock_.WallNow()), kClaimPatienceMs),
      .gaps = audit_.told(),
      .unbooked = ledger_->sequences().unbooked(),
      .last_write = last_write};
  const std::lock_guard lock(status_mutex_);
  status_ = std::move(status);
}

}  // namespace platen::gateway::edge
