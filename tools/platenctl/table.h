// Rows and columns, as aligned text or as CSV. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace platen::platenctl {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
  bool is_prose = false;  // A narrow terminal cuts it rather than leave out what follows.
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Orders the rows by the cells of this column; alike ones stay in their order.
  void SortBy(std::size_t column);

  bool empty() const { return rows_.empty(); }

  // Columns aligned by what a terminal shows, two spaces between them, a line of titles. Control
  // characters, which a device could send, are shown as '?'. What does not fit into `width` goes:
  // first the end of prose, then columns on the right, but never the first two.
  std::string ToText(std::size_t width = SIZE_MAX) const;

  // The titles of those columns, "SEEN, ID"; empty where all fit.
  std::string LeftOut(std::size_t width) const;

  // RFC 4180, with a line of titles in lower case. A cell that a spreadsheet would take for a
  // formula gets an apostrophe in front.
  std::string ToCsv() const;

 private:
  // Of the columns that are shown in lines of `width`, from the left.
  std::vector<std::size_t> Widths(std::size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// How many columns of a terminal `text` takes: UTF-8 characters, not bytes.
std::size_t DisplayWidth(std::string_view text);

// `text` without control characters, cut to `width` columns with an ellipsis.
std::string Fit(std::string_view text, std::size_t width);

}  // namespace platen::platenctl
