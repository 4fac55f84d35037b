#include "services/gateway/edge/live_page.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
using ::testing::HasSubstr;
using ::testing::Not;

class LivePageTest : public StoreTest {
 protected:
  google::protobuf::Struct Live() {
    page_.Live();  // Somebody looks.
    page_.Refresh();
    const service::HttpResponse response = page_.Live();
    EXPECT_EQ(response.status, 200);
    google::protobuf::Struct live;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &live).ok())
        << response.body;
    return live;
  }

  edge::PipelineView view_{"gw", clock_};
  edge::LivePage page_{"gw", *store_->OpenReader(), *store_, view_, clock_};
};

TEST_F(LivePageTest, ThePageNeedsNothingFromOutside) {
  const service::HttpResponse response = page_.Page();

  EXPECT_THAT(response.body, HasSubstr("<!doctype html>"));
  EXPECT_THAT(response.body, Not(HasSubstr("https://")));
  EXPECT_THAT(response.body, Not(HasSubstr("src=\"")));
  EXPECT_EQ(response.headers.front().first, "Content-Security-Policy");
}

TEST_F(LivePageTest, ItShowsDevicesAlertsAndHops) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Identity(Device(1), "SER\"1</script>", "Mono"),
                           maker_.Jam(Device(1), 1, ev::ALERT_TRANSITION_RAISED)})
                  .ok());

  const google::protobuf::Struct live = Live();

  EXPECT_EQ(live.fields().at("open_alerts").number_value(), 1);
  EXPECT_EQ(live.fields().at("states").struct_value().fields().at("alert").number_value(), 1);
  const auto& alert = live.fields().at("alerts").list_value().values(0).struct_value();
  EXPECT_EQ(alert.fields().at("what").string_value(), "Paper jam in tray 2");
  const auto& device = live.fields().at("devices").list_value().values(0).list_value();
  EXPECT_EQ(device.values_size(), 11);
  EXPECT_EQ(device.values(3).string_value(), "SER\"1</script>");
  EXPECT_EQ(live.fields().at("hops").list_value().values_size(), 1);
}

TEST_F(LivePageTest, AnEmptyStoreIsShownAsSuch) {
  const google::protobuf::Struct live = Live();
  EXPECT_EQ(live.fields().at("devices_total").number_value(), 0);
  EXPECT_EQ(live.fields().at("fault").string_value(), "");
}

}  // namespace
}  // namespace platen::gateway::testing
