#include "targets.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

namespace tailbit::fuzz {

std::span<const Target> targets() {
  static constexpr std::array<Target, 8> kTargets{{{"config", config},
                                                   {"market", market},
                                                   {"model", model},
                                                   {"book_csv", book_csv},
                                                   {"book_json", book_json},
                                                   {"chain", chain},
                                                   {"text", text},
                                                   {"price", price}}};
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto all = targets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Target& target) { return target.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const std::string& as_file(std::string_view bytes) {
  static const int descriptor = memfd_create("input", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  if (descriptor < 0 || ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("there is no file in memory");
  return path;
}

bool accepts(const std::function<void(Problems&)>& read) {
  Problems problems;
  try {
    read(problems);
    problems.throw_if_any();
    return true;
  } catch (const Failure& failure) {
    const ExitCode code = failure.code();
    hold(code == ExitCode::bad_data || code == ExitCode::bad_config, "a bad input is told as one");
    const std::string_view message = failure.what();
    hold(message.find("; ") != std::string_view::npos, "there is a remedy");
    const bool one_line_each = std::none_of(message.begin(), message.end(),
                                            [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
    hold(one_line_each && message.size() < 100'000, "a message can be shown as it is");
    return false;
  }
}

}  // namespace tailbit::fuzz
