#include "libs/rules/rule_book.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::rules {

using event::v1::Event;
using Content = v1::Record::ContentCase;

namespace {

constexpr std::size_t kNoteBytesMax = 1024;
constexpr std::size_t kAuthorBytesMax = 128;
constexpr int kReceiversMax = 32;
constexpr int kStepsMax = 16;
constexpr int kEmailsMax = 8;
constexpr std::string_view kContacts = "contacts/";
constexpr std::string_view kRosters = "rosters/";

RecordKind KindOf(Content content) {
  switch (content) {
    case Content::kSilence:
      return RecordKind::kSilence;
    case Content::kAcknowledgement:
      return RecordKind::kAcknowledgement;
    case Content::kCalendar:
      return RecordKind::kCalendar;
    case Content::kInhibition:
      return RecordKind::kInhibition;
    case Content::kEscalation:
      return RecordKind::kEscalation;
    case Content::kRoster:
      return RecordKind::kRoster;
    case Content::kContact:
      return RecordKind::kContact;
    default:
      return RecordKind::kRule;
  }
}

absl::Status CheckNote(std::string_view what, std::string_view note) {
  if (note.size() <= kNoteBytesMax) return absl::OkStatus();
  return base::InvalidArgument(what, ": at most ", kNoteBytesMax, " bytes");
}

absl::Status CheckReceivers(const google::protobuf::RepeatedPtrField<std::string>& receivers) {
  if (receivers.size() > kReceiversMax) {
    return base::InvalidArgument("receivers: at most ", kReceiversMax);
  }
  for (const std::string& name : receivers) {
    if (name.empty()) return base::InvalidArgument("receivers: an empty name");
  }
  return absl::OkStatus();
}

bool IsPositive(const google::protobuf::Duration& duration) {
  return event::FromProto(duration) > base::Duration::zero();
}

absl::Status CheckRule(const v1::Rule& rule) {
  PLATEN_RETURN_IF_ERROR(CheckReceivers(rule.receivers()));
  if (rule.has_after() && event::FromProto(rule.after()) < base::Duration::zero()) {
    return base::InvalidArgument("after: not before it began");
  }
  if (rule.has_rate() && (rule.rate().pages() != 0) == rule.rate().has_window()) {
    return base::InvalidArgument("rate: within so many `pages`, or within a `window`");
  }
  if (rule.has_rate() && rule.rate().more_than() == 0) {
    return base::InvalidArgument("rate: more_than is needed");
  }
  if (rule.has_damping() &&
      (rule.damping().more_than() == 0 || !IsPositive(rule.damping().window()))) {
    return base::InvalidArgument("damping: more_than and window are needed");
  }
  if (rule.has_group() && rule.group().by() == v1::GROUP_BY_UNSPECIFIED) {
    return base::InvalidArgument("group: say by what: alert, device, site, tenant or rule");
  }
  return CheckNote("summary", rule.summary());
}

absl::Status CheckSilence(const v1::Silence& silence) {
  if (silence.any_of().empty()) return base::InvalidArgument("any_of: say what is to be quiet");
  if (!silence.has_end_time() && silence.calendar().empty()) {
    return base::InvalidArgument("end_time: needed, unless a calendar says when");
  }
  if (silence.has_end_time() && silence.has_start_time() &&
      event::FromProto(silence.end_time()) <= event::FromProto(silence.start_time())) {
    return base::InvalidArgument("end_time: not after start_time");
  }
  if (silence.note().empty()) return base::InvalidArgument("note: say why; somebody will ask");
  return CheckNote("note", silence.note());
}

absl::Status CheckEscalation(const v1::Escalation& escalation) {
  if (escalation.off()) return absl::OkStatus();
  if (escalation.steps().empty() || escalation.steps_size() > kStepsMax) {
    return base::InvalidArgument("steps: 1 to ", kStepsMax);
  }
  base::Duration before = base::Duration::zero();
  for (const v1::Escalation::Step& step : escalation.steps()) {
    const base::Duration after = event::FromProto(step.after());
    if (after <= before) return base::InvalidArgument("steps: each later than the one before");
    before = after;
    if (step.receivers().empty()) return base::InvalidArgument("steps: a step tells somebody");
    PLATEN_RETURN_IF_ERROR(CheckReceivers(step.receivers()));
  }
  if (escalation.has_repeat() && event::FromProto(escalation.repeat()) < std::chrono::minutes(1)) {
    return base::InvalidArgument("repeat: at least a minute");
  }
  return absl::OkStatus();
}

absl::Status CheckContact(const v1::Contact& contact) {
  if (contact.emails().empty() || contact.emails_size() > kEmailsMax) {
    return base::InvalidArgument("emails: 1 to ", kEmailsMax);
  }
  for (const std::string& email : contact.emails()) {
    const std::size_t at = email.find('@');
    const bool is_clean = email.find_first_of(" \t\r\n<>,;\"") == std::string::npos;
    if (at == 0 || at == std::string::npos || at + 1 == email.size() || !is_clean) {
      return base::InvalidArgument("emails: '", email, "' is no address");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContent(const v1::Record& record) {
  switch (record.content_case()) {
    case Content::kRule:
      return CheckRule(record.rule());
    case Content::kSilence:
      return CheckSilence(record.silence());
    case Content::kAcknowledgement:
      if (!record.acknowledgement().has_expire_time()) {
        return base::InvalidArgument("expire_time: needed; what nobody takes care of comes back");
      }
      return CheckNote("note", record.acknowledgement().note());
    case Content::kInhibition:
      if (!record.inhibition().off() &&
          (record.inhibition().source().empty() || record.inhibition().target().empty())) {
        return base::InvalidArgument("source and target: say what keeps what quiet");
      }
      return absl::OkStatus();
    case Content::kEscalation:
      return CheckEscalation(record.escalation());
    case Content::kContact:
      return CheckContact(record.contact());
    default:
      return absl::OkStatus();  // Compile() looks at calendars and rosters.
  }
}

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
  PLATEN_ASSIGN_OR_RETURN(kept->name, RecordName::Parse(record.name()));
  if (record.content_case() == Content::CONTENT_NOT_SET) {
    return base::InvalidArgument("it says nothing: no rule, silence, calendar, …");
  }
  if (KindOf(record.content_case()) != kept->name.kind) {
    return base::InvalidArgument("its name is of the ",
                                 CollectionOf(kept->name.kind),
                                 " and it is one of the ",
                                 CollectionOf(KindOf(record.content_case())));
  }
  if (record.author().size() > kAuthorBytesMax) {
    return base::InvalidArgument("author: at most ", kAuthorBytesMax, " bytes");
  }
  PLATEN_RETURN_IF_ERROR(CheckContent(record));
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
  RecordName name{std::string(tenant), std::string(site), kind, std::string(id)};
  for (int wider = 0; wider < 3; ++wider) {
    const auto found = records_.find(name.ToString());
    if (found != records_.end()) return found->second.get();
    (wider == 0 ? name.site : name.tenant).clear();
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

const v1::Rule* RuleBook::FindRule(std::string_view id,
                                   std::string_view tenant,
                                   std::string_view site) const {
  const Kept* const kept = FindNarrowest(RecordKind::kRule, id, tenant, site);
  return kept == nullptr || kept->record.rule().off() ? nullptr : &kept->record.rule();
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

const v1::Record* RuleBook::FindAcknowledgement(std::string_view tenant,
                                                std::string_view site,
                                                std::string_view device_hex,
                                                std::string_view alert_id) const {
  const RecordName name{std::string(tenant),
                        std::string(site),
                        RecordKind::kAcknowledgement,
                        base::StrCat(device_hex, ".", alert_id)};
  const auto found = records_.find(name.ToString());
  return found == records_.end() ? nullptr : &found->second->record;
}

std::vector<std::string> RuleBook::Missing() const {
  std::set<std::string> missing;
  for (const auto& [name, kept] : records_) {
    const auto want = [&](RecordKind kind, std::string_view what, std::string_view id) {
      if (id.empty()) return;
      if (FindNarrowest(kind, id, kept->name.tenant, kept->name.site) != nullptr) return;
      missing.insert(base::StrCat(name, ": ", what, " '", id, "'"));
    };
    const auto want_receivers = [&](const auto& receivers) {
      for (const std::string_view receiver : receivers) {
        if (receiver.starts_with(kContacts)) {
          want(RecordKind::kContact, "contact", receiver.substr(kContacts.size()));
        } else if (receiver.starts_with(kRosters)) {
          want(RecordKind::kRoster, "roster", receiver.substr(kRosters.size()));
        }
      }
    };
    const v1::Record& record = kept->record;
    want(RecordKind::kCalendar, "calendar", record.rule().hours());
    want(RecordKind::kCalendar, "calendar", record.silence().calendar());
    want(RecordKind::kEscalation, "escalation", record.rule().escalation());
    want_receivers(record.rule().receivers());
    for (const auto& step : record.escalation().steps()) want_receivers(step.receivers());
    for (const auto& contact : record.roster().contacts())
      want(RecordKind::kContact, "contact", contact);
    for (const auto& each : record.roster().overrides())
      want(RecordKind::kContact, "contact", each.contact());
  }
  return {missing.begin(), missing.end()};
}

std::vector<const v1::Record*> RuleBook::Records() const {
  std::vector<const v1::Record*> records;
  for (const auto& [name, kept] : records_) records.push_back(&kept->record);
  return records;
}

}  // namespace platen::rules
