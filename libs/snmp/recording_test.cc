#include "libs/snmp/recording.h"

#include <string>

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

Value ValueIn(std::string_view text) {
  const Recording recording = ReadRecording(text);
  EXPECT_EQ(recording.rows.size(), 1u)
      << text << (recording.listed.empty() ? "" : ": " + recording.listed[0].reason);
  EXPECT_EQ(recording.skipped, 0u) << text;
  return recording.rows.empty() ? Value() : recording.rows[0].value;
}

std::string ReasonFor(std::string_view line) {
  const Recording recording = ReadRecording(line);
  EXPECT_EQ(recording.rows.size(), 0u) << line;
  EXPECT_EQ(recording.skipped, 1u) << line;
  return recording.listed.empty() ? "" : recording.listed[0].reason;
}

TEST(RecordingTest, ReadsEveryTagOfSnmprec) {
  EXPECT_EQ(ValueIn("1.3.6|2|-3"), Value::Integer(-3));
  EXPECT_EQ(ValueIn("1.3.6|4|a | b"), Value::Octets("a | b"));
  EXPECT_EQ(ValueIn("1.3.6|4|"), Value::Octets(""));
  EXPECT_EQ(ValueIn("1.3.6|4x|00ff41"),
            Value::Octets(std::string("\0\xff"
                                      "A",
                                      3)));
  EXPECT_EQ(ValueIn("1.3.6|5|"), Value());
  EXPECT_EQ(ValueIn("1.3.6|6|1.3.6.1.4.1.2435"), Value::ObjectId("1.3.6.1.4.1.2435"_oid));
  EXPECT_EQ(ValueIn("1.3.6|64|10.0.0.1").AsBytes(), std::string("\x0a\0\0\1", 4));
  EXPECT_EQ(ValueIn("1.3.6|65|4294967295"), Value::Number(ValueType::kCounter32, 4294967295));
  EXPECT_EQ(ValueIn("1.3.6|66|1"), Value::Number(ValueType::kGauge32, 1));
  EXPECT_EQ(ValueIn("1.3.6|67|1\r\n"), Value::Number(ValueType::kTimeTicks, 1));
  EXPECT_EQ(ValueIn("1.3.6|70|18446744073709551615"), Value::Number(ValueType::kCounter64, ~0ull));
}

