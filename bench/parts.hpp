// The parts of the benchmark. Each prints its table and returns it as JSON.
#pragma once

#include "bench/timing.hpp"
#include "host/backend_cpu/hot_loops.hpp"
#include "host/io/inputs.hpp"

namespace tailbit::bench {

// The instruction sets that are measured: all that are there but the slow baseline.
std::vector<cpu::Isa> measured_isas();

Json measure_reprices(const Settings& settings);     // reprices.cpp
Json measure_peers(const Settings& settings);        // peers/peers.cpp
Json measure_random(const Settings& settings);       // random.cpp
Json measure_paths(const Settings& settings);        // paths.cpp
Json measure_model_parts(const Settings& settings);  // model_parts.cpp
Json measure_tails(const Settings& settings);        // tails.cpp
Json measure_threads(const Settings& settings);      // threads.cpp
Json measure_stages(const Settings& settings);       // stages.cpp
Json measure_large(const Settings& settings);        // large.cpp
Json measure_startup(const Settings& settings);      // startup.cpp
Json measure_reading(const Settings& settings);      // reading.cpp

// What the paths of a job cost per scenario and date, seconds: the whole simulation of a book that holds one coin. Its
// model is not finished yet. In paths.cpp.
Timed time_paths(const Settings& settings, Inputs inputs, cpu::Isa isa);

// The ratios of `results` (by part) beside what they should be; what was not measured says so.
Json compare_with_targets(const Json& results);

}  // namespace tailbit::bench
