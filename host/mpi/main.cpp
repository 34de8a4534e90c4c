// `tailbit-mpi`: `run` on the ranks that an MPI launcher starts. All of it is tailbit's but how messages travel.
#include <optional>

#include "host/cli/program.hpp"
#include "host/io/log.hpp"
#include "host/mpi/mpi_ranks.hpp"
#include "host/ops/stop_signals.hpp"

int main(int argc, char** argv) {
  tailbit::hold_stop_signals();  // also in the threads of MPI
  std::optional<tailbit::MpiRanks> ranks(std::in_place, argc, argv);
  const int code = tailbit::cli::run_program(argc, argv, &*ranks);
  const tailbit::StopSignals signals(static_cast<tailbit::ExitCode>(code),
                                     [](const std::string& message) { tailbit::log::warning("worker", message); });
  if (ranks->place().rank == 0) tailbit::dismiss(*ranks, code);
  ranks.reset();  // waits for the others
  return code;
}
