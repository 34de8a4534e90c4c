#include "host/ops/message_pipe.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <poll.h>

#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"

namespace tailbit {
namespace {

// Whoever reads a named pipe sees its end when the last writer leaves, unless the reader could write to it as well.
int open_pipe(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  struct stat file {};
  const bool there = stat(path.c_str(), &file) == 0, named_pipe = there && S_ISFIFO(file.st_mode);
  if (there && S_ISDIR(file.st_mode))
    throw Failure(ExitCode::usage, "--pipe " + path + ": is a folder; name a pipe, or the folder with --inbox");
  // A worker that takes the place of one that was lost would read it from the beginning.
  if (there && S_ISREG(file.st_mode))
    throw Failure(ExitCode::usage, "--pipe " + path + ": is a file; name a pipe, or give it as --pipe - < " + path);
  return open(path.c_str(), (named_pipe ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

}  // namespace

MessagePipe::MessagePipe(const std::string& path) : path_(path), descriptor_(open_pipe(path)) {
  if (descriptor_ >= 0) return;
  const ExitCode code = errno == ENOENT   ? ExitCode::input_missing
                        : errno == EACCES ? ExitCode::permission
                                          : ExitCode::io_error;
  throw Failure(code, "--pipe " + path + ": " + std::strerror(errno) + "; name a pipe, or - for the standard input");
}

MessagePipe::~MessagePipe() {
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
}

std::vector<std::string> MessagePipe::lines(int wait_milliseconds) {
  std::vector<std::string> whole;
  pollfd ready{descriptor_, POLLIN, 0};
  if (ended_ || poll(&ready, 1, wait_milliseconds) <= 0) return whole;
  char bytes[65536];
  const ssize_t count = read(descriptor_, bytes, sizeof bytes);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return whole;
  if (count < 0)
    throw Failure(ExitCode::io_error, path_ + ": cannot be read: " + std::strerror(errno) + "; start watch again");
  ended_ = count == 0;
  std::string_view rest(bytes, static_cast<std::size_t>(count));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!cutting_) begun_ += rest.substr(0, end);
    cutting_ = begun_.size() > limits::kMostJsonBytes;  // what is there is no JSON, and is told of as such
    if (end == rest.size()) break;
    if (!begun_.empty()) whole.push_back(std::exchange(begun_, {}));
    cutting_ = false;
    rest.remove_prefix(end + 1);
  }
  if (ended_ && !begun_.empty()) whole.push_back(std::exchange(begun_, {}));
  return whole;
}

MessageFile parse_message(const std::string& line, const std::string& shown) {
  if (line.size() > limits::kMostJsonBytes) {
    throw Failure(ExitCode::bad_data,
                  shown + ": has more than " + std::to_string(limits::kMostJsonBytes) + " bytes; send less at a time");
  }
  Problems problems;
  const JsonFile file(shown, line, ExitCode::bad_data, problems);
  MessageFile message;
  if (const auto root = file.root()) {
    JsonObject object(root);
    const auto market = object.find("market"), trades = object.find("trades");
    object.no_other_keys();
    if (market.has_value() == trades.has_value()) {
      root->problem("a message holds either a market or trades", "send {\"market\": {...}} or {\"trades\": [...]}");
    } else if (market) {
      message = {".market.json", market->value().dump(2) + "\n"};
    } else {
      message.ending = ".trades.jsonl";
      for (const JsonNode& trade : trades->elements()) message.text += trade.value().dump() + "\n";
      if (message.text.empty()) trades->problem("there is no trade", "send at least one");
    }
  }
  problems.throw_if_any();
  return message;
}

}  // namespace tailbit
