#include "libs/tls/staged_pair.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace platen::tls {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(StagedPairTest, IsReadAtAPathThatStaysAcrossReplacement) {
  auto pair = StagedPair::Create("key 1", "certificate 1");
  ASSERT_TRUE(pair.ok()) << pair.status();
  const std::string path = pair->path();
  EXPECT_EQ(ReadAll(path), "key 1\ncertificate 1");
  EXPECT_TRUE(pair->Replace("key 2", "certificate 2").ok());
  EXPECT_EQ(pair->path(), path);
  EXPECT_EQ(ReadAll(path), "key 2\ncertificate 2");
}

TEST(StagedPairTest, AReaderOfTheFormerPairReadsItToItsEnd) {
  auto pair = StagedPair::Create("key 1", "certificate 1");
  ASSERT_TRUE(pair.ok());
  std::ifstream in(pair->path());
  std::string first;
  std::getline(in, first);
  ASSERT_TRUE(pair->Replace("key 2", "certificate 2").ok());
  std::string second;
  std::getline(in, second);
  EXPECT_EQ(first + second, "key 1certificate 1");
}

TEST(StagedPairTest, CannotBeChangedByAReader) {
  auto pair = StagedPair::Create("key", "certificate");
  ASSERT_TRUE(pair.ok());
  std::ofstream out(pair->path(), std::ios::app);
  out << "more" << std::flush;
  EXPECT_FALSE(out.good());
  EXPECT_EQ(ReadAll(pair->path()), "key\ncertificate");
}

TEST(StagedPairTest, StaysReadableForAWatcherThatOutlivesIt) {
  std::string path;
  {
    auto pair = StagedPair::Create("key", "certificate");
    ASSERT_TRUE(pair.ok());
    path = pair->path();
  }
  const std::ifstream takes_a_descriptor("/dev/null");
  EXPECT_EQ(ReadAll(path), "key\ncertificate");
}

}  // namespace
}  // namespace platen::tls
