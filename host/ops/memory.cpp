#include "host/ops/memory.hpp"

#include <cmath>

#include <unistd.h>

#include "host/io/text.hpp"

namespace tailbit {

void require_memory(double bytes, ExitCode code, const std::string& what, const std::string& remedy) {
  const double there = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (bytes <= there) return;
  throw Failure(code, what + " needs " + number_text(std::ceil(bytes / 1e9)) + " GB and this machine has " +
                          number_text(std::floor(there / 1e9)) + "; " + remedy);
}

}  // namespace tailbit
