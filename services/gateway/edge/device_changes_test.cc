#include "services/gateway/edge/device_changes.h"

#include <gmock/gmock.h>

#include "services/gateway/edge/device_rows.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;
using edge::Change;
using edge::Changed;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const core::Place kPlace{"acme", "hq"};

class DeviceChangesTest : public StoreTest {
 protected:
  absl::Status Run(edge::Store::Apply apply) {
    std::promise<absl::Status> done;
    const absl::Status queued = store_->Change(
        std::move(apply), [&](const absl::Status& status) { done.set_value(status); });
    return queued.ok() ? done.get_future().get() : queued;
  }

  static core::DevicePlace Name(std::uint8_t number) { return {kPlace, Device(number)}; }

  Change By(const std::string& author) {
    clock_.Advance(std::chrono::seconds(1));
    return {.author = author, .reason = "because", .now_ms = base::ToMillis(clock_.WallNow())};
  }

  absl::Status Merge(std::uint8_t stays, std::uint8_t gone) {
    return Run([&](edge::Database& database, Changed& changed) {
      return edge::MergeDevices(database, Name(stays), Name(gone), By("jane"), changed);
    });
  }

  absl::StatusOr<base::DeviceId> Split(std::uint8_t number, std::uint8_t fresh) {
    absl::StatusOr<base::DeviceId> made;
    const absl::Status status = Run([&](edge::Database& database, Changed& changed) {
      made = edge::SplitDevice(database, Name(number), Device(fresh), By("jane"), changed);
      return made.status();
    });
    return status.ok() ? made : status;
  }

  // Who the device is, and that it answers.
  void Identify(std::uint8_t number, const std::string& serial, const std::string& mac = "") {
    ev::Event event = maker_.Identity(Device(number), serial, "MFC");
    if (!mac.empty()) event.mutable_identity_report()->mutable_identity()->add_mac_addresses(mac);
    ASSERT_EQ(StoreEvents({event})->stored, 1U);
  }

  void Status(std::uint8_t number, ev::Reachability reachability) {
    ASSERT_EQ(StoreEvents({maker_.Status(Device(number), ++statuses_, reachability)})->stored, 1U);
  }

  void Keep(const std::vector<ev::Event>& events) {
    const auto outcome = StoreEvents(events);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_EQ(outcome->stored, events.size());
  }

  std::vector<std::string> Addresses() {
    std::vector<std::string> addresses;
    const auto page = *reader_->ListTargets({.place = kPlace});
    for (const fleet::Target& target : page.items) {
      addresses.push_back(target.address() + " of " + target.uid().substr(30));
    }
    return addresses;
  }

  std::vector<fleet::DeviceHistoryRecord> History(std::uint8_t number,
                                                  std::set<int> kinds = {
                                                      ev::Event::kDeviceTransfer}) {
    return reader_
        ->ListDeviceHistory(
            {.range = {.place = kPlace}, .device = Device(number), .kinds = std::move(kinds)})
        ->items;
  }

  // Values of the device's counters, newest first.
  std::vector<std::uint64_t> Totals(std::uint8_t number) {
    std::vector<std::uint64_t> totals;
    const auto page =
        *reader_->ListMeterReadings({.range = {.place = kPlace}, .device = Device(number)});
    for (const auto& record : page.items) {
      totals.push_back(record.reading().meters(0).value());
    }
    return totals;
  }

  // A reading whose epoch waits for a confirmation.
  ev::Event Proposed(std::uint8_t number, std::uint64_t slot, std::uint64_t total) {
    ev::Event event = maker_.Meters(Device(number), slot, total);
    ev::Meter& meter = *event.mutable_meter_reading()->mutable_meters(0);
    meter.set_epoch(2);
    meter.set_oid("1.2.3");
    meter.add_quality(ev::READING_QUALITY_EPOCH_PROPOSED);
    return event;
  }

