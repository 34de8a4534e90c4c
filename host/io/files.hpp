// Whole files in and out, with the errors users need to see.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/io/problems.hpp"

namespace tailbit {

// The file's text without a byte-order mark. A file that is missing, unreadable, empty or not UTF-8 is a problem, and
// nothing is returned; `bad_content` is the exit code for what is wrong inside it.
std::optional<std::string> read_file(const std::string& path, ExitCode bad_content, Problems& problems);

// Replaces the file at once: readers see the old text or the new, never a part. Throws Failure.
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
