// Ranks of a run as threads of one process, whose messages take any time and may be changed on their way.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "host/ops/rank_service.hpp"
#include "host/ops/ranks.hpp"
#include "host/ops/run.hpp"

namespace tailbit::test {

class ThreadRanks {
 public:
  // What a rank sends passes through `change`; null: as it is.
  using Change = std::function<void(Ranks::Message& message, int to)>;

  ThreadRanks(int count, unsigned seed, Change change = nullptr) : boxes_(count), change_(std::move(change)) {
    for (int rank = 0; rank < count; ++rank)
      ranks_.emplace_back(*this, rank, count, seed + static_cast<unsigned>(rank));
  }

  // The run's result, or the Failure that rank 0 ends with; the others have ended with the same code.
  JobDone run(const std::string& config, const RunFlags& flags, const std::function<void(RunFlags&, int)>& differs) {
    std::vector<std::jthread> others;
    for (int rank = 1; rank < static_cast<int>(ranks_.size()); ++rank) {
      others.emplace_back([this, &config, &flags, &differs, rank] {
        RunFlags its = flags;
        if (differs) differs(its, rank);
        codes.at(static_cast<std::size_t>(rank)) = serve(ranks_[static_cast<std::size_t>(rank)], config, its);
      });
    }
    RunFlags own = flags;
    own.ranks = &ranks_[0];
    try {
      JobDone done = run_job(config, own);
      dismiss(ranks_[0], static_cast<int>(done.code));
      return done;
    } catch (const Failure& failure) {
      dismiss(ranks_[0], static_cast<int>(failure.code()));
      throw;
    }
  }

  std::vector<int> codes = std::vector<int>(64, -1);  // by rank, when the run has ended

 private:
  struct Box {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Ranks::Message> messages;
  };

  class Rank final : public Ranks {
   public:
    Rank(ThreadRanks& all, int rank, int count, unsigned seed) : all_(all), random_(seed) {
      place_.rank = place_.local_rank = rank;
      place_.count = place_.local_count = count;
      place_.host = "here";
    }
    const RankPlace& place() const override { return place_; }
    void send(int to, Kind kind, std::string bytes) override {
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % 3000));
      Message message{place_.rank, kind, std::move(bytes)};
      if (all_.change_) all_.change_(message, to);
      Box& box = all_.boxes_[static_cast<std::size_t>(to)];
      const std::lock_guard lock(box.mutex);
      box.messages.push_back(std::move(message));
      box.changed.notify_all();
    }
    std::optional<Message> receive(std::chrono::milliseconds patience) override {
      Box& box = all_.boxes_[static_cast<std::size_t>(place_.rank)];
      std::unique_lock lock(box.mutex);
      if (!box.changed.wait_for(lock, patience, [&] { return !box.messages.empty(); })) return std::nullopt;
      Message message = std::move(box.messages.front());
      box.messages.pop_front();
      return message;
    }
    [[noreturn]] void abort(int) override { std::abort(); }

   private:
    ThreadRanks& all_;
    RankPlace place_;
    std::minstd_rand random_;
  };

  static int serve(Ranks& rank, const std::string& config, const RunFlags& flags) {
    try {
      return serve_rank(rank, config, flags);
    } catch (const Failure& failure) {
      decline(rank, {"here", failure.code(), failure.what(), false});
      return await_end(rank);
    }
  }

  std::deque<Box> boxes_;
  std::deque<Rank> ranks_;
  Change change_;
};

}  // namespace tailbit::test
