#include "host/ops/hardware.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <utility>

#include "host/backend_cpu/hot_loops.hpp"
#include "host/io/text.hpp"
#include "host/ops/version.hpp"

namespace tailbit {
namespace {

constexpr const char* kFeatures[] = {"sse4_2",   "avx",      "avx2",     "fma",      "bmi2",    "avx512f",
                                     "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512er"};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// "KEY<tabs and blanks>: VALUE"; visit(key, value) for each line.
template <class Visit>
void for_each_field(const std::string& path, Visit&& visit) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t key = line.find_last_not_of(" \t", colon - 1), value = line.find_first_not_of(" \t", colon + 1);
    if (colon == 0 || key == std::string::npos) continue;
    visit(line.substr(0, key + 1), value == std::string::npos ? "" : line.substr(value));
  }
}

// How many numbers "0-3,8,10-11" names; 0 where it is not such a list.
unsigned count_of_list(const std::string& list) {
  double count = 0.0;
  for (std::size_t first = 0; first < list.size();) {
    const std::size_t comma = std::min(list.find(',', first), list.size());
    const std::string part = list.substr(first, comma - first);
    const std::size_t dash = part.find('-');
    const auto low = parse_number(part.substr(0, dash));
    const auto high = dash == std::string::npos ? low : parse_number(part.substr(dash + 1));
    if (!low || !high || *high < *low || *high > 1e6) return 0;
    count += *high - *low + 1.0;
    first = comma + 1;
  }
  return static_cast<unsigned>(count);
}

// "32K", "1024K", "8M" in bytes; 0 where it is not a size.
std::uint64_t bytes_of_size(const std::string& text) {
  if (text.empty()) return 0;
  const std::size_t letter = std::string("KMG").find(text.back());
  const auto number = parse_number(text.substr(0, text.size() - (letter == std::string::npos ? 0 : 1)));
  if (!number || *number < 0.0 || *number > 1e9) return 0;
  const int shift = letter == std::string::npos ? 0 : 10 * (static_cast<int>(letter) + 1);
  return static_cast<std::uint64_t>(*number) << shift;
}

std::optional<double> number_in(const std::string& path) { return parse_number(first_line(path)); }

// The folders of this process's cgroup for a controller, innermost first, as far as they are to be seen here: of the
// unified hierarchy, and of the older one where the controller is there.
std::vector<std::string> cgroups(const std::string& root, const std::string& controller) {
  std::vector<std::string> folders;
  const auto add_upwards = [&](const std::string& top, std::string path) {
    for (; !path.empty() && path != "/"; path = path.substr(0, path.rfind('/'))) folders.push_back(top + path);
    folders.push_back(top);
  };
  std::ifstream in(root + "/proc/self/cgroup");  // HIERARCHY:CONTROLLERS:PATH
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (names.empty()) {
      add_upwards(root + "/sys/fs/cgroup", path);
    } else if (("," + names + ",").find("," + controller + ",") != std::string::npos) {
      add_upwards(root + "/sys/fs/cgroup/" + names, path);
      add_upwards(root + "/sys/fs/cgroup/" + controller, path);
    }
  }
  return folders;
}

// The least of what `read` finds in the folders.
std::optional<double> least(const std::vector<std::string>& folders,
                            const std::function<std::optional<double>(const std::string&)>& read) {
  std::optional<double> result;
  for (const std::string& folder : folders) {
    if (const auto limit = read(folder)) result = std::min(result.value_or(*limit), *limit);
  }
  return result;
}

std::optional<double> cpu_quota(const std::string& folder) {
  const std::vector<std::string> max = words_of(first_line(folder + "/cpu.max"));  // "max 100000", "150000 100000"
  auto quota = max.size() == 2 ? parse_number(max[0]) : number_in(folder + "/cpu.cfs_quota_us");
  const auto period = max.size() == 2 ? parse_number(max[1]) : number_in(folder + "/cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0.0 || *period <= 0.0) return std::nullopt;  // "max", -1
  return *quota / *period;
}

std::optional<double> memory_limit(const std::string& folder) {
  constexpr double kNone = 1e18;  // the older hierarchy's number for "no limit" is above
  for (const char* name : {"/memory.max", "/memory.limit_in_bytes"}) {
    if (const auto limit = number_in(folder + name); limit && *limit < kNone) return limit;
  }
  return std::nullopt;
}

std::vector<Cache> caches(const std::string& root) {
  std::vector<Cache> found;
  for (int index = 0; index < 16; ++index) {
    const std::string folder = root + "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    const auto level = number_in(folder + "/level");
    const std::uint64_t bytes = bytes_of_size(first_line(folder + "/size"));
    if (level && bytes > 0) found.push_back({static_cast<int>(*level), first_line(folder + "/type"), bytes});
  }
  return found;
}

// How many entries of a folder are PREFIX and digits.
unsigned count_numbered(const std::string& folder, const std::string& prefix) {
  unsigned count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool numbered = name.size() > prefix.size() && name.starts_with(prefix) &&
                          name.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
    count += numbered ? 1 : 0;
  }
  return count;
}

}  // namespace

