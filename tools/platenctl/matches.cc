#include "tools/platenctl/matches.h"

#include "tools/platenctl/arguments.h"

namespace platen::platenctl {

namespace rules_v1 = platen::rules::v1;

absl::StatusOr<rules_v1::Match> ParseMatch(const std::vector<std::string>& texts) {
  rules_v1::Match match;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const bool is_not = equals != std::string::npos && equals > 0 && text[equals - 1] == '!';
    rules_v1::Matcher& matcher = *match.add_all_of();
    matcher.set_field(text.substr(0, is_not ? equals - 1 : equals));
    if (equals == std::string::npos || matcher.field().empty() || equals + 1 == text.size()) {
      return UsageError(
          "\"", text, "\": FIELD=VALUE[,VALUE…], or FIELD!=VALUE: \"alert.category=jam\"");
    }
    for (std::size_t at = equals + 1; at <= text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      (is_not ? matcher.add_is_not() : matcher.add_is())->assign(text, at, comma - at);
      at = comma + 1;
    }
  }
  return match;
}

}  // namespace platen::platenctl
