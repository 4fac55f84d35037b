// Words that every printer may say and that tell nothing of its owner. A table, no state.
#pragma once

#include <string_view>

namespace platen::collector::core {

// `word`: in lower case.
bool IsOrdinaryWord(std::string_view word);

}  // namespace platen::collector::core
