#include "services/gateway/edge/record_table.h"

#include <future>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
using rules::v1::ApplyRecordsRequest;
using rules::v1::ApplyRecordsResponse;
using rules::v1::RecordChange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAcmeSilence =
    "records { name: 'tenants/acme/silences/move' silence { note: 'moving'"
    " end_time { seconds: 1767229200 } any_of { all_of { field: 'site' is: 'hq' } } } }";

class RecordTableTest : public StoreTest {
 protected:
  RecordTableTest() { EXPECT_TRUE(Serve({{.name = "default"}}).ok()); }

  absl::Status Run(edge::Store::Apply apply) {
    std::promise<absl::Status> done;
    const absl::Status queued = store_->Change(
        std::move(apply), [&](const absl::Status& status) { done.set_value(status); });
    return queued.ok() ? done.get_future().get() : queued;
  }

  absl::Status Serve(const std::vector<edge::ServedInstallation>& installations) {
    return Run([&](edge::Database& database, edge::Changed& changed) {
      return edge::ServeInstallations(database, installations, Now(), changed.installations);
    });
  }

  std::int64_t Now() const { return base::ToMillis(clock_.WallNow()); }

  // What became of the records, "created rules/a", or the error.
  std::vector<std::string> Apply(const std::string& text) {
    ApplyRecordsRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    const core::Caller caller{.name = "jane", .role = config::v1::ROLE_ADMINISTRATOR};
    const auto order = core::CheckApply(request, caller, clock_.WallNow());
    if (!order.ok()) return {order.status().ToString()};
    const absl::Status status =
        Run([&](edge::Database& database, edge::Changed& changed) -> absl::Status {
          auto answer = edge::ApplyRecords(database, *order, Now(), changed.installations);
          if (answer.ok()) answer_ = *std::move(answer);
          return answer.status();
        });
    if (!status.ok()) return {status.ToString()};
    std::vector<std::string> changes;
    for (const RecordChange& change : answer_.changes()) {
      changes.push_back(RecordChange::Kind_Name(change.kind()).substr(5) + " " + change.name());
    }
    return changes;
  }

  // Names of what waits for an installation; "-" before a tombstone.
  std::vector<std::string> Waiting(const std::string& installation = "default") {
    std::vector<std::string> names;
    const auto directives = reader_->DirectivesAfter(installation, 0, 100);
    EXPECT_TRUE(directives.ok()) << directives.status();
    for (const auto& directive : *directives) {
      if (!directive.has_rule()) continue;
      EXPECT_EQ(directive.key(), directive.rule().key());
      names.push_back((directive.rule().value().empty() ? "-" : "") + directive.rule().key());
    }
    return names;
  }

  void AcknowledgeAll(const std::string& installation = "default") {
    const auto directives = reader_->DirectivesAfter(installation, 0, 100);
    ASSERT_TRUE(directives.ok());
    for (const auto& directive : *directives) {
      std::promise<void> done;
      ASSERT_TRUE(store_
                      ->AcknowledgeDirective(installation,
                                             directive.number(),
                                             "",
                                             [&](const absl::Status&) { done.set_value(); })
                      .ok());
      done.get_future().get();
    }
  }

  absl::StatusOr<rules::v1::Record> Acknowledge(const std::string& alert_id,
                                                std::uint64_t instance = 0) {
    const core::AlertPlace alert{{{"acme", "hq"}, Device(1)}, alert_id};
    absl::StatusOr<rules::v1::Record> answer = absl::UnknownError("not asked");
    const absl::Status status =
        Run([&](edge::Database& database, edge::Changed& changed) -> absl::Status {
          PLATEN_ASSIGN_OR_RETURN(
              auto record,
              core::MakeAcknowledgement(
                  alert, std::chrono::hours(4), "on my way", "jane", clock_.WallNow()));
          answer = edge::Acknowledge(
              database, alert, instance, std::move(record), Now(), changed.installations);
          return answer.status();
        });
    return status.ok() ? answer : status;
  }

  ApplyRecordsResponse answer_;
};

TEST_F(RecordTableTest, WhatIsSetGoesDownAndWhatSaysTheSameDoesNot) {
  const std::string both =
      "records { name: 'rules/a' rule { receivers: 'desk' } }"
      " records { name: 'contacts/c' contact { emails: 'c@example.com' } }";
  EXPECT_THAT(Apply(both), ElementsAre("CREATED rules/a", "CREATED contacts/c"));
  EXPECT_THAT(Waiting(), ElementsAre("rules/a", "contacts/c"));
  AcknowledgeAll();
  EXPECT_THAT(Waiting(), IsEmpty());

  clock_.Advance(std::chrono::seconds(5));
  EXPECT_THAT(Apply(both), ElementsAre("UNCHANGED rules/a", "UNCHANGED contacts/c"));
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(Apply("records { name: 'rules/a' rule { receivers: 'boss' } }"),
              ElementsAre("CHANGED rules/a"));
  EXPECT_THAT(Waiting(), ElementsAre("rules/a"));
  EXPECT_EQ(reader_->GetRecord("rules/a")->rule().receivers(0), "boss");
  EXPECT_EQ(reader_->GetRecord("rules/a")->author(), "jane");
}

