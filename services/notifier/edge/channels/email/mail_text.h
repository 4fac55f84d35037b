// The two texts of a mail.
#pragma once

#include <string>

#include "services/notifier/edge/channels/description.h"

namespace platen::notifier::edge {

// Lines end in "\n".
std::string RenderPlain(const Description& text);

// Escaped; no images or scripts, and no links but the description's own.
std::string RenderHtml(const Description& text);

}  // namespace platen::notifier::edge
