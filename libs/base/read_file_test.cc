#include "libs/base/read_file.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

constexpr char kDirectory[] = "/";
constexpr char kEndless[] = "/dev/zero";
constexpr char kEmpty[] = "/dev/null";

TEST(ReadFileTest, AnEmptyFileHasNoContent) {
  EXPECT_EQ(*ReadFile(kEmpty, 10), "");
}

TEST(ReadFileTest, ADirectoryIsAnErrorThatNamesIt) {
  const auto content = ReadFile(kDirectory, 10);

  EXPECT_EQ(content.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(content.status().message(), "cannot read /: Is a directory");
}

TEST(ReadFileTest, AnEndlessFileEndsAtTheBound) {
  const auto content = ReadFile(kEndless, 100'000);

  EXPECT_EQ(content.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(content.status().message(), "cannot read /dev/zero: it has more than 100000 bytes");
}

TEST(ReadFileTest, AMissingFileIsNotFound) {
  EXPECT_EQ(ReadFile("/nonexistent/file", 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile("/dev/null/file", 10).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace platen::base
