#include "host/ops/chunk_worker.hpp"

#include <algorithm>
#include <utility>

#include "host/backend_cpu/run.hpp"
#include "host/io/log.hpp"
#include "host/ops/chunk_queue.hpp"
#include "host/report/part_file.hpp"

namespace tailbit {
namespace {

// MPI counts bytes in an int, and what is sent is in memory twice.
constexpr double kMostBytes = 256.0 * 1024 * 1024;

}  // namespace

std::uint64_t longest_chunk(const measure::Request& request, std::uint64_t scenarios) {
  return most_in_message(request, scenarios, kMostBytes);
}

double rank_memory(const CompiledJob& job, const measure::Request& request, std::uint64_t scenarios, unsigned threads) {
  const std::uint64_t chunk = longest_chunk(request, scenarios);
  // A message grows in steps, so that there may be two of it.
  return chunk_bytes(request, scenarios, chunk) + 2.0 * part_bytes(request, scenarios, chunk) +
         cpu::working_bytes(job.plan, threads) + static_cast<double>(job.plan.constants.size());
}

ChunkWorker::ChunkWorker(const std::string& run_id, const CompiledJob& job, const measure::Request& request,
                         const RunFlags& flags, std::vector<std::string>& warnings)
    : run_id_(run_id),
      job_(job),
      request_(request),
      flags_(flags),
      room_(longest_chunk(request, job.plan.scenarios)),
      backend_(make_backend(job, flags, warnings)) {}

std::string ChunkWorker::simulate(const ScenarioChunk& chunk) {
  for (;;) {
    try {
      return try_to(chunk);
    } catch (const DeviceFailure& failure) {
      leave_device(failure);
    }
  }
}

std::string ChunkWorker::try_to(const ScenarioChunk& chunk) {
  if (!collector_) collector_.emplace(request_, job_.plan.leaves, job_.plan.scenarios, room_);
  collector_->move_to(chunk.range.first);
  const double share = flags_.audit.value_or(0.0);
  std::optional<Audit> audit;
  // By default, some of what devices compute.
  if (flags_.audit ? share > 0.0 : !devices().empty() && chunk.audit)
    audit.emplace(job_.plan, *collector_, run_id_, share, chunk.audit);
  const Backend::Simulated simulated = backend_->simulate(chunk.range, *collector_, {});
  std::string message = begin_part_message(audit ? look(*audit, chunk.range, simulated.tally) : 0);
  write_part([&](std::string_view bytes) { message += bytes; },
             {run_id_, chunk.range, simulated.tally, backend_->name()}, *collector_);
  collector_->end_part();
  return message;
}

std::uint64_t ChunkWorker::look(Audit& audit, ScenarioRange range, const Tally& tally) {
  const Audit::Found found = audit.look(range, tally, auditing_isa(*backend_), flags_.threads);
  const ScenarioRange bad = found.difference;
  if (bad.empty()) return found.blocks;
  throw WrongBits(devices().empty() ? ExitCode::internal_error : ExitCode::temporary,
                  "audit: the scenarios " + std::to_string(bad.first) + " to " + std::to_string(bad.end() - 1) +
                      " of " + backend_->name() +
                      " are not those that the CPU computes a second time: it corrupts data; all that was computed is "
                      "discarded: run again without it");
}

void ChunkWorker::leave_device(const DeviceFailure& failure) {
  // What it took of the chunk may be some of it, and in tails twice when the chunk is simulated again. Of earlier
  // chunks nothing is lost with it but the thresholds: rank 0 has them.
  collector_.reset();
  if (flags_.device != "auto") {
    throw Failure(ExitCode::temporary,
                  std::string(failure.what()) + "; run again to go on from the checkpoint, or with --device auto");
  }
  // Errors of CUDA that stick are the process's, so other devices may not be well for it either.
  log::warning("worker", std::string(failure.what()) + "; this rank goes on on the CPU");
  flags_.device = "cpu";
  std::vector<std::string> none;
  backend_ = make_backend(job_, flags_, none);
}

ChunkThread::~ChunkThread() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  changed_.notify_all();
}

void ChunkThread::begin(const ScenarioChunk& chunk) {
  const std::lock_guard lock(mutex_);
  wanted_ = chunk;
  changed_.notify_all();
}

std::optional<std::string> ChunkThread::take() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return std::exchange(done_, std::nullopt);
}

void ChunkThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || wanted_; });
    if (ending_) return;
    const ScenarioChunk chunk = *std::exchange(wanted_, std::nullopt);
    lock.unlock();
    std::optional<std::string> done;
    std::exception_ptr failure;
    try {
      done = worker_.simulate(chunk);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    done_ = std::move(done);
    failure_ = failure;
  }
}

}  // namespace tailbit
