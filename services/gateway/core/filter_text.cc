#include "services/gateway/core/filter_text.h"

#include <cctype>
#include <optional>
#include <utility>

#include "libs/base/status.h"

namespace platen::gateway::core {
namespace {

constexpr std::size_t kFilterBytesMax = 2048;

class Reader {
 public:
  Reader(std::string_view text, std::string_view example) : text_(text), example_(example) {
    SkipSpaces();
  }

  bool at_end() const { return at_ == text_.size(); }

  // A run of letters, digits and the like; empty where there is none.
  std::string Word() {
    const std::size_t begin = at_;
    while (!at_end() && IsWordPart(text_[at_])) ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    SkipSpaces();
    return word;
  }

  // '=' or ':'; 0 where there is neither.
  char Operator() {
    if (at_end() || (text_[at_] != '=' && text_[at_] != ':')) return 0;
    const char op = text_[at_++];
    SkipSpaces();
    return op;
  }

  std::optional<std::string> Value() {
    if (at_end()) return std::nullopt;
    if (text_[at_] != '"') {
      std::string word = Word();
      return word.empty() ? std::nullopt : std::optional(std::move(word));
    }
    std::string value;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    if (at_end()) return std::nullopt;
    ++at_;
    SkipSpaces();
    return value;
  }

  absl::Status Fault(std::string_view what) const {
    return base::InvalidArgument(
        "filter, column ", at_ + 1, ": ", what, " (for example: ", example_, ")");
  }

 private:
  static bool IsWordPart(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
           c == '/';
  }

  void SkipSpaces() {
    while (!at_end() && text_[at_] == ' ') ++at_;
  }

  std::string_view text_;
  std::string_view example_;
  std::size_t at_ = 0;
};

}  // namespace

absl::Status ReadFilter(std::string_view text,
                        std::string_view example,
                        const ApplyCondition& apply) {
  if (text.size() > kFilterBytesMax) return base::InvalidArgument("filter: longer than 2048 bytes");
  Reader reader(text, example);
  while (!reader.at_end()) {
    const std::string field = reader.Word();
    const char op = reader.Operator();
    if (field.empty() || op == 0) return reader.Fault("a field and \"=\" or \":\" are expected");
    std::optional<std::string> value = reader.Value();
    if (!value.has_value()) return reader.Fault("a value is expected, in double quotes");
    if (const std::string fault = apply(field, op, *std::move(value)); !fault.empty()) {
      return reader.Fault(fault);
    }
    if (reader.at_end()) break;
    if (reader.Word() != "AND") return reader.Fault("AND is expected");
    if (reader.at_end()) return reader.Fault("a condition is expected after AND");
  }
  return absl::OkStatus();
}

}  // namespace platen::gateway::core
