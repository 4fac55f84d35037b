#include "libs/snmp/value.h"

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

TEST(ValueTest, TakesAnyNumericTypeAsANumber) {
  for (const ValueType type : {ValueType::kInteger,
                               ValueType::kCounter32,
                               ValueType::kGauge32,
                               ValueType::kTimeTicks,
                               ValueType::kCounter64}) {
    EXPECT_EQ(ValueView::Number(type, 12).AsInteger(), 12) << Name(type);
    EXPECT_EQ(ValueView::Number(type, 12).AsUnsigned(), 12u) << Name(type);
  }
  EXPECT_EQ(ValueView::Octets("12").AsInteger(), std::nullopt);
  EXPECT_EQ(ValueView::Empty(ValueType::kNoSuchObject).AsInteger(), std::nullopt);
}

TEST(ValueTest, NeverChangesANumberToMakeItFit) {
  EXPECT_EQ(ValueView::Integer(-3).AsInteger(), -3);
  EXPECT_EQ(ValueView::Integer(-3).AsUnsigned(), std::nullopt);
  EXPECT_EQ(ValueView::Number(ValueType::kCounter64, ~0ull).AsInteger(), std::nullopt);
  EXPECT_EQ(ValueView::Number(ValueType::kCounter64, ~0ull).AsUnsigned(), ~0ull);
}

TEST(ValueTest, OwnsACopyOfWhatAViewBorrowed) {
  std::string text = "Black toner";
  const Value value(ValueView::Octets(text));
  const Value oid = Value::ObjectId("1.3.6.1"_oid);
  text = "overwritten";

  EXPECT_EQ(value.AsBytes(), "Black toner");
  EXPECT_EQ(oid.AsOid()->ToString(), "1.3.6.1");
  EXPECT_EQ(oid.AsBytes(), std::nullopt);
  EXPECT_EQ(Value(value.view()), value);
  EXPECT_EQ(Value(oid.view()), oid);
}

TEST(ValueTest, TypesDistinguishEqualContents) {
  EXPECT_NE(Value::Integer(5), Value::Number(ValueType::kGauge32, 5));
  EXPECT_NE(ValueView::Empty(ValueType::kNull), ValueView::Empty(ValueType::kEndOfMibView));
}

}  // namespace
}  // namespace platen::snmp
