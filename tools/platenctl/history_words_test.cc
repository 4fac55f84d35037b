#include "tools/platenctl/history_words.h"

#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;

TEST(HistoryWordsTest, AReplacedSupplySaysItsEvidenceAndYield) {
  ev::Event event;
  ev::SupplyReplacement& body = *event.mutable_supply_replacement();
  body.mutable_supply()->set_description("Cyan Toner");
  body.mutable_supply()->mutable_level()->set_state(ev::Level::STATE_EXACT);
  body.mutable_supply()->mutable_level()->set_percent(100);
  body.set_evidence("level-jump");
  EXPECT_EQ(
      HistoryWords(event),
      "Cyan Toner replaced (by its level): level before not known, now 100 %; yield not known");
  body.set_evidence("serial");
  *body.mutable_level_before() = body.supply().level();
  body.mutable_level_before()->set_percent(3);
  body.set_yield(4711);
  body.mutable_yield_kind()->set_colour(ev::COLOUR_CLASS_COLOUR);
  EXPECT_EQ(HistoryWords(event),
            "Cyan Toner replaced (another serial number): 3 % before, now 100 %; 4,711 colour "
            "impressions with the one before");
}

TEST(HistoryWordsTest, AConfirmationSaysWhoAndWhyAndTheBase) {
  ev::Event event;
  ev::EpochConfirmation& body = *event.mutable_epoch_confirmation();
  body.set_author("jane");
  body.set_reason("board replaced");
  ev::ConfirmedEpoch& epoch = *body.add_epochs();
  epoch.mutable_kind()->set_function(ev::METER_FUNCTION_TOTAL);
  epoch.set_base(12);
  EXPECT_EQ(HistoryWords(event), "new epoch confirmed by jane: board replaced; total from 12");
  body.set_refusal("it is over");
  EXPECT_EQ(HistoryWords(event), "order by jane refused: it is over");
  EXPECT_EQ(HistoryKind(event), "counters");
}

TEST(HistoryWordsTest, AMoveSaysWhereAndWhy) {
  ev::Event event;
  ev::DeviceTransfer& body = *event.mutable_device_transfer();
  body.set_kind(ev::DeviceTransfer::KIND_READDRESSED);
  body.set_from_address("10.0.0.1");
  body.set_to_address("10.0.0.2");
  body.set_author("jane");
  body.set_reason("new room");
  EXPECT_EQ(HistoryWords(event), "moved from 10.0.0.1 to 10.0.0.2, by jane: new room");
}

}  // namespace
}  // namespace platen::platenctl
