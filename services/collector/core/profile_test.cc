#include "services/collector/core/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/said.h"

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using snmp::operator""_oid;

constexpr std::string_view kBase = "1.3.6.1.4.1.99999.";

std::string Own(std::string_view tail) {
  return std::string(kBase) + std::string(tail);
}

snmp::Oid OwnOid(std::string_view tail) {
  return *snmp::Oid::Parse(Own(tail));
}

event::v1::MeterKind Total() {
  event::v1::MeterKind kind;
  kind.set_function(event::v1::METER_FUNCTION_TOTAL);
  kind.set_colour(event::v1::COLOUR_CLASS_ALL);
  kind.set_unit(event::v1::METER_UNIT_IMPRESSIONS);
  return kind;
}

Profile Named(std::string name) {
  Profile profile;
  profile.name = std::move(name);
  profile.manufacturer = "Acme";
  return profile;
}

MeterRule Meter(MeterPlace where) {
  MeterRule rule;
  rule.name = "counters.total";
  rule.where = std::move(where);
  rule.kind = Total();
  return rule;
}

// The value that a profile with this one rule finds; 0 where none.
std::uint64_t ValueBy(MeterPlace where, const Said& said) {
  Profile profile = Named("acme");
  profile.meters.push_back(Meter(std::move(where)));
  const auto snapshot = said.Snapshot(&profile);
  return snapshot.meters_size() == 1 ? snapshot.meters(0).value() : 0;
}

TEST(ProfileTest, TheLongestPrefixOfTheObjectIdWins) {
  Profile family = Named("family");
  family.match.sys_object_ids = {"1.3.6.1.4.1.641"_oid};
  Profile model = Named("model");
  model.match.sys_object_ids = {"1.3.6.1.4.1.641.2"_oid};
  const ProfileSet set({family, model});

  EXPECT_EQ(set.Match({.sys_object_id = "1.3.6.1.4.1.641.2.7"_oid})->name, "model");
  EXPECT_EQ(set.Match({.sys_object_id = "1.3.6.1.4.1.641.1"_oid})->name, "family");
  EXPECT_EQ(set.Match({.sys_object_id = "1.3.6.1.4.1.6411"_oid}), nullptr);
}

TEST(ProfileTest, TheObjectIdIsTrustedMoreThanTheDescription) {
  Profile card = Named("card");
  card.match.sys_descrs.push_back(*MakePattern("^HP ETHERNET"));
  Profile engine = Named("engine");
  engine.match.sys_object_ids = {"1.3.6.1.4.1.1347"_oid};
  const ProfileSet set({card, engine});

  EXPECT_EQ(set.Match({.sys_object_id = "1.3.6.1.4.1.1347.41"_oid,
                       .sys_descr = "HP ETHERNET MULTI-ENVIRONMENT"})
                ->name,
            "engine");
  EXPECT_EQ(set.Match({.sys_descr = "HP ETHERNET MULTI-ENVIRONMENT"})->name, "card");
}

TEST(ProfileTest, ADeviceSoldUnderAnotherNameHasThatManufacturer) {
  Profile profile = Named("acme");
  profile.brands.push_back({.sys_descr = *MakePattern("^SAVIN"), .manufacturer = "Savin"});

  EXPECT_EQ(ManufacturerOf(profile, {.sys_descr = "SAVIN MP C4503"}), "Savin");
  EXPECT_EQ(ManufacturerOf(profile, {.sys_descr = "Something"}), "Acme");
}

TEST(ProfileTest, TheStandardSerialGoesBeforeTheProfiles) {
  Profile profile = Named("acme");
  profile.identity.push_back({IdentityField::kSerial, {.oid = OwnOid("1.0")}});
  const Said vendor_only = Said().Text(Own("1.0"), "VENDOR");
  const Said both = Said(vendor_only).Printer(1).Text("1.3.6.1.2.1.43.5.1.1.17.1", "STANDARD");

  EXPECT_EQ(vendor_only.Snapshot(&profile).identity().serial_number(), "VENDOR");
  EXPECT_EQ(both.Snapshot(&profile).identity().serial_number(), "STANDARD");
}

TEST(ProfileTest, AMissingSerialNamesTheProfileThatFoundNone) {
  const Profile profile = Named("acme");

  EXPECT_EQ(WhyMissing(Said().Printer(1).Snapshot(&profile), "serial"),
            "no standard value, and profile acme@1 found none");
}

