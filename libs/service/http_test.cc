#include "libs/service/http.h"

#include <gtest/gtest.h>

namespace platen::service {
namespace {

TEST(HttpRequestTest, DecodesValuesOfTheQuery) {
  const HttpRequest request{.path = "/", .query = "state=paper%20jam&site=a+b&flag&bad=%zz%2"};
  EXPECT_EQ(request.Query("state"), "paper jam");
  EXPECT_EQ(request.Query("site"), "a b");
  EXPECT_EQ(request.Query("flag"), "");
  EXPECT_EQ(request.Query("bad"), "%zz%2");
  EXPECT_EQ(request.Query("none"), "");
}

}  // namespace
}  // namespace platen::service
