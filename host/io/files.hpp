// Whole files in and out, with the errors users need to see.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/io/limits.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Line of the first byte that is not UTF-8 text (a zero byte is not text either), from 1; 0 if all are.
std::size_t first_bad_line(std::string_view bytes);

// The file's text without a byte-order mark. A file that is missing, unreadable, empty, too large or not UTF-8 is a
// problem, and nothing is returned; `bad_content` is the exit code for what is wrong inside it. A file that says to be
// too large is not read at all.
std::optional<std::string> read_file(const std::string& path, ExitCode bad_content, Problems& problems,
                                     std::uint64_t most_bytes = limits::kMostBytes);

// A file's bytes, piece by piece. What is wrong with the file as a whole is among the problems as of read_file; bytes
// are not looked at.
class FileBytes {
 public:
  FileBytes(const std::string& path, ExitCode bad_content, Problems& problems,
            std::uint64_t most_bytes = limits::kMostBytes);

  // Fills `buffer` as far as the file goes; 0 at its end, or after a problem.
  std::size_t read(char* buffer, std::size_t size);
  // Bytes that the file is said to have; 0 for pipes and such.
  std::uint64_t expected() const { return expected_; }
  // Whether a problem was met so far.
  bool failed() const { return failed_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void too_large();

  std::string path_;
  ExitCode code_;
  Problems& problems_;
  std::uint64_t most_, expected_ = 0, so_far_ = 0;
  bool failed_ = false;
  std::unique_ptr<std::FILE, Close> file_;
};

// Replaces a file at once: readers see the old bytes or the new, never a part. Throws Failure.
class FileReplacement {
 public:
  explicit FileReplacement(const std::string& path);
  ~FileReplacement();  // leaves the old file where it was not committed
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail();

  std::string path_, part_;
  std::FILE* file_;
};
void write_file(const std::string& path, std::string_view text);

// Creates the folder and those above it. Throws Failure.
void make_folder(const std::string& path);

// Holds a folder for one process at a time, until destroyed; ends with the process, however that ends. Throws Failure
// (temporary) when another holds it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace tailbit