  absl::StatusOr<fleet::ConfirmMetersResponse> Confirm(std::uint8_t number) {
    absl::StatusOr<fleet::ConfirmMetersResponse> response;
    const absl::Status status = Run([&](edge::Database& database, Changed& changed) {
      response = edge::ConfirmMeters(database, Name(number), {}, false, By("jane"), changed);
      return response.status();
    });
    return status.ok() ? response : status;
  }

  std::uint64_t statuses_ = 0;
};

TEST_F(DeviceChangesTest, MergedDevicesAreOneWithTheHistoryOfBoth) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Keep({maker_.Meters(Device(1), 1, 100), maker_.Meters(Device(2), 1, 110)});
  Keep({maker_.Jam(Device(2), 1, ev::ALERT_TRANSITION_RAISED)});

  ASSERT_TRUE(Merge(1, 2).ok());

  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 1U);
  EXPECT_EQ(*reader_->CountDevices({.place = kPlace}, {}), 1);
  EXPECT_THAT(Totals(1), ElementsAre(110, 100));
  EXPECT_EQ(*reader_->CountOpenAlerts({}), 0);
  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.1 of 01"));
  const auto history = History(1);
  ASSERT_THAT(history, SizeIs(2));  // It stands in both.
  EXPECT_EQ(history[0].event().device_transfer().kind(), ev::DeviceTransfer::KIND_MERGED);
  EXPECT_EQ(history[0].event().device_transfer().author(), "jane");
  EXPECT_THAT(reader_->GetDevice(kPlace, Device(2))->merged_into(), HasSubstr(Device(1).ToHex()));
  // Counters that were under way when it was merged are not lost.
  Keep({maker_.Meters(Device(2), 2, 120)});
  EXPECT_THAT(Totals(1), ElementsAre(120, 110, 100));
}

TEST_F(DeviceChangesTest, AMergedDeviceThatIsSplitOffTakesItsHistoryAlong) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Keep({maker_.Meters(Device(1), 1, 100), maker_.Meters(Device(2), 1, 110)});
  ASSERT_TRUE(Merge(1, 2).ok());

  ASSERT_EQ(*Split(2, 9), Device(2));

  EXPECT_THAT(Totals(1), ElementsAre(100));
  EXPECT_THAT(Totals(2), ElementsAre(110));
  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 2U);
}

TEST_F(DeviceChangesTest, ADeviceThatWasTwoGoesOnAsANewOneAtItsAddress) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Keep({maker_.Meters(Device(1), 1, 100)});

  ASSERT_EQ(*Split(1, 9), Device(9));

  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.1 of 09"));
  EXPECT_THAT(Totals(1), ElementsAre(100));
  EXPECT_EQ(StoreEvents({maker_.Meters(Device(9), 1, 5)})->stored, 1U);
  EXPECT_THAT(Totals(9), ElementsAre(5));
  EXPECT_EQ(Split(1, 8).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DeviceChangesTest, WhatAPersonHasSplitIsNotMergedByEvidence) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "S1");
  ASSERT_EQ(*Split(1, 9), Device(9));

  Identify(9, "S1");
  Status(9, ev::REACHABILITY_REACHABLE);

  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.1 of 09"));
  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 2U);
  // Until a person says otherwise.
  ASSERT_TRUE(Merge(1, 9).ok());
  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.1 of 01"));
}

TEST_F(DeviceChangesTest, AMergeThatAPersonHasUndoneIsNotMadeAgainByEvidence) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "S1");
  Status(1, ev::REACHABILITY_REACHABLE);
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Identify(2, "S1");
  ASSERT_TRUE(Merge(2, 1).ok());
  ASSERT_EQ(*Split(1, 9), Device(1));

  Identify(2, " s1 ");

  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 2U);
}

TEST_F(DeviceChangesTest, WhatCannotBeMergedIsRefusedAndChangesNothing) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  ASSERT_TRUE(Register(Device(3), "10.0.0.3").ok());
  EXPECT_EQ(Merge(1, 1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Merge(1, 7).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Merge(1, 2).ok());
  EXPECT_THAT(std::string(Merge(3, 2).message()), HasSubstr("split it first"));
  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.1 of 01", "10.0.0.3 of 03"));
}

