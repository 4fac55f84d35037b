#include "libs/event/labels.h"

#include <string>

#include <gtest/gtest.h>

namespace platen::event {
namespace {

TEST(LabelsTest, ALabelIsShortAndPlain) {
  EXPECT_TRUE(IsLabel("acme-2"));
  EXPECT_TRUE(IsLabel(std::string(63, 'a')));
  for (const std::string& text : {std::string(),
                                  std::string(64, 'a'),
                                  std::string("Acme"),
                                  std::string("a_b"),
                                  std::string("a b"),
                                  std::string("\xc3\xa4")}) {
    EXPECT_FALSE(IsLabel(text)) << text;
  }
}

}  // namespace
}  // namespace platen::event
