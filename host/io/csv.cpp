#include "host/io/csv.hpp"

#include <algorithm>

#include "host/io/files.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
}

CsvFile::CsvFile(std::string path, ExitCode bad_content, std::vector<CsvColumn> columns, Problems& problems)
    : path_(std::move(path)),
      code_(bad_content),
      columns_(std::move(columns)),
      problems_(problems),
      place_(columns_.size(), kAbsent),
      values_(columns_.size()) {
  if (auto text = read_file(path_, code_, problems_)) text_ = std::move(*text);
  if (text_.empty() || !read_header()) position_ = text_.size();
}

void CsvFile::problem(const std::string& what, const std::string& remedy) const {
  problems_.add(code_, {path_, where(), what, remedy});
}

// Quotes inside a quoted cell are doubled; they are undoubled in place, since the text is ours.
std::string_view CsvFile::quoted_cell() {
  const std::size_t start = ++position_;
  std::size_t end = start;
  for (; position_ < text_.size(); ++position_) {
    if (text_[position_] == '"') {
      const bool doubled = position_ + 1 < text_.size() && text_[position_ + 1] == '"';
      if (!doubled) {
        ++position_;
        return {text_.data() + start, end - start};
      }
      ++position_;
    }
    line_ += text_[position_] == '\n';
    text_[end++] = text_[position_];
  }
  malformed_ = "a quoted cell has no end";
  return {};
}

void CsvFile::read_cells() {
  cells_.clear();
  malformed_.clear();
  row_line_ = line_;
  for (;;) {
    if (position_ < text_.size() && text_[position_] == '"') {
      cells_.push_back(quoted_cell());
    } else {
      // Cells are short: a plain loop finds their ends sooner than a call would. The text ends in a zero byte.
      std::size_t end = position_;
      while (text_[end] != ',' && text_[end] != '\n' && text_[end] != '\0') ++end;
      const bool crlf = end > position_ && text_[end - 1] == '\r' && text_[end] != ',';
      cells_.emplace_back(text_.data() + position_, end - position_ - crlf);
      position_ = end;
    }
    position_ += text_[position_] == '\r' && text_[position_ + 1] == '\n';  // behind a quoted cell
    if (position_ >= text_.size()) return;
    const char separator = text_[position_];
    if (separator != ',' && separator != '\n') {
      malformed_ = "there is text behind a closing quote";
      position_ = std::min(text_.find('\n', position_), text_.size());
      line_ += position_ < text_.size();
      position_ += position_ < text_.size();
      return;
    }
    ++position_;
    if (separator == '\n') {
      ++line_;
      return;
    }
  }
}

bool CsvFile::read_header() {
  read_cells();
  bool sound = malformed_.empty();
  if (!sound) problem(malformed_, "correct the header");
  std::vector<std::string> names;
  for (const CsvColumn& column : columns_) names.push_back(column.name);
  header_cells_ = cells_.size();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), cells_[i]);
    if (found == names.end()) {
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
    problem("the column " + in_quotes(columns_[c].name) + " is missing", "add it to the header");
    sound = false;
  }
  return sound;
}

bool CsvFile::next() {
  do {
    if (position_ >= text_.size()) return false;
    read_cells();
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
