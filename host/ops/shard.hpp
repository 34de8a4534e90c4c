// A run in several processes, each of which does a share of the scenarios in whole blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/report/manifest.hpp"
#include "tailbit/engine/scenario_range.hpp"

namespace tailbit {

// "RANK/COUNT", RANK from 0; or "auto", "auto/COUNT": by what Slurm (array or step), a Kubernetes indexed job, or an
// MPI launcher says in the environment. Throws Failure (usage).
Shard parse_shard(const std::string& text, const std::function<const char*(const char*)>& environment);

// The scenarios of a shard; empty where there are fewer blocks than shards.
ScenarioRange shard_range(Shard shard, std::uint64_t scenarios);

// Those of a split that have scenarios of these ranges: "2/8, 5/8", of many the first ones.
std::string shards_with(const std::vector<ScenarioRange>& ranges, std::uint32_t count, std::uint64_t scenarios);

// "shard-3-of-8", ranks from 0.
std::string shard_folder(Shard shard);

}  // namespace tailbit
