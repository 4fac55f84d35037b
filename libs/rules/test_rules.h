// Records and events in a line each, for tests.
#pragma once

#include <string>

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "libs/base/time.h"

namespace platen::rules {

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

inline v1::Record RecordOf(const std::string& name, const std::string& content) {
  v1::Record record = FromText<v1::Record>(content);
  record.set_name(name);
  return record;
}

// A jam in tray 2 of a printer of acme's head office, but for what `more` says.
inline event::v1::Event JamEvent(const std::string& more = "") {
  event::v1::Event event = FromText<event::v1::Event>(R"(
    tenant: "acme" site: "hq" device_id: "0123456789abcdef" vendor: "kyocera"
    alert {
      alert_id: "jam/1" category: ALERT_CATEGORY_JAM transition: ALERT_TRANSITION_RAISED code: 8
      instance: 1 training: ALERT_TRAINING_TRAINED where: "Tray 2"
      device { location: "Room 4.17" model: "TASKalfa 3554ci" }
    })");
  event.MergeFrom(FromText<event::v1::Event>(more));
  return event;
}

}  // namespace platen::rules