TEST_F(DeviceChangesTest, AKnownSerialNumberThatAnswersAtANewAddressIsAMove) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "S1", "00:aa");
  Keep({maker_.Meters(Device(1), 1, 100)});
  Status(1, ev::REACHABILITY_REACHABLE);
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Identify(2, " s1 ", "00:aa");
  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 2U);  // Both answer.

  Status(1, ev::REACHABILITY_UNREACHABLE);

  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.2 of 01"));
  EXPECT_EQ(reader_->ListDevices({.place = kPlace}, {})->items.size(), 1U);
  EXPECT_EQ(reader_->GetDevice(kPlace, Device(1))->address(), "10.0.0.2");
  EXPECT_THAT(History(1), SizeIs(3));
  EXPECT_EQ(reader_->DirectivesAfter("default", 0, 100)->back().target().address(), "10.0.0.2");
}

TEST_F(DeviceChangesTest, AMoveIsFoundToWhenTheOldAddressIsSilentAlready) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "S1");
  Status(1, ev::REACHABILITY_OTHER_DEVICE);
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Identify(2, "S1");
  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.2 of 01"));
}

TEST_F(DeviceChangesTest, ASerialNumberThatIsNoEvidenceMovesNobody) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "0000000");
  Status(1, ev::REACHABILITY_UNREACHABLE);
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  Identify(2, "0000000");
  EXPECT_THAT(Addresses(), SizeIs(2));
}

TEST_F(DeviceChangesTest, ADeviceThatIsRegisteredAgainIsTheOneThatItWas) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Identify(1, "S1");
  Keep({maker_.Meters(Device(1), 1, 100)});
  std::promise<absl::Status> removed;
  ASSERT_TRUE(
      store_->RemoveTarget(kPlace, Device(1), [&](const auto& s) { removed.set_value(s); }).ok());
  ASSERT_TRUE(removed.get_future().get().ok());
  edge::Registration again{.place = kPlace, .device = Device(2)};
  again.target.set_address("10.0.0.9");
  again.target.set_installation("default");
  again.target.set_expected_serial("s1");

  ASSERT_EQ(RegisterAll({again})->front().device, Device(1));

  EXPECT_THAT(Addresses(), ElementsAre("10.0.0.9 of 01"));
  EXPECT_THAT(Totals(1), ElementsAre(100));
}

TEST_F(DeviceChangesTest, AChangedTargetIsAnOrderAndItsMoveAnEvent) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
  fleet::Target wanted;
  wanted.set_address("10.0.0.7");
  wanted.set_expected_serial("S1");
  wanted.set_address_is_fixed(true);
  google::protobuf::FieldMask mask;
  for (const char* path : {"address", "expected_serial", "address_is_fixed"}) mask.add_paths(path);
  const auto update = [&](edge::Database& database, Changed& changed) {
    return edge::UpdateTarget(database, Name(1), wanted, mask, By("jane"), changed).status();
  };

  ASSERT_TRUE(Run(update).ok());

  const auto order = reader_->DirectivesAfter("default", 0, 100)->back();
  EXPECT_EQ(order.target().address(), "10.0.0.7");
  EXPECT_EQ(order.target().expected_serial(), "S1");
  EXPECT_TRUE(order.target().address_is_fixed());
  EXPECT_EQ(History(1).at(0).event().device_transfer().to_address(), "10.0.0.7");
  wanted.set_address("10.0.0.2");
  EXPECT_EQ(Run(update).code(), absl::StatusCode::kAlreadyExists);
  mask.add_paths("display_name");
  EXPECT_EQ(Run(update).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DeviceChangesTest, AConfirmationIsAnOrderThatNoOtherChangeOvertakes) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Keep({maker_.Meters(Device(1), 1, 100)});
  EXPECT_THAT(std::string(Confirm(1).status().message()), HasSubstr("nothing to confirm"));
  Keep({Proposed(1, 2, 7)});

  const auto confirmed = Confirm(1);

  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->order(), 1U);
  EXPECT_EQ(confirmed->epochs(0).epoch(), 2U);
  fleet::Target wanted;
  wanted.set_expected_serial("S1");
  google::protobuf::FieldMask mask;
  mask.add_paths("expected_serial");
  ASSERT_TRUE(
      Run([&](edge::Database& database, Changed& changed) {
        return edge::UpdateTarget(database, Name(1), wanted, mask, By("jane"), changed).status();
      }).ok());
  const ev::EpochOrder order =
      reader_->DirectivesAfter("default", 0, 100)->back().target().epoch_order();
  EXPECT_EQ(order.number(), 1U);
  EXPECT_EQ(order.author(), "jane");
  EXPECT_EQ(order.epochs(0).oid(), "1.2.3");
}