TEST(ProfileTest, ScalarsOfAnyIntegerTypeAreCounters) {
  EXPECT_EQ(ValueBy(ScalarMeter{OwnOid("5.0")}, Said().Number(Own("5.0"), 71)), 71U);
  EXPECT_EQ(ValueBy(ScalarMeter{OwnOid("5.0")}, Said().Count(Own("5.0"), 72)), 72U);
  EXPECT_EQ(ValueBy(ScalarMeter{OwnOid("5.0")}, Said().Number(Own("5.0"), -1)), 0U);
}

TEST(ProfileTest, RowsAreJoinedByTheirTypeNotTheirPlace) {
  const TypedRow where{OwnOid("2"), OwnOid("9"), 400};

  EXPECT_EQ(ValueBy(where,
                    Said()
                        .Number(Own("2.1"), 10)
                        .Number(Own("2.7"), 400)
                        .Count(Own("9.1"), 5)
                        .Count(Own("9.7"), 99)),
            99U);
}

TEST(ProfileTest, RowsAreJoinedByTheirLabel) {
  const LabelledRow where{OwnOid("2"), OwnOid("3"), "Total 1"};

  EXPECT_EQ(ValueBy(where,
                    Said()
                        .Text(Own("2.8"), "Copy (Total 1)")
                        .Text(Own("2.9"), "Total 1")
                        .Count(Own("3.8"), 5)
                        .Count(Own("3.9"), 6)),
            6U);
}

TEST(ProfileTest, ALabelIsTheTextWithoutItsPaddingInWhateverCharset) {
  const auto value = [](std::string_view label, std::string_view sent) {
    return ValueBy(LabelledRow{OwnOid("2"), OwnOid("3"), std::string(label)},
                   Said().Text(Own("2.8"), std::string(sent)).Count(Own("3.8"), 5));
  };

  EXPECT_EQ(value("Total 1", "  Total 1 "), 5U);
  EXPECT_EQ(value("Total 1", std::string("Total 1\0\0", 9)), 5U);
  EXPECT_EQ(value("Gesamtz\xc3\xa4hler", "Gesamtz\xe4hler"), 5U);  // Latin-1.
  EXPECT_EQ(value("Total 1", "Total 11"), 0U);
  EXPECT_EQ(value("Total 1", ""), 0U);
}

TEST(ProfileTest, BrotherRecordsAreReadByTheirKey) {
  const std::string records = std::string("\x00\x01\x04\x00\x00\x13\x4b", 7) +
                              std::string("\x02\x01\x04\x00\x00\x0c\x69", 7) + "\xff";

  EXPECT_EQ(ValueBy(TlvRecord{OwnOid("10.0"), 2}, Said().Text(Own("10.0"), records)), 3177U);
  EXPECT_EQ(ValueBy(TlvRecord{OwnOid("10.0"), 6}, Said().Text(Own("10.0"), records)), 0U);
}

TEST(ProfileTest, ATruncatedBrotherRecordIsNoValue) {
  EXPECT_EQ(BrotherRecord(std::string("\x00\x01\x04\x00\x00", 5), 0), std::nullopt);
  EXPECT_EQ(BrotherRecord(std::string("\x00\x01\xff", 3), 0), std::nullopt);
}

TEST(ProfileTest, FloatsInStringsBecomeHundredths) {
  const ScalarMeter where{OwnOid("44.0"), Decoding::kIeee754Hundredths};

  EXPECT_EQ(ValueBy(where, Said().Text(Own("44.0"), std::string("\x44\x9a\x52\x2b", 4))), 123457U);
  EXPECT_EQ(ValueBy(where, Said().Text(Own("44.0"), std::string("\x7f\xc0\x00\x00", 4))), 0U);
  EXPECT_EQ(ValueBy(where, Said().Text(Own("44.0"), "abc")), 0U);
}

TEST(ProfileTest, FirmwareTablesLeaveOutWhatIsNotThere) {
  Profile profile = Named("acme");
  profile.firmware.push_back(
      {.names = OwnOid("5.2"), .versions = OwnOid("5.3"), .skip = {"-", "Registered"}});

  const auto snapshot = Said()
                            .Text(Own("5.2.1"), "Controller")
                            .Text(Own("5.3.1"), "A50-21")
                            .Text(Own("5.2.2"), "Fax")
                            .Text(Own("5.3.2"), "-")
                            .Snapshot(&profile);

  ASSERT_EQ(snapshot.identity().firmware_size(), 1);
  EXPECT_EQ(snapshot.identity().firmware(0).component(), "Controller");
  EXPECT_EQ(snapshot.identity().firmware(0).version(), "A50-21");
}

