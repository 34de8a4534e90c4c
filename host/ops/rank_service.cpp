#include "host/ops/rank_service.hpp"

#include "host/io/log.hpp"
#include "host/ops/chunk_worker.hpp"
#include "host/ops/job.hpp"
#include "host/ops/memory.hpp"
#include "host/report/measure.hpp"

namespace tailbit {
namespace {

using MessageKind = Ranks::Kind;

// A thread that sleeps between looks takes no processor from those that compute.
constexpr std::chrono::milliseconds kListens{1};

// Messages that rank 0 sends, until the one that ends the run, which is answered.
template <class Callable>
int until_end(Ranks& ranks, Callable&& take) {
  for (;;) {
    const auto message = ranks.receive(kListens);
    if (!message) continue;
    if (message->kind == MessageKind::end) {
      ranks.send(0, MessageKind::bye, "");
      return std::stoi(message->bytes);
    }
    take(*message);
  }
}

}  // namespace

int serve_rank(Ranks& ranks, const std::string& config_path, const RunFlags& flags) {
  const RankPlace& place = ranks.place();
  const NamedJob named = name_job(resolve(config_path, flags.overrides, Sources::files));
  log::set_field("run_id", named.run_id);
  const RunConfig& config = named.config();
  const CompiledJob job = compile(named.resolved.inputs);
  const measure::Request request = make_request(job, config);
  require_job_memory(rank_memory(job, request, config.scenarios, flags.threads) * place.local_count, flags.max_memory,
                     config);
  std::vector<std::string> warnings;
  ChunkWorker worker(named.run_id, job, request, flags, warnings);
  const RankReady ready{named.run_id,  place.host,          worker.device(),  worker.devices(),
                        flags.threads, std::move(warnings), worker.hardware()};
  log::info("ready", "computes on " + ready.device);
  ranks.send(0, MessageKind::ready, to_message(ready));
  return until_end(ranks, [&](const Ranks::Message& message) {
    if (message.kind == MessageKind::chunk) ranks.send(0, MessageKind::part, worker.simulate(to_chunk(message.bytes)));
  });
}

void decline(Ranks& ranks, const RankFailure& why) { ranks.send(0, MessageKind::failed, to_message(why)); }

int await_end(Ranks& ranks) {
  return until_end(ranks, [](const Ranks::Message&) {});
}

}  // namespace tailbit
