#include "host/ops/shard.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/io/problems.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit {
namespace {

using Environment = std::function<const char*(const char*)>;

constexpr std::uint32_t kMostShards = 1'000'000;

std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> number_in(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::nullopt : whole_number(value);
}

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Failure(ExitCode::usage, "--shard " + text + ": " + why +
                                     "; give RANK/COUNT with ranks from 0, such as 3/8, or auto, or auto/COUNT");
}

// Where schedulers write rank and count. Of an array the first index may be any, the step must be 1.
struct Place {
  const char *name, *rank, *count, *first;
};
constexpr Place kPlaces[] = {
    {"MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", nullptr},
    {"MPI", "PMI_RANK", "PMI_SIZE", nullptr},
    {"a Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
    {"a Kubernetes indexed job", "JOB_COMPLETION_INDEX", nullptr, nullptr},
    {"a Slurm step", "SLURM_PROCID", "SLURM_NTASKS", nullptr},
};

Shard from_environment(const std::string& text, std::optional<std::uint32_t> count, const Environment& environment) {
  for (const Place& place : kPlaces) {
    std::optional<std::uint32_t> rank = number_in(environment, place.rank);
    if (!rank) continue;
    const std::optional<std::uint32_t> there =
        place.count == nullptr ? std::nullopt : number_in(environment, place.count);
    if (!count) count = there;
    if (!count) refuse(text, std::string(place.name) + " does not say how many shards there are: write auto/COUNT");
    if (place.first != nullptr) {
      const std::uint32_t first = number_in(environment, place.first).value_or(0);
      if (*rank < first) refuse(text, std::string(place.rank) + " is below " + place.first);
      // Some tasks of an array are started again as an array of these alone, from which no rank can be told.
      if (there && (*there != *count || (*there == 1 && first > 1))) {
        refuse(text, "an array of " + std::to_string(*there) + (*there == 1 ? " task" : " tasks") + " from " +
                         std::to_string(first) + " on is not one of all shards");
      }
      *rank -= first;
    }
    if (*rank >= *count) {
      refuse(text, std::string(place.rank) + " is rank " + std::to_string(*rank) + " of " + std::to_string(*count) +
                       " (an array must count in steps of 1)");
    }
    return {*rank, *count};
  }
  refuse(text, "the environment names no rank (of Slurm, a Kubernetes indexed job or MPI)");
}

}  // namespace

Shard parse_shard(const std::string& text, const Environment& environment) {
  const std::size_t slash = text.find('/');
  const std::string first = text.substr(0, slash);
  std::optional<std::uint32_t> count;
  if (slash != std::string::npos) {
    count = whole_number(text.substr(slash + 1));
    if (!count || *count < 1 || *count > kMostShards) refuse(text, "there must be 1 to 1000000 shards");
  }
  if (first == "auto") return from_environment(text, count, environment);
  const std::optional<std::uint32_t> rank = whole_number(first);
  if (!rank || !count) refuse(text, "is not understood");
  if (*rank >= *count) refuse(text, "ranks go from 0 to " + std::to_string(*count - 1));
  return {*rank, *count};
}

ScenarioRange shard_range(Shard shard, std::uint64_t scenarios) {
  constexpr std::uint64_t kBlock = ProfitSink::kBlock;
  const std::uint64_t blocks = (scenarios + kBlock - 1) / kBlock;
  // Scenarios are fewer than 2^40, shards at most 2^20.
  const auto begin = [&](std::uint64_t rank) { return std::min(scenarios, blocks * rank / shard.count * kBlock); };
  const std::uint64_t first = begin(shard.rank);
  return {first, begin(shard.rank + 1) - first};
}

std::string shards_with(const std::vector<ScenarioRange>& ranges, std::uint32_t count, std::uint64_t scenarios) {
  constexpr std::size_t kNamed = 20;
  std::string text;
  std::size_t found = 0;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const ScenarioRange own = shard_range({rank, count}, scenarios);
    const auto in_own = [&](const ScenarioRange& range) {
      return std::max(own.first, range.first) < std::min(own.end(), range.end());
    };
    if (std::none_of(ranges.begin(), ranges.end(), in_own) || ++found > kNamed) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(rank) + "/" + std::to_string(count);
  }
  return found > kNamed ? text + " and " + std::to_string(found - kNamed) + " more" : text;
}

std::string shard_folder(Shard shard) {
  return "shard-" + std::to_string(shard.rank) + "-of-" + std::to_string(shard.count);
}

}  // namespace tailbit
