#include "host/ops/ranked_backend.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "host/io/log.hpp"
#include "host/ops/chunk_queue.hpp"
#include "host/ops/chunk_worker.hpp"
#include "host/report/part_file.hpp"

namespace tailbit {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Of a chunk. A device is set up anew for each.
constexpr double kChunkSeconds = 1.0, kDeviceChunkSeconds = 2.0;
constexpr milliseconds kPause{1};  // the thread sleeps so long between looks, and computes nothing itself

double seconds_since(Clock::time_point moment) { return std::chrono::duration<double>(Clock::now() - moment).count(); }

[[noreturn]] void refuse(int rank, const RankFailure& failure) {
  const std::string message = rank_text(rank, failure.host) + ": " + failure.message;
  if (failure.wrong_bits) throw WrongBits(failure.code, message);
  throw Failure(failure.code, message);
}

// A warning of all ranks as it is, one of some with their numbers.
void add_warnings(const std::vector<RankReady>& ranks, std::vector<std::string>& warnings) {
  std::map<std::string, std::vector<std::size_t>> of;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    for (const std::string& warning : ranks[rank].warnings) of[warning].push_back(rank);
  }
  for (const auto& [warning, who] : of) {
    std::string text = warning;
    if (who.size() < ranks.size()) {
      text += who.size() == 1 ? " (rank" : " (ranks";
      for (const std::size_t rank : who) text += (rank == who.front() ? " " : ", ") + std::to_string(rank);
      text += ")";
    }
    warnings.push_back(std::move(text));
  }
}

class RankedBackend final : public Backend {
 public:
  RankedBackend(Ranks& ranks, const std::string& run_id, const CompiledJob& job, const measure::Request& request,
                const RunFlags& flags, std::vector<std::string>& warnings)
      : ranks_(ranks),
        run_id_(run_id),
        flags_(flags),
        most_(longest_chunk(request, job.plan.scenarios)),
        states_(static_cast<std::size_t>(ranks.place().count)) {
    std::vector<std::string> own;
    worker_ = std::make_unique<ChunkWorker>(run_id, job, request, flags, own);
    ready_.resize(states_.size());
    ready_[0] = {run_id,        ranks.place().host, worker_->device(),  worker_->devices(),
                 flags.threads, std::move(own),     worker_->hardware()};
    await_ready();
    add_warnings(ready_, warnings);
    for (std::size_t rank = 0; rank < states_.size(); ++rank) states_[rank].pace = Pace(first_chunk(ready_[rank]));
  }

  std::string name() const override { return ranks_text(ready_); }
  std::vector<int> devices() const override {
    std::set<int> all;
    for (const RankReady& ready : ready_) {
      if (ready.devices.empty()) return {};
      all.insert(ready.devices.begin(), ready.devices.end());
    }
    return {all.begin(), all.end()};
  }
  nlohmann::ordered_json hardware() const override {
    auto all = nlohmann::ordered_json::array();
    for (const RankReady& ready : ready_) all.insert(all.end(), ready.hardware.begin(), ready.hardware.end());
    return all;
  }
  bool audits() const override { return true; }

  Simulated simulate(ScenarioRange range, measure::Collector& collector, const Hooks& hooks) override {
    Round round{collector, hooks, ChunkQueue(range, most_), {range.first, {}, 0}};
    for (State& state : states_) state.audited = false;
    ChunkThread own(*worker_);
    for (;;) {
      if (!round.queue.closed() && hooks.stop && hooks.stop()) round.queue.close();
      hand_out(round.queue, own);
      if (round.queue.finished()) break;
      end_if_stalled();
      if (auto done = own.take()) {
        join(0, *done, round);
      } else if (const auto message = ranks_.receive(kPause)) {
        take(*message, round);
      }
    }
    round.result.end = round.queue.front();
    return round.result;
  }

 private:
  struct State {
    Pace pace{1};
    std::optional<ScenarioRange> chunk;  // that it is at
    Clock::time_point since;
    bool audited = false;  // a chunk of this call
  };

  struct Round {  // a call of simulate()
    measure::Collector& collector;
    const Hooks& hooks;
    ChunkQueue queue;
    Simulated result;
  };

  // A device works on many scenarios at once, a processor's thread on a block.
  static std::uint64_t first_chunk(const RankReady& ready) {
    return measure::kBlock * (ready.devices.empty() ? std::max(1u, ready.threads) : 64);
  }

  void await_ready() {
    for (std::size_t left = states_.size() - 1; left > 0;) {
      if (flags_.control != nullptr && flags_.control->stop)
        throw Failure(ExitCode::temporary, "stopped by a signal before the first scenario; run the job again");
      const auto message = ranks_.receive(milliseconds(20));
      if (!message) continue;
      if (message->kind == Ranks::Kind::failed) refuse(message->from, to_failure(message->bytes));
      if (message->kind != Ranks::Kind::ready) continue;
      RankReady& ready = ready_[static_cast<std::size_t>(message->from)];
      ready = to_ready(message->bytes);
      if (ready.run_id != run_id_) {
        throw Failure(ExitCode::bad_data, rank_text(message->from, ready.host) + " would run another job (run " +
                                              ready.run_id + ") than rank 0 (run " + run_id_ +
                                              "): its inputs, flags or program are others; see that all ranks read "
                                              "the same files");
      }
      --left;
    }
  }

