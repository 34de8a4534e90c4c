// `tailbit-mpi`: `run` on the ranks that an MPI launcher starts. All of it is tailbit's but how messages travel.
#include "host/cli/program.hpp"
#include "host/mpi/mpi_ranks.hpp"
#include "host/ops/stop_signals.hpp"

int main(int argc, char** argv) {
  tailbit::hold_stop_signals();  // also in the threads of MPI
  tailbit::MpiRanks ranks(argc, argv);
  return tailbit::cli::run_program(argc, argv, &ranks);
}
