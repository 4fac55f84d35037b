#include "services/collector/edge/discovery_files.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DiscoveryFilesTest : public testing::Test {
 protected:
  DiscoveryFilesTest() {
    std::string name = testing::TempDir() + "discovery-XXXXXX";
    dir_ = ::mkdtemp(name.data());
  }

  ~DiscoveryFilesTest() override { std::filesystem::remove_all(dir_); }

  std::string File(const std::string& name, const std::string& content) const {
    std::ofstream(dir_ + "/" + name) << content;
    return dir_ + "/" + name;
  }

  std::string dir_;
};

TEST_F(DiscoveryFilesTest, AddressesStandOnTheLineOrInAFile) {
  const std::string file = File("ranges", "10.1.0.0/30  # one\n10.2.0.1\n");
  EXPECT_EQ(ReadAddresses("@" + file, core::RangeEnds::kLeftOut)->size(), 3U);
  EXPECT_EQ(ReadAddresses("10.1.0.0/30", core::RangeEnds::kMeant)->size(), 4U);

  const std::string bad = File("bad", "10.1.0.0/30\nnonsense\n");
  const auto fault = ReadAddresses("@" + bad, core::RangeEnds::kLeftOut).status();
  EXPECT_THAT(std::string(fault.message()), testing::AllOf(HasSubstr(bad), HasSubstr("nonsense")));
}

TEST_F(DiscoveryFilesTest, AReportIsReadAsItWasWritten) {
  collector::v1::DiscoveryReport report;
  report.set_addresses(254);
  report.add_printers()->set_address("10.1.0.3");
  report.mutable_printers(0)->mutable_identity()->set_model("Drucker für Übung");
  const std::string path = dir_ + "/report.json";
  ASSERT_TRUE(WriteReport(path, report).ok());
  ASSERT_TRUE(WriteReport(path, report).ok());

  const auto read = ReadReport(path);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->SerializeAsString(), report.SerializeAsString());
}

TEST_F(DiscoveryFilesTest, AtFirstThereIsNoReportAndNonsenseIsNone) {
  EXPECT_EQ(ReadReport(dir_ + "/none")->printers_size(), 0);
  EXPECT_THAT(std::string(ReadReport(File("bad", "address,port\n")).status().message()),
              HasSubstr("no report"));
  EXPECT_FALSE(WriteReport(dir_ + "/nowhere/report.json", {}).ok());
}

TEST_F(DiscoveryFilesTest, KnownTargetsAreWhatTheRegistryLists) {
  const std::string file = File(
      "known",
      "{\"name\": \"tenants/a/sites/b/targets/c\", \"uid\": \"00\", \"address\": \"10.1.0.3\", "
      "\"snmp\": {\"port\": 1161}, \"expected_serial\": \"X3\", \"delivered\": true}\n"
      "\n"
      "{\"address\": \"2001:db8::1\"}\n");

  const auto targets = ReadKnownTargets(file);
  ASSERT_TRUE(targets.ok()) << targets.status().message();
  ASSERT_EQ(targets->size(), 2U);
  EXPECT_EQ(targets->at(0).snmp().port(), 1161U);
  EXPECT_EQ(targets->at(0).expected_serial(), "X3");
  EXPECT_EQ(targets->at(1).address(), "2001:db8::1");
}

TEST_F(DiscoveryFilesTest, AKnownTargetThatIsNoneIsNamedByItsLine) {
  for (const char* line : {"{\"address\": \"printer-3\"}", "{}", "10.1.0.3"}) {
    const auto targets = ReadKnownTargets(File("known", std::string("\n") + line + "\n"));
    EXPECT_THAT(std::string(targets.status().message()), HasSubstr("known:2: "));
  }
}

}  // namespace
}  // namespace platen::collector::edge
