// What every rank does with its chunks: simulates them on what it has, audits them, and makes parts of them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/ops/audit.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/ranks.hpp"
#include "host/ops/run_flags.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

class ChunkWorker {
 public:
  // Everything must outlive it. Throws as make_backend; explains itself in `warnings`.
  ChunkWorker(const std::string& run_id, const CompiledJob& job, const measure::Request& request, const RunFlags& flags,
              std::vector<std::string>& warnings);

  std::string device() const { return backend_->name(); }
  std::vector<int> devices() const { return backend_->devices(); }
  nlohmann::ordered_json hardware() const { return backend_->hardware(); }

  // The message that holds the chunk's part. Throws Failure; WrongBits. Under `--device auto` a device that fails is
  // left, for the CPU.
  std::string simulate(const ScenarioChunk& chunk);

 private:
  std::string try_to(const ScenarioChunk& chunk);
  std::uint64_t look(Audit& audit, ScenarioRange range, const Tally& tally);
  void leave_device(const DeviceFailure& failure);

  const std::string& run_id_;
  const CompiledJob& job_;
  const measure::Request& request_;
  RunFlags flags_;
  std::uint64_t room_;
  std::unique_ptr<Backend> backend_;
  std::optional<measure::Collector> collector_;
};

// The longest chunk of a job, by what a message holds.
std::uint64_t longest_chunk(const measure::Request& request, std::uint64_t scenarios);

// Bytes that a rank other than 0 takes.
double rank_memory(const CompiledJob& job, const measure::Request& request, std::uint64_t scenarios, unsigned threads);

// A worker in a thread of its own, for the rank whose first thread hands out chunks.
class ChunkThread {
 public:
  explicit ChunkThread(ChunkWorker& worker) : worker_(worker), thread_([this] { run(); }) {}
  ChunkThread(const ChunkThread&) = delete;
  ChunkThread& operator=(const ChunkThread&) = delete;
  ~ChunkThread();  // when it has finished its chunk

  void begin(const ScenarioChunk& chunk);
  // The message of the chunk, once it is done; throws what the worker threw.
  std::optional<std::string> take();

 private:
  void run();

  ChunkWorker& worker_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<ScenarioChunk> wanted_;
  std::optional<std::string> done_;
  std::exception_ptr failure_;
  bool ending_ = false;
  std::jthread thread_;
};

}  // namespace tailbit
