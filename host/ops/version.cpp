#include "host/ops/version.hpp"

#include "host/report/summary.hpp"

namespace tailbit {

nlohmann::ordered_json version_json() {
#if TAILBIT_HAS_CUDA
  constexpr bool kCuda = true;
#else
  constexpr bool kCuda = false;
#endif
  return {
    {"schema", "tailbit.version/1"}, {"version", TAILBIT_VERSION}, {"numerics", kNumerics},
#if defined(__clang__)
        {"compiler", "clang " __clang_version__},
#else
        {"compiler", "g++ " __VERSION__},
#endif
    {
      "cuda", kCuda
    }
  };
}

}  // namespace tailbit