  void hand_out(ChunkQueue& queue, ChunkThread& own) {
    // Chunks are finished, also when the time allowed is up.
    double most_seconds = kDeviceChunkSeconds;
    if (flags_.max_seconds > 0.0)
      most_seconds = std::max(0.01, (flags_.max_seconds - seconds_since(flags_.started)) / 4);
    for (std::size_t rank = 0; rank < states_.size(); ++rank) {
      State& state = states_[rank];
      if (state.chunk) continue;
      const double seconds = std::min(most_seconds, ready_[rank].devices.empty() ? kChunkSeconds : kDeviceChunkSeconds);
      state.chunk = queue.next(state.pace.in(seconds), ranks_.place().count);
      if (!state.chunk) return;
      state.since = Clock::now();
      const ScenarioChunk chunk{*state.chunk, !std::exchange(state.audited, true)};
      if (rank == 0) {
        own.begin(chunk);
      } else {
        ranks_.send(static_cast<int>(rank), Ranks::Kind::chunk, to_message(chunk));
      }
    }
  }

  void take(const Ranks::Message& message, Round& round) {
    if (message.kind == Ranks::Kind::failed) refuse(message.from, to_failure(message.bytes));
    if (message.kind == Ranks::Kind::part) join(message.from, message.bytes, round);
  }

  void join(int rank, std::string_view message, Round& round) {
    State& state = states_[static_cast<std::size_t>(rank)];
    RankReady& ready = ready_[static_cast<std::size_t>(rank)];
    const std::string who = rank_text(rank, ready.host);
    const RankPart part = to_part(message);
    const PartHeader header = join_part(part.part, "what " + who + " sent", round.collector);
    if (header.run_id != run_id_ || !state.chunk || header.range != *state.chunk)
      throw Failure(ExitCode::internal_error, who + " sent scenarios that it was not asked for; please report it");
    const double seconds = seconds_since(state.since);
    log::debug("chunk", who + " has done " + std::to_string(header.range.count) + " scenarios",
               {{"of_rank", rank}, {"first", header.range.first}, {"count", header.range.count}, {"seconds", seconds}});
    state.pace.took(header.range.count, seconds);
    state.chunk.reset();
    if (header.device != ready.device) {  // it has left it for the CPU
      ready.device = header.device;
      ready.devices.clear();
    }
    round.result.tally += header.tally;
    round.result.audited_blocks += part.audited_blocks;
    round.queue.done(header.range);
    if (round.hooks.progress) round.hooks.progress(round.queue.scenarios_done());
  }

  // A rank that neither answers nor ends holds up all; no message reaches it, and nobody can start it again.
  void end_if_stalled() {
    if (flags_.stall_seconds <= 0.0) return;
    for (std::size_t rank = 0; rank < states_.size(); ++rank) {
      if (!states_[rank].chunk || seconds_since(states_[rank].since) < flags_.stall_seconds) continue;
      log::failure(Failure(ExitCode::temporary,
                           rank_text(static_cast<int>(rank), ready_[rank].host) + " has shown no progress for " +
                               std::to_string(static_cast<int>(flags_.stall_seconds)) +
                               " s; all ranks are ended: run the same command again to go on from the checkpoint"));
      ranks_.abort(static_cast<int>(ExitCode::temporary));
    }
  }

  Ranks& ranks_;
  const std::string& run_id_;
  const RunFlags& flags_;
  std::uint64_t most_;
  std::vector<State> states_;     // by rank
  std::vector<RankReady> ready_;  // by rank
  std::unique_ptr<ChunkWorker> worker_;
};

}  // namespace

std::string ranks_text(const std::vector<RankReady>& ranks) {
  std::map<std::string, std::size_t> devices;
  std::set<std::string> hosts;
  for (const RankReady& rank : ranks) {
    ++devices[rank.device];
    hosts.insert(rank.host);
  }
  std::string text = std::to_string(ranks.size()) + (ranks.size() == 1 ? " rank" : " ranks");
  if (hosts.size() > 1) text += " on " + std::to_string(hosts.size()) + " hosts";
  const char* separator = ": ";
  for (const auto& [device, count] : devices) {
    text += separator + std::to_string(count) + " x " + device;
    separator = "; ";
  }
  return text;
}

std::unique_ptr<Backend> make_ranked_backend(Ranks& ranks, const std::string& run_id, const CompiledJob& job,
                                             const measure::Request& request, const RunFlags& flags,
                                             std::vector<std::string>& warnings) {
  return std::make_unique<RankedBackend>(ranks, run_id, job, request, flags, warnings);
}

}  // namespace tailbit
