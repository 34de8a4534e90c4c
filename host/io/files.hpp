// Whole files in and out, with the errors users need to see.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/io/limits.hpp"
#include "host/io/problems.hpp"
#include "host/io/sha256.hpp"

namespace tailbit {

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Where bytes go, piece by piece.
using ByteSink = std::function<void(std::string_view)>;

// Line of the first byte that is not UTF-8 text (a zero byte is not text either), from 1; 0 if all are.
std::size_t first_bad_line(std::string_view bytes);

// The file's text without a byte-order mark. A file that is missing, unreadable, empty, too large or not UTF-8 is a
// problem, and nothing is returned; `bad_content` is the exit code for what is wrong inside it. A file that says to be
// too large is not read at all.
std::optional<std::string> read_file(const std::string& path, ExitCode bad_content, Problems& problems,
                                     std::uint64_t most_bytes = limits::kMostBytes);

// The same of what lies in a result: a pipe or a device, which might keep its reader waiting, is a problem too.
std::optional<std::string> read_regular_file(const std::string& path, ExitCode bad_content, Problems& problems,
                                             std::uint64_t most_bytes = limits::kMostJsonBytes);

// A file's bytes, piece by piece. What is wrong with the file as a whole is among the problems as of read_file; bytes
// are not looked at. Where the problems keep account of files, its digest is added when its end is reached.
class FileBytes {
 public:
  FileBytes(const std::string& path, ExitCode bad_content, Problems& problems,
            std::uint64_t most_bytes = limits::kMostBytes);
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  // Fills `buffer` as far as the file goes; 0 at its end, or after a problem.
  std::size_t read(char* buffer, std::size_t size);
  // Bytes that the file is said to have; 0 for pipes and such.
  std::uint64_t expected() const { return expected_; }
  // Whether a problem was met so far.
  bool failed() const { return failed_; }

 private:
  void too_large();
  void fail(int error);
  void add_to_account();

  std::string path_;
  ExitCode code_;
  Problems& problems_;
  std::uint64_t most_, expected_ = 0, so_far_ = 0;
  bool failed_ = false;
  int descriptor_ = -1;
  std::optional<Sha256> hash_;  // until the end is reached
};

// A new file, written in pieces and synced to the disk before it counts. Never follows a link and never opens a file
// that is there. Throws Failure: cannot_create_output, io_error.
class NewFile {
 public:
  // Messages name `shown`.
  NewFile(std::string path, std::string shown);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();  // removes what was not finished

  void let_all_read();  // whatever the process's umask
  void write(std::string_view bytes);
  void finish();
  const std::string& path() const { return path_; }

 private:
  void flush();
  std::string path_, shown_;
  int descriptor_;
  std::string buffer_;
};

// Replaces a file at once: readers see the old bytes or the new, never a part, whatever happens. Throws Failure.
class FileReplacement {
 public:
  explicit FileReplacement(const std::string& path);

  void let_all_read() { part_.let_all_read(); }
  void write(std::string_view bytes) { part_.write(bytes); }
  void commit();

 private:
  std::string path_;
  NewFile part_;
};
void write_file(const std::string& path, std::string_view text);

// Creates the folder and those above it, so that they outlast a loss of power. Throws Failure.
void make_folder(const std::string& path);

// Moves a file or folder within a file system, replacing a file. Throws Failure.
void move_file(const std::string& from, const std::string& to);
// What was created, moved or removed in the folder outlasts a loss of power. Throws Failure.
void sync_folder(const std::string& path);

}  // namespace tailbit
