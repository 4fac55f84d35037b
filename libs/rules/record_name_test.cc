#include "libs/rules/record_name.h"

#include <gtest/gtest.h>

namespace platen::rules {
namespace {

TEST(RecordNameTest, SaysWhatAndForWhom) {
  const auto name = RecordName::Parse("tenants/acme/sites/hq/rules/jam-open");
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_EQ(name->tenant, "acme");
  EXPECT_EQ(name->site, "hq");
  EXPECT_EQ(name->kind, RecordKind::kRule);
  EXPECT_EQ(name->id, "jam-open");
  EXPECT_TRUE(name->Covers("acme", "hq"));
  EXPECT_FALSE(name->Covers("acme", "branch"));
}

TEST(RecordNameTest, ComesBackAsItWas) {
  for (const char* text : {"calendars/office",
                           "tenants/acme/contacts/alice",
                           "tenants/acme/sites/hq/acknowledgements/30ab.jam/1"}) {
    EXPECT_EQ(RecordName::Parse(text)->ToString(), text);
  }
}

TEST(RecordNameTest, TheLongestNameIsTaken) {
  const std::string label(63, 'a');
  const std::string name = "tenants/" + label + "/sites/" + label + "/acknowledgements/" +
                           std::string(32, '0') + "." + std::string(255, 'x');
  EXPECT_EQ(name.size(), kRecordNameBytesMax);
  EXPECT_TRUE(RecordName::Parse(name).ok());
  EXPECT_FALSE(RecordName::Parse(name + "x").ok());
}

TEST(RecordNameTest, RefusesWhatIsNoName) {
  EXPECT_NE(RecordName::Parse("rule/jam").status().message().find("did you mean 'rules'?"),
            absl::string_view::npos);
  for (const char* text : {"",
                           "rules",
                           "rules/",
                           "rules/Jam",
                           "rules/a/b",
                           "tenants/acme",
                           "tenants//rules/a",
                           "tenants/acme/sites/HQ/rules/a",
                           "sites/hq/rules/a",
                           "acknowledgements/30ab.jam"}) {
    EXPECT_FALSE(RecordName::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace platen::rules
