#include "host/ops/memory.hpp"

#include <cmath>

#include "host/backend_cpu/run.hpp"
#include "host/io/text.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

void require_memory(double bytes, ExitCode code, const std::string& what, const std::string& remedy,
                    const MemoryFacts& memory) {
  const auto allowed = static_cast<double>(memory.allowed());
  if (allowed == 0.0 || bytes <= allowed) return;
  throw Failure(code, what + " needs " + number_text(std::ceil(bytes / 1e9)) + " GB and this " +
                          (memory.allowed() < memory.there ? "process may use " : "machine has ") +
                          number_text(std::floor(allowed / 1e9)) + "; " + remedy);
}

bool fits_in_memory(double bytes, double most, const MemoryFacts& memory) {
  const auto allowed = static_cast<double>(memory.allowed());
  return (allowed == 0.0 || bytes <= allowed) && (most <= 0.0 || bytes <= most);
}

double memory_need(const CompiledJob& job, const measure::Request& request, std::uint64_t scenarios, unsigned threads) {
  return measure::collector_bytes(request, scenarios) + cpu::working_bytes(job.plan, threads) +
         static_cast<double>(job.plan.constants.size());
}

void require_job_memory(double bytes, double most, const RunConfig& config) {
  const std::string what = config.path + ": the job";
  const std::string remedy = "use fewer scenarios or exposure dates, or \"group_detail\": \"tails\"";
  require_memory(bytes, ExitCode::bad_config, what, remedy);
  if (most <= 0.0 || bytes <= most) return;
  throw Failure(ExitCode::bad_config, what + " needs " + number_text(std::ceil(bytes / 1e6)) +
                                          " MB and --max-memory allows " + number_text(std::floor(most / 1e6)) +
                                          " MB; " + remedy);
}

}  // namespace tailbit
