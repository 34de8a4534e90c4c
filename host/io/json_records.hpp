// Files of JSON records, millions of them: lists of like objects, an object a line, or a map of names to values. Lists
// and lines are read block by block, so memory does not grow with the file. Everything is checked as for small files:
// syntax to the last byte, UTF-8, repeated keys.
//
//   RecordKeys keys({{"symbol"}, {"size"}}, UnknownKeys::problem);  // cells 0 and 1
//   JsonRecords file(path, ExitCode::bad_data, problems);
//   file.read_list(0, "", keys, [&](std::span<const JsonCell> cells, std::size_t index) { ... return true; });
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/io/files.hpp"
#include "host/io/problems.hpp"
#include "host/io/record_keys.hpp"

namespace tailbit {

class RecordParser;

class JsonRecords {
 public:
  JsonRecords(const std::string& path, ExitCode bad_content, Problems& problems);
  ~JsonRecords();
  JsonRecords(const JsonRecords&) = delete;

  // What the file begins with, up to 128 KiB, without a byte order mark; "" after a problem, or for a blank file,
  // which is one.
  std::string_view head() const;

  // The records of the list whose bracket is head()[bracket]; `path` is what the list is called in messages: "/result",
  // or "" if it is the whole file. Returns the text around it, with [] in its place, for somebody else to check;
  // nothing if reading ended early.
  std::optional<std::string> read_list(std::size_t bracket, const std::string& path, RecordKeys& keys,
                                       const TakeRecord& take);
  // The members of the object whose brace is head()[brace]; the same, with {}. The caller looks for repeated names.
  std::optional<std::string> read_map(std::size_t brace, const TakeMember& take);
  // One object a line; blank lines hold nothing.
  void read_lines(RecordKeys& keys, const TakeRecord& take);

 private:
  std::string_view text() const { return {buffer_.get() + begin_, end_ - begin_}; }
  bool fill(std::size_t size);
  bool fill_all(std::uint64_t most);
  std::string_view frame(bool whole_file);
  bool add_behind(const char* behind, bool whole_file, std::string& around);
  void syntax_problem();
  void too_long(const std::string& where, const std::string& what);
  void line_problem(std::string_view line, std::size_t number);

  std::string path_;
  ExitCode code_;
  Problems& problems_;
  FileBytes file_;
  std::unique_ptr<RecordParser> parser_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;         // for text; there is room before and behind
  std::size_t begin_ = 0, end_ = 0;  // of the text not read yet, in the buffer
  bool at_end_ = false, failed_ = false;
};

}  // namespace tailbit
