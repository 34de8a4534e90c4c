#include "host/io/files.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simdjson.h>

namespace tailbit {
namespace {

// A zero byte is not text either.
bool is_text(std::string_view bytes) {
  return simdjson::validate_utf8(bytes) && bytes.find('\0') == std::string_view::npos;
}

void add_open_problem(const std::string& path, int error, Problems& problems) {
  if (error == ELOOP || error == ENAMETOOLONG) {
    problems.add(ExitCode::input_missing, {path, "", std::string("leads nowhere: ") + std::strerror(error),
                                           "check the path and the links on it"});
  } else if (error == ENOENT || error == ENOTDIR) {
    problems.add(ExitCode::input_missing,
                 {path, "", "no such file", "check the path; paths in a config are relative to its folder"});
  } else if (error == EACCES || error == EPERM) {
    problems.add(ExitCode::permission, {path, "", "may not be read", "give this user permission to read it"});
  } else {
    problems.add(ExitCode::io_error,
                 {path, "", std::string("cannot be read: ") + std::strerror(error), "check the path and the disk"});
  }
}

}  // namespace

std::size_t first_bad_line(std::string_view bytes) {
  if (is_text(bytes)) return 0;
  std::size_t line = 1;  // no character reaches over the end of a line
  for (; is_text(bytes.substr(0, bytes.find('\n'))); ++line) bytes.remove_prefix(bytes.find('\n') + 1);
  return line;
}

FileBytes::FileBytes(const std::string& path, ExitCode bad_content, Problems& problems, std::uint64_t most_bytes)
    : path_(path), code_(bad_content), problems_(problems), most_(most_bytes) {
  // A pipe that nobody writes to would keep a run waiting for ever.
  const bool files_only = problems.files() != nullptr && problems.files()->files_only;
  do {
    descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | (files_only ? O_NONBLOCK | O_NOCTTY : 0));
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) {
    fail(errno);
    return;
  }
  if (problems.files() != nullptr) hash_.emplace();
  struct stat about {};
  const bool known = fstat(descriptor_, &about) == 0;
  if (files_only && known && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
    problems.add(bad_content, {path, "", "is a pipe or a device, which cannot be read again", "give it a file"});
    failed_ = true;
    return;
  }
  if (known && S_ISREG(about.st_mode)) expected_ = static_cast<std::uint64_t>(about.st_size);
  if (expected_ > most_) too_large();
}

FileBytes::~FileBytes() {
  if (descriptor_ >= 0) close(descriptor_);
}

void FileBytes::fail(int error) {
  add_open_problem(path_, error, problems_);
  failed_ = true;
}

void FileBytes::too_large() {
  const std::string size = expected_ > most_ ? std::to_string(expected_) + " bytes, more than" : "more than";
  problems_.add(code_,
                {path_, "", "has " + size + " the " + std::to_string(most_) + " bytes that are read of such a file",
                 "leave out what is not needed, or split it"});
  failed_ = true;
}

std::size_t FileBytes::read(char* buffer, std::size_t size) {
  if (failed_) return 0;
  std::size_t read = 0;
  while (read < size) {
    const ssize_t n = ::read(descriptor_, buffer + read, size - read);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(errno);
      return 0;
    }
    if (n == 0) break;
    read += static_cast<std::size_t>(n);
  }
  so_far_ += read;
  if (so_far_ > most_) {
    too_large();
    return 0;
  }
  if (hash_) hash_->update({buffer, read});
  if (hash_ && read < size) add_to_account();
  return read;
}

void FileBytes::add_to_account() {
  const FileDigest found{so_far_, hash_->hex()};
  hash_.reset();
  const auto [known, added] = problems_.files()->digests.emplace(path_, found);
  if (added || known->second.sha256 == found.sha256) return;
  problems_.add(ExitCode::temporary, {path_, "", "was changed while it was read", "run again"});
  failed_ = true;
}

std::optional<std::string> read_file(const std::string& path, ExitCode bad_content, Problems& problems,
                                     std::uint64_t most_bytes) {
  FileBytes file(path, bad_content, problems, most_bytes);
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::string text;
  for (std::size_t more = file.failed() ? 0 : static_cast<std::size_t>(file.expected()) + 1; more > 0; more = kPiece) {
    const std::size_t before = text.size();
    text.resize(before + more);
    const std::size_t read = file.read(text.data() + before, more);
    text.resize(before + read);
    if (read < more) break;
  }
  if (file.failed()) return std::nullopt;
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  if (text.empty()) {
    problems.add(bad_content, {path, "", "is empty", "write it first"});
    return std::nullopt;
  }
  const std::size_t bad_line = first_bad_line(text);
  if (bad_line == 0) return text;
  problems.add(bad_content, {path, "line " + std::to_string(bad_line), "is not UTF-8 text", "save the file as UTF-8"});
  return std::nullopt;
}

std::optional<std::string> read_regular_file(const std::string& path, ExitCode bad_content, Problems& problems,
                                             std::uint64_t most_bytes) {
  FilesRead files{true};
  FilesRead* const before = problems.files();
  problems.account(&files);
  std::optional<std::string> text = read_file(path, bad_content, problems, most_bytes);
  problems.account(before);
  return text;
}

}  // namespace tailbit
