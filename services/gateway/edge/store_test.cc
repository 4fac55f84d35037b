#include "services/gateway/edge/store.h"

#include <fstream>

#include <gmock/gmock.h>

#include "services/gateway/edge/sequence_table.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kRaised = ev::ALERT_TRANSITION_RAISED;
constexpr auto kEnded = ev::ALERT_TRANSITION_ENDED;
const core::Place kHq{"acme", "hq"};

TEST_F(StoreTest, AnEventIsStoredOnce) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  const ev::Event event = maker_.Meters(Device(1), 490000, 100);

  EXPECT_EQ(StoreEvents({event})->stored, 1U);
  const auto again = StoreEvents({event, event});

  EXPECT_EQ(again->stored, 0U);
  EXPECT_EQ(again->duplicates, 2U);
  EXPECT_EQ(again->sent_again, 2U);
  EXPECT_EQ(again->conflicts, 0U);
  EXPECT_EQ(store_->status().counts.stored, 1);
  EXPECT_EQ(store_->status().counts.duplicates, 2);
}

TEST_F(StoreTest, TheSameFactOfAnotherObserverIsNoConflictAndAnotherValueIs) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Meters(Device(1), 490000, 100)}).ok());
  EventMaker other("collector-2");

  const auto told_again = StoreEvents({other.Meters(Device(1), 490000, 100, kNowMs + 5)});
  EXPECT_EQ(told_again->conflicts, 0U);
  EXPECT_EQ(told_again->duplicates, 1U);
  EXPECT_EQ(told_again->sent_again, 0U);
  EXPECT_EQ(StoreEvents({other.Meters(Device(1), 490000, 101)})->conflicts, 1U);
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->total_impressions(), 100U);
}

TEST_F(StoreTest, AGapIsStoredOnceAboutNoDeviceWhicheverRelaySaysIt) {
  EventMaker one("relay-0");
  EventMaker other("relay-1");

  EXPECT_EQ(StoreEvents({one.Gap(10, 14)})->stored, 1U);
  const auto again = StoreEvents({other.Gap(10, 14)});
  EXPECT_EQ(again->duplicates, 1U);
  EXPECT_EQ(again->conflicts, 0U);
  EXPECT_EQ(StoreEvents({other.Gap(15, 20)})->stored, 1U);
}

TEST_F(StoreTest, EverythingIsThereAfterARestart) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Meters(Device(1), 490000, 100),
                           maker_.Identity(Device(1), "SER1", "Mono 3000"),
                           maker_.Jam(Device(1), 1, kRaised, kNowMs, 4)})
                  .ok());

  Open();

  const auto device = reader_->GetDevice(kHq, Device(1));
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->identity().serial_number(), "SER1");
  EXPECT_EQ(device->total_impressions(), 100U);
  EXPECT_EQ(device->open_alerts(), 1);
  EXPECT_EQ(device->state(), fleet::Device::STATE_ALERT);
  // What is kept in memory as well: the registry, and the term below which alerts are ignored.
  EXPECT_EQ(StoreEvents({maker_.Jam(Device(1), 1, kEnded, kNowMs + 1, 3)})->stored, 1U);
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->open_alerts(), 1);
  EXPECT_EQ(store_->status().counts.stored, 4);
}

TEST_F(StoreTest, ADeviceFollowsItsEvents) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->state(), fleet::Device::STATE_PENDING);

  ASSERT_TRUE(StoreEvents({maker_.Status(Device(1), 1, ev::REACHABILITY_ASLEEP)}).ok());
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->state(), fleet::Device::STATE_ASLEEP);

  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kRaised)}).ok());
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->state(), fleet::Device::STATE_ALERT);

  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kEnded),
                           maker_.Status(Device(1), 2, ev::REACHABILITY_UNREACHABLE)})
                  .ok());
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->state(), fleet::Device::STATE_UNREACHABLE);
  EXPECT_THAT(*reader_->CountStates({}),
              ElementsAre(std::pair(int{fleet::Device::STATE_UNREACHABLE}, 1)));
}

TEST_F(StoreTest, AnOlderReadingThatComesLateIsHistoryOnly) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Meters(Device(1), 490001, 200, kNowMs)}).ok());
  ASSERT_TRUE(StoreEvents({maker_.Meters(Device(1), 490000, 100, kNowMs - 3'600'000)}).ok());

  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->total_impressions(), 200U);
  EXPECT_EQ(reader_->ListMeterReadings({})->items.size(), 2U);
}

