// The writing half of files.hpp.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/files.hpp"

namespace tailbit {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 18;

[[noreturn]] void fail_to_create(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::cannot_create_output,
                path + ": cannot be created: " + why + "; choose another place or free this one");
}

[[noreturn]] void fail_to_write(const std::string& path, int error) {
  throw Failure(ExitCode::io_error,
                path + ": cannot be written: " + std::strerror(error) + "; free the place, or the disk");
}

// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call&& call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// Beside the file, so that it can be moved there; hidden, and of a name that nobody can foresee.
std::string part_name(const std::string& path) {
  std::random_device random;
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", random());
  const std::filesystem::path whole(path);
  return whole.parent_path() / ("." + whole.filename().string() + "." + digits + ".part");
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

NewFile::NewFile(std::string path, std::string shown) : path_(std::move(path)), shown_(std::move(shown)) {
  descriptor_ =
      uninterrupted([&] { return open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666); });
  if (descriptor_ < 0) fail_to_create(shown_, std::strerror(errno));
}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(path_.c_str());
}

void NewFile::let_all_read() {
  if (uninterrupted([&] { return fchmod(descriptor_, 0644); }) != 0) fail_to_write(shown_, errno);
}

void NewFile::write(std::string_view bytes) {
  buffer_.append(bytes);
  if (buffer_.size() >= kBuffer) flush();
}

void NewFile::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = uninterrupted([&] { return ::write(descriptor_, left.data(), left.size()); });
    if (written < 0) fail_to_write(shown_, errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void NewFile::finish() {
  flush();
  if (uninterrupted([&] { return fsync(descriptor_); }) != 0) fail_to_write(shown_, errno);
  // Linux closes the descriptor whatever it says.
  if (close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR) return;
  const int error = errno;
  unlink(path_.c_str());
  fail_to_write(shown_, error);
}

FileReplacement::FileReplacement(const std::string& path) : path_(path), part_(part_name(path), path) {}

void FileReplacement::commit() {
  part_.finish();
  try {
    move_file(part_.path(), path_);
  } catch (...) {
    unlink(part_.path().c_str());
    throw;
  }
  sync_folder(folder_of(path_));
}

void write_file(const std::string& path, std::string_view text) {
  FileReplacement file(path);
  file.write(text);
  file.commit();
}

namespace {

// New folders outlast a loss of power, but where their parent may be entered and not read.
void sync_if_readable(const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) sync_folder(path);
}

}  // namespace

void make_folder(const std::string& path) {
  const std::string above = folder_of(path);
  for (bool again = above != path;; again = false) {
    if (uninterrupted([&] { return mkdir(path.c_str(), 0777); }) == 0) return sync_if_readable(above);
    const int error = errno;
    std::error_code none;
    if (std::filesystem::is_directory(path, none)) return;
    if (error != ENOENT || !again) fail_to_create(path, std::strerror(error));
    make_folder(above);
  }
}

void move_file(const std::string& from, const std::string& to) {
  if (uninterrupted([&] { return rename(from.c_str(), to.c_str()); }) != 0) fail_to_write(to, errno);
}

void sync_folder(const std::string& path) {
  const int descriptor = uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) fail_to_write(path, errno);
  const int status = uninterrupted([&] { return fsync(descriptor); });
  const int error = errno;
  close(descriptor);
  if (status != 0 && error != EINVAL) fail_to_write(path, error);  // some file systems cannot, and need not
}

}  // namespace tailbit
