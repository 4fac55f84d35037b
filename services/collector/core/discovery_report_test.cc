#include "services/collector/core/discovery_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using collector::v1::DiscoveryReport;
using collector::v1::FoundPrinter;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

FoundPrinter Printer(const std::string& address, const std::string& serial) {
  FoundPrinter printer;
  printer.set_address(address);
  printer.set_port(161);
  printer.set_version(event::v1::SnmpAccess::VERSION_V2C);
  printer.mutable_identity()->set_manufacturer("Acme");
  printer.mutable_identity()->set_model("Laser 9");
  printer.mutable_identity()->set_serial_number(serial);
  return printer;
}

event::v1::Target TargetAt(const std::string& address, const std::string& serial = "") {
  event::v1::Target target;
  target.set_address(address);
  target.set_expected_serial(serial);
  return target;
}

class DiscoveryReportTest : public testing::Test {
 protected:
  // A day later than the one before, of 10.1.0.0/24 unless `asked` says another range.
  const DiscoveryReport& Discover(std::vector<FoundPrinter> printers,
                                  std::string_view asked = "10.1.0.0/24") {
    Discovered discovered;
    now_ += std::chrono::hours(24);
    discovered.begin = now_;
    discovered.end = now_ + std::chrono::seconds(5);
    discovered.asked = *AddressSet::Parse(asked, RangeEnds::kLeftOut);
    discovered.printers = std::move(printers);
    report_ = MakeDiscoveryReport(discovered, report_, targets_);
    return report_;
  }

  // "new 10.1.0.4 X4", with "registered", "from 10.1.0.3" and "as 10.1.0.3" behind it.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const FoundPrinter& printer : report_.printers()) {
      static constexpr const char* kWords[] = {"?", "new", "here", "moved", "gone", "not asked"};
      std::string line = kWords[printer.state()];
      line += " " + printer.address() + " " + printer.identity().serial_number();
      if (printer.registered()) line += " registered";
      if (!printer.previous_address().empty()) line += " from " + printer.previous_address();
      if (!printer.same_as().empty()) line += " as " + printer.same_as();
      lines.push_back(line);
    }
    return lines;
  }

  base::WallTime now_ = base::WallFromMillis(1'800'000'000'000);
  std::vector<event::v1::Target> targets_;
  DiscoveryReport report_;
};

TEST_F(DiscoveryReportTest, AtFirstAllAreNewAndThenTheyAreThere) {
  Discover({Printer("10.1.0.4", "X4"), Printer("10.1.0.3", "X3")});
  EXPECT_THAT(Lines(), ElementsAre("new 10.1.0.3 X3", "new 10.1.0.4 X4"));

  Discover({Printer("10.1.0.4", "X4"), Printer("10.1.0.3", "X3"), Printer("10.1.0.20", "X20")});
  EXPECT_THAT(Lines(), ElementsAre("here 10.1.0.3 X3", "here 10.1.0.4 X4", "new 10.1.0.20 X20"));
  EXPECT_LT(report_.printers(0).first_seen_time().seconds(),
            report_.printers(0).last_seen_time().seconds());
}

TEST_F(DiscoveryReportTest, APrinterAtAnotherAddressHasMoved) {
  Discover({Printer("10.1.0.3", "X3")});
  Discover({Printer("10.1.0.9", "X3")});
  EXPECT_THAT(Lines(), ElementsAre("moved 10.1.0.9 X3 from 10.1.0.3"));

  Discover({Printer("10.1.0.9", "X3")});
  EXPECT_THAT(Lines(), ElementsAre("here 10.1.0.9 X3"));
}

TEST_F(DiscoveryReportTest, TwoThatExchangedAddressesHaveBothMoved) {
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.4", "X4")});
  Discover({Printer("10.1.0.3", "X4"), Printer("10.1.0.4", "X3")});
  EXPECT_THAT(Lines(),
              ElementsAre("moved 10.1.0.3 X4 from 10.1.0.4", "moved 10.1.0.4 X3 from 10.1.0.3"));
}