TEST_F(StoreTest, HolesInASourcesNumbersAreCounted) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  const ev::Event first = maker_.Meters(Device(1), 1, 1);
  const ev::Event lost = maker_.Meters(Device(1), 2, 2);
  const ev::Event third = maker_.Meters(Device(1), 3, 3);

  ASSERT_TRUE(StoreEvents({first, third}).ok());
  EXPECT_EQ(store_->status().missing, 1U);
  Open();
  EXPECT_EQ(store_->status().missing, 1U);

  ASSERT_TRUE(StoreEvents({lost}).ok());
  EXPECT_EQ(store_->status().missing, 0U);
}

TEST_F(StoreTest, AHoleThatStaysIsToldAsAGapOnceAndWhatCameLaterIsSeen) {
  std::uint64_t beats = 0;
  const auto audit_after = [this, &beats](base::Duration wait) {
    clock_.Advance(wait);
    ASSERT_TRUE(StoreEvents({maker_.Heartbeat(++beats, 4)}).ok());
    store_->Audit();
    ASSERT_TRUE(Register(Device(9), "10.0.0.9", "again").ok());  // Written behind the audit.
  };
  const auto gaps = [this] {
    std::vector<std::string> texts;
    const auto page = reader_->ListGaps({});
    for (const auto& record : page->items) {
      texts.push_back(base::StrCat(record.gap().stream(),
                                   " ",
                                   record.gap().first(),
                                   "-",
                                   record.gap().last(),
                                   " missing ",
                                   record.missing()));
    }
    return texts;
  };
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::vector<ev::Event> events;
  for (int i = 0; i < 4; ++i) events.push_back(maker_.Meters(Device(1), 490000 + i, 100));
  ASSERT_TRUE(StoreEvents({events[0], events[3]}).ok());
  const std::string stream = base::StrCat(events[0].source().instance(),
                                          "/",
                                          events[0].source().epoch(),
                                          "/telemetry/",
                                          events[0].source().route());

  audit_after(std::chrono::seconds(1));
  EXPECT_THAT(gaps(), ElementsAre());
  audit_after(std::chrono::minutes(2));
  EXPECT_THAT(gaps(), ElementsAre(stream + " 2-3 missing 2"));
  EXPECT_EQ(store_->status().gaps, 1U);

  Open();
  audit_after(std::chrono::seconds(1));
  audit_after(std::chrono::minutes(2));
  EXPECT_THAT(gaps(), ElementsAre(stream + " 2-3 missing 2")) << "told once, also after a restart";

  ASSERT_TRUE(StoreEvents({events[1]}).ok());
  EXPECT_THAT(gaps(), ElementsAre(stream + " 2-3 missing 1"));
}

TEST_F(StoreTest, ASourceOfAnotherInstallationOfTheSameNameHasNumbersOfItsOwn) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::vector<ev::Event> events;
  for (int i = 0; i < 3; ++i) events.push_back(maker_.Meters(Device(1), 490000 + i, 100));
  ASSERT_TRUE(StoreEvents({events[0], events[2]}, "north").ok());
  EXPECT_EQ(store_->status().missing, 1U);

  const auto told_elsewhere = StoreEvents({events[0], events[1], events[2]}, "south");
  ASSERT_TRUE(told_elsewhere.ok());
  EXPECT_EQ(told_elsewhere->sent_again, 0U);
  EXPECT_EQ(store_->status().missing, 1U) << "what the south has is not what the north sent";

  Open();
  ASSERT_TRUE(StoreEvents({events[1]}, "north").ok());
  EXPECT_EQ(store_->status().missing, 0U);
}

TEST_F(StoreTest, AnInstallationThatTellsTooManyStreamsKeepsNoBooksOfMoreAndHarmsNoOther) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::vector<ev::Event> lives;
  for (std::size_t i = 0; i <= edge::SequenceTable::kStreamsMax; ++i) {
    lives.push_back(maker_.Meters(Device(1), 490000, 100));
    lives.back().mutable_source()->set_epoch(i + 1);
    lives.back().mutable_source()->set_sequence(1);
  }
  ASSERT_TRUE(StoreEvents(lives, "north").ok());
  EXPECT_EQ(store_->status().unbooked, 1U);

  ASSERT_TRUE(StoreEvents({maker_.Heartbeat(1, 4)}, "south").ok());
  EXPECT_EQ(store_->status().unbooked, 1U);
}

