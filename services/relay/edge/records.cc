#include "services/relay/edge/records.h"

#include <string>

#include "libs/base/status.h"
#include "libs/event/headers.h"
#include "libs/event/lanes.h"

namespace platen::relay::edge {

using ingest::v1::Directive;

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
                     std::string_view topic_prefix) {
  OwnedRecord record;
  record.topic = event::Topics(topic_prefix).deadletter();
  record.key = letter.key;
  record.value = letter.value;
  record.headers = {{"reason", std::string(core::ReasonName(letter.reason))},
                    {"detail", letter.detail},
                    {"origin_topic", letter.origin.topic},
                    {"origin_partition", base::StrCat(letter.origin.number)},
                    {"origin_offset", base::StrCat(letter.offset)},
                    {std::string(event::kHeaderRoute), std::string(route)}};
  return record;
}

}  // namespace platen::relay::edge
