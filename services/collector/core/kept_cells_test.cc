#include "services/collector/core/kept_cells.h"

#include <limits>

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using snmp::operator""_oid;
using snmp::Value;
using snmp::ValueType;

std::vector<KeptCell> OneOfEachKind() {
  return {
      {"1.3.6.1.2.1.1.2.0"_oid, Value::ObjectId("1.3.6.1.4.1.99999.1"_oid), false},
      {"1.3.6.1.2.1.43.11.1.1.6.1.1"_oid, Value::Octets("Black Toner"), false},
      {"1.3.6.1.2.1.43.11.1.1.6.1.2"_oid, Value::Octets(""), false},
      {"1.3.6.1.2.1.43.11.1.1.9.1.1"_oid, Value::Integer(-3), true},
      {"1.3.6.1.2.1.43.11.1.1.9.1.2000"_oid, Value(), true},
      {"1.3.6.1.2.1.43.18.1.1.9.1.1"_oid,
       Value::Number(ValueType::kTimeTicks, 4'294'967'295u),
       false},
      {"1.3.6.1.2.1.43.18.1.1.9.1.2"_oid,
       Value::Number(ValueType::kCounter64, std::numeric_limits<std::uint64_t>::max()),
       false},
      {"1.3.6.1.4.1.1.1"_oid, Value::Integer(std::numeric_limits<std::int64_t>::min()), false},
  };
}

TEST(KeptCellsTest, GivesBackWhatWasPutIn) {
  EXPECT_EQ(DecodeCells(EncodeCells(OneOfEachKind())), OneOfEachKind());
  EXPECT_EQ(DecodeCells(""), std::vector<KeptCell>());
}

TEST(KeptCellsTest, TakesFewBytesForTheCellsOfOneTable) {
  std::vector<KeptCell> cells;
  const auto entry = "1.3.6.1.2.1.43.11.1.1"_oid;
  for (std::uint32_t column = 2; column <= 9; ++column) {
    for (std::uint32_t row = 1; row <= 10; ++row) {
      cells.push_back({entry.Child({column, 1, row}), Value::Integer(19), column == 9});
    }
  }

  EXPECT_LE(EncodeCells(cells).size(), cells.size() * 6);
}

// A state may have been written by another version, or damaged: then nothing is known.
TEST(KeptCellsTest, KnowsNothingFromBytesThatAreCutOff) {
  const std::string bytes = EncodeCells(OneOfEachKind());
  const std::vector<KeptCell> all = OneOfEachKind();
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    const auto cells = DecodeCells(std::string_view(bytes).substr(0, length));
    if (!cells.has_value()) continue;
    ASSERT_LT(cells->size(), all.size());
    for (std::size_t i = 0; i < cells->size(); ++i) EXPECT_EQ((*cells)[i], all[i]);
  }
}

TEST(KeptCellsTest, KnowsNothingFromBytesThatAreNoCells) {
  EXPECT_EQ(DecodeCells(std::string_view("\xff\x01\x2b\x02\x02", 5)), std::nullopt);
  EXPECT_EQ(DecodeCells(std::string_view("\x00\x02\x2b\x06\x81\x02", 6)), std::nullopt);
  EXPECT_EQ(DecodeCells(std::string_view("\x00\x02\x2b\x80\x05", 5)), std::nullopt);
}

}  // namespace
}  // namespace platen::collector::core
