#include "host/cli/print.hpp"
#include "host/cli/table.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string words(const Json& list) {
  std::string text;
  for (const Json& word : list) text += (text.empty() ? "" : " ") + word.get<std::string>();
  return text;
}

std::string gigabytes(const Json& bytes) { return number(bytes.get<double>() / 1e9, "%.1f") + " GB"; }

std::string cache_text(const Json& cache) {
  const double kib = cache["bytes"].get<double>() / 1024.0;
  const std::string type = cache["type"] == "Data" ? "d" : cache["type"] == "Instruction" ? "i" : "";
  return "L" + cache["level"].dump() + type + " " +
         (kib < 1024.0 ? number(kib, "%.0f") + " KiB" : number(kib / 1024.0, "%.0f") + " MiB");
}

// What there is of the processor and what may be used of it.
std::string cpu_text(const Json& cpu) {
  std::string text = "cpu     " + cpu["name"].get<std::string>() + ", " + cpu["threads"].dump() + " threads, " +
                     words(cpu["instruction_sets"]) +
                     (cpu["fma"].get<bool>() ? "\n" : " (no FMA: runs need --force)\n");
  text += "        ";
  if (cpu.contains("cores_there")) text += cpu["cores_there"].dump() + " cores, ";
  if (cpu.contains("threads_there")) text += cpu["threads_there"].dump() + " threads there, ";
  if (cpu.contains("threads_allowed")) text += cpu["threads_allowed"].dump() + " allowed, ";
  if (cpu.contains("quota")) text += "time of " + number(cpu["quota"].get<double>(), "%.4g") + " CPUs, ";
  if (cpu.contains("numa_nodes"))
    text += cpu["numa_nodes"].dump() + (cpu["numa_nodes"] == 1 ? " NUMA node, " : " NUMA nodes, ");
  text += "uses " + cpu["used"].get<std::string>() + " of " + words(cpu["features"]) + "\n";
  std::string caches;
  for (const Json& cache : cpu["caches"]) caches += (caches.empty() ? "        caches " : ", ") + cache_text(cache);
  return text + caches + (caches.empty() ? "" : "\n");
}

std::string cuda_text(const Json& devices) {
  std::string text;
  for (const Json& d : devices["cuda"]) {
    text += "cuda:" + d["id"].dump() + "  " + d["name"].get<std::string>() + ", compute capability " +
            d["compute_capability"].get<std::string>() + ", " + gigabytes(d["memory_bytes"]);
    if (d.contains("uuid")) {
      text += std::string(d["ecc"].get<bool>() ? ", ECC" : ", no ECC") + ", " + d["uuid"].get<std::string>() + " at " +
              d["pci"].get<std::string>();
    }
    text += (d["usable"].get<bool>() ? "" : ", unusable: " + d["reason"].get<std::string>()) + "\n";
  }
  if (devices.contains("cuda_reason")) text += "cuda    none: " + devices["cuda_reason"].get<std::string>() + "\n";
  return text;
}

}  // namespace

std::string devices_text(const Json& devices) {
  const Json &memory = devices["memory"], &program = devices["program"], &nvidia = devices["nvidia"];
  std::string text = "program tailbit " + program["version"].get<std::string>() + ", " +
                     program["compiler"].get<std::string>() +
                     (program["cuda"].get<bool>() ? ", CUDA for " + words(program["architectures"]) : ", without CUDA");
  text += "\n" + cpu_text(devices["cpu"]) + "memory  " + gigabytes(memory["total_bytes"]) + ", " +
          gigabytes(memory["available_bytes"]) + " available, " + gigabytes(memory["allowed_bytes"]) + " allowed\n";
  if (nvidia.contains("kernel_driver")) text += "driver  NVIDIA " + nvidia["kernel_driver"].get<std::string>() + "\n";
  text += cuda_text(devices);
  for (const Json& hint : devices["hints"]) text += "hint    " + hint["text"].get<std::string>() + "\n";
  return text;
}

}  // namespace tailbit::cli
