// What the collector's discovery writes for `platenctl targets import` is what that reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/discovery_report.h"
#include "tools/platenctl/import_file.h"

namespace platen {
namespace {

using collector::v1::DiscoveryReport;
using collector::v1::FoundPrinter;

TEST(DiscoveryImportTest, WhateverAPrinterSaysTheLinesAreTaken) {
  const char* const texts[] = {"2nd floor, left",
                               "a \"quoted\" name",
                               "#7",
                               "=HYPERLINK()",
                               "two\r\nlines",
                               "semi;colon",
                               "",
                               "Übung 漢字"};
  DiscoveryReport report;
  int number = 0;
  for (const char* text : texts) {
    FoundPrinter& printer = *report.add_printers();
    printer.set_state(FoundPrinter::STATE_NEW);
    printer.set_address("10.1.0." + std::to_string(++number));
    printer.set_port(161);
    printer.set_version(number % 2 == 0 ? event::v1::SnmpAccess::VERSION_V1
                                        : event::v1::SnmpAccess::VERSION_V2C);
    event::v1::Identity& identity = *printer.mutable_identity();
    identity.set_model(text);
    identity.set_serial_number(text);
    identity.set_sys_name(text);
    identity.set_sys_location(text);
  }

  const platenctl::Import import =
      platenctl::ReadImport(collector::core::ImportLines(report), {.tenant = "acme", .site = "hq"});

  EXPECT_THAT(import.faults, testing::IsEmpty());
  ASSERT_EQ(import.requests.size(), std::size(texts));
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    EXPECT_EQ(import.requests[i].target().address(),
              report.printers(static_cast<int>(i)).address());
    EXPECT_EQ(import.requests[i].target().snmp().port(), 161U);
  }
  EXPECT_EQ(import.requests[0].target().location(), "2nd floor, left");
  EXPECT_EQ(import.requests[2].target().display_name(), "#7");
  EXPECT_EQ(import.requests[1].target().snmp().version(), event::v1::SnmpAccess::VERSION_V1);
  EXPECT_EQ(import.requests[7].target().location(), "Übung 漢字");
}

}  // namespace
}  // namespace platen
