#include "services/notifier/edge/http/http_address.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

TEST(ParseHttpAddressTest, ReadsWhereAReceiverIs) {
  const auto plain = ParseHttpAddress("http://192.0.2.1:8080");
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "192.0.2.1");
  EXPECT_EQ(plain->port, 8080);
  EXPECT_EQ(plain->authority, "192.0.2.1:8080");
  EXPECT_EQ(plain->target, "/");

  const auto tls = ParseHttpAddress("https://hooks.example.com/a/b?c=d/e#part");
  ASSERT_TRUE(tls.has_value());
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, 443);
  EXPECT_EQ(tls->authority, "hooks.example.com");
  EXPECT_EQ(tls->target, "/a/b?c=d/e");
}

TEST(ParseHttpAddressTest, TakesTheBracketsOffAnAddress) {
  const auto address = ParseHttpAddress("https://[2001:db8::1]:8443?x");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_EQ(address->port, 8443);
  EXPECT_EQ(address->authority, "[2001:db8::1]:8443");
  EXPECT_EQ(address->target, "/?x");
}

TEST(ParseHttpAddressTest, RefusesWhatIsNone) {
  for (const std::string& url : std::vector<std::string>{"",
                                                         "https://",
                                                         "https:///path",
                                                         "ftp://host/",
                                                         "https://host:/",
                                                         "https://host:0/",
                                                         "https://host:65536/",
                                                         "https://host:80x/",
                                                         "https://user@host/",
                                                         "https://[::1/",
                                                         "https://[]/",
                                                         "https://[::1]x/",
                                                         "https://host/a b",
                                                         "https://host/a\r\nX: y",
                                                         "https://ho\tst/",
                                                         "https://m\xC3\xBCnchen.example/"}) {
    EXPECT_FALSE(ParseHttpAddress(url).has_value()) << url;
  }
}

}  // namespace
}  // namespace platen::notifier::edge