TEST(ProfileTest, AListOfVersionsInTheDescriptionIsTakenApart) {
  Profile profile = Named("acme");
  FirmwareRule rule;
  rule.text.from = TextSource::kSysDescr;
  rule.text.pattern = *MakePattern("[;,] ?([A-Z]{2,4}) ([0-9.]+)");
  profile.firmware.push_back(std::move(rule));

  const auto snapshot =
      Said().Text("1.3.6.1.2.1.1.1.0", "Acme 1; SS 100.2, UI 7.1, FI ------").Snapshot(&profile);

  ASSERT_EQ(snapshot.identity().firmware_size(), 2);
  EXPECT_EQ(snapshot.identity().firmware(1).component(), "UI");
  EXPECT_EQ(snapshot.identity().firmware(1).version(), "7.1");
}

TEST(ProfileTest, AProfileTellsWhatIsToBeRead) {
  Profile profile = Named("acme");
  profile.identity.push_back({IdentityField::kSerial, {.oid = OwnOid("1.0")}});
  profile.identity.push_back({IdentityField::kModel, {.oid = OwnOid("1.1")}});
  profile.meters.push_back(Meter(TypedRow{OwnOid("2"), OwnOid("9"), 1}));
  profile.meters.push_back(Meter(TypedRow{OwnOid("2"), OwnOid("9"), 2}));
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("5.0")}));

  const VendorReads all = ReadsOf(profile, ReadPurpose::kEverything);
  const VendorReads meters = ReadsOf(profile, ReadPurpose::kMeters);

  EXPECT_THAT(all.scalars, ElementsAre(OwnOid("1.0"), OwnOid("1.1"), OwnOid("5.0")));
  EXPECT_THAT(all.columns, ElementsAre(OwnOid("2"), OwnOid("9")));
  // With whose counters they are.
  EXPECT_THAT(meters.scalars, ElementsAre(OwnOid("1.0"), OwnOid("5.0")));
}

TEST(ProfileTest, ARuleMayBeForSomeModelsOrFirmwareOnly) {
  Profile profile = Named("acme");
  profile.identity.push_back({IdentityField::kModel, {.oid = OwnOid("1.0")}});
  profile.firmware.push_back({.component = "main", .text = {.oid = OwnOid("2.0")}});
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("5.0")}));
  profile.meters[0].when = {*MakePattern("^X"), *MakePattern("^1[.]")};
  const auto meters = [&profile](std::string_view model, std::string_view firmware) {
    return Said()
        .Text(Own("1.0"), std::string(model))
        .Text(Own("2.0"), std::string(firmware))
        .Count(Own("5.0"), 7)
        .Snapshot(&profile)
        .meters_size();
  };

  EXPECT_EQ(meters("X 100", "1.7"), 1);
  EXPECT_EQ(meters("X 100", "2.0"), 0);
  EXPECT_EQ(meters("Y 100", "1.7"), 0);
}

TEST(ProfileTest, ARuleGivesWayToAnotherNameOfTheSameCounter) {
  Profile profile = Named("acme");
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("5.0")}));
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("6.0")}));
  profile.meters[1].unless = 0;
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("7.0")}));
  profile.meters[2].unless = 1;

  const auto first = Said().Count(Own("5.0"), 5).Count(Own("6.0"), 6).Count(Own("7.0"), 7);
  ASSERT_EQ(first.Snapshot(&profile).meters_size(), 1);
  EXPECT_EQ(first.Snapshot(&profile).meters(0).value(), 5U);
  const auto last = Said().Count(Own("7.0"), 7).Snapshot(&profile);
  ASSERT_EQ(last.meters_size(), 1);
  EXPECT_EQ(last.meters(0).value(), 7U);
}

TEST(ProfileTest, AReadingOfCountersAloneKnowsTheModelFromBefore) {
  Profile profile = Named("acme");
  profile.meters.push_back(Meter(ScalarMeter{OwnOid("5.0")}));
  profile.meters[0].when.model = *MakePattern("^X");
  const std::vector<snmp::Varbind> said = Said().Count(Own("5.0"), 7).Sorted();
  event::v1::Identity known;
  known.set_model("X 100");
  SnapshotInput input{.readings = said, .profile = &profile, .parts = Part::kMeters};

  EXPECT_EQ(MakeSnapshot(input).meters_size(), 0);
  input.known = &known;
  EXPECT_EQ(MakeSnapshot(input).meters_size(), 1);
}

}  // namespace
}  // namespace platen::collector::core