TEST_F(RecordTableTest, OnlyTheNewestOrderAboutARecordWaits) {
  Apply("records { name: 'rules/a' rule { receivers: 'desk' } }");
  Apply("records { name: 'rules/b' rule { receivers: 'desk' } }");
  Apply("records { name: 'rules/a' rule { receivers: 'boss' } }");
  EXPECT_THAT(Waiting(), ElementsAre("rules/b", "rules/a"));
  const auto page = reader_->ListRecords({});
  EXPECT_THAT(page->undelivered, ElementsAre("rules/a", "rules/b"));
}

TEST_F(RecordTableTest, OneAcknowledgedOrderEndsNoOtherRecords) {
  Apply("records { name: 'rules/a' rule {} } records { name: 'rules/b' rule {} }");
  const auto directives = reader_->DirectivesAfter("default", 0, 10);
  ASSERT_EQ(directives->size(), 2u);
  std::promise<void> done;
  ASSERT_TRUE(store_
                  ->AcknowledgeDirective("default",
                                         directives->back().number(),
                                         "",
                                         [&](const absl::Status&) { done.set_value(); })
                  .ok());
  done.get_future().get();
  EXPECT_THAT(Waiting(), ElementsAre("rules/a"));
}

TEST_F(RecordTableTest, PruningTakesWhatIsSetInTheSameScopeAlone) {
  Apply(
      "records { name: 'rules/a' rule {} } records { name: 'rules/b' rule {} }"
      " records { name: 'tenants/acme/rules/c' rule {} }");
  Apply(kAcmeSilence);
  AcknowledgeAll();
  EXPECT_THAT(Apply("prune: true records { name: 'rules/b' rule {} }"),
              ElementsAre("UNCHANGED rules/b", "DELETED rules/a"));
  EXPECT_THAT(Waiting(), ElementsAre("-rules/a"));
  EXPECT_THAT(Apply("prune: true parent: 'tenants/acme'"),
              ElementsAre("DELETED tenants/acme/rules/c"));
  EXPECT_EQ(reader_->CountRecords().value(), 2) << "the silence was set as things happened";
}

TEST_F(RecordTableTest, SaysWhatRecordsNameAndNobodyHasSet) {
  Apply("records { name: 'rules/a' rule { hours: 'office' receivers: 'contacts/bob' } }");
  EXPECT_THAT(answer_.missing(),
              ElementsAre("rules/a: calendar 'office'", "rules/a: contact 'bob'"));
  Apply("records { name: 'contacts/bob' contact { emails: 'b@example.com' } }");
  Apply("records { name: 'tenants/acme/rules/a' rule { receivers: 'contacts/bob' } }");
  EXPECT_THAT(answer_.missing(), IsEmpty());
}

TEST_F(RecordTableTest, AnInstallationIsGivenWhatItsTenantsMaySee) {
  Apply(
      "records { name: 'rules/all' rule {} } records { name: 'tenants/acme/rules/a' rule {} }"
      " records { name: 'tenants/globex/rules/g' rule {} }");
  ASSERT_TRUE(Serve({{.name = "default"}, {.name = "acme-only", .tenants = {"acme"}}}).ok());
  EXPECT_THAT(Waiting("acme-only"), ElementsAre("rules/all", "tenants/acme/rules/a"));
  EXPECT_THAT(Waiting("elsewhere"), IsEmpty());
  AcknowledgeAll("acme-only");
  Apply("records { name: 'tenants/globex/rules/h' rule {} }");
  EXPECT_THAT(Waiting("acme-only"), IsEmpty());

  ASSERT_TRUE(Serve({{.name = "acme-only", .tenants = {"globex"}}}).ok());
  EXPECT_THAT(
      Waiting("acme-only"),
      ElementsAre("-tenants/acme/rules/a", "tenants/globex/rules/g", "tenants/globex/rules/h"));
  Open();
  ASSERT_TRUE(Serve({{.name = "acme-only", .tenants = {"globex"}}}).ok());
  EXPECT_EQ(Waiting("acme-only").size(), 3u)
      << "a restart with the same configuration says nothing";
}