unsigned CpuFacts::usable_threads() const {
  if (!quota) return threads_allowed;
  const auto by_quota = static_cast<unsigned>(std::max(1.0, std::ceil(std::min(*quota, 1e6))));
  return threads_allowed > 0 ? std::min(threads_allowed, by_quota) : by_quota;
}

CpuFacts cpu_facts(const std::string& root) {
  CpuFacts cpu;
  std::set<std::pair<std::string, std::string>> cores;
  std::string package;
  for_each_field(root + "/proc/cpuinfo", [&](const std::string& key, const std::string& value) {
    if (key == "processor") ++cpu.threads_there;
    if (key == "model name" && cpu.name.empty()) cpu.name = value;
    if (key == "physical id") package = value;
    if (key == "core id") cores.emplace(package, value);
    if (key != "flags" || !cpu.features.empty()) return;
    const std::vector<std::string> flags = words_of(value);
    for (const char* feature : kFeatures) {
      if (std::find(flags.begin(), flags.end(), feature) != flags.end()) cpu.features.emplace_back(feature);
    }
  });
  cpu.cores_there = static_cast<unsigned>(cores.size());
  for_each_field(root + "/proc/self/status", [&](const std::string& key, const std::string& value) {
    if (key == "Cpus_allowed_list") cpu.threads_allowed = count_of_list(value);
  });
  cpu.quota = least(cgroups(root, "cpu"), cpu_quota);
  cpu.numa_nodes = count_numbered(root + "/sys/devices/system/node", "node");
  cpu.caches = caches(root);
  return cpu;
}

MemoryFacts memory_facts(const std::string& root) {
  MemoryFacts memory;
  for_each_field(root + "/proc/meminfo", [&](const std::string& key, const std::string& value) {
    const auto kilobytes = parse_number(value.substr(0, value.find(' ')));
    if (!kilobytes || *kilobytes < 0.0) return;
    if (key == "MemTotal") memory.there = static_cast<std::uint64_t>(*kilobytes) * 1024;
    if (key == "MemAvailable") memory.available = static_cast<std::uint64_t>(*kilobytes) * 1024;
  });
  if (const auto limit = least(cgroups(root, "memory"), memory_limit))
    memory.limit = static_cast<std::uint64_t>(*limit);
  return memory;
}

NvidiaFacts nvidia_facts(const std::string& root) {
  NvidiaFacts nvidia;
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar ..."
  for (const std::string& word : words_of(first_line(root + "/proc/driver/nvidia/version"))) {
    if (nvidia.kernel_driver.empty() && word.find('.') != std::string::npos &&
        word.find_first_not_of("0123456789.") == std::string::npos) {
      nvidia.kernel_driver = word;
    }
  }
  nvidia.device_files = count_numbered(root + "/dev", "nvidia") > 0;
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) nvidia.visible = visible;
  return nvidia;
}

ProgramFacts program_facts() {
  ProgramFacts program;
  const nlohmann::ordered_json version = version_json();
  program.compiler = version["compiler"].get<std::string>();
  program.cuda = version["cuda"].get<bool>();
  for (const cpu::Isa isa : cpu::available_isas()) program.instruction_sets.emplace_back(cpu::isa_name(isa));
  program.used = cpu::isa_name(cpu::best_isa());
#if TAILBIT_HAS_CUDA
  program.architectures = words_of(TAILBIT_ARCHITECTURES);
#endif
  return program;
}

HardwareFacts hardware_facts(std::optional<CudaProbe> probe) {
  HardwareFacts facts{cpu_facts(), memory_facts(), program_facts(), nvidia_facts()};
  facts.nvidia.probe = std::move(probe);
  return facts;
}

std::uint64_t MemoryFacts::allowed() const { return limit && (there == 0 || *limit < there) ? *limit : there; }

}  // namespace tailbit
