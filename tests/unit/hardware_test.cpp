// What is read of a machine, from made-up /proc, /sys and /dev.
#include "host/ops/hardware.hpp"

#include <gtest/gtest.h>

#include "tests/unit/io_files.hpp"

namespace tailbit::hardware_test {
namespace {

class Machine : public test::ScratchFolder {
 public:
  void file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    write(name, text);
  }
  std::string root() const { return path("").substr(0, path("").size() - 1); }
};

// Two packages of two cores with two threads each.
void add_cpuinfo(const Machine& machine, const std::string& flags) {
  std::string text;
  for (int thread = 0; thread < 8; ++thread) {
    text += "processor\t: " + std::to_string(thread) +
            "\nmodel name\t: Some CPU @ 3.00GHz: fast\nphysical id\t: " + std::to_string(thread / 4) +
            "\ncore id\t\t: " + std::to_string(thread % 2) + "\nflags\t\t: fpu " + flags + "\npower management:\n\n";
  }
  machine.file("proc/cpuinfo", text);
}

TEST(CpuFacts, AreWhatTheSystemSays) {
  const Machine machine;
  add_cpuinfo(machine, "avx2 fma lm avx512f_not bmi2");
  machine.file("proc/self/status", "Name:\ttailbit\nCpus_allowed:\tf3\nCpus_allowed_list:\t0-1,4-6,7\n");
  machine.file("proc/self/cgroup", "0::/\n");
  for (const char* node : {"node0", "node1", "node10", "nodes", "has_cpu"})
    machine.file(std::string("sys/devices/system/node/") + node + "/cpulist", "0\n");
  const std::string caches = "sys/devices/system/cpu/cpu0/cache/index";
  for (const auto& [index, level, type, size] :
       {std::tuple{"0", "1", "Data", "48K"}, {"1", "2", "Unified", "1024K"}, {"2", "3", "Unified", "32M"}}) {
    machine.file(caches + index + "/level", std::string(level) + "\n");
    machine.file(caches + index + "/type", std::string(type) + "\n");
    machine.file(caches + index + "/size", std::string(size) + "\n");
  }
  const CpuFacts cpu = cpu_facts(machine.root());
  EXPECT_EQ(cpu.name, "Some CPU @ 3.00GHz: fast");
  EXPECT_EQ(cpu.threads_there, 8u);
  EXPECT_EQ(cpu.cores_there, 4u);
  EXPECT_EQ(cpu.threads_allowed, 6u);
  EXPECT_EQ(cpu.quota, std::nullopt);
  EXPECT_EQ(cpu.numa_nodes, 3u);
  EXPECT_EQ(cpu.features, (std::vector<std::string>{"avx2", "fma", "bmi2"}));
  ASSERT_EQ(cpu.caches.size(), 3u);
  EXPECT_EQ(cpu.caches[0].bytes, 49152u);
  EXPECT_EQ(cpu.caches[1].bytes, 1048576u);
  EXPECT_EQ(cpu.caches[2].bytes, 33554432u);
  EXPECT_EQ(cpu.caches[2].level, 3);
  EXPECT_EQ(cpu.caches[0].type, "Data");
}

TEST(CpuFacts, DoWithoutWhatIsNotThere) {
  const Machine machine;
  const CpuFacts cpu = cpu_facts(machine.root());
  EXPECT_EQ(cpu.name, "");
  EXPECT_EQ(cpu.threads_there + cpu.cores_there + cpu.threads_allowed + cpu.numa_nodes, 0u);
  EXPECT_TRUE(cpu.caches.empty() && cpu.features.empty() && !cpu.quota);
  const MemoryFacts memory = memory_facts(machine.root());
  EXPECT_EQ(memory.there, 0u);
  EXPECT_FALSE(memory.limit);
  const NvidiaFacts nvidia = nvidia_facts(machine.root());
  EXPECT_FALSE(nvidia.device_files);
  EXPECT_EQ(nvidia.kernel_driver, "");
  for (const char* list : {"", "x", "3-1", "1,,2", "0-99999999"}) {
    machine.file("proc/self/status", std::string("Cpus_allowed_list:\t") + list + "\n");
    EXPECT_EQ(cpu_facts(machine.root()).threads_allowed, 0u) << list;
  }
}

TEST(CpuFacts, QuotasAreTheLeastOfAllGroupsAbove) {
  const Machine machine;
  machine.file("proc/self/cgroup", "0::/pods/job/step\n");
  const auto quota = [&] { return cpu_facts(machine.root()).quota; };
  EXPECT_EQ(quota(), std::nullopt);
  machine.file("sys/fs/cgroup/pods/job/step/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  machine.file("sys/fs/cgroup/pods/cpu.max", "250000 100000\n");
  EXPECT_EQ(quota(), 2.5);
  machine.file("sys/fs/cgroup/pods/job/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 2.5);
  machine.file("sys/fs/cgroup/pods/job/step/cpu.max", "50000 100000\n");
  EXPECT_EQ(quota(), 0.5);
  // In a container the path is often the host's, and only the top is to be seen.
  machine.file("proc/self/cgroup", "0::/elsewhere\n");
  EXPECT_EQ(quota(), std::nullopt);
  machine.file("sys/fs/cgroup/cpu.max", "100000 50000\n");
  EXPECT_EQ(quota(), 2.0);
  for (const char* nonsense : {"", "x y", "1", "0 0", "-1 100000", "100000 0"}) {
    machine.file("sys/fs/cgroup/cpu.max", nonsense);
    EXPECT_EQ(quota(), std::nullopt) << nonsense;
  }
}

TEST(CpuFacts, QuotasOfTheOlderHierarchyCount) {
  const Machine machine;
  machine.file("proc/self/cgroup", "4:memory:/m\n2:cpu,cpuacct:/job\n1:cpuset:/x\n0::/\n");
  machine.file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  machine.file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cpu_facts(machine.root()).quota, std::nullopt);
  machine.file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "400000\n");
  EXPECT_EQ(cpu_facts(machine.root()).quota, 4.0);
}

TEST(MemoryFacts, AreOfMachineAndGroup) {
  const Machine machine;
  machine.file("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    600 kB\n");
  machine.file("proc/self/cgroup", "0::/job\n");
  HardwareFacts facts;
  facts.memory = memory_facts(machine.root());
  EXPECT_EQ(facts.memory.there, 1024000u);
  EXPECT_EQ(facts.memory.available, 614400u);
  EXPECT_EQ(facts.memory.allowed(), 1024000u);
  machine.file("sys/fs/cgroup/job/memory.max", "max\n");
  EXPECT_FALSE(memory_facts(machine.root()).limit);
  machine.file("sys/fs/cgroup/memory.max", "5000000\n");
  facts.memory = memory_facts(machine.root());
  EXPECT_EQ(facts.memory.limit, 5000000u);
  EXPECT_EQ(facts.memory.allowed(), 1024000u);  // a limit above what is there
  machine.file("sys/fs/cgroup/job/memory.max", "524288\n");
  facts.memory = memory_facts(machine.root());
  EXPECT_EQ(facts.memory.allowed(), 524288u);

  machine.file("proc/self/cgroup", "4:memory:/old\n");
  machine.file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");  // says: none
  EXPECT_FALSE(memory_facts(machine.root()).limit);
  machine.file("sys/fs/cgroup/memory/old/memory.limit_in_bytes", "262144\n");
  EXPECT_EQ(memory_facts(machine.root()).limit, 262144u);
}

TEST(NvidiaFacts, AreWhatTheSystemSays) {
  const Machine machine;
  machine.file("dev/nvidiactl", "");
  machine.file("dev/nvidia-uvm", "");
  EXPECT_FALSE(nvidia_facts(machine.root()).device_files);  // no GPU among them
  machine.file("dev/nvidia3", "");
  EXPECT_TRUE(nvidia_facts(machine.root()).device_files);
  machine.file(
      "proc/driver/nvidia/version",
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version: 12.2.0\n");
  EXPECT_EQ(nvidia_facts(machine.root()).kernel_driver, "550.54.15");
}

// --- Hints ---

// A machine that fits.
HardwareFacts good() {
  HardwareFacts facts;
  facts.cpu.threads_there = 64;
  facts.cpu.threads_allowed = 16;
  facts.cpu.features = {"avx2", "fma", "avx512f"};
  facts.memory.there = 64'000'000'000;
  facts.program.used = "v4";
  facts.program.cuda = true;
  facts.program.architectures = {"80-real", "90-real", "90-virtual"};
  facts.nvidia.device_files = true;
  facts.nvidia.probe = CudaProbe{{{0, "H200", "9.0", 1, ""}, {1, "A10", "8.6", 1, ""}}, "", 13000, 13000};
  return facts;
}

std::vector<std::string> words(const HardwareFacts& facts, const Wishes& wishes = {}) {
  std::vector<std::string> found;
  for (const Hint& hint : hints(facts, wishes)) {
    EXPECT_NE(hint.text, "");
    found.push_back(hint.what);
  }
  return found;
}
using Words = std::vector<std::string>;

TEST(Hints, AreNotGivenWhereAllFits) {
  EXPECT_EQ(words(good(), {16, 63.9e9}), Words{});
  EXPECT_EQ(words(HardwareFacts{}), Words{});  // nothing known, nothing said
}

TEST(Hints, OfTheProcessor) {
  HardwareFacts facts = good();
  facts.program.used = "baseline";
  EXPECT_EQ(words(facts), Words{"no_fma"});
  facts.program.used = "v3";
  EXPECT_EQ(words(facts), Words{"avx512_unused"});
  facts.cpu.features = {"avx2", "fma"};
  EXPECT_EQ(words(facts), Words{});
}

TEST(Hints, OfThreads) {
  HardwareFacts facts = good();
  EXPECT_EQ(words(facts, {17, 0.0}), Words{"fewer_cpus"});
  EXPECT_EQ(hints(facts, {17, 0.0})[0].text,
            "17 threads would share the 16 CPUs that this process may use; use --threads 16 or allow it more");
  facts.cpu.quota = 2.5;
  EXPECT_EQ(words(facts), Words{});  // 3 are started
  EXPECT_EQ(words(facts, {3, 0.0}), Words{});
  EXPECT_EQ(words(facts, {4, 0.0}), Words{"fewer_cpus"});
  EXPECT_NE(hints(facts, {4, 0.0})[0].text.find("the 2.5 CPUs"), std::string::npos);
  EXPECT_NE(hints(facts, {4, 0.0})[0].text.find("--threads 3 "), std::string::npos);
  facts.cpu.quota = 0.5;
  EXPECT_EQ(words(facts, {1, 0.0}), Words{});
  facts.cpu.quota = 1.0;
  EXPECT_NE(hints(facts, {2, 0.0})[0].text.find("the 1 CPU that"), std::string::npos);
}

TEST(CpuFacts, UsableThreadsAreThoseOfAffinityAndQuota) {
  CpuFacts cpu;
  EXPECT_EQ(cpu.usable_threads(), 0u);
  cpu.threads_allowed = 16;
  EXPECT_EQ(cpu.usable_threads(), 16u);
  cpu.quota = 2.5;
  EXPECT_EQ(cpu.usable_threads(), 3u);
  cpu.quota = 0.2;
  EXPECT_EQ(cpu.usable_threads(), 1u);
  cpu.quota = 64.0;
  EXPECT_EQ(cpu.usable_threads(), 16u);
  cpu.threads_allowed = 0;
  EXPECT_EQ(cpu.usable_threads(), 64u);
}

TEST(Hints, OfMemory) {
  HardwareFacts facts = good();
  EXPECT_EQ(words(facts, {0, 64.1e9}), Words{"memory"});
  facts.memory.available = 30'000'000'000;
  EXPECT_EQ(words(facts, {0, 29.9e9}), Words{});
  EXPECT_EQ(words(facts, {0, 30.1e9}), Words{"memory"});
  facts.memory.limit = 2'500'000'000;
  EXPECT_EQ(words(facts, {0, 2.4e9}), Words{});
  EXPECT_EQ(words(facts, {0, 2.6e9}), Words{"memory"});
  EXPECT_NE(hints(facts, {0, 2.61e9})[0].text.find("needs 2.7 GB of memory and 2.5 GB are free"), std::string::npos);
}

TEST(Hints, OfDevices) {
  const auto with = [](const char* capability, std::vector<std::string> architectures) {
    HardwareFacts facts = good();
    facts.program.architectures = std::move(architectures);
    facts.nvidia.probe = CudaProbe{{{2, "G", capability, 1, ""}}, "", 13000, 13000};
    return words(facts);
  };
  const std::vector<std::string> usual{"80-real", "90-real", "90-virtual"};
  EXPECT_EQ(with("7.5", usual), Words{"gpu_too_old"});
  for (const char* known : {"8.0", "8.6", "8.9", "9.0"}) EXPECT_EQ(with(known, usual), Words{}) << known;
  for (const char* newer : {"10.0", "12.1"}) EXPECT_EQ(with(newer, usual), Words{"gpu_needs_jit"}) << newer;
  EXPECT_EQ(with("10.0", {"80-real", "90-real"}), Words{"gpu_without_code"});
  EXPECT_EQ(with("8.0", {"86-real"}), Words{"gpu_without_code"});  // not a lower minor number
  EXPECT_EQ(with("8.0", {"90-virtual"}), Words{"gpu_without_code"});
  EXPECT_EQ(with("8.9", {"80-virtual"}), Words{"gpu_needs_jit"});
  EXPECT_EQ(with("9.0", {"90"}), Words{});
  EXPECT_EQ(with("10.0", {"90"}), Words{"gpu_needs_jit"});
  EXPECT_EQ(with("10.0", {"100a-real"}), Words{});
  for (const std::vector<std::string>& untold : {std::vector<std::string>{}, {"native"}, {"90-real", "all"}})
    EXPECT_EQ(with("10.0", untold), Words{});
  HardwareFacts two = good();
  two.nvidia.probe->devices[0].compute_capability = "10.3";
  two.nvidia.probe->devices[1].compute_capability = "7.0";
  EXPECT_EQ(words(two), (Words{"gpu_needs_jit", "gpu_too_old"}));
  EXPECT_NE(hints(two)[1].text.find("cuda:1 (A10, compute capability 7.0)"), std::string::npos);
}

TEST(Hints, OfDrivers) {
  HardwareFacts facts = good();
  facts.nvidia.probe = CudaProbe{{}, "why", 0, 13000};
  EXPECT_EQ(words(facts), Words{"no_driver"});
  EXPECT_NE(hints(facts)[0].text.find("container"), std::string::npos);
  facts.nvidia.device_files = false;
  EXPECT_EQ(words(facts), Words{"no_driver"});
  EXPECT_EQ(hints(facts)[0].text.find("container"), std::string::npos);
  facts.nvidia.probe->driver_version = 12020;
  EXPECT_EQ(words(facts), Words{"old_driver"});
  EXPECT_NE(hints(facts)[0].text.find("CUDA 12.2 and this program needs 13.0"), std::string::npos);
  facts.nvidia.probe->driver_version = 13000;
  facts.nvidia.probe->runtime_version = 13010;  // minor versions are compatible
  EXPECT_EQ(words(facts), Words{});
  facts.nvidia.visible = "-1";
  EXPECT_EQ(words(facts), Words{"hidden_gpus"});
  facts = good();
  facts.nvidia.visible = "0";
  EXPECT_EQ(words(facts), Words{});
  facts.nvidia.probe.reset();  // not asked
  EXPECT_EQ(words(facts), Words{});
}

TEST(Hints, OfABuildWithoutCuda) {
  HardwareFacts facts = good();
  facts.program.cuda = false;
  facts.nvidia.probe = CudaProbe{{}, "built without", 0, 0};
  EXPECT_EQ(words(facts), Words{"built_without_cuda"});
  facts.nvidia.device_files = false;
  EXPECT_EQ(words(facts), Words{});
  facts.nvidia.kernel_driver = "550.54.15";
  EXPECT_EQ(words(facts), Words{"built_without_cuda"});
}

TEST(Hardware, IsTold) {
  HardwareFacts facts = good();
  facts.cpu.name = "Some CPU";
  facts.cpu.quota = 2.5;
  facts.memory.limit = 8'500'000'000;
  facts.program.compiler = "g++ 12";
  facts.nvidia.kernel_driver = "550.54.15";
  EXPECT_EQ(hardware_line(facts),
            "Some CPU, 16 of 64 threads allowed, time of 2.5 CPUs, instructions v4; memory 64 GB, 8.5 GB allowed; "
            "built with g++ 12 and CUDA; NVIDIA driver 550.54.15");
  const auto json = hardware_json(facts);
  EXPECT_EQ(json["cpu"]["threads_there"], 64);
  EXPECT_EQ(json["cpu"]["quota"], 2.5);
  EXPECT_FALSE(json["cpu"].contains("numa_nodes"));
  EXPECT_EQ(json["memory"]["allowed_bytes"], 8'500'000'000);
  EXPECT_EQ(json["nvidia"]["runtime_cuda_version"], 13000);
  ASSERT_TRUE(json["hints"].empty()) << json["hints"];
  facts.nvidia.probe.reset();
  facts.program.cuda = false;
  const auto without = hardware_json(facts);
  ASSERT_EQ(without["hints"].size(), 1u) << without["hints"];
  EXPECT_EQ(without["hints"][0]["hint"], "built_without_cuda");
}

// Of the machine that the test runs on.
TEST(Hardware, IsThere) {
  const HardwareFacts facts = hardware_facts(std::nullopt);
  EXPECT_GE(facts.cpu.threads_there, 1u);
  EXPECT_LE(facts.cpu.threads_allowed, facts.cpu.threads_there);
  EXPECT_GT(facts.memory.allowed(), 0u);
  EXPECT_FALSE(facts.program.used.empty());
}

}  // namespace
}  // namespace tailbit::hardware_test