TEST_F(DiscoveryReportTest, AnotherPrinterAtTheAddressIsNewAndTheOneBeforeGone) {
  Discover({Printer("10.1.0.3", "X3")});
  Discover({Printer("10.1.0.3", "X9")});
  EXPECT_THAT(Lines(), testing::UnorderedElementsAre("new 10.1.0.3 X9", "gone 10.1.0.3 X3"));
}

TEST_F(DiscoveryReportTest, APrinterWithoutASerialNumberIsKnownByItsInterface) {
  FoundPrinter plain = Printer("10.1.0.3", "");
  plain.mutable_identity()->add_mac_addresses("00:11:22:33:44:55");
  Discover({plain});
  plain.set_address("10.1.0.8");
  Discover({plain});
  EXPECT_THAT(Lines(), ElementsAre("moved 10.1.0.8  from 10.1.0.3"));
}

TEST_F(DiscoveryReportTest, PlaceholdersForSerialNumbersAreNobodys) {
  Discover({Printer("10.1.0.3", "XXXXXXX"), Printer("10.1.0.4", "XXXXXXX")});
  EXPECT_THAT(Lines(), ElementsAre("new 10.1.0.3 XXXXXXX", "new 10.1.0.4 XXXXXXX"));
}

TEST_F(DiscoveryReportTest, WhoIsSilentIsGoneAndComesBack) {
  Discover({Printer("10.1.0.3", "X3")});
  Discover({});
  EXPECT_THAT(Lines(), ElementsAre("gone 10.1.0.3 X3"));
  Discover({Printer("10.1.0.3", "X3")});
  EXPECT_THAT(Lines(), ElementsAre("here 10.1.0.3 X3"));
}

TEST_F(DiscoveryReportTest, WhoWasNotAskedIsNotGone) {
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.200", "X200")});
  Discover({Printer("10.1.0.3", "X3")}, "10.1.0.0/28");
  EXPECT_THAT(Lines(), ElementsAre("here 10.1.0.3 X3", "not asked 10.1.0.200 X200"));
}

TEST_F(DiscoveryReportTest, WhoIsGoneForAMonthIsForgottenUnlessRegistered) {
  targets_ = {TargetAt("10.1.0.4")};
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.4", "X4")});
  for (int day = 0; day < 30; ++day) Discover({});
  EXPECT_THAT(Lines(), ElementsAre("gone 10.1.0.3 X3", "gone 10.1.0.4 X4 registered"));
  Discover({});
  EXPECT_THAT(Lines(), ElementsAre("gone 10.1.0.4 X4 registered"));
}

TEST_F(DiscoveryReportTest, WhatATargetNamesIsRegistered) {
  targets_ = {TargetAt("10.1.0.3"), TargetAt("10.1.0.99", "X4")};
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.4", "X4"), Printer("10.1.0.5", "X5")});
  EXPECT_THAT(Lines(),
              ElementsAre("here 10.1.0.3 X3 registered",
                          "moved 10.1.0.4 X4 registered from 10.1.0.99",
                          "new 10.1.0.5 X5"));
}

TEST_F(DiscoveryReportTest, ARegisteredPrinterThatMovedIsSaidToHaveMovedUntilItsTargetFollows) {
  targets_ = {TargetAt("10.1.0.3")};
  Discover({Printer("10.1.0.3", "X3")});
  for (int times = 0; times < 2; ++times) {
    Discover({Printer("10.1.0.8", "X3")});
    EXPECT_THAT(Lines(), ElementsAre("moved 10.1.0.8 X3 registered from 10.1.0.3"));
  }
  targets_ = {TargetAt("10.1.0.8")};
  Discover({Printer("10.1.0.8", "X3")});
  EXPECT_THAT(Lines(), ElementsAre("here 10.1.0.8 X3 registered"));
}

