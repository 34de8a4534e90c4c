#include "host/io/files.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tailbit {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Length of the well-formed UTF-8 character that `text` begins with (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u; };
  const auto in = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return in(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool second = in(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && in(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool second = in(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return second && in(2, 0x80, 0xbf) && in(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

// Line of the first byte that is not UTF-8 text (a zero byte is not text either), or 0.
std::size_t first_bad_line(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = text[i] == '\0' ? 0 : utf8_length(text.substr(i, 4));
    if (length == 0) return line;
    line += text[i] == '\n';
    i += length;
  }
  return 0;
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

std::optional<std::string> read_file(const std::string& path, ExitCode bad_content, Problems& problems) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    add_open_problem(path, errno, problems);
    return std::nullopt;
  }
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get())) text.append(buffer, n);
  if (std::ferror(file.get())) {
    add_open_problem(path, errno, problems);
    return std::nullopt;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  if (text.empty()) {
    problems.add(bad_content, {path, "", "is empty", "write it first"});
    return std::nullopt;
  }
  if (const std::size_t line = first_bad_line(text)) {
    problems.add(bad_content, {path, "line " + std::to_string(line), "is not UTF-8 text", "save the file as UTF-8"});
    return std::nullopt;
  }
  return text;
}

void write_file(const std::string& path, std::string_view text) {
  const std::string part = path + ".part";
  File file(std::fopen(part.c_str(), "wb"));
  if (!file) fail_to_create(path, std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  if (std::fclose(file.release()) != 0 || !written || std::rename(part.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(part.c_str());
    throw Failure(ExitCode::io_error, path + ": cannot be written: " + why + "; free the place, or the disk");
  }
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
