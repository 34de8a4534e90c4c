#include "host/ops/inbox.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

#include "host/io/problems.hpp"

namespace tailbit {
namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& folder, const std::error_code& error) {
  throw Failure(error == std::errc::permission_denied ? ExitCode::permission : ExitCode::io_error,
                folder + ": the inbox cannot be read: " + error.message() + "; mend it, or name another with --inbox");
}

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

Inbox look_into(const std::string& folder) {
  Inbox inbox;
  std::error_code error;
  if (fs::status(folder, error).type() == fs::file_type::not_found) return inbox;
  if (error) refuse(folder, error);
  inbox.there = true;
  fs::directory_iterator entry(folder, error);
  if (error) refuse(folder, error);
  std::vector<std::string> names;
  for (; entry != fs::directory_iterator(); entry.increment(error)) names.push_back(entry->path().filename().string());
  if (error) refuse(folder, error);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    if (name.starts_with(".") || name.ends_with(".part") || name.ends_with(".tmp")) continue;
    if (name.ends_with(".market.json")) {
      inbox.markets.push_back(path);
    } else if (name.ends_with(".trades.csv") || name.ends_with(".trades.json") || name.ends_with(".trades.jsonl")) {
      inbox.trades.push_back(path);
    } else {
      inbox.others.push_back(path);
    }
  }
  return inbox;
}

Overrides with_inbox(Overrides overrides, const Inbox& inbox) {
  if (!inbox.markets.empty()) overrides.market = inbox.markets.back();
  overrides.trades.insert(overrides.trades.end(), inbox.trades.begin(), inbox.trades.end());
  return overrides;
}

std::vector<FileStamp> stamps_of(const std::vector<std::string>& paths) {
  std::vector<FileStamp> stamps;
  for (const std::string& path : paths) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0) file = {};
    stamps.push_back({path, file.st_dev, file.st_ino, static_cast<std::uint64_t>(file.st_size),
                      nanoseconds(file.st_mtim), nanoseconds(file.st_ctim)});
  }
  return stamps;
}

}  // namespace tailbit
