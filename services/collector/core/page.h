// A page of text for a terminal, and what columns and bars need. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platen::collector::core {

struct ReportStyle {
  bool colour = false;  // ANSI colours.
  bool unicode = true;  // Block characters; '#' and '.' otherwise.
};

// ANSI codes; the page is the same without them.
inline constexpr std::string_view kBold = "1";
inline constexpr std::string_view kDim = "2";
inline constexpr std::string_view kRed = "31";
inline constexpr std::string_view kYellow = "33";
inline constexpr std::string_view kGreen = "32";

// One page under way.
class Page {
 public:
  explicit Page(const ReportStyle& style) : style_(style) {}

  std::string Paint(std::string_view text, std::string_view code) const;

  void Line(std::string_view text);

  // "· " between what is not empty.
  void Joined(const std::vector<std::string>& parts, std::string_view code);

  void Heading(std::string_view text);

  const ReportStyle& style() const { return style_; }

  std::string Take() { return std::move(text_); }

 private:
  ReportStyle style_;
  std::string text_;
};

// Columns that `text` takes on a terminal: Chinese, Japanese and Korean characters take two.
std::size_t DisplayWidth(std::string_view utf8);

// With blanks behind or in front, `width` columns wide at least.
std::string Padded(std::string text, std::size_t width);
std::string PaddedLeft(const std::string& text, std::size_t width);

// At most `width` columns, cut at a character with "…".
std::string Shortened(const std::string& text, std::size_t width);

inline constexpr std::size_t kBarWidth = 20;

// Full, then eighths of a block, so that 1 % of 20 columns still shows.
std::string Bar(double percent, const ReportStyle& style);

}  // namespace platen::collector::core
