#include "libs/rules/record_check.h"

#include <string>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::rules {

using Content = v1::Record::ContentCase;

namespace {

constexpr std::size_t kNoteBytesMax = 1024;
constexpr std::size_t kAuthorBytesMax = 128;
constexpr int kReceiversMax = 32;
constexpr int kStepsMax = 16;
constexpr int kEmailsMax = 8;

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

absl::Status CheckSiteSilence(const v1::Rule& rule) {
  if (rule.site_silence().at_least() < 2) {
    return base::InvalidArgument("site_silence: at_least is needed; one device is no site");
  }
  if (rule.site_silence().percent() > 100) {
    return base::InvalidArgument("site_silence: percent: at most 100");
  }
  if (rule.group().by() != v1::GROUP_BY_SITE) {
    return base::InvalidArgument("site_silence: needs a group by site");
  }
  if (!rule.escalation().empty()) {
    return base::InvalidArgument("site_silence: not with an escalation, which tells of devices");
  }
  return absl::OkStatus();
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
  if (rule.has_site_silence()) PLATEN_RETURN_IF_ERROR(CheckSiteSilence(rule));
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

}  // namespace

absl::StatusOr<RecordName> CheckTerms(const v1::Record& record) {
  PLATEN_ASSIGN_OR_RETURN(RecordName name, RecordName::Parse(record.name()));
  if (record.content_case() == Content::CONTENT_NOT_SET) {
    return base::InvalidArgument("it says nothing: no rule, silence, calendar, …");
  }
  if (KindOf(record.content_case()) != name.kind) {
    return base::InvalidArgument("its name is of the ",
                                 CollectionOf(name.kind),
                                 " and it is one of the ",
                                 CollectionOf(KindOf(record.content_case())));
  }
  if (record.author().size() > kAuthorBytesMax) {
    return base::InvalidArgument("author: at most ", kAuthorBytesMax, " bytes");
  }
  PLATEN_RETURN_IF_ERROR(CheckContent(record));
  return name;
}

}  // namespace platen::rules
