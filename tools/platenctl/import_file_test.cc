#include "tools/platenctl/import_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Import Read(std::string_view text) {
  return ReadImport(text, {.tenant = "acme", .site = "hq"});
}

TEST(ImportFileTest, TheFirstLineNamesTheColumns) {
  const Import import = Read(
      "address,display_name,site,port\n"
      "10.0.0.1,\"Second floor, left\",berlin,1161\n"
      "\n"
      "# a comment\n"
      "10.0.0.2,,,\n");

  EXPECT_THAT(import.faults, ElementsAre());
  ASSERT_EQ(import.requests.size(), 2U);
  EXPECT_EQ(import.requests[0].parent(), "tenants/acme/sites/berlin");
  EXPECT_EQ(import.requests[0].target().display_name(), "Second floor, left");
  EXPECT_EQ(import.requests[0].target().snmp().port(), 1161U);
  EXPECT_EQ(import.requests[1].parent(), "tenants/acme/sites/hq");
  EXPECT_THAT(import.lines, ElementsAre(2, 5));
}

TEST(ImportFileTest, WhatSpreadsheetsWriteIsRead) {
  const Import import = Read(
      "\xEF\xBB\xBF"
      "Address;Location\r\n10.0.0.1;Room 1\r\n");

  EXPECT_THAT(import.faults, ElementsAre());
  ASSERT_EQ(import.requests.size(), 1U);
  EXPECT_EQ(import.requests[0].target().location(), "Room 1");
}

TEST(ImportFileTest, AllFaultsAreListedWithTheirLines) {
  const Import import = Read(
      "address,prot\n"
      ",1\n"
      "10.0.0.1,1,2\n"
      "10.0.0.2,1\n"
      "10.0.0.2,1\n");

  EXPECT_THAT(import.faults,
              ElementsAre(HasSubstr("did you mean port?"),
                          HasSubstr("line 2: address is empty"),
                          HasSubstr("line 3: more cells"),
                          HasSubstr("line 5: 10.0.0.2 stands on line 4")));
}

TEST(ImportFileTest, ValuesAreChecked) {
  const Import import =
      Read("address,port,version,accept_from_other_address\n10.0.0.1,70000,4,maybe\n");
  EXPECT_THAT(
      import.faults,
      ElementsAre(
          HasSubstr("no port"), HasSubstr("no SNMP version"), HasSubstr("neither yes nor no")));
}

TEST(ImportFileTest, JsonLinesAreRequests) {
  const Import import = Read(
      "{\"parent\": \"tenants/a/sites/b\", \"target\": {\"address\": \"10.0.0.1\", \"snmp\": "
      "{\"port\": 1161}}}\n"
      "{\"target\": {\"address\": \"10.0.0.2\"}}\n"
      "{nonsense}\n");

  ASSERT_EQ(import.requests.size(), 2U);
  EXPECT_EQ(import.requests[0].target().snmp().port(), 1161U);
  EXPECT_EQ(import.requests[1].parent(), "tenants/acme/sites/hq");
  EXPECT_THAT(import.faults, ElementsAre(HasSubstr("line 3:")));
}

TEST(ImportFileTest, AnEmptyFileIsAFault) {
  EXPECT_THAT(Read("").faults, ElementsAre(HasSubstr("empty")));
  EXPECT_THAT(
      Read("name\nx\n").faults,
      ElementsAre(
          HasSubstr("no column"), HasSubstr("address is required"), HasSubstr("address is empty")));
}

}  // namespace
}  // namespace platen::platenctl
