// The manifest run.json: what went into a result, how it was made, and what came out, each file with its digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"
#include "host/report/publication.hpp"
#include "host/report/summary.hpp"

namespace tailbit {

// Which part of the scenarios a process does: [scenarios * rank / count, scenarios * (rank + 1) / count) in whole
// blocks.
struct Shard {
  std::uint32_t rank = 0, count = 1;
};

// How a result came about, beside what summary.json says.
struct Provenance {
  std::string run_id, status, device;
  std::optional<Shard> shard;
  std::optional<std::string> market;       // given in place of the config's
  std::vector<std::string> trades;         // given beside its book
  std::int64_t started = 0, finished = 0;  // seconds since 1970
  std::uint64_t scenarios = 0;             // that the files are of
  std::uint64_t resumed = 0;               // of them, taken from parts that were there
  std::uint32_t restarts = 0;              // of the worker
  std::uint64_t audited_blocks = 0;        // computed again on the CPU, with equal bits
  nlohmann::ordered_json hardware{};       // hosts, with the devices of each
  Timings timings;
  std::vector<std::string> warnings;
};

// Config, book, instruments, market, model and trades, as far as there are: the order of the manifest, the config
// first. A file may be there in several roles.
struct InputFile {
  std::string role, path;
};
std::vector<InputFile> input_roles(const RunConfig& config);
std::vector<std::string> input_paths(const RunConfig& config);

// The inputs as files: path, size and digest of what was read.
nlohmann::ordered_json input_files(const Inputs& inputs);

// What flags may have put in place of the config's.
nlohmann::ordered_json job_json(const RunConfig& config);

nlohmann::ordered_json manifest_json(const Provenance& provenance, const RunConfig& config,
                                     const nlohmann::ordered_json& inputs, const std::vector<OutputFile>& outputs);

// Named by what determines the files of a result: inputs, flags, numerics and the program's version, never the machine
// or the hour. `digests` are the inputs' and resolved files'; `program` is another where a result of another version is
// looked at.
inline constexpr const char* kRandom = "philox4x32-10, keyed by the seed, counted by scenario, step and draw";
inline constexpr const char* kProgram = "tailbit " TAILBIT_VERSION;
std::string run_id(const nlohmann::ordered_json& digests, const RunConfig& config,
                   const std::string& program = kProgram);

}  // namespace tailbit
