#include "host/io/csv.hpp"

#include <algorithm>

#include "host/io/text.hpp"

namespace tailbit {
namespace {
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
constexpr std::size_t kCsvBlock = std::size_t{1} << 18;

std::string too_long() {
  return "the row is longer than the " + std::to_string(limits::kLongestRow) + " bytes that are read";
}
}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

CsvFile::CsvFile(std::string path, ExitCode bad_content, std::vector<CsvColumn> columns, Problems& problems,
                 CsvLayout layout)
    : path_(std::move(path)),
      code_(bad_content),
      columns_(std::move(columns)),
      layout_(layout),
      problems_(problems),
      file_(path_, bad_content, problems),
      place_(columns_.size(), kAbsent),
      values_(columns_.size()) {
  read_more(1);
  if (text_.empty() && !file_.failed()) problems_.add(code_, {path_, "", "is empty", "write it first"});
  if (end_ == 0 || !read_header()) end_text();
}

void CsvFile::end_text() {
  position_ = end_ = 0;
  at_end_ = true;
}

// Short files need no whole block, nor the time to clear one.
std::size_t CsvFile::block() const {
  return file_.expected() > 0 && file_.expected() < kCsvBlock ? static_cast<std::size_t>(file_.expected()) + 1
                                                              : kCsvBlock;
}

// Reads on, keeping the text from row_begin_, which is in this line. The text ends with a line, so that no cell without
// quotes reaches over its end.
void CsvFile::read_more(std::size_t line) {
  const bool first = line == 1 && text_.empty();
  text_.erase(0, row_begin_);
  end_ -= row_begin_;
  position_ = row_begin_ = 0;
  if (end_ > limits::kLongestRow) return row_too_long(line);
  std::size_t lines = 0;
  while (!at_end_ && lines <= end_) {
    const std::size_t before = text_.size(), more = std::max(block(), before);
    text_.resize(before + more);
    const std::size_t read = file_.read(text_.data() + before, more);
    text_.resize(before + read);
    at_end_ = read < more;
    if (first && text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
    lines = at_end_ ? text_.size() : text_.rfind('\n') + 1;
    if (lines <= end_ && text_.size() - end_ > limits::kLongestRow) return row_too_long(line);
  }
  if (file_.failed()) return end_text();
  const std::string_view added = std::string_view(text_).substr(end_, lines - end_);
  if (const std::size_t bad_line = first_bad_line(added)) {
    const auto before = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end_), '\n');
    line += static_cast<std::size_t>(before) + bad_line - 1;
    problems_.add(code_, {path_, "line " + std::to_string(line), "is not UTF-8 text", "save the file as UTF-8"});
    return end_text();
  }
  end_ = lines;
}

// The row may be one that a quote without end makes of many lines.
void CsvFile::row_too_long(std::size_t line) {
  problems_.add(code_, {path_, "line " + std::to_string(line), too_long(),
                        "break the line, or close the quote that it began with"});
  end_text();
}

void CsvFile::problem(const std::string& what, const std::string& remedy) const {
  problems_.add(code_, {path_, where(), what, remedy});
}

// Quotes inside a quoted cell are doubled.
bool CsvFile::quoted_cell() {
  const std::size_t begin = position_ + 1;
  std::size_t end = begin;
  bool doubled = false;
  for (;; end += 2, doubled = true) {
    end = std::min(text_.find('"', end), end_);
    if (end == end_ && !at_end_) return false;
    if (end == end_ || end + 1 == end_ || text_[end + 1] != '"') break;
  }
  const std::string_view cell = std::string_view(text_).substr(begin, end - begin);
  line_ += static_cast<std::size_t>(std::count(cell.begin(), cell.end(), '\n'));
  position_ = std::min(end + 1, end_);
  if (end == end_) {
    malformed_ = "a quoted cell has no end";
    cells_.emplace_back();
  } else if (!doubled) {
    cells_.push_back(cell);
  } else {
    std::string& unquoted = unquoted_.emplace_back();
    for (std::size_t i = 0; i < cell.size(); i += cell[i] == '"' ? 2 : 1) unquoted += cell[i];
    cells_.emplace_back(unquoted);
  }
  return true;
}

