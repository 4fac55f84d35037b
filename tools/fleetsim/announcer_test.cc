#include "tools/fleetsim/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::fleetsim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const Announced kPrinter{.number = 7, .address = 0x7f100008, .model = "acme_9"};

std::string Answer(Announcer::Protocol protocol, const std::string& request) {
  const auto answer =
      protocol({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}, kPrinter);
  return {answer.begin(), answer.end()};
}

std::string Zeros(std::size_t count) {
  return std::string(count, '\0');
}

TEST(AnnouncerTest, ByDnsSdAPrinterHasNameHostModelAndAddress) {
  const std::string service = "\x04_ipp\x04_tcp\x05local" + Zeros(1);
  const std::string answer =
      Answer(AnswerDnsSd, "\x12\x34" + Zeros(3) + "\x01" + Zeros(6) + service + Zeros(4));
  EXPECT_THAT(answer, StartsWith("\x12\x34\x84"));
  EXPECT_THAT(answer, HasSubstr("\x09printer-7\xc0\x0c"));
  EXPECT_THAT(answer, HasSubstr("\x09printer-7\x05local" + Zeros(1)));
  EXPECT_THAT(answer, HasSubstr("ty=acme_9"));
  EXPECT_THAT(answer, ::testing::EndsWith(Zeros(1) + "\x04\x7f\x10" + Zeros(1) + "\x08"));
}

TEST(AnnouncerTest, BySlpAPrinterHasItsAddress) {
  const std::string head = "\x02\x01" + Zeros(8) + "\x12\x34" + Zeros(1) + "\x02";
  EXPECT_THAT(Answer(AnswerSlp, head + "en" + "service:printer"),
              HasSubstr("service:printer:lpr://127.16.0.8/print"));
  EXPECT_THAT(Answer(AnswerSlp, head + "en" + "service:scanner"), IsEmpty());
}

TEST(AnnouncerTest, WhatIsNoQuestionIsNotAnswered) {
  for (const std::string& request : {std::string(), std::string("x"), Zeros(40)}) {
    EXPECT_THAT(Answer(AnswerSlp, request), IsEmpty());
    EXPECT_THAT(Answer(AnswerDnsSd, request), IsEmpty());
  }
}

}  // namespace
}  // namespace platen::fleetsim
