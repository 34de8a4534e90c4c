// Whether a job fits into the machine, or into what its container may use of it.
#pragma once

#include <cstdint>
#include <string>

#include "host/compile/compile.hpp"
#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"
#include "host/ops/hardware.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

// Throws Failure(code, "WHAT needs .. GB and this machine has ..; REMEDY") where it does not, or "and this process may
// use .." where its cgroup's limit is the reason: the system kills a process above that without a word. A job that
// cannot be held is refused before it is begun; trying again would not help.
void require_memory(double bytes, ExitCode code, const std::string& what, const std::string& remedy,
                    const MemoryFacts& memory = memory_facts());

// Bytes that profits and losses of so many scenarios take on the host; 0 threads as in cpu::Options.
double memory_need(const CompiledJob& job, const measure::Request& request, std::uint64_t scenarios, unsigned threads);

// Whether so many bytes are within what this process may use, and within `most`; 0 for no limit.
bool fits_in_memory(double bytes, double most, const MemoryFacts& memory = memory_facts());

// The same of a job (bad_config), and of what the user allows it with --max-memory: `most` bytes, 0 for no limit.
void require_job_memory(double bytes, double most, const RunConfig& config);

}  // namespace tailbit
