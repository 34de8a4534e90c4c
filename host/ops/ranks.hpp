// Processes that share one run, its ranks, and what they say to each other. Rank 0 does all that `run` does and hands
// out chunks of scenarios; the others simulate theirs and send what they keep of them, as parts (part_file.hpp).
//
//   rank 0 -> others   chunk: scenarios to simulate; end: the run's exit code, after which each says `bye`
//   others -> rank 0   ready: what they are; part: what a chunk came to; failed: why they cannot go on; bye
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"
#include "tailbit/engine/scenario_range.hpp"

namespace tailbit {

// Where a rank is, of the ranks of the run and of those on its machine.
struct RankPlace {
  int rank = 0, count = 1;
  int local_rank = 0, local_count = 1;
  std::string host;
  unsigned processors = 1;      // its share of those that it may run on
  bool shares_devices = false;  // the ranks of its machine see the same devices
  std::string binding;          // what ranks lose by where they may run, and what to do; empty: nothing
};

// How messages travel. By the thread that made it, and no other.
class Ranks {
 public:
  enum class Kind : int { chunk = 1, end, ready, part, failed, bye };
  struct Message {
    int from = 0;
    Kind kind = Kind::bye;
    std::string bytes;
  };

  virtual ~Ranks() = default;
  virtual const RankPlace& place() const = 0;
  // Returns at once; messages between two ranks arrive in order.
  virtual void send(int to, Kind kind, std::string bytes) = 0;
  // The next message, or none where none comes in time.
  virtual std::optional<Message> receive(std::chrono::milliseconds patience) = 0;
  // Ends all ranks at once.
  [[noreturn]] virtual void abort(int code) = 0;
};

// "rank 3 (host)"
std::string rank_text(int rank, const std::string& host);

// Scenarios for a rank to simulate.
struct ScenarioChunk {
  ScenarioRange range;
  bool audit = false;  // where no share was asked for: audit a block of it, if a device computes it
};
std::string to_message(const ScenarioChunk& chunk);
ScenarioChunk to_chunk(const std::string& message);

// What a chunk came to: the blocks that were audited, eight bytes, and a part.
std::string begin_part_message(std::uint64_t audited_blocks);
struct RankPart {
  std::uint64_t audited_blocks = 0;
  std::string_view part;  // within the message
};
RankPart to_part(std::string_view message);

// What a rank is, once it has read the job and found what it computes on.
struct RankReady {
  std::string run_id, host, device;
  std::vector<int> devices;  // CUDA's numbers; none: its CPU
  unsigned threads = 1;
  std::vector<std::string> warnings;
  nlohmann::ordered_json hardware{};
};
std::string to_message(const RankReady& ready);
RankReady to_ready(const std::string& message);

// Why a rank cannot go on.
struct RankFailure {
  std::string host;
  ExitCode code = ExitCode::internal_error;
  std::string message;
  bool wrong_bits = false;  // an audit found some, so nothing that was computed can be trusted
};
std::string to_message(const RankFailure& failure);
RankFailure to_failure(const std::string& message);

// By rank 0, when its own work is done: tells the others, and waits for each to say that it has heard. What they send
// meanwhile is dropped.
void dismiss(Ranks& ranks, int code);

}  // namespace tailbit