TEST_F(DeviceChangesTest, AManualReadingStandsBesideTheDevicesOwn) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ev::Event own = maker_.Meters(Device(1), 1, 100);
  *own.mutable_meter_reading()->mutable_read_time() = platen::event::ToProto(clock_.WallNow());
  Keep({own});
  fleet::EnterMeterReadingRequest request;
  *request.add_meters() = own.meter_reading().meters(0);
  const auto enter = [&](std::uint64_t value, const std::string& key) {
    request.mutable_meters(0)->set_value(value);
    return Run([&](edge::Database& database, Changed&) {
      return edge::EnterReading(database, Name(1), request, key, By("jane")).status();
    });
  };

  ASSERT_TRUE(enter(130, "jane/1").ok());
  ASSERT_TRUE(enter(130, "jane/1").ok());

  EXPECT_THAT(Totals(1), ElementsAre(130, 100));
  const fleet::Device device = *reader_->GetDevice(kPlace, Device(1));
  EXPECT_EQ(device.total_impressions(), 100U);
  EXPECT_EQ(device.meters(0).value(), 100U);
  EXPECT_THAT(std::string(enter(99, "jane/2").message()), HasSubstr("counters do not go back"));
}

TEST_F(DeviceChangesTest, AStoreOfTheFirstVersionIsBroughtUpToDate) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Keep({maker_.Meters(Device(1), 1, 100)});
  reader_.reset();
  store_.reset();
  {
    auto database = *edge::Database::Open(directory_.File("gateway.db"));
    ASSERT_TRUE(
        database
            ->Execute(
                "DROP TABLE used_links; DROP TABLE records; DROP INDEX directives_about; DROP "
                "INDEX events_alerts;"
                "ALTER TABLE directives DROP COLUMN about;"
                "ALTER TABLE installations DROP COLUMN tenants;"
                "DROP INDEX events_gaps; DROP INDEX events_history; DROP INDEX devices_merged;"
                "DROP INDEX devices_by_serial_key;"
                "ALTER TABLE devices DROP COLUMN serial_key;"
                "ALTER TABLE devices DROP COLUMN macs;"
                "ALTER TABLE devices DROP COLUMN merged_into;"
                "ALTER TABLE devices DROP COLUMN epoch_order;"
                "CREATE TABLE before(instance TEXT NOT NULL, epoch INTEGER NOT NULL,"
                " lane INTEGER NOT NULL, route TEXT NOT NULL, seen BLOB NOT NULL,"
                " claimed INTEGER NOT NULL, claimed_ms INTEGER NOT NULL,"
                " PRIMARY KEY(instance, epoch, lane, route)) WITHOUT ROWID;"
                "INSERT INTO before SELECT instance, epoch, lane, route, seen, claimed, claimed_ms"
                " FROM sequences;"
                "DROP TABLE sequences;"
                "ALTER TABLE before RENAME TO sequences;"
                "PRAGMA user_version=1;")
            .ok());
  }
  Open();
  EXPECT_THAT(Totals(1), ElementsAre(100));
  Keep({maker_.Meters(Device(1), 2, 101)});
  EXPECT_EQ(store_->status().missing, 0U) << "a source's numbers go on";
}

}  // namespace
}  // namespace platen::gateway::testing
