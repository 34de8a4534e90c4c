#include "host/report/work_folder.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "host/io/files.hpp"
#include "host/io/host_name.hpp"
#include "host/io/text.hpp"
#include "host/report/publication.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// Who holds the lock, for the message of whoever comes second. Nothing rests on it.
std::string holder_text() {
  const Timestamp now{std::time(nullptr)};
  return Json{{"pid", getpid()}, {"host", host_name()}, {"since", timestamp_text(now)}}.dump() + "\n";
}

std::string holder(int descriptor) {
  char text[512] = "";
  const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
  const Json json = Json::parse(std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0), nullptr, false);
  if (!json.is_object() || !json.contains("pid") || !json.contains("host") || !json.contains("since")) return "";
  return " (process " + json["pid"].dump() + " on " + json["host"].dump() + ", since " + json["since"].dump() + ")";
}

}  // namespace

void require_real_folder(const std::string& path) {
  struct stat about {};
  if (lstat(path.c_str(), &about) != 0)
    throw Failure(ExitCode::cannot_create_output,
                  path + ": cannot be used: " + std::strerror(errno) + "; choose another place for the results");
  if (S_ISDIR(about.st_mode)) return;
  throw Failure(
      ExitCode::cannot_create_output,
      path + ": is not a folder of its own (a link or a file); remove it or choose another place for the results");
}

WorkFolder::WorkFolder(std::string result_folder) : results_(std::move(result_folder)), descriptor_(-1) {
  make_folder(results_);
  if (mkdir(path("").c_str(), 0700) == 0) {
    sync_folder(results_);
  } else if (errno != EEXIST) {
    throw Failure(ExitCode::cannot_create_output, results_ + ": cannot be written into: " + std::strerror(errno) +
                                                      "; choose another place or free this one");
  }
  require_real_folder(results_ + "/.tailbit");
  lock();
  try {
    roll_forward(*this);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

void WorkFolder::lock() {
  const std::string file = path("lock");
  do {
    descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) {
    throw Failure(ExitCode::cannot_create_output,
                  file + ": cannot be created: " + std::strerror(errno) + "; choose another place or free this one");
  }
  int status = 0;
  do {
    status = flock(descriptor_, LOCK_EX | LOCK_NB);
  } while (status != 0 && errno == EINTR);
  if (status != 0) {
    const int why = errno;
    const std::string who = holder(descriptor_);
    close(descriptor_);
    if (why != EWOULDBLOCK) {
      throw Failure(ExitCode::io_error,
                    file + ": cannot be locked: " + std::strerror(why) + "; choose a file system that has locks");
    }
    throw FolderInUse(ExitCode::temporary, results_ + ": another run" + who +
                                               " is writing its results here; wait for it or choose another --out");
  }
  const std::string text = holder_text();
  if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, text.data(), text.size(), 0) < 0) {
    // Only the message of a second run would be poorer.
  }
}

WorkFolder::~WorkFolder() { close(descriptor_); }

void finish_publication(const std::string& result_folder) {
  std::error_code none;
  if (std::filesystem::exists(result_folder + "/.tailbit/commit", none)) WorkFolder finished(result_folder);
}

}  // namespace tailbit
