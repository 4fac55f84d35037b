#include "libs/event/enum_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platen/event/v1/alert.pb.h"

namespace platen::event {
namespace {

using testing::ElementsAre;

TEST(EnumNamesTest, AreTheEnumeratorsWithoutTheTypesName) {
  EXPECT_EQ(ShortEnumName(*v1::AlertTraining_descriptor()->FindValueByNumber(
                v1::ALERT_TRAINING_FIELD_SERVICE)),
            "field_service");
}

TEST(EnumNamesTest, AreEmptyWhereANumberHasNoMeaning) {
  const auto& type = *v1::AlertCategory_descriptor();
  EXPECT_EQ(ShortEnumName(type, v1::ALERT_CATEGORY_JAM), "jam");
  EXPECT_EQ(ShortEnumName(type, v1::ALERT_CATEGORY_UNSPECIFIED), "");
  EXPECT_EQ(ShortEnumName(type, 4711), "");
}

TEST(EnumNamesTest, LeaveOutWhatIsNeverMeant) {
  EXPECT_THAT(ShortEnumNames(*v1::AlertCategory_descriptor()),
              ElementsAre("error", "jam", "alarm", "supply"));
}

}  // namespace
}  // namespace platen::event
