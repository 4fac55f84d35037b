// What became of a device, in words for people. Pure.
#pragma once

#include <string>

#include "platen/event/v1/event.pb.h"

namespace platen::platenctl {

// "supply", "identity", "move", "counters", …: the kind of what happened.
std::string HistoryKind(const platen::event::v1::Event& event);

// In one line: "Black Toner replaced (another serial number): 3 % before, 4,711 impressions with
// it".
std::string HistoryWords(const platen::event::v1::Event& event);

}  // namespace platen::platenctl