TEST_F(StoreTest, AStartForgetsTheNumbersOfLivesThatAreLongOverAndLackNothing) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  // A life that says one reading and claims to have said so many.
  const auto live = [this](std::uint64_t epoch, std::uint64_t claims) {
    ev::Event reading = maker_.Meters(Device(1), 490000 + epoch, 100);
    ev::Event heartbeat = maker_.Heartbeat(epoch, claims);
    for (ev::Event* event : {&reading, &heartbeat}) {
      event->mutable_source()->set_epoch(epoch);
      event->mutable_source()->set_sequence(1);
    }
    ASSERT_TRUE(StoreEvents({reading, heartbeat}).ok());
  };
  const auto books = [this] {
    auto database = *edge::Database::Open(directory_.File("gateway.db"));
    return database->QueryInt("SELECT count(*) FROM sequences WHERE lane=2")->value_or(-1);
  };
  live(1, 1);
  live(2, 2);  // Of which one is missing.
  live(3, 1);
  store_.reset();
  ASSERT_EQ(books(), 3);

  clock_.Advance(std::chrono::hours(24 * 31));
  Open();
  store_.reset();
  EXPECT_EQ(books(), 2) << "the first is over and whole; the second lacks one; the third may live";
}

TEST_F(StoreTest, WhatItsSourceHasGivenUpIsNotMissingAndWasNotLost) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::vector<ev::Event> events;
  for (int i = 0; i < 5; ++i) events.push_back(maker_.Meters(Device(1), 490000 + i, 100));
  ASSERT_TRUE(StoreEvents({events[0], events[4]}).ok());
  EXPECT_EQ(store_->status().missing, 3U);
  const std::string stream =
      base::StrCat(maker_.instance(), "/", events[0].source().epoch(), "/telemetry/default");
  ASSERT_TRUE(StoreEvents({maker_.GivenUp(stream, 2, 3)}).ok());
  EXPECT_EQ(store_->status().missing, 1U);

  Open();
  EXPECT_EQ(store_->status().missing, 1U);
  const auto page = reader_->ListGaps({});
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].gap().reason(), ev::Gap::REASON_GIVEN_UP);
  EXPECT_EQ(page->items[0].missing(), 0U);

  ASSERT_TRUE(StoreEvents({events[1], events[3]}).ok());
  EXPECT_EQ(store_->status().missing, 0U) << "late, and welcome";
}

TEST_F(StoreTest, WhatAHeartbeatClaimsIsMissingAfterAWhile) {
  ASSERT_TRUE(StoreEvents({maker_.Heartbeat(1, 40)}).ok());
  EXPECT_EQ(store_->status().missing, 0U) << "it may be under way";

  clock_.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(StoreEvents({maker_.Heartbeat(2, 40)}).ok());

  EXPECT_EQ(store_->status().missing, 40U);
}

TEST_F(StoreTest, AFullDiskIsTransientAndChangesNothing) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Meters(Device(1), 490000, 100)}).ok());
  std::vector<ev::Event> large;
  for (std::uint64_t slot = 1; slot <= 20; ++slot) {
    large.push_back(maker_.Meters(Device(1), 490000 + slot, 100 + slot));
    large.back().mutable_meter_reading()->set_profile(std::string(20'000, 'x'));
  }

  ASSERT_TRUE(store_->LimitPagesForTest(1).ok());
  const auto refused = StoreEvents(large);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted) << refused.status();
  EXPECT_EQ(store_->status().last_write.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->total_impressions(), 100U);

  ASSERT_TRUE(store_->LimitPagesForTest(1'000'000).ok());
  EXPECT_EQ(StoreEvents(large)->stored, 20U);
  EXPECT_EQ(reader_->GetDevice(kHq, Device(1))->total_impressions(), 120U);
  EXPECT_EQ(store_->status().counts.stored, 21);
}

TEST_F(StoreTest, ASecondGatewayIsKeptAwayUntilTheFirstIsGone) {
  const auto second = edge::Store::Open({.file = directory_.File("gateway.db")}, clock_);

  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another gateway"));

  Open();
  EXPECT_TRUE(Register(Device(1), "10.0.0.1").ok());
}

