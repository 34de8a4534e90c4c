#include "host/backend_cpu/hot_loops.hpp"

#include <stdexcept>

namespace tailbit::cpu {

namespace baseline {
HotLoops loops();
}
namespace v3 {
HotLoops loops();
}
namespace v4 {
HotLoops loops();
}

const HotLoops& hot_loops(Isa isa) {
  static const HotLoops tables[] = {baseline::loops(), v3::loops(), v4::loops()};
  return tables[static_cast<int>(isa)];
}

std::vector<Isa> available_isas() {
  __builtin_cpu_init();
  std::vector<Isa> isas{Isa::baseline};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
    isas.push_back(Isa::v3);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")) {
      isas.push_back(Isa::v4);
    }
  }
  return isas;
}

Isa best_isa() { return available_isas().back(); }

const char* isa_name(Isa isa) {
  constexpr const char* kNames[] = {"baseline", "v3", "v4"};
  return kNames[static_cast<int>(isa)];
}

Isa parse_isa(const std::string& name) {
  for (const Isa isa : {Isa::baseline, Isa::v3, Isa::v4}) {
    if (name == isa_name(isa)) return isa;
  }
  throw std::invalid_argument("unknown instruction set \"" + name +
                              "\"; there are baseline, v3 (AVX2) and v4 (AVX-512)");
}

}  // namespace tailbit::cpu
