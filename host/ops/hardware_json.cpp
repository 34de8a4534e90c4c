#include <thread>

#include "host/ops/hardware.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

Json cpu_json(const HardwareFacts& facts) {
  const CpuFacts& cpu = facts.cpu;
  const bool fma = facts.program.used != "baseline";
  Json json{{"name", cpu.name.empty() ? "x86-64 CPU" : cpu.name},
            {"threads", std::thread::hardware_concurrency()},
            {"instruction_sets", facts.program.instruction_sets},
            {"fma", fma},
            {"used", facts.program.used},
            {"features", cpu.features}};
  for (const auto& [key, number] : {std::pair{"threads_there", cpu.threads_there},
                                    {"threads_allowed", cpu.threads_allowed},
                                    {"cores_there", cpu.cores_there},
                                    {"numa_nodes", cpu.numa_nodes}}) {
    if (number > 0) json[key] = number;
  }
  if (cpu.quota) json["quota"] = *cpu.quota;
  json["caches"] = Json::array();
  for (const Cache& cache : cpu.caches)
    json["caches"].push_back({{"level", cache.level}, {"type", cache.type}, {"bytes", cache.bytes}});
  return json;
}

}  // namespace

Json hardware_json(const HardwareFacts& facts) {
  Json json{{"cpu", cpu_json(facts)},
            {"memory",
             {{"total_bytes", facts.memory.there},
              {"available_bytes", facts.memory.available},
              {"allowed_bytes", facts.memory.allowed()}}},
            {"program",
             {{"version", TAILBIT_VERSION},
              {"compiler", facts.program.compiler},
              {"cuda", facts.program.cuda},
              {"architectures", facts.program.architectures}}}};
  Json nvidia{{"device_files", facts.nvidia.device_files}};
  if (!facts.nvidia.kernel_driver.empty()) nvidia["kernel_driver"] = facts.nvidia.kernel_driver;
  if (facts.nvidia.visible) nvidia["visible_devices"] = *facts.nvidia.visible;
  if (facts.nvidia.probe && facts.program.cuda) {
    nvidia["driver_cuda_version"] = facts.nvidia.probe->driver_version;
    nvidia["runtime_cuda_version"] = facts.nvidia.probe->runtime_version;
  }
  json["nvidia"] = std::move(nvidia);
  json["hints"] = Json::array();
  for (const Hint& hint : hints(facts)) json["hints"].push_back({{"hint", hint.what}, {"text", hint.text}});
  return json;
}

}  // namespace tailbit