TEST(RecordingTest, ReadsTheOutputOfSnmpwalk) {
  EXPECT_EQ(ValueIn(R"(.1.3.6 = STRING: "say \"hi\" \\ o")"), Value::Octets(R"(say "hi" \ o)"));
  EXPECT_EQ(ValueIn(".1.3.6 = STRING: no quotes"), Value::Octets("no quotes"));
  EXPECT_EQ(ValueIn(".1.3.6 = \"\""), Value::Octets(""));
  EXPECT_EQ(ValueIn(".1.3.6 = Hex-STRING: 00 1B A9 \n"),
            Value::Octets(std::string("\0\x1b\xa9", 3)));
  EXPECT_EQ(ValueIn(".1.3.6 = INTEGER: -2"), Value::Integer(-2));
  EXPECT_EQ(ValueIn(".1.3.6 = INTEGER: running(2)"), Value::Integer(2));
  EXPECT_EQ(ValueIn(".1.3.6 = INTEGER: 75 percent"), Value::Integer(75));
  EXPECT_EQ(ValueIn(".1.3.6 = Timeticks: (4711) 0:00:47.11"),
            Value::Number(ValueType::kTimeTicks, 4711));
  EXPECT_EQ(ValueIn(".1.3.6 = Counter32: 7"), Value::Number(ValueType::kCounter32, 7));
  EXPECT_EQ(ValueIn(".1.3.6 = Counter64: 7"), Value::Number(ValueType::kCounter64, 7));
  EXPECT_EQ(ValueIn(".1.3.6 = OID: .1.3.6.1"), Value::ObjectId("1.3.6.1"_oid));
  EXPECT_EQ(ValueIn(".1.3.6 = IpAddress: 10.0.0.1").type(), ValueType::kIpAddress);
  EXPECT_EQ(ValueIn(".1.3.6 = BITS: 80 40 lowPaper(0) jammed(9)"), Value::Octets("\x80\x40"));
  EXPECT_EQ(ValueIn(".1.3.6 = Wrong Type (should be INTEGER): Gauge32: 4"),
            Value::Number(ValueType::kGauge32, 4));
}

TEST(RecordingTest, TakesABareNumberForTimeTicks) {
  const Recording recording =
      ReadRecording(".1.3.6.1.2.1.1.3.0 = 217539735\n.1.3.6.1.2.1.1.7.0 = INTEGER: 72\n");

  ASSERT_EQ(recording.rows.size(), 2u);
  EXPECT_EQ(recording.rows[0].value, Value::Number(ValueType::kTimeTicks, 217539735));
  EXPECT_EQ(ReasonFor(".1.3.6.1 = 12a"), "no type in front of the value");
}

TEST(RecordingTest, JoinsValuesOfSeveralLines) {
  const Recording recording = ReadRecording(
      ".1.3.6.1 = STRING: \"first\nsecond\"\n"
      ".1.3.6.2 = Hex-STRING: 00 01 \n02 03\n"
      ".1.3.6.3 = INTEGER: 1\n");

  ASSERT_EQ(recording.rows.size(), 3u);
  EXPECT_EQ(recording.rows[0].value, Value::Octets("first\nsecond"));
  EXPECT_EQ(recording.rows[1].value, Value::Octets(std::string("\0\1\2\3", 4)));
}

TEST(RecordingTest, SortsByNameAndKeepsTheFirstOfEach) {
  const Recording recording =
      ReadRecording("1.3.6.10|2|10\n1.3.6.9|2|9\n1.3.6.10|2|11\n# comment\n\n1.3.6.300|2|300\n");

  ASSERT_EQ(recording.rows.size(), 3u);
  EXPECT_EQ(recording.rows[0].name, "1.3.6.9"_oid);
  EXPECT_EQ(recording.rows[1].value, Value::Integer(10));
  EXPECT_EQ(recording.rows[2].name, "1.3.6.300"_oid);
  EXPECT_EQ(recording.skipped, 0u);
}

TEST(RecordingTest, SkipsDamagedLinesAndSaysWhy) {
  EXPECT_EQ(ReasonFor("1.3.6|65|6git3159"), "the value is not a number that Counter32 can hold");
  EXPECT_EQ(ReasonFor("1.3.6|65|4294967296"), "the value is not a number that Counter32 can hold");
  EXPECT_EQ(ReasonFor("1.3.6|4x|0g"), "the value is not hexadecimal");
  EXPECT_EQ(ReasonFor("1.3.6|4x|012"), "the value is not hexadecimal");
  EXPECT_EQ(ReasonFor("1.3.6|99|1"), "the tag is not one of an SNMP type");
  EXPECT_EQ(ReasonFor("1.3.6|65:numeric|rate=5"),
            "a variation module computes this value; only recorded ones are read");
  EXPECT_EQ(ReasonFor("torn line"), "neither OID|TAG|VALUE nor OID = TYPE: VALUE");
  EXPECT_EQ(ReasonFor("1.3.6|4"), "not OID|TAG|VALUE");
  EXPECT_EQ(ReasonFor(".1.3.6 = Strange: 1"), "the type is not one that snmpwalk -On writes");
}

TEST(RecordingTest, TakesAWalksEndAndGapsAsNoRows) {
  const Recording recording = ReadRecording(
      ".1.3.6.1 = No Such Object available on this agent at this OID\n"
      ".1.3.6.2 = No more variables left in this MIB View (It is past the end of the MIB tree)\n"
      "End of MIB\n");

  EXPECT_TRUE(recording.rows.empty());
  EXPECT_EQ(recording.skipped, 0u);
}

TEST(RecordingTest, ListsALimitedNumberOfDamagedLines) {
  std::string text;
  for (std::size_t i = 0; i < 2 * Recording::kListedMax; ++i) text += "damaged\n";

  const Recording recording = ReadRecording(text);

  EXPECT_EQ(recording.skipped, 2 * Recording::kListedMax);
  EXPECT_EQ(recording.listed.size(), Recording::kListedMax);
  EXPECT_EQ(recording.listed[5].line, 6u);
}

TEST(RecordingTest, FindsRowsAndWhatFollows) {
  const Recording recording = ReadRecording("1.3.6.1|2|1\n1.3.6.3|2|3\n");

  EXPECT_EQ(recording.Find("1.3.6.3"_oid)->value, Value::Integer(3));
  EXPECT_EQ(recording.Find("1.3.6.2"_oid), nullptr);
  EXPECT_EQ(recording.IndexAfter("1.3.6.1"_oid), 1u);
  EXPECT_EQ(recording.IndexAfter("1.3.6.2"_oid), 1u);
  EXPECT_EQ(recording.IndexAfter("1.3.6.3"_oid), 2u);
}

TEST(RecordingTest, ReadsBackWhatItWrites) {
  for (const Value& value : {Value::Integer(-3),
                             Value::Octets("plain"),
                             Value::Octets(" blank "),
                             Value::Octets("two\nlines"),
                             Value::Octets(""),
                             Value::Octets(std::string("\0\xff", 2)),
                             Value(),
                             Value::ObjectId("1.3.6.1.4.1"_oid),
                             Value(ValueView::Bytes(ValueType::kIpAddress, "abcd")),
                             Value(ValueView::Bytes(ValueType::kIpAddress, "abc")),
                             Value(ValueView::Bytes(ValueType::kOpaque, "xyz")),
                             Value::Number(ValueType::kCounter64, ~0ull),
                             Value::Number(ValueType::kTimeTicks, 7),
                             Value(ValueView::Empty(ValueType::kNoSuchInstance))}) {
    const std::string line = ToSnmprec({"1.3.6"_oid, value.view()});
    EXPECT_EQ(ValueIn(line), value) << line;
  }
}

}  // namespace
}  // namespace platen::snmp
