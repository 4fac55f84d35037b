#include "services/collector/core/secret_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Found(std::string_view text, SecretKind kind) {
  std::vector<std::string> found;
  for (const FoundSecret& each : FindSecrets(text)) {
    if (each.kind == kind) found.emplace_back(each.text);
  }
  return found;
}

TEST(SecretTextTest, AddressesAreKnownByTheirShape) {
  EXPECT_THAT(Found("IP:192.168.1.40, gw 10.0.0.1.", SecretKind::kIp),
              ElementsAre("192.168.1.40", "10.0.0.1"));
  EXPECT_THAT(Found("link fe80::21b:a9ff:fe12:3456 up", SecretKind::kIp),
              ElementsAre("fe80::21b:a9ff:fe12:3456"));
  EXPECT_THAT(Found("MAC=00:1b:a9:12:34:56 or 001BA9123456 or 00-1B-A9-12-34-56", SecretKind::kMac),
              ElementsAre("00:1b:a9:12:34:56", "001BA9123456", "00-1B-A9-12-34-56"));
  EXPECT_THAT(Found("uuid:e3248000-80ce-11db-8000-001ba9123456", SecretKind::kUuid),
              ElementsAre("e3248000-80ce-11db-8000-001ba9123456"));
  EXPECT_THAT(Found("to j.miller@acme.example, or", SecretKind::kEmail),
              ElementsAre("j.miller@acme.example"));
  EXPECT_THAT(Found("http://prn-7.acme.local:631/ipp and acme.com", SecretKind::kHost),
              ElementsAre("prn-7.acme.local", "acme.com"));
}

TEST(SecretTextTest, ATelephoneNumberHasGroupsAndABeginning) {
  EXPECT_THAT(Found("call +49 (30) 123-4567 now", SecretKind::kPhone),
              ElementsAre("+49 (30) 123-4567"));
  EXPECT_THAT(Found("call 555-123-4567", SecretKind::kPhone), ElementsAre("555-123-4567"));
  EXPECT_THAT(Found("030 1234567", SecretKind::kPhone), ElementsAre("030 1234567"));
}

TEST(SecretTextTest, ASerialNumberThatIsNamedSoIsFound) {
  EXPECT_THAT(Found("Toner S/N:CRUM-10011234567", SecretKind::kSerial),
              ElementsAre("CRUM-10011234567"));
  EXPECT_THAT(Found("MFG:HP;SERN:VNC123;", SecretKind::kSerial), ElementsAre("VNC123"));
  EXPECT_THAT(Found("PN 006R01509;SN48178080E0000481", SecretKind::kSerial),
              ElementsAre("48178080E0000481"));
}

TEST(SecretTextTest, VersionsDatesAndModelsAreNone) {
  for (const char* text : {"Firmware 1.2.3.4",
                           "HP LaserJet M130nw 2.07.1",
                           "CXTZJ.075.272",
                           "2015-01-02 12:30:45",
                           "CIDATE 05/28/2018",
                           "Brother NC-8300h, Firmware Ver.1.04  (12.07.25)",
                           "15232",
                           "::::",
                           "",
                           "@ . - :"}) {
    EXPECT_THAT(FindSecrets(text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace platen::collector::core
