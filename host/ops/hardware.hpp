// The machine as a job meets it: what is there, what this process may use of it, what the program uses, and hints where
// these do not fit. In the manner of GROMACS' hardware report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/ops/devices.hpp"

namespace tailbit {

struct Cache {
  int level;
  std::string type;  // Data, Instruction, Unified
  std::uint64_t bytes;
};

// Zero, and empty: not known.
struct CpuFacts {
  // Threads that have a processor each: as many as affinity and quota allow, rounded up; 0 where neither is known.
  unsigned usable_threads() const;

  std::string name;
  unsigned threads_there = 0, cores_there = 0;
  unsigned threads_allowed = 0;  // by affinity
  std::optional<double> quota;   // processors' worth of time, by the cgroup
  unsigned numa_nodes = 0;
  std::vector<Cache> caches;          // of the first core
  std::vector<std::string> features;  // instruction sets that matter here, as Linux names them
};

struct MemoryFacts {
  std::uint64_t there = 0, available = 0;  // bytes
  std::optional<std::uint64_t> limit;      // of the cgroup
  std::uint64_t allowed() const;           // the lesser; 0: not known
};

struct ProgramFacts {
  std::string compiler;
  std::vector<std::string> instruction_sets;  // of its copies of the hot loops, those that run here
  std::string used;                           // the one that is taken
  bool cuda = false;
  // As CMake lists them: "80-real", a machine code; "90-virtual", PTX that drivers translate; "90", both.
  std::vector<std::string> architectures;
};

// Whether a device runs the program's machine code or its PTX, by its compute capability, "9.0"; true where it cannot
// be told.
bool has_code_for(const ProgramFacts& program, const std::string& capability);
// "this program was built for 80-real 90, and ...": that it runs on none of such a capability, and what to do.
std::string no_code_text(const ProgramFacts& program, const std::string& capability);

struct NvidiaFacts {
  std::string kernel_driver;           // its version, as /proc tells it
  bool device_files = false;           // /dev/nvidia0, ...
  std::optional<std::string> visible;  // CUDA_VISIBLE_DEVICES
  std::optional<CudaProbe> probe;      // absent: not asked, since asking binds a process to CUDA
};

struct HardwareFacts {
  CpuFacts cpu;
  MemoryFacts memory;
  ProgramFacts program;
  NvidiaFacts nvidia;
};

// Reads /proc, /sys and /dev below a root.
CpuFacts cpu_facts(const std::string& root = "");
MemoryFacts memory_facts(const std::string& root = "");
NvidiaFacts nvidia_facts(const std::string& root = "");
ProgramFacts program_facts();

// All of them, devices as given.
HardwareFacts hardware_facts(std::optional<CudaProbe> probe);

// What a job wants of the machine.
struct Wishes {
  unsigned threads = 0;       // 0: as many as are usable
  double memory_bytes = 0.0;  // 0: not known
};
struct Hint {
  std::string what;  // a fixed word
  std::string text;  // what does not fit, and what to do
};
std::vector<Hint> hints(const HardwareFacts& facts, const Wishes& wishes = {});

// For the log, without what takes a device to ask.
std::string hardware_line(const HardwareFacts& facts);
// The keys beside `cuda` of a tailbit.devices/1; the present ones of `cpu` among them.
nlohmann::ordered_json hardware_json(const HardwareFacts& facts);

}  // namespace tailbit
