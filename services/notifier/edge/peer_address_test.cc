#include "services/notifier/edge/peer_address.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

TEST(ParsePeerTest, TakesNamesAndAddressesWithAPort) {
  EXPECT_EQ(ParsePeer("logs.example.com:6514")->host, "logs.example.com");
  EXPECT_EQ(ParsePeer("192.0.2.1:162")->port, 162);
  EXPECT_EQ(ParsePeer("[2001:db8::1]:162")->host, "2001:db8::1");
}

TEST(ParsePeerTest, RefusesWhatIsNone) {
  for (const std::string text : {"",
                                 "host",
                                 ":162",
                                 "host:",
                                 "host:0",
                                 "host:65536",
                                 "host:16x",
                                 "2001:db8::1:162",
                                 "[]:162",
                                 "user@host:162",
                                 "udp://host:162"}) {
    EXPECT_FALSE(ParsePeer(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace platen::notifier::edge
