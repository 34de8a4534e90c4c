// Times with their noise.
#pragma once

#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

namespace tailbit::bench {

using Json = nlohmann::ordered_json;

// What all measurements share.
struct Settings {
  bool quick = false;  // few scenarios and repeats: shows that everything runs, measures nothing
  int repeats = 7;
};

double thread_seconds();  // processor time of the calling thread
double wall_seconds();

struct Timed {
  double seconds = 0.0;  // the median
  double spread = 0.0;   // half of (slowest - fastest), relative to the median
};
Timed median(std::vector<double> seconds);

// Runs `work` once unmeasured, then `repeats` times by the clock.
Timed repeat(int repeats, const std::function<void()>& work, double (*clock)() = thread_seconds);

// To four digits, so that files of results can be compared by eye.
double rounded(double value);

}  // namespace tailbit::bench
