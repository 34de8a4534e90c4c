#include "bench/timing.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace tailbit::bench {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Timed median(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double middle = seconds[seconds.size() / 2];
  return {middle, 0.5 * (seconds.back() - seconds.front()) / middle};
}

Timed repeat(int repeats, const std::function<void()>& work, double (*clock)()) {
  work();
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const double start = clock();
    work();
    seconds.push_back(clock() - start);
  }
  return median(std::move(seconds));
}

double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return std::strtod(text, nullptr);
}

}  // namespace tailbit::bench