TEST_F(StoreTest, ADamagedFileIsOneClearLine) {
  store_.reset();
  reader_.reset();
  const std::string file = directory_.File("damaged.db");
  std::ofstream(file) << std::string(8192, 'x');

  const auto store = edge::Store::Open({.file = file}, clock_);

  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(file));
  EXPECT_THAT(std::string(store.status().message()), ::testing::Not(HasSubstr("\n")));
}

TEST_F(StoreTest, AnAddressIsRegisteredOnceASite) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());

  EXPECT_EQ(Register(Device(2), "10.0.0.1").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(StoreEvents({maker_.Meters(Device(2), 1, 1)})->stored, 0U);
}

TEST_F(StoreTest, ABatchIsRegisteredWholeOrNotAtAll) {
  std::vector<edge::Registration> batch(3);
  for (std::uint8_t i = 0; i < 3; ++i) {
    batch[i].place = kHq;
    batch[i].device = Device(static_cast<std::uint8_t>(i + 1));
    batch[i].target.set_installation("default");
    batch[i].target.set_address("10.0.0." + std::to_string(i % 2));  // The third repeats the first.
  }

  const auto result = RegisterAll(batch);

  EXPECT_EQ(result.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("requests[2]"));
  EXPECT_EQ(reader_->ListTargets({})->items.size(), 0U);
  EXPECT_EQ(reader_->CountDirectives().value(), 0);
}

TEST_F(StoreTest, ARequestIdAnswersTheSameAgain) {
  const auto first = Register(Device(1), "10.0.0.1", "admin/r1");
  const auto again = Register(Device(2), "10.0.0.1", "admin/r1");

  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->front().device, Device(1));
  EXPECT_FALSE(again->front().fresh);
  EXPECT_EQ(reader_->CountDirectives().value(), 1);
  EXPECT_EQ(Register(Device(3), "10.0.0.9", "admin/r1").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(StoreTest, DirectivesAreNumberedAndStayUntilAcknowledged) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());

  auto directives = *reader_->DirectivesAfter("default", 0, 10);
  ASSERT_EQ(directives.size(), 2U);
  EXPECT_EQ(directives[0].number(), 1U);
  EXPECT_EQ(directives[0].target().address(), "10.0.0.1");
  EXPECT_EQ(directives[0].key(), Device(1).bytes());
  EXPECT_FALSE(reader_->GetTarget(kHq, Device(1))->delivered());

  std::promise<absl::Status> done;
  ASSERT_TRUE(store_
                  ->AcknowledgeDirective(
                      "default", 1, "", [&](const absl::Status& status) { done.set_value(status); })
                  .ok());
  ASSERT_TRUE(done.get_future().get().ok());

  EXPECT_TRUE(reader_->GetTarget(kHq, Device(1))->delivered());
  EXPECT_EQ(reader_->DirectivesAfter("default", 0, 10)->front().number(), 2U);
}

// The acknowledgement of the first was lost; said again it would be taken for the newer.
TEST_F(StoreTest, WhoeverHasAnOrderHasThoseBeforeItForTheSameTarget) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  std::promise<absl::Status> removed;
  ASSERT_TRUE(store_
                  ->RemoveTarget(kHq,
                                 Device(1),
                                 [&](const absl::Status& status) { removed.set_value(status); })
                  .ok());
  ASSERT_TRUE(removed.get_future().get().ok());

  std::promise<absl::Status> done;
  ASSERT_TRUE(store_
                  ->AcknowledgeDirective(
                      "default", 3, "", [&](const absl::Status& status) { done.set_value(status); })
                  .ok());
  ASSERT_TRUE(done.get_future().get().ok());

  const auto left = *reader_->DirectivesAfter("default", 0, 10);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].number(), 2U);
}

TEST_F(StoreTest, ARemovedTargetLeavesItsDeviceAndTellsItsInstallation) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());

  std::promise<absl::Status> done;
  ASSERT_TRUE(store_
                  ->RemoveTarget(
                      kHq, Device(1), [&](const absl::Status& status) { done.set_value(status); })
                  .ok());
  ASSERT_TRUE(done.get_future().get().ok());

  EXPECT_EQ(reader_->GetTarget(kHq, Device(1)).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(reader_->GetDevice(kHq, Device(1)).ok());
  EXPECT_TRUE(reader_->DirectivesAfter("default", 1, 10)->front().has_target_removal());
  EXPECT_TRUE(Register(Device(2), "10.0.0.1").ok()) << "the address is free again";
}