TEST_F(RecordTableTest, AnAlertThatIsOpenIsAcknowledgedInItsInstance) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 7, ev::ALERT_TRANSITION_RAISED)}).ok());

  const auto record = Acknowledge("jam/7");

  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->acknowledgement().instance(), 7u);
  EXPECT_THAT(Waiting(), ElementsAre(record->name()));
  EXPECT_EQ(Acknowledge("jam/7", 6).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Acknowledge("jam/8").status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 7, ev::ALERT_TRANSITION_ENDED)}).ok());
  EXPECT_THAT(std::string(Acknowledge("jam/7").status().message()), HasSubstr("has ended"));
}

TEST_F(RecordTableTest, WhatIsOverIsTakenBackWithTombstones) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 7, ev::ALERT_TRANSITION_RAISED)}).ok());
  ASSERT_TRUE(Acknowledge("jam/7").ok());
  Apply(std::string(kAcmeSilence) + " records { name: 'rules/a' rule {} }");
  const auto drop = [&] {
    int dropped = 0;
    EXPECT_TRUE(Run([&](edge::Database& database, edge::Changed& changed) -> absl::Status {
                  const auto count =
                      edge::DropUselessRecords(database, Now(), changed.installations);
                  dropped = count.value_or(-1);
                  return count.status();
                }).ok());
    return dropped;
  };
  clock_.Advance(std::chrono::hours(4));
  EXPECT_EQ(drop(), 0) << "who took care of it, and until when, is still asked";
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(drop(), 1);
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(drop(), 1);
  EXPECT_EQ(reader_->CountRecords().value(), 1);
  EXPECT_THAT(Waiting(),
              ElementsAre("rules/a",
                          "-tenants/acme/sites/hq/acknowledgements/"
                          "00000000000000000000000000000001.jam/7",
                          "-tenants/acme/silences/move"));
}

TEST_F(RecordTableTest, ListsByScopeAndKindInPages) {
  Apply(
      "records { name: 'rules/a' rule {} } records { name: 'rules/b' rule {} }"
      " records { name: 'tenants/acme/rules/c' rule {} }"
      " records { name: 'tenants/acme/sites/hq/calendars/d' calendar { time_zone: 'UTC' spans {"
      " days: DAY_MON from: '08:00' to: '09:00' } } }");
  const auto names = [](const edge::RecordPage& page) {
    std::vector<std::string> all;
    for (const auto& record : page.page.items) all.push_back(record.name());
    return all;
  };
  EXPECT_EQ(names(*reader_->ListRecords({})).size(), 4u);
  EXPECT_THAT(names(*reader_->ListRecords({.tenants = {"acme"}})),
              ElementsAre("tenants/acme/rules/c", "tenants/acme/sites/hq/calendars/d"));
  EXPECT_THAT(names(*reader_->ListRecords({.scope = {"acme", "hq"}})),
              ElementsAre("tenants/acme/sites/hq/calendars/d"));
  EXPECT_THAT(names(*reader_->ListRecords(
                  {.kinds = {static_cast<int>(rules::RecordKind::kRule)}, .limit = 2})),
              ElementsAre("rules/a", "rules/b"));
  EXPECT_THAT(names(*reader_->ListRecords(
                  {.kinds = {static_cast<int>(rules::RecordKind::kRule)}, .after = "rules/b"})),
              ElementsAre("tenants/acme/rules/c"));
}

TEST_F(RecordTableTest, AnAlertsHistoryHasWhatWasDecidedAndHowItFared) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ev::Event decision = maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_CHANGED);
  decision.mutable_occurrence()->mutable_instance()->set_condition("decision.x");
  decision.mutable_alert_decision()->set_alert_id("jam/1");
  decision.mutable_alert_decision()->set_action(ev::AlertDecision::ACTION_SILENCED);
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED),
                           maker_.Jam(Device(1), 2, ev::ALERT_TRANSITION_RAISED),
                           maker_.Finish(decision),
                           maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_ENDED)})
                  .ok());
  const core::AlertPlace alert{{{"acme", "hq"}, Device(1)}, "jam/1"};

  const auto all = reader_->ListAlertHistory({.alert = alert});

  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->items.size(), 3u);
  EXPECT_TRUE(all->items[0].event().has_alert());
  EXPECT_EQ(all->items[1].event().alert_decision().action(), ev::AlertDecision::ACTION_SILENCED);
  EXPECT_EQ(all->items[2].event().alert().transition(), ev::ALERT_TRANSITION_ENDED);
  EXPECT_EQ(all->next, "");
  const auto page = reader_->ListAlertHistory({.alert = alert, .limit = 2});
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(reader_->ListAlertHistory({.alert = alert, .after = page->next})->items.size(), 1u);
}

}  // namespace
}  // namespace platen::gateway::testing
