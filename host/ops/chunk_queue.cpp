#include "host/ops/chunk_queue.hpp"

#include <algorithm>

#include "tailbit/measure/collector.hpp"

namespace tailbit {
namespace {

std::uint64_t whole_blocks(std::uint64_t scenarios) {
  return std::max(measure::kBlock, (scenarios + measure::kBlock - 1) / measure::kBlock * measure::kBlock);
}

// Of all rows of a chunk, with so many values in each tail.
double row_bytes(const measure::Request& request, std::uint64_t scenarios, std::uint64_t chunk, std::uint64_t tail) {
  const std::uint64_t needed = measure::tail_needed(scenarios, request);
  const double whole_row = static_cast<double>(chunk * sizeof(std::int64_t));
  const double tail_row =
      static_cast<double>(tail * sizeof(std::int64_t) + measure::block_count(chunk) * sizeof(measure::BlockMoments));
  double bytes = 0.0;
  for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
    for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
      const measure::Wanted want = measure::wanted(request, node, group);
      if (want.any()) bytes += measure::keeps_whole(want, scenarios, needed) ? whole_row : tail_row;
    }
  }
  return bytes;
}

}  // namespace

void Pace::took(std::uint64_t scenarios, double seconds) {
  chunk_ = scenarios;
  seconds_ = seconds;
}

std::uint64_t Pace::in(double seconds) const {
  if (seconds_ == 0.0) return chunk_;
  return static_cast<std::uint64_t>(static_cast<double>(chunk_) * std::min(4.0, seconds / seconds_));
}

std::optional<ScenarioRange> ChunkQueue::next(std::uint64_t wanted, int ranks) {
  if (closed()) return std::nullopt;
  const std::uint64_t left = range_.end() - next_;
  // Towards the end chunks become short, so that all ranks are done at about the same time.
  const std::uint64_t share = left / (2 * static_cast<std::uint64_t>(ranks));
  const std::uint64_t count = std::min({left, most_, whole_blocks(std::min(wanted, share))});
  const ScenarioRange chunk{next_, count};
  next_ += count;
  return chunk;
}

double part_bytes(const measure::Request& request, std::uint64_t scenarios, std::uint64_t chunk) {
  const std::uint64_t longest = std::min(chunk, measure::tail_needed(scenarios, request));
  constexpr double kHeaderAndDigest = 4096.0;
  return kHeaderAndDigest + row_bytes(request, scenarios, chunk, longest + 2);
}

double chunk_bytes(const measure::Request& request, std::uint64_t scenarios, std::uint64_t chunk) {
  // Of the chunk and of all before, each of which may grow to twice what is needed.
  return row_bytes(request, scenarios, chunk, 4 * measure::tail_needed(scenarios, request));
}

std::uint64_t most_in_message(const measure::Request& request, std::uint64_t scenarios, double bytes) {
  std::uint64_t chunk = whole_blocks(scenarios);
  while (chunk > measure::kBlock && part_bytes(request, scenarios, chunk) > bytes) chunk = whole_blocks(chunk / 2);
  return chunk;
}

}  // namespace tailbit