TEST_F(DiscoveryReportTest, RegisteredPrintersThatExchangedAddressesHaveMoved) {
  targets_ = {TargetAt("10.1.0.3"), TargetAt("10.1.0.4")};
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.4", "X4")});
  Discover({Printer("10.1.0.3", "X4"), Printer("10.1.0.4", "X3")});
  EXPECT_THAT(Lines(),
              ElementsAre("moved 10.1.0.3 X4 registered from 10.1.0.4",
                          "moved 10.1.0.4 X3 registered from 10.1.0.3"));
}

TEST_F(DiscoveryReportTest, AnotherPrinterAtARegisteredAddressIsNew) {
  targets_ = {TargetAt("10.1.0.3")};
  Discover({Printer("10.1.0.3", "X3")});
  Discover({Printer("10.1.0.3", "X9")});
  EXPECT_THAT(
      Lines(),
      testing::UnorderedElementsAre("new 10.1.0.3 X9 registered", "gone 10.1.0.3 X3 registered"));
  EXPECT_THAT(ToRegister(report_), IsEmpty());
}

TEST_F(DiscoveryReportTest, ATargetThatNeverAnsweredIsGone) {
  targets_ = {TargetAt("10.1.0.77", "X77"), TargetAt("10.9.0.1")};
  Discover({});
  EXPECT_THAT(Lines(), ElementsAre("gone 10.1.0.77 X77 registered"));
  EXPECT_THAT(DiscoveryPage(report_, {}), HasSubstr("was never found"));
}

TEST_F(DiscoveryReportTest, APrinterWithTwoAddressesIsOne) {
  targets_ = {TargetAt("10.1.0.9")};
  Discover({Printer("10.1.0.3", "X3"),
            Printer("10.1.0.5", "X5"),
            Printer("10.1.0.7", "X5"),
            Printer("10.1.0.9", "X3")});
  EXPECT_THAT(ToRegister(report_), testing::SizeIs(1));
  EXPECT_EQ(ToRegister(report_).front()->address(), "10.1.0.5");
  EXPECT_EQ(
      CountFound(report_, FoundPrinter::STATE_NEW) + CountFound(report_, FoundPrinter::STATE_HERE),
      2U);
  EXPECT_THAT(DiscoveryPage(report_, {}), HasSubstr("another address of 10.1.0.9"));
}

TEST_F(DiscoveryReportTest, AnImportHasWhoAnswersAndIsNotRegistered) {
  targets_ = {TargetAt("10.1.0.3")};
  FoundPrinter old = Printer("10.1.0.4", "X4");
  old.set_version(event::v1::SnmpAccess::VERSION_V1);
  old.mutable_identity()->set_sys_name("PRN\"4\n");
  old.mutable_identity()->set_sys_location("2nd floor, left");
  Discover({Printer("10.1.0.3", "X3"), old, Printer("10.1.0.5", "X5")});
  Discover({Printer("10.1.0.3", "X3"), old});
  EXPECT_EQ(ImportLines(report_),
            "address,port,version,display_name,location\n"
            "# Acme Laser 9, serial number X4\n"
            "10.1.0.4,161,1,PRN 4 ,\"2nd floor, left\"\n");
}

TEST_F(DiscoveryReportTest, ThePageTellsWhatHasChangedFirstAndNoControlCharacters) {
  Discover({Printer("10.1.0.3", "X3"), Printer("10.1.0.4", "X4")});
  FoundPrinter evil = Printer("10.1.0.5", "X5\x1b[2J");
  Discover({Printer("10.1.0.3", "X3"), evil});
  const std::string page = DiscoveryPage(report_, {});
  EXPECT_LT(page.find("new    10.1.0.5"), page.find("gone   10.1.0.4"));
  EXPECT_LT(page.find("gone   10.1.0.4"), page.find("here   10.1.0.3"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page,
              HasSubstr("254 addresses asked in 5 s: 2 printers (1 new, 0 moved, 1 where they "
                        "were), 1 gone; 2 not registered"));
}

TEST_F(DiscoveryReportTest, NothingFoundIsAReportToo) {
  Discover({});
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_THAT(DiscoveryPage(report_, {}), HasSubstr("0 printers"));
}

}  // namespace
}  // namespace platen::collector::core
