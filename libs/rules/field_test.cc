#include "libs/rules/field.h"

#include <gtest/gtest.h>

#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

std::string Refusal(const std::string& path) {
  return std::string(Field::Parse(path).status().message());
}

TEST(FieldTest, ReadsWhatTheEventHas) {
  std::string scratch;
  const auto event = JamEvent();
  EXPECT_EQ(Field::Parse("tenant")->Text(event, scratch), "acme");
  EXPECT_EQ(Field::Parse("alert.device.location")->Text(event, scratch), "Room 4.17");
  EXPECT_EQ(Field::Parse("alert.code")->Number(event), 8);
  EXPECT_EQ(Field::Parse("alert.category")->Number(event), event::v1::ALERT_CATEGORY_JAM);
  EXPECT_EQ(Field::Parse("device_id")->Text(event, scratch), "0123456789abcdef");
}

TEST(FieldTest, FindsNothingWhereAMessageOnTheWayIsAbsent) {
  event::v1::Event event;
  std::string scratch;
  EXPECT_FALSE(Field::Parse("alert.code")->Number(event).has_value());
  EXPECT_FALSE(Field::Parse("alert.device.location")->Text(event, scratch).has_value());
  EXPECT_FALSE(Field::Parse("tenant")->Text(event, scratch).has_value());
}

TEST(FieldTest, SaysWhatWasProbablyMeant) {
  EXPECT_EQ(Refusal("alert.catgory"),
            "field 'alert.catgory': Alert has no 'catgory'; did you mean 'category'?");
}

TEST(FieldTest, RefusesWhatNoConditionCanBeOn) {
  EXPECT_EQ(Refusal("alert"), "field 'alert' is no number, name, text or id; name a field of it");
  EXPECT_EQ(Refusal("alert.code.x"), "field 'alert.code.x': nothing is below 'code'");
  EXPECT_EQ(Refusal("supply_reading.supplies"),
            "field 'supply_reading.supplies': there may be several 'supplies'");
  EXPECT_FALSE(Field::Parse("").ok());
  EXPECT_FALSE(Field::Parse("alert.").ok());
}

TEST(FieldTest, ParsesValuesAsPeopleWriteThem) {
  EXPECT_EQ(*Field::Parse("alert.training")->ParseNumber("field_service"),
            event::v1::ALERT_TRAINING_FIELD_SERVICE);
  EXPECT_EQ(*Field::Parse("alert.location")->ParseNumber("-2"), -2);
  EXPECT_EQ(*Field::Parse("alert.level_derived")->ParseNumber("true"), 1);
  EXPECT_EQ(*Field::ParseId("30FF"), "0\xFF");
}

TEST(FieldTest, NamesTheNamesThereAre) {
  const Field field = *Field::Parse("alert.category");
  EXPECT_EQ(field.ParseNumber("jams").status().message(),
            "field 'alert.category': 'jams' is none of: error, jam, alarm, supply");
  EXPECT_FALSE(Field::Parse("alert.code")->ParseNumber("8x").ok());
  EXPECT_FALSE(Field::ParseId("0").ok());
  EXPECT_FALSE(Field::ParseId("0g").ok());
}

}  // namespace
}  // namespace platen::rules
