#include "libs/base/status.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return InvalidArgument(number, " is odd");
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  PLATEN_ASSIGN_OR_RETURN(const int half, Half(number));
  return Half(half);
}

TEST(StatusTest, CarriesItsParts) {
  const absl::Status status = NotFound("file ", std::string_view("a.yaml"), ":", 7);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

TEST(StatusTest, PassesErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "3 is odd");
}

TEST(StatusTest, AnnotatesWithContext) {
  EXPECT_EQ(Annotate(InvalidArgument("bad"), "here").message(), "here: bad");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "here").ok());
}

}  // namespace
}  // namespace platen::base
