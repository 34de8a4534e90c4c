#include "tests/simulated_device/faults.hpp"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tailbit::simulated {
namespace {

enum class Kind { error, hang, crash };
enum class Lasting { once, always, sticky };

struct Clause {
  std::string api;
  std::uint64_t ordinal = 0;
  Kind kind = Kind::error;
  cudaError_t error = cudaSuccess;
  Lasting lasting = Lasting::once;
  std::optional<int> device;
};

[[noreturn]] void refuse(std::string_view item) {
  std::cerr << "TAILBIT_SIMULATED_CUDA: \"" << item << "\" is not understood\n";
  std::abort();
}

// The text before the mark, which is taken away with it; all of it where there is no mark.
std::string_view take(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

std::uint64_t number(std::string_view text, std::string_view item) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse(item);
  return value;
}

std::size_t size(std::string_view text, std::string_view item) {
  unsigned shift = 0;
  if (text.ends_with('K')) shift = 10;
  if (text.ends_with('M')) shift = 20;
  if (text.ends_with('G')) shift = 30;
  if (shift != 0) text.remove_suffix(1);
  return static_cast<std::size_t>(number(text, item)) << shift;
}

Clause clause(std::string_view text, std::string_view item) {
  Clause result;
  result.api = take(text, '@');
  result.ordinal = number(take(text, ':'), item);
  const std::string_view what = take(text, ':');
  if (what == "hang") {
    result.kind = Kind::hang;
  } else if (what == "crash") {
    result.kind = Kind::crash;
  } else {
    result.error = static_cast<cudaError_t>(number(what, item));
  }
  while (!text.empty()) {
    const std::string_view option = take(text, ':');
    if (option == "always") {
      result.lasting = Lasting::always;
    } else if (option == "sticky") {
      result.lasting = Lasting::sticky;
    } else if (option.starts_with("device=")) {
      result.device = static_cast<int>(number(option.substr(7), item));
    } else if (option != "once") {
      refuse(item);
    }
  }
  return result;
}

// What the variable says, and how far the process has come.
class Scenario {
 public:
  Scenario() {
    const char* variable = std::getenv("TAILBIT_SIMULATED_CUDA");
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
      if (const std::string_view item = take(rest, ';'); !item.empty()) read(item);
    }
    struct stat state {};
    if (!state_.empty() && ::stat(state_.c_str(), &state) == 0)
      spent_ = static_cast<std::uint64_t>(state.st_size) >= strikes_;
  }

  const Settings& settings() const { return settings_; }

  std::optional<Fault> strike(const char* api, int device) {
    std::unique_lock lock(mutex_);
    if (log_ >= 0) write(log_, std::to_string(::getpid()) + " " + api + " " + std::to_string(device) + "\n");
    std::optional<Clause> struck;
    for (const std::string_view counted : {std::string_view(api), std::string_view("any")}) {
      const std::uint64_t in_all = ++calls_[{std::string(counted), -1}];
      const std::uint64_t on_device = device < 0 ? 0 : ++calls_[{std::string(counted), device}];
      for (const Clause& clause : clauses_) {
        if (clause.api != counted || (clause.device && *clause.device != device)) continue;
        const std::uint64_t ordinal = clause.device ? on_device : in_all;
        if (ordinal == clause.ordinal || (clause.lasting == Lasting::always && ordinal > clause.ordinal))
          struck = clause;
      }
    }
    if (!struck || spent_) return std::nullopt;
    count_strike();
    lock.unlock();
    if (struck->kind == Kind::crash) std::raise(SIGSEGV);
    while (struck->kind == Kind::hang) ::pause();
    return Fault{struck->error, struck->lasting == Lasting::sticky};
  }

  void flip(void* data, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (log_ >= 0) write(log_, std::to_string(::getpid()) + " copy_to_host -1\n");
    ++copies_;
    for (const auto& [copy, bit] : flips_) {
      if (copy != copies_ || bytes == 0 || spent_) continue;
      count_strike();
      const std::uint64_t at = bit.value_or(bytes / 2 * 8) % (bytes * 8);
      static_cast<unsigned char*>(data)[at / 8] ^= static_cast<unsigned char>(1u << at % 8);
    }
  }

 private:
  void read(std::string_view item) {
    std::string_view value = item;
    const std::string_view key = take(value, '=');
    if (key == "devices") {
      settings_.devices = static_cast<int>(number(value, item));
    } else if (key == "memory") {
      settings_.memory = size(value, item);
    } else if (key == "available") {
      settings_.available = size(value, item);
    } else if (key == "capability") {
      settings_.major = static_cast<int>(number(take(value, '.'), item));
      settings_.minor = static_cast<int>(number(value, item));
    } else if (key == "driver") {
      settings_.driver = static_cast<int>(number(value, item));
    } else if (key == "order" && (value == "lazy" || value == "eager")) {
      settings_.eager = value == "eager";
    } else if (key == "fail") {
      clauses_.push_back(clause(value, item));
    } else if (key == "flip") {
      const std::uint64_t copy = number(take(value, ':'), item);
      flips_.emplace_back(copy, value.empty() ? std::nullopt : std::optional(number(value, item)));
    } else if (key == "strikes") {
      strikes_ = number(value, item);
    } else if (key == "state") {
      state_ = value;
    } else if (key == "log") {
      log_ = opened(std::string(value));
    } else {
      refuse(item);
    }
  }

  // One byte in the file for each process in which a fault struck.
  void count_strike() {
    if (std::exchange(struck_, true) || state_.empty()) return;
    const int file = opened(state_);
    write(file, "x");
    ::close(file);
  }

  static int opened(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) refuse(path);
    return file;
  }
  static void write(int file, const std::string& text) {
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) refuse("a file");
  }

  Settings settings_;
  std::vector<Clause> clauses_;
  std::vector<std::pair<std::uint64_t, std::optional<std::uint64_t>>> flips_;  // copy, bit
  std::uint64_t strikes_ = ~std::uint64_t{0};
  std::string state_;
  int log_ = -1;
  bool spent_ = false;

  std::mutex mutex_;  // guards what follows
  std::map<std::pair<std::string, int>, std::uint64_t> calls_;
  std::uint64_t copies_ = 0;
  bool struck_ = false;
};

// Read by the first call, in the process that makes it.
Scenario& scenario() {
  static Scenario the_scenario;
  return the_scenario;
}

}  // namespace

const Settings& settings() { return scenario().settings(); }
std::optional<Fault> strike(const char* api, int device) { return scenario().strike(api, device); }
void flip(void* data, std::size_t bytes) { scenario().flip(data, bytes); }

}  // namespace tailbit::simulated
