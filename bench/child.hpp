// Work in processes of its own, so that its memory and its processor time are known.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/timing.hpp"

namespace tailbit::bench {

struct ChildDone {
  Json report;                                         // what the work returned
  double wall_seconds = 0.0, processor_seconds = 0.0;  // from start to exit, all threads
  double peak_megabytes = 0.0;                         // resident, 1e6 bytes, and at least what this process holds
};
// Runs `work` in a copy of this process. Throws std::runtime_error when it fails, after its message on stderr.
ChildDone in_child(const std::function<Json()>& work);

struct FirstLine {
  std::string text;  // "" if there was none
  double wall_seconds = 0.0, processor_seconds = 0.0;
};
// Starts a program, and says when its first line came on stderr; waits for its end. Throws std::runtime_error when the
// program fails.
FirstLine first_line_of(const std::vector<std::string>& command);

}  // namespace tailbit::bench
