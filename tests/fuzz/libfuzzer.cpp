// The targets under clang's libFuzzer. The target is named by TAILBIT_FUZZ_TARGET, so that the processes that libFuzzer
// starts know it too.
#include <cstddef>
#include <cstdint>

#include "targets.hpp"

namespace {
const tailbit::fuzz::Target* target = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("TAILBIT_FUZZ_TARGET");
  target = tailbit::fuzz::find_target(name == nullptr ? "" : name);
  if (target != nullptr) return 0;
  std::fputs("TAILBIT_FUZZ_TARGET must name one of:", stderr);
  for (const auto& each : tailbit::fuzz::targets()) std::fprintf(stderr, " %s", std::string(each.name).c_str());
  std::fputs("\n", stderr);
  std::exit(64);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