TEST_F(StoreTest, ListsComeInPages) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(Register(Device(i), "10.0.0." + std::to_string(i)).ok());
    ASSERT_TRUE(
        StoreEvents({maker_.Jam(Device(i), i, kRaised), maker_.Meters(Device(i), i, i)}).ok());
  }
  const auto all = [](auto list, auto query) {
    std::size_t count = 0;
    int pages = 0;
    do {
      auto page = list(query);
      EXPECT_TRUE(page.ok()) << page.status();
      count += page->items.size();
      query.range.after = page->next;
      ++pages;
    } while (!query.range.after.empty() && pages < 10);
    EXPECT_EQ(pages, 3);
    return count;
  };

  struct NameQuery {
    edge::Range range;
  };

  const edge::Range two{.limit = 2};

  EXPECT_EQ(
      all([&](const NameQuery& q) { return reader_->ListDevices(q.range, {}); }, NameQuery{two}),
      5U);
  EXPECT_EQ(all([&](const NameQuery& q) { return reader_->ListTargets(q.range); }, NameQuery{two}),
            5U);
  EXPECT_EQ(
      all([&](const auto& q) { return reader_->ListAlerts(q); }, edge::AlertQuery{.range = two}),
      5U);
  EXPECT_EQ(all([&](const auto& q) { return reader_->ListMeterReadings(q); },
                edge::MeterQuery{.range = two}),
            5U);
  EXPECT_EQ(all([&](const auto& q) { return reader_->ListMeterReadings(q); },
                edge::MeterQuery{.range = two, .latest_only = true}),
            5U);
}

TEST_F(StoreTest, ACallerSeesItsTenantsOnly) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(
      StoreEvents({maker_.Jam(Device(1), 1, kRaised), maker_.Meters(Device(1), 1, 1)}).ok());
  const edge::Range foreign{.tenants = {"globex"}};

  EXPECT_TRUE(reader_->ListDevices(foreign, {})->items.empty());
  EXPECT_TRUE(reader_->ListTargets(foreign)->items.empty());
  EXPECT_TRUE(reader_->ListAlerts({.range = foreign})->items.empty());
  EXPECT_TRUE(reader_->ListMeterReadings({.range = foreign})->items.empty());
  EXPECT_TRUE(reader_->CountStates(foreign)->empty());
}

TEST_F(StoreTest, FiltersFindDevices) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  ASSERT_TRUE(StoreEvents({maker_.Identity(Device(2), "SER2", "Colour 9")}).ok());
  const auto count = [&](const std::string& filter) {
    return reader_->CountDevices({}, *core::ParseDeviceFilter(filter)).value();
  };

  EXPECT_EQ(count(""), 2);
  EXPECT_EQ(count("serial_number = SER2"), 1);
  EXPECT_EQ(count("text : \"colour\""), 1);
  EXPECT_EQ(count("text : \"Printer 10.0.0.1\""), 1);
  EXPECT_EQ(count("state = pending"), 1);
  EXPECT_EQ(count("state = pending AND text : colour"), 0);
}

TEST_F(StoreTest, AlertsAreTheirLastEventAndChangesAreTold) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::vector<bool> told;
  store_->SetAlertListener([&](const std::vector<edge::AlertChange>& changes) {
    for (const edge::AlertChange& change : changes) told.push_back(change.state.open);
  });

  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kRaised, kNowMs - 5000)}).ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kEnded, kNowMs)}).ok());

  EXPECT_THAT(told, ElementsAre(true, false));
  const auto alerts = reader_->ListAlerts({});
  ASSERT_EQ(alerts->items.size(), 1U);
  const fleet::AlertRecord& alert = alerts->items[0];
  EXPECT_FALSE(alert.open());
  EXPECT_EQ(alert.alert().end(), ev::ALERT_END_CLEARED);
  EXPECT_EQ(alert.end_time().seconds() - alert.raise_time().seconds(), 5);
  EXPECT_THAT(alert.name(), HasSubstr("/alerts/"));
  EXPECT_EQ(reader_->AlertsAfter({}, 1, false)->size(), 1U);
  EXPECT_EQ(reader_->AlertsAfter({}, 2, false)->size(), 0U);
}

}  // namespace
}  // namespace platen::gateway::testing
