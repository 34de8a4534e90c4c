// The program, from its arguments to its exit code; `tailbit` and `tailbit-mpi` differ in who starts it.
#pragma once

#include "host/ops/ranks.hpp"

namespace tailbit::cli {

// `ranks`: of a program under MPI, else none. The others wait until rank 0 dismisses them with its exit code.
int run_program(int argc, char** argv, Ranks* ranks);

}  // namespace tailbit::cli
