// How an alert reads to a person.
#pragma once

#include <string>

#include "platen/event/v1/event.pb.h"

namespace platen::alerting {

// What happened and where: "jam in tray 2", "toner low". From category, description, keyword and
// place, whichever the device offers; never empty, one line.
std::string WhatHappened(const event::v1::Alert& alert);

// "[Acme/HQ] HL-L5100DN, …4711: jam in tray 2", at most kTitleBytesMax bytes of UTF-8, one line.
// What is not known is left out. REQUIRES: `event` has an alert.
std::string Title(const event::v1::Event& event);

inline constexpr std::size_t kTitleBytesMax = 200;

// `text` on one line, without control characters and without those that turn the direction of
// writing, cut at a character's end to at most `bytes_max` bytes. What a device says ends in
// headers, subjects, logs and chats: it must not break any of them, nor show itself or what stands
// around it as something else.
std::string OneLine(const std::string& text, std::size_t bytes_max);

}  // namespace platen::alerting
