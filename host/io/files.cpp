#include "host/io/files.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simdjson.h>

namespace tailbit {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// A zero byte is not text either.
bool is_text(std::string_view bytes) {
  return simdjson::validate_utf8(bytes) && bytes.find('\0') == std::string_view::npos;
}

void add_open_problem(const std::string& path, int error, Problems& problems) {
  if (error == ENOENT || error == ENOTDIR) {
    problems.add(ExitCode::input_missing,
                 {path, "", "no such file", "check the path; paths in a config are relative to its folder"});
  } else if (error == EACCES || error == EPERM) {
    problems.add(ExitCode::permission, {path, "", "may not be read", "give this user permission to read it"});
  } else {
    problems.add(ExitCode::io_error,
                 {path, "", std::string("cannot be read: ") + std::strerror(error), "check the path and the disk"});
  }
}

[[noreturn]] void fail_to_create(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::cannot_create_output,
                path + ": cannot be created: " + why + "; choose another place or free this one");
}

}  // namespace

std::size_t first_bad_line(std::string_view bytes) {
  if (is_text(bytes)) return 0;
  std::size_t line = 1;  // no character reaches over the end of a line
  for (; is_text(bytes.substr(0, bytes.find('\n'))); ++line) bytes.remove_prefix(bytes.find('\n') + 1);
  return line;
}

FileBytes::FileBytes(const std::string& path, ExitCode bad_content, Problems& problems, std::uint64_t most_bytes)
    : path_(path), code_(bad_content), problems_(problems), most_(most_bytes), file_(std::fopen(path.c_str(), "rb")) {
  if (!file_) {
    add_open_problem(path_, errno, problems_);
    failed_ = true;
    return;
  }
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);  // pieces are large
  struct stat about {};
  if (fstat(fileno(file_.get()), &about) == 0 && S_ISREG(about.st_mode))
    expected_ = static_cast<std::uint64_t>(about.st_size);
  if (expected_ > most_) too_large();
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
    const std::size_t n = std::fread(buffer + read, 1, size - read, file_.get());
    if (n == 0) break;
    read += n;
  }
  if (std::ferror(file_.get())) {
    add_open_problem(path_, errno, problems_);
    failed_ = true;
    return 0;
  }
  so_far_ += read;
  if (so_far_ > most_) {
    too_large();
    return 0;
  }
  return read;
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

FileReplacement::FileReplacement(const std::string& path)
    : path_(path), part_(path + ".part"), file_(std::fopen(part_.c_str(), "wb")) {
  if (file_ == nullptr) fail_to_create(path, std::strerror(errno));
}

FileReplacement::~FileReplacement() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void FileReplacement::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
}

void FileReplacement::commit() {
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  if (closed && std::rename(part_.c_str(), path_.c_str()) == 0) return;
  const int why = errno;
  std::remove(part_.c_str());
  errno = why;
  fail();
}

void FileReplacement::fail() {
  throw Failure(ExitCode::io_error,
                path_ + ": cannot be written: " + std::strerror(errno) + "; free the place, or the disk");
}

void write_file(const std::string& path, std::string_view text) {
  FileReplacement file(path);
  file.write(text);
  file.commit();
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail_to_create(path, error.message());
}

FolderLock::FolderLock(const std::string& folder)
    : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail_to_create(folder, std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  close(descriptor_);
  throw Failure(ExitCode::temporary,
                folder + ": another run is writing its results here; wait for it or choose another --out");
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace tailbit