bool CsvFile::read_cells() {
  const char between = layout_.separator;
  cells_.clear();
  malformed_.clear();
  for (;;) {
    if (text_[position_] == '"') {
      if (!quoted_cell()) return false;
      position_ += text_.compare(position_, 2, "\r\n") == 0;
    } else {
      // Cells are short: a plain loop is at their end sooner than a call. The text ends in a newline or a zero byte.
      std::size_t end = position_;
      while (text_[end] != between && text_[end] != '\n' && text_[end] != '\0') ++end;
      const bool crlf = end > position_ && text_[end - 1] == '\r' && text_[end] != between;
      cells_.emplace_back(text_.data() + position_, end - position_ - crlf);
      position_ = end;
    }
    if (position_ >= end_) return true;
    const char separator = text_[position_];
    if (separator != between && separator != '\n') {
      malformed_ = "there is text behind a closing quote";
      position_ = std::min(text_.find('\n', position_), end_);
      line_ += position_ < end_;
      position_ += position_ < end_;
      return true;
    }
    ++position_;
    if (separator == '\n') {
      ++line_;
      return true;
    }
  }
}

void CsvFile::read_row() {
  row_begin_ = position_;
  row_line_ = line_;
  if (!unquoted_.empty()) unquoted_.clear();
  while (end_ > 0 && !read_cells()) {
    read_more(row_line_);
    line_ = row_line_;
  }
  if (malformed_.empty() && position_ - row_begin_ > limits::kLongestRow) malformed_ = too_long();
}

bool CsvFile::read_header() {
  read_row();
  bool sound = malformed_.empty();
  if (!sound) problem(malformed_, "correct the header");
  std::vector<std::string> names;
  for (const CsvColumn& column : columns_) names.push_back(column.name);
  header_cells_ = cells_.size();
  if (header_cells_ > limits::kMostColumns) {
    problem("there are " + std::to_string(header_cells_) + " columns, more than the " +
                std::to_string(limits::kMostColumns) + " that are read",
            "leave out what is not needed");
    return false;
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), cells_[i]);
    if (found == names.end()) {
      if (layout_.other_columns) continue;
      problem("the column " + in_quotes(cells_[i]) + " is unknown" + did_you_mean(std::string(cells_[i]), names),
              "correct or remove it");
      sound = false;
      continue;
    }
    std::size_t& place = place_[static_cast<std::size_t>(found - names.begin())];
    if (place != kAbsent) {
      problem("the column " + in_quotes(*found) + " is there twice", "keep one of them");
      sound = false;
    }
    place = i;
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (place_[c] != kAbsent || !columns_[c].required) continue;
    const std::vector<std::string> there(cells_.begin(), cells_.end());
    const std::string meant = layout_.other_columns ? did_you_mean(columns_[c].name, there) : "";
    problem("the column " + in_quotes(columns_[c].name) + " is missing" + meant,
            layout_.other_columns ? "name a column of the file's header" : "add it to the header");
    sound = false;
  }
  return sound;
}

bool CsvFile::next() {
  do {
    if (position_ >= end_) {
      row_begin_ = position_;
      if (!at_end_) read_more(line_);
      if (position_ >= end_) return false;
    }
    read_row();
    if (end_ == 0) return false;  // the rest could not be read
  } while (cells_.size() == 1 && cells_[0].empty() && malformed_.empty());
  if (malformed_.empty() && cells_.size() != header_cells_) {
    malformed_ = std::to_string(cells_.size()) + " cells where the header has " + std::to_string(header_cells_);
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    values_[c] = malformed_.empty() && place_[c] != kAbsent ? cells_[place_[c]] : std::string_view{};
  }
  return true;
}

}  // namespace tailbit
