#include "tools/platenctl/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"

namespace platen::platenctl {
namespace {

constexpr std::string_view kBetween = "  ";
constexpr std::size_t kColumnsMin = 2;
constexpr std::size_t kProseMin = 24;

// Of a line with columns of `widths`.
std::size_t LineWidth(const std::vector<std::size_t>& widths) {
  const std::size_t cells = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  return cells + (widths.empty() ? 0 : (widths.size() - 1) * kBetween.size());
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return out;
}

std::string CsvCell(const std::string& cell) {
  std::string text = cell;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !IsContinuation(c); }));
}

std::string Fit(std::string_view text, std::size_t width) {
  std::string printable = Printable(text);
  if (DisplayWidth(printable) <= width) return printable;
  std::string out;
  std::size_t taken = 0;
  for (const char c : printable) {
    if (!IsContinuation(c) && ++taken >= width) break;
    out.push_back(c);
  }
  return out + "…";
}

void Table::SortBy(std::size_t column) {
  std::ranges::stable_sort(
      rows_, {}, [column](const auto& row) -> const std::string& { return row[column]; });
}

std::vector<std::size_t> Table::Widths(std::size_t width) const {
  std::vector<std::size_t> wanted;
  for (const Column& column : columns_) wanted.push_back(DisplayWidth(column.title));
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = std::max(wanted[i], DisplayWidth(row[i]));
    }
  }
  std::vector<std::size_t> widths = wanted;
  const auto prose = static_cast<std::size_t>(std::ranges::find(columns_, true, &Column::is_prose) -
                                              columns_.begin());
  if (prose < widths.size() && LineWidth(widths) > width) {
    widths[prose] = std::min(widths[prose], kProseMin);
  }
  while (widths.size() > kColumnsMin && LineWidth(widths) > width) widths.pop_back();
  if (prose < widths.size() && LineWidth(widths) < width) {
    widths[prose] = std::min(wanted[prose], widths[prose] + width - LineWidth(widths));
  }
  return widths;
}

std::string Table::ToText(std::size_t width) const {
  const std::vector<std::size_t> widths = Widths(width);
  std::string text;
  const auto add = [&](std::size_t i, std::string_view cell) {
    const std::string fitted = Fit(cell, widths[i]);
    const std::string padding(widths[i] - DisplayWidth(fitted), ' ');
    const bool last = i + 1 == widths.size();
    if (i > 0) text += kBetween;
    if (columns_[i].align == Align::kRight) text += padding;
    text += fitted;
    if (columns_[i].align == Align::kLeft && !last) text += padding;
  };
  for (std::size_t i = 0; i < widths.size(); ++i) add(i, columns_[i].title);
  text += '\n';
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i < widths.size(); ++i) add(i, row[i]);
    text += '\n';
  }
  return text;
}

std::string Table::LeftOut(std::size_t width) const {
  std::string titles;
  for (std::size_t i = Widths(width).size(); i < columns_.size(); ++i) {
    titles += (titles.empty() ? "" : ", ") + columns_[i].title;
  }
  return titles;
}

std::string Table::ToCsv() const {
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) text += ',';
    std::string title = absl::AsciiStrToLower(columns_[i].title);
    std::ranges::replace(title, ' ', '_');
    text += title;
  }
  text += "\r\n";
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) text += ',';
      text += CsvCell(row[i]);
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace platen::platenctl
