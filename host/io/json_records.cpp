#include "host/io/json_records.hpp"

#include <algorithm>
#include <cstring>

#include "host/io/json_syntax.hpp"
#include "host/io/record_parser.hpp"

namespace tailbit {
namespace {

constexpr std::size_t kJsonBlock = std::size_t{1} << 17;  // stays in the cache that is nearest to a core
// Room before the text, for what makes a document of a part of it, and behind, for the same and what simdjson reads
// over.
constexpr std::size_t kFront = 8, kBehind = 8 + simdjson::SIMDJSON_PADDING;
// Goes before a value, so that it and what follows it are one document.
constexpr std::string_view kFrame = "{\"\":";
constexpr char kNothing = '\0';  // follows what was read
constexpr char kFrameEnd[] = {'}', kNothing};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_all_space(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

// The last comma that seems to stand between two objects of the list, or npos. It may stand inside a text or a record;
// then what is before it is no list, and the parser says so.
std::size_t last_comma_between_objects(std::string_view text) {
  const auto before_spaces = [&](std::size_t at) {
    while (at > 0 && is_space(text[at - 1])) --at;
    return at;
  };
  for (std::size_t brace = text.rfind('{'); brace != std::string_view::npos && brace > 0;
       brace = text.rfind('{', brace - 1)) {
    const std::size_t comma = before_spaces(brace);
    if (comma == 0 || text[comma - 1] != ',') continue;
    const std::size_t object = before_spaces(comma - 1);
    if (object > 0 && text[object - 1] == '}') return comma - 1;
  }
  return std::string_view::npos;
}

}  // namespace

JsonRecords::JsonRecords(const std::string& path, ExitCode bad_content, Problems& problems)
    : path_(path),
      code_(bad_content),
      problems_(problems),
      file_(path, bad_content, problems),
      parser_(std::make_unique<RecordParser>()) {
  begin_ = end_ = kFront;
  if (!fill(kJsonBlock)) return;
  if (text().starts_with(kByteOrderMark)) begin_ += kByteOrderMark.size();
  if (!at_end_ || !is_all_space(text())) return;
  problems_.add(code_, {path_, "", "is empty", "write it first"});
  failed_ = true;
}

JsonRecords::~JsonRecords() = default;

std::string_view JsonRecords::head() const { return failed_ ? std::string_view{} : text(); }

// Has `size` bytes of the file in the buffer, or all that are left; false after a problem.
bool JsonRecords::fill(std::size_t size) {
  const std::size_t held = end_ - begin_;
  if (size > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(kFront + size + kBehind);
    if (held > 0) std::memcpy(larger.get() + kFront, buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = size;
  } else if (begin_ > kFront) {
    std::memmove(buffer_.get() + kFront, buffer_.get() + begin_, held);
  }
  begin_ = kFront;
  end_ = kFront + held;
  if (!at_end_ && held < size) {
    const std::size_t read = file_.read(buffer_.get() + end_, size - held);
    at_end_ = read < size - held;
    end_ += read;
  }
  buffer_[end_] = kNothing;
  failed_ = failed_ || file_.failed();
  return !failed_;
}

bool JsonRecords::fill_all(std::uint64_t most) {
  while (!at_end_) {
    if (std::max<std::uint64_t>(file_.expected(), capacity_) > most) {
      failed_ = true;
      problems_.add(code_, {path_, "", "has more than the " + std::to_string(most) + " bytes that are read of a map",
                            "give a list of positions, or CSV"});
      return false;
    }
    if (!fill(std::max(static_cast<std::size_t>(file_.expected()) + 1, 2 * capacity_))) return false;
  }
  return true;
}

// The value that the text begins with and all that follows it, as a document.
std::string_view JsonRecords::frame(bool whole_file) {
  char* begin = buffer_.get() + begin_ - kFrame.size();
  std::memcpy(begin, kFrame.data(), kFrame.size());
  if (whole_file) std::memcpy(buffer_.get() + end_, kFrameEnd, sizeof kFrameEnd);
  return {begin, static_cast<std::size_t>(buffer_.get() + end_ + whole_file - begin)};
}

// Whether the value ended well: nothing follows one that is the whole file.
bool JsonRecords::add_behind(const char* behind, bool whole_file, std::string& around) {
  const char* end = buffer_.get() + end_;
  if (behind == nullptr || (whole_file && behind != end)) return false;
  around.append(behind, static_cast<std::size_t>(end - behind));
  return true;
}

// Goes over the whole file once more, slowly, to tell where it is broken.
void JsonRecords::syntax_problem() {
  failed_ = true;
  std::vector<JsonFault> faults;
  // A pipe cannot be read again, and a large file not as a whole.
  if (file_.expected() > 0 && file_.expected() <= limits::kMostJsonBytes) {
    const auto text = read_file(path_, code_, problems_);
    if (!text) return;
    faults = json_faults(*text, false);
  }
  if (faults.empty()) faults.push_back({"", "is not well-formed JSON", "correct it"});
  problems_.add(code_, {path_, faults[0].where, faults[0].what, faults[0].remedy});
}

void JsonRecords::too_long(const std::string& where, const std::string& what) {
  failed_ = true;
  problems_.add(code_,
                {path_, where,
                 "the " + what + " is longer than the " + std::to_string(limits::kLongestRow) + " bytes that are read",
                 "correct it, or leave out what is not needed"});
}

void JsonRecords::line_problem(std::string_view line, std::size_t number) {
  const std::string where = "line " + std::to_string(number);
  if (!simdjson::validate_utf8(line)) {
    problems_.add(code_, {path_, where, "is not UTF-8 text", "save the file as UTF-8"});
    return;
  }
  std::vector<JsonFault> faults = json_faults(std::string(line), false);
  if (faults.empty()) faults.push_back({"line 1", "is not an object", "write one object a line"});
  JsonFault& fault = faults[0];
  constexpr std::string_view kAlone = "line 1";  // as which it was looked at
  fault.where =
      fault.where.starts_with(kAlone) ? where + fault.where.substr(kAlone.size()) : where + ", " + fault.where;
  problems_.add(code_, {path_, fault.where, fault.what, fault.remedy});
}

std::optional<std::string> JsonRecords::read_list(std::size_t bracket, const std::string& path, RecordKeys& keys,
                                                  const TakeRecord& take) {
  std::string around(text().substr(0, bracket));
  const bool whole_file = is_all_space(around);
  begin_ += bracket + 1;
  const RecordProblem problem = [&](std::size_t index, std::string_view key, const std::string& what,
                                    const std::string& remedy) {
    const std::string element = path + "/" + std::to_string(index);
    problems_.add(code_, {path_, key.empty() ? element : element + "/" + std::string(key), what, remedy});
  };
  RecordList list{keys, take, problem, whole_file ? std::size_t{2} : std::size_t{3}};
  while (fill(kJsonBlock) && !at_end_) {
    const std::size_t comma = last_comma_between_objects(text());
    if (comma == std::string_view::npos) {
      if (capacity_ > limits::kLongestRow) {
        too_long(path + "/" + std::to_string(list.first), "record");
        return std::nullopt;
      }
      if (!fill(2 * capacity_)) return std::nullopt;  // a record larger than a block
      continue;
    }
    buffer_[begin_ - 1] = '[';
    buffer_[begin_ + comma] = ']';
    const auto count = parser_->list({buffer_.get() + begin_ - 1, comma + 2}, list);
    if (list.stopped) return std::nullopt;
    if (count) {
      begin_ += comma + 1;
      list.first += *count;
    } else {  // the comma was not what it seemed, or the text is broken: try with all that is left
      buffer_[begin_ + comma] = ',';
      if (!fill_all(limits::kMostBytes)) return std::nullopt;
    }
  }
  if (failed_) return std::nullopt;
  --begin_;
  buffer_[begin_] = '[';
  const char* behind = parser_->framed_list(frame(whole_file), list);
  if (list.stopped) return std::nullopt;
  around += "[]";
  if (add_behind(behind, whole_file, around)) return around;
  syntax_problem();
  return std::nullopt;
}

std::optional<std::string> JsonRecords::read_map(std::size_t brace, const TakeMember& take) {
  if (!fill_all(limits::kMostJsonBytes)) return std::nullopt;
  std::string around(text().substr(0, brace));
  const bool whole_file = is_all_space(around);
  begin_ += brace;
  bool stopped = false;
  const char* behind = parser_->framed_map(frame(whole_file), whole_file ? 1 : 2, take, stopped);
  if (stopped) return std::nullopt;
  around += "{}";
  if (add_behind(behind, whole_file, around)) return around;
  syntax_problem();
  return std::nullopt;
}

void JsonRecords::read_lines(RecordKeys& keys, const TakeRecord& take) {
  const RecordProblem problem = [&](std::size_t line, std::string_view key, const std::string& what,
                                    const std::string& remedy) {
    problems_.add(code_, {path_, "line " + std::to_string(line) + ", /" + std::string(key), what, remedy});
  };
  std::size_t number = 0;
  bool stopped = false;
  while (fill(std::max(kJsonBlock, capacity_)) && begin_ < end_) {
    const std::size_t last = text().rfind('\n');
    if (last == std::string_view::npos && !at_end_) {
      if (capacity_ > limits::kLongestRow) return too_long("line " + std::to_string(number + 1), "line");
      if (!fill(2 * capacity_)) return;
      continue;
    }
    std::string_view lines = at_end_ ? text() : text().substr(0, last + 1);
    begin_ += lines.size();
    while (!lines.empty() && !stopped) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
      ++number;
      if (line.size() > limits::kLongestRow) return too_long("line " + std::to_string(number), "line");
      if (!is_all_space(line) && !parser_->line(line, number, keys, problem, take, stopped)) line_problem(line, number);
    }
    if (stopped) return;
  }
}

}  // namespace tailbit
