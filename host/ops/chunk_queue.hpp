// Scenarios handed out in order, in chunks, to ranks of whatever speed. What was handed out is always finished, so
// wherever it is closed, all before that gets done.
#pragma once

#include <cstdint>
#include <optional>

#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

// How fast a rank is, by its last chunk: a chunk should take so long that messages cost nothing beside it, and no
// longer, since a stop waits for it.
class Pace {
 public:
  explicit Pace(std::uint64_t first_chunk) : chunk_(first_chunk) {}
  void took(std::uint64_t scenarios, double seconds);
  // Scenarios that it would do in a time, as far as is known: it may grow fourfold from chunk to chunk.
  std::uint64_t in(double seconds) const;

 private:
  std::uint64_t chunk_;
  double seconds_ = 0.0;  // that it took; 0: not known yet
};

class ChunkQueue {
 public:
  // No chunk is longer than `most`, a multiple of the block.
  ChunkQueue(ScenarioRange range, std::uint64_t most) : range_(range), most_(most), next_(range.first) {}

  // The next chunk for one of so many ranks, about as long as `wanted` and at least a block; nothing where none is
  // left.
  std::optional<ScenarioRange> next(std::uint64_t wanted, int ranks);
  void done(ScenarioRange chunk) { done_ += chunk.count; }
  // Hands out no more.
  void close() { closed_ = true; }

  bool closed() const { return closed_ || next_ == range_.end(); }
  bool finished() const { return closed() && range_.first + done_ == next_; }
  std::uint64_t scenarios_done() const { return done_; }
  std::uint64_t front() const { return next_; }  // scenarios before it were handed out

 private:
  ScenarioRange range_;
  std::uint64_t most_, next_, done_ = 0;
  bool closed_ = false;
};

// At most so long is the part of a chunk of a run of so many scenarios, whatever its profits are.
double part_bytes(const measure::Request& request, std::uint64_t scenarios, std::uint64_t chunk);
// At most so much memory takes what is kept of it, and of the tails before.
double chunk_bytes(const measure::Request& request, std::uint64_t scenarios, std::uint64_t chunk);
// Scenarios of the longest chunk whose part is no longer than `bytes`: whole blocks, and at least one.
std::uint64_t most_in_message(const measure::Request& request, std::uint64_t scenarios, double bytes);

}  // namespace tailbit
