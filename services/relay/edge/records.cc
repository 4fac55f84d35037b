#include "services/relay/edge/records.h"

#include <string>

#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/status.h"
#include "libs/event/dead_letter.h"
#include "libs/event/headers.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"

namespace platen::relay::edge {

using ingest::v1::Directive;

namespace {

// These never reach a gateway.
bool ByRelay(core::DeadLetterReason reason) {
  return reason == core::DeadLetterReason::kEmpty || reason == core::DeadLetterReason::kTooLarge;
}

}  // namespace

absl::StatusOr<OwnedRecord> ToRecord(const Directive& directive, std::string_view topic_prefix) {
  const event::Topics topics(topic_prefix);
  OwnedRecord record;
  record.key = directive.key();
  switch (directive.order_case()) {
    case Directive::kTarget:
      record.topic = topics.targets();
      record.value = directive.target().SerializeAsString();
      break;
    case Directive::kTargetRemoval:
      record.topic = topics.targets();
      break;
    case Directive::kCommand:
      record.topic = topics.commands();
      record.value = directive.command().SerializeAsString();
      break;
    case Directive::kRule:
      record.topic = topics.rules();
      record.key = directive.rule().key();
      if (!directive.rule().value().empty()) record.value = directive.rule().value();
      break;
    case Directive::ORDER_NOT_SET:
      return base::InvalidArgument("directive ",
                                   directive.number(),
                                   " orders nothing that this relay knows: update the relay");
  }
  if (record.key.empty()) {
    return base::InvalidArgument("directive ", directive.number(), " has no key");
  }
  return record;
}

OwnedRecord ToRecord(const core::DeadLetter& letter,
                     std::string_view route,
                     std::string_view topic_prefix,
                     base::WallTime now) {
  event::v1::DeadLetter said;
  said.set_payload(letter.value.substr(0, event::kDeadLetterPayloadBytesMax));
  said.set_reason(std::string(core::ReasonName(letter.reason)));
  said.set_detail(letter.detail);
  said.set_topic(letter.origin.topic);
  said.set_partition(letter.origin.number);
  said.set_offset(letter.offset);
  said.set_refused_by(ByRelay(letter.reason) ? "relay" : "gateway");
  *said.mutable_time() = event::ToProto(now);
  OwnedRecord record;
  record.topic = event::Topics(topic_prefix).deadletter();
  record.key = letter.key;
  record.value = said.SerializeAsString();
  record.headers = {{"reason", said.reason()},
                    {std::string(event::kHeaderRoute), std::string(route)}};
  return record;
}

}  // namespace platen::relay::edge
