#include "libs/rules/rule_book.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/record_check.h"
#include "libs/rules/references.h"

namespace platen::rules {

using event::v1::Event;

namespace {

std::string PlaceKey(std::string_view tenant, std::string_view site) {
  return base::StrCat(tenant, "/", site);
}

// That the event is from where the record holds.
absl::Status NarrowTo(const RecordName& name, Condition& condition) {
  for (const auto& [path, value] :
       {std::pair<const char*, const std::string*>{"tenant", &name.tenant}, {"site", &name.site}}) {
    if (value->empty()) continue;
    PLATEN_ASSIGN_OR_RETURN(Field field, Field::Parse(path));
    PLATEN_ASSIGN_OR_RETURN(const Test test, Test::Compile(std::move(field), {*value}, true));
    condition.Narrow(test);
  }
  return absl::OkStatus();
}

}  // namespace

struct RuleBook::Kept {
  RecordName name;
  v1::Record record;
  // Of a rule or silence; of an inhibition its source.
  Condition condition;
  // Of an inhibition.
  Condition target;
  std::optional<Calendar> calendar;
  std::optional<Roster> roster;
  ConditionIndex::Id silence = 0;

  static absl::StatusOr<std::unique_ptr<Kept>> Compile(const v1::Record& record);
};

// What holds at one site of one customer.
struct RuleBook::Place {
  // In the order in which they are asked.
  std::vector<const Kept*> rules;
  std::vector<const Kept*> inhibitions;
};

absl::StatusOr<std::unique_ptr<RuleBook::Kept>> RuleBook::Kept::Compile(const v1::Record& record) {
  auto kept = std::make_unique<Kept>();
  PLATEN_ASSIGN_OR_RETURN(kept->name, CheckTerms(record));
  kept->record = record;
  if (record.has_rule()) {
    PLATEN_ASSIGN_OR_RETURN(kept->condition, Condition::Compile(record.rule().any_of()));
  } else if (record.has_silence()) {
    PLATEN_ASSIGN_OR_RETURN(kept->condition, Condition::Compile(record.silence().any_of()));
    PLATEN_RETURN_IF_ERROR(NarrowTo(kept->name, kept->condition));
  } else if (record.has_inhibition()) {
    PLATEN_ASSIGN_OR_RETURN(kept->condition, Condition::Compile(record.inhibition().source()));
    PLATEN_ASSIGN_OR_RETURN(kept->target, Condition::Compile(record.inhibition().target()));
  } else if (record.has_calendar()) {
    PLATEN_ASSIGN_OR_RETURN(kept->calendar, Calendar::Compile(record.calendar()));
  } else if (record.has_roster()) {
    PLATEN_ASSIGN_OR_RETURN(kept->roster, Roster::Compile(record.roster()));
  }
  return kept;
}

absl::Status CheckRecord(const v1::Record& record) {
  return RuleBook().Put(record);
}

RuleBook::RuleBook() = default;
RuleBook::~RuleBook() = default;
RuleBook::RuleBook(RuleBook&&) noexcept = default;
RuleBook& RuleBook::operator=(RuleBook&&) noexcept = default;

absl::Status RuleBook::Put(const v1::Record& record) {
  auto kept = Kept::Compile(record);
  if (!kept.ok()) {
    return base::InvalidArgument("'", record.name(), "': ", base::ToStd(kept.status().message()));
  }
  if (records_.size() >= kRecordsMax && !records_.contains(record.name())) {
    return base::Error(absl::StatusCode::kResourceExhausted, "there are ", kRecordsMax, " records");
  }
  Remove(record.name());
  if (record.has_silence()) {
    (*kept)->silence = ++last_silence_;
    silences_[last_silence_] = kept->get();
    silence_index_.Add(last_silence_, (*kept)->condition);
  }
  records_[record.name()] = *std::move(kept);
  if (record.has_rule() || record.has_inhibition()) places_.clear();
  return absl::OkStatus();
}

bool RuleBook::Remove(std::string_view name) {
  const auto found = records_.find(name);
  if (found == records_.end()) return false;
  const Kept& kept = *found->second;
  if (kept.silence != 0) {
    silence_index_.Remove(kept.silence);
    silences_.erase(kept.silence);
  }
  if (kept.record.has_rule() || kept.record.has_inhibition()) places_.clear();
  records_.erase(found);
  return true;
}

std::size_t RuleBook::size() const {
  return records_.size();
}

const RuleBook::Kept* RuleBook::FindNarrowest(RecordKind kind,
                                              std::string_view id,
                                              std::string_view tenant,
                                              std::string_view site) const {
  for (const std::string& name : NamesOf(kind, id, tenant, site)) {
    const auto found = records_.find(name);
    if (found != records_.end()) return found->second.get();
  }
  return nullptr;
}

const RuleBook::Place& RuleBook::PlaceOf(std::string_view tenant, std::string_view site) const {
  std::unique_ptr<Place>& place = places_[PlaceKey(tenant, site)];
  if (place != nullptr) return *place;
  place = std::make_unique<Place>();
  for (const auto& [name, kept] : records_) {
    const bool is_rule = kept->record.has_rule();
    if (!is_rule && !kept->record.has_inhibition()) continue;
    if (!kept->name.Covers(tenant, site)) continue;
    if (is_rule ? kept->record.rule().off() : kept->record.inhibition().off()) continue;
    if (FindNarrowest(kept->name.kind, kept->name.id, tenant, site) != kept.get()) continue;
    (is_rule ? place->rules : place->inhibitions).push_back(kept.get());
  }
  std::sort(place->rules.begin(), place->rules.end(), [](const Kept* left, const Kept* right) {
    return std::pair(left->record.rule().order(), std::string_view(left->name.id)) <
           std::pair(right->record.rule().order(), std::string_view(right->name.id));
  });
  return *place;
}

std::vector<Taken> RuleBook::RulesFor(const Event& event, base::WallTime now) const {
  std::vector<Taken> taken;
  for (const Kept* kept : PlaceOf(event.tenant(), event.site()).rules) {
    const v1::Rule& rule = kept->record.rule();
    // Supplies are for whoever replenishes, who asks for them.
    if (rule.any_of().empty() && event.alert().category() == event::v1::ALERT_CATEGORY_SUPPLY) {
      continue;
    }
    if (!kept->condition.Takes(event)) continue;
    base::WallTime open_at = now;
    if (const Kept* calendar =
            rule.hours().empty()
                ? nullptr
                : FindNarrowest(
                      RecordKind::kCalendar, rule.hours(), event.tenant(), event.site())) {
      if (rule.outside_hours() == v1::OUTSIDE_HOURS_SKIP && !calendar->calendar->IsOpen(now)) {
        continue;
      }
      open_at = calendar->calendar->NextOpen(now).value_or(now);
    }
    taken.push_back({&kept->record.name(), &rule, open_at});
    if (!rule.goes_on()) break;
  }
  return taken;
}

const v1::Escalation* RuleBook::FindEscalation(std::string_view id,
                                               std::string_view tenant,
                                               std::string_view site) const {
  const Kept* const kept = FindNarrowest(RecordKind::kEscalation, id, tenant, site);
  return kept == nullptr || kept->record.escalation().off() ? nullptr : &kept->record.escalation();
}

void RuleBook::AddReceiver(std::string_view name,
                           std::string_view tenant,
                           std::string_view site,
                           base::WallTime now,
                           std::vector<Receiver>& receivers) const {
  Receiver receiver{std::string(name), {}};
  if (name.starts_with(kRosters)) {
    const Kept* const kept =
        FindNarrowest(RecordKind::kRoster, name.substr(kRosters.size()), tenant, site);
    if (kept == nullptr) return;
    receiver.name = base::StrCat(kContacts, kept->roster->OnDuty(now));
  }
  if (absl::StartsWith(receiver.name, base::ToAbsl(kContacts))) {
    const Kept* const kept = FindNarrowest(RecordKind::kContact,
                                           std::string_view(receiver.name).substr(kContacts.size()),
                                           tenant,
                                           site);
    if (kept == nullptr) return;
    const auto& emails = kept->record.contact().emails();
    receiver.emails = {emails.begin(), emails.end()};
  }
  const bool is_new = std::none_of(receivers.begin(), receivers.end(), [&](const Receiver& each) {
    return each.name == receiver.name;
  });
  if (is_new) receivers.push_back(std::move(receiver));
}

std::vector<Receiver> RuleBook::Resolve(
    const google::protobuf::RepeatedPtrField<std::string>& receivers,
    std::string_view tenant,
    std::string_view site,
    base::WallTime now) const {
  std::vector<Receiver> resolved;
  for (const std::string& name : receivers) AddReceiver(name, tenant, site, now, resolved);
  return resolved;
}

// Nothing where it does not hold now.
std::optional<base::WallTime> RuleBook::SilentUntil(const Kept& kept, base::WallTime now) const {
  const v1::Silence& silence = kept.record.silence();
  if (silence.has_start_time() && now < event::FromProto(silence.start_time())) return std::nullopt;
  // A silence without end is asked again after a day.
  base::WallTime until = now + std::chrono::hours(24);
  if (silence.has_end_time()) {
    until = event::FromProto(silence.end_time());
    if (until <= now) return std::nullopt;
  }
  if (!silence.calendar().empty()) {
    const Kept* const calendar =
        FindNarrowest(RecordKind::kCalendar, silence.calendar(), kept.name.tenant, kept.name.site);
    // Whoever names hours that nobody has set is not quiet all day.
    if (calendar == nullptr || !calendar->calendar->IsOpen(now)) return std::nullopt;
    if (const auto closed = calendar->calendar->NextClosed(now); closed.has_value()) {
      until = silence.has_end_time() ? std::min(until, *closed) : *closed;
    }
  }
  return until;
}

std::optional<Quiet> RuleBook::QuietFor(const Event& event, base::WallTime now) const {
  std::optional<Quiet> quiet;
  for (const ConditionIndex::Id id : silence_index_.Find(event)) {
    const Kept& kept = *silences_.at(id);
    const auto until = SilentUntil(kept, now);
    if (!until.has_value()) continue;
    if (!quiet.has_value() || *until > quiet->until) quiet = {kept.record.name(), *until};
  }
  return quiet;
}

const std::string* RuleBook::Inhibits(const Event& source, const Event& target) const {
  for (const Kept* kept : PlaceOf(target.tenant(), target.site()).inhibitions) {
    const bool is_like = kept->condition.Takes(target);
    if (!is_like && kept->target.Takes(target) && kept->condition.Takes(source)) {
      return &kept->record.name();
    }
  }
  return nullptr;
}

bool RuleBook::MayBeInhibited(const Event& target) const {
  const auto& all = PlaceOf(target.tenant(), target.site()).inhibitions;
  return std::any_of(all.begin(), all.end(), [&](const Kept* kept) {
    return kept->target.Takes(target) && !kept->condition.Takes(target);
  });
}

std::vector<std::string> RuleBook::Missing() const {
  std::set<std::string> missing;
  for (const auto& [name, kept] : records_) {
    for (const Reference& each : ReferencesOf(kept->record)) {
      if (FindNarrowest(each.kind, each.id, kept->name.tenant, kept->name.site) != nullptr)
        continue;
      missing.insert(base::StrCat(name, ": ", each.ToString()));
    }
  }
  return {missing.begin(), missing.end()};
}

std::map<std::string, std::string> RuleBook::NamedReceivers() const {
  std::map<std::string, std::string> receivers;
  const auto add = [&](const auto& names, const std::string& record) {
    for (const std::string& name : names) {
      if (!name.starts_with(kContacts) && !name.starts_with(kRosters)) {
        receivers.emplace(name, record);
      }
    }
  };
  for (const auto& [name, kept] : records_) {
    if (!kept->record.rule().off()) add(kept->record.rule().receivers(), name);
    if (kept->record.escalation().off()) continue;
    for (const auto& step : kept->record.escalation().steps()) add(step.receivers(), name);
  }
  return receivers;
}

const v1::Record* RuleBook::Find(std::string_view name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : &found->second->record;
}

std::vector<const v1::Record*> RuleBook::Records() const {
  std::vector<const v1::Record*> records;
  for (const auto& [name, kept] : records_) records.push_back(&kept->record);
  return records;
}

}  // namespace platen::rules
