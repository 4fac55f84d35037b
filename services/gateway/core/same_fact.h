// Whether two events of one id say the same.
#pragma once

#include <string_view>

namespace platen::gateway::core {

// Compares two serialised events, leaving out who said them when and as which number: two observers
// of one fact differ in that and nothing else.
bool IsSameFact(std::string_view stored, std::string_view came);

}  // namespace platen::gateway::core
