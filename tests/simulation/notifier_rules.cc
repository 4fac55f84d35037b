#include "tests/simulation/notifier_rules.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::notifier {
namespace {

rules::v1::Record Named(const std::string& name) {
  rules::v1::Record record;
  record.set_name(name);
  return record;
}

void SetSeconds(std::uint64_t seconds, google::protobuf::Duration* duration) {
  duration->set_seconds(static_cast<std::int64_t>(seconds));
}

rules::v1::Record ChooseRule(base::Random& random) {
  rules::v1::Record record = Named("rules/all");
  rules::v1::Rule& rule = *record.mutable_rule();
  rule.add_receivers("desk");
  rule.add_receivers("erp");
  if (random.Chance(0.4)) SetSeconds(random.Below(20), rule.mutable_after());
  if (random.Chance(0.3)) {
    rule.mutable_damping()->set_more_than(3);
    SetSeconds(60, rule.mutable_damping()->mutable_window());
  }
  if (random.Chance(0.3)) {
    rule.mutable_rate()->set_more_than(2);
    SetSeconds(60, rule.mutable_rate()->mutable_window());
    // Or else what is not too often is told to nobody.
    SetSeconds(20, rule.mutable_after());
  }
  if (random.Chance(0.4)) {
    rule.mutable_group()->set_by(random.Chance(0.5) ? rules::v1::GROUP_BY_SITE
                                                    : rules::v1::GROUP_BY_DEVICE);
    SetSeconds(random.Below(10), rule.mutable_group()->mutable_wait());
    SetSeconds(random.Below(30), rule.mutable_group()->mutable_interval());
  }
  if (random.Chance(0.5)) rule.set_escalation("up");
  if (random.Chance(0.3)) rule.set_hours("always");
  return record;
}

}  // namespace

std::vector<rules::v1::Record> EverybodyAtOnce() {
  rules::v1::Record record = Named("rules/all");
  for (const char* receiver : {"desk", "erp", "pager"}) {
    record.mutable_rule()->add_receivers(receiver);
  }
  return {record};
}

std::vector<rules::v1::Record> ChooseRules(base::Random& random) {
  std::vector<rules::v1::Record> records = {ChooseRule(random)};
  rules::v1::Record& up = records.emplace_back(Named("escalations/up"));
  auto& step = *up.mutable_escalation()->add_steps();
  SetSeconds(1 + random.Below(30), step.mutable_after());
  step.add_receivers("pager");
  if (random.Chance(0.3)) SetSeconds(600, up.mutable_escalation()->mutable_repeat());
  rules::v1::Record& always = records.emplace_back(Named("calendars/always"));
  always.mutable_calendar()->set_time_zone("Europe/Berlin");
  auto& span = *always.mutable_calendar()->add_spans();
  for (int day = rules::v1::DAY_MON; day <= rules::v1::DAY_SUN; ++day) {
    span.add_days(static_cast<rules::v1::Day>(day));
  }
  span.set_from("00:00");
  // An hour of each day nobody is there.
  span.set_to(random.Chance(0.5) ? "24:00" : "23:00");
  return records;
}

rules::v1::Record ChooseSilence(base::Random& random, base::WallTime now) {
  rules::v1::Record record = Named(base::StrCat("tenants/acme/silences/s", random.Below(3)));
  rules::v1::Matcher& all = *record.mutable_silence()->add_any_of()->add_all_of();
  all.set_field("tenant");
  all.add_is("acme");
  record.mutable_silence()->set_note("because");
  *record.mutable_silence()->mutable_end_time() =
      event::ToProto(now + std::chrono::seconds(1 + random.Below(60)));
  return record;
}

rules::v1::Record ChooseAcknowledgement(base::Random& random,
                                        base::WallTime now,
                                        const std::string& device_id,
                                        const std::string& alert_id) {
  rules::v1::Record record = Named(base::StrCat("tenants/acme/sites/hq/acknowledgements/",
                                                base::DeviceId::FromBytes(device_id)->ToHex(),
                                                ".",
                                                alert_id));
  record.set_author("alice");
  *record.mutable_set_time() = event::ToProto(now);
  record.mutable_acknowledgement()->set_instance(1);
  *record.mutable_acknowledgement()->mutable_expire_time() =
      event::ToProto(now + std::chrono::seconds(1 + random.Below(60)));
  return record;
}

}  // namespace platen::notifier
