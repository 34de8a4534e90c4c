// Errors in users' files. Reading goes on after a problem, so that up to twenty are told in one go.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tailbit {

// Exit codes of the program (docs/contract: sysexits plus the domain's own).
enum class ExitCode : int {
  done = 0,
  limit_breached = 10,
  compare_mismatch = 11,
  stopped_early = 12,
  usage = 64,
  bad_data = 65,
  input_missing = 66,
  device_unavailable = 69,
  internal_error = 70,
  cannot_create_output = 73,
  io_error = 74,
  temporary = 75,  // nothing is wrong with the job: run it again
  permission = 77,
  bad_config = 78,
};

// An error that ends the program: what happened, what to do, and the code a scheduler switches on.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// A text as it can be shown: control characters, which could pass for further messages or steer a terminal, are written
// as \u000a, and the middle of a long text is left out.
std::string as_shown(std::string_view text);

// One thing wrong in one file. `where` is "line 12" or a JSON path such as "/underlyings/BTC/spot".
struct Problem {
  std::string file;
  std::string where;
  std::string what;    // what is wrong, with the offending value
  std::string remedy;  // what to do about it
};

// "file:where: what; remedy"
std::string text_of(const Problem& problem);

// A Failure that users' files are the reason of: its text lists the problems, one a line, and how many more there are.
class InputProblems : public Failure {
 public:
  // `count`: how many were found, of which `problems` are the first.
  InputProblems(ExitCode code, std::vector<Problem> problems, std::size_t count);
  const std::vector<Problem>& problems() const { return problems_; }
  std::size_t count() const { return count_; }

 private:
  std::vector<Problem> problems_;
  std::size_t count_;
};

// The very bytes that were read of a file.
struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;
};

// What was read to its end, and how it may be. `files_only`: pipes and devices are refused, since what a run starts
// from must be there to be read again.
struct FilesRead {
  bool files_only = false;
  std::map<std::string, FileDigest> digests{};  // by path
};

// The problems found so far. `code` is the exit code of the first problem added; a missing file is 66, a bad config or
// model 78, bad data (book, instruments, market, chain) 65.
class Problems {
 public:
  static constexpr std::size_t kMost = 20;

  // The problem's texts are kept as they can be shown.
  void add(ExitCode code, const Problem& problem);
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  // Throws InputProblems if there are any.
  void throw_if_any() const;

  // Keeps account of the files that are read with these problems; none is kept at first.
  void account(FilesRead* files) { files_ = files; }
  FilesRead* files() const { return files_; }

 private:
  FilesRead* files_ = nullptr;
  std::vector<Problem> problems_;  // the first kMost
  std::size_t count_ = 0;
  ExitCode code_ = ExitCode::done;
};

// The candidate nearest to `word` in edit distance, as " (did you mean \"x\"?)", or "" when none is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace tailbit
