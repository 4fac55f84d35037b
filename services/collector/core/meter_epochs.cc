#include "services/collector/core/meter_epochs.h"

#include <vector>

#include "libs/base/status.h"
#include "libs/base/time.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/stable_digest.h"

namespace platen::collector::core {
namespace {

using collector::v1::KeptMeter;
using collector::v1::MeterHistory;
using collector::v1::ProposedEpoch;
using event::v1::ConfirmedEpoch;

// The counter that `wanted` names, if that epoch is proposed for it now; null otherwise.
KeptMeter* FindProposed(const ConfirmedEpoch& wanted, MeterHistory& history) {
  const std::uint64_t key = MeterKey(wanted.kind(), wanted.source());
  StableDigest origin;
  origin.Text(wanted.oid());
  for (KeptMeter& kept : *history.mutable_meters()) {
    if (kept.key() == key && kept.has_proposed() && kept.proposed().epoch() == wanted.epoch() &&
        kept.proposed().last().origin() == origin.value()) {
      return &kept;
    }
  }
  return nullptr;
}

}  // namespace

std::string_view ConfirmingRule(const KeptMeter& kept, bool known_board, bool registered_board) {
  const ProposedEpoch& proposed = kept.proposed();
  if (proposed.cause() == ProposedEpoch::CAUSE_BOARD) {
    return registered_board ? "registered-serial" : std::string_view();
  }
  if (!known_board || proposed.advances() < kAdvancesBelieved) return {};
  if (proposed.cause() == ProposedEpoch::CAUSE_WRAP) return "wrap";
  if (proposed.cause() == ProposedEpoch::CAUSE_ORIGIN) return "another-oid";
  return {};
}

ConfirmedEpoch Confirm(KeptMeter& kept) {
  const ProposedEpoch& proposed = kept.proposed();
  const collector::v1::MeterPoint& base = proposed.has_first() ? proposed.first() : proposed.last();
  ConfirmedEpoch confirmed;
  confirmed.set_epoch(proposed.epoch());
  confirmed.set_base(base.value());
  *confirmed.mutable_base_time() = event::ToProto(base::WallFromMillis(base.read_millis()));
  kept.set_epoch(proposed.epoch());
  *kept.mutable_good() = proposed.last();
  kept.clear_proposed();
  return confirmed;
}

std::optional<event::v1::EpochConfirmation> CarryOutOrder(const event::v1::Target& target,
                                                          collector::v1::DeviceState& state) {
  const event::v1::EpochOrder& order = target.epoch_order();
  if (order.number() <= state.epoch_order()) return std::nullopt;
  state.set_epoch_order(order.number());
  event::v1::EpochConfirmation told;
  told.set_order(order.number());
  told.set_author(order.author());
  told.set_reason(order.reason());
  *told.mutable_epochs() = order.epochs();
  MeterHistory& history = *state.mutable_meters();
  std::vector<KeptMeter*> found;
  for (const ConfirmedEpoch& wanted : order.epochs()) {
    KeptMeter* kept = FindProposed(wanted, history);
    if (kept == nullptr) {
      told.set_refusal(base::StrCat("epoch ",
                                    wanted.epoch(),
                                    " of the counter at ",
                                    wanted.oid(),
                                    " is not proposed any more: the counter went on where it was, "
                                    "or has changed again; look at its readings and order anew"));
      return told;
    }
    found.push_back(kept);
  }
  bool board = false;
  for (int i = 0; i < order.epochs_size(); ++i) {
    KeptMeter& kept = *found[static_cast<std::size_t>(i)];
    if (!kept.has_proposed()) continue;  // Named twice.
    board |= kept.proposed().cause() == ProposedEpoch::CAUSE_BOARD;
    const ConfirmedEpoch confirmed = Confirm(kept);
    told.mutable_epochs(i)->set_base(confirmed.base());
    *told.mutable_epochs(i)->mutable_base_time() = confirmed.base_time();
  }
  // Whose counters these are is settled with them.
  if (board && !history.other_serial_number().empty()) {
    history.set_serial_number(history.other_serial_number());
    history.clear_other_serial_number();
  }
  return told;
}

}  // namespace platen::collector::core
