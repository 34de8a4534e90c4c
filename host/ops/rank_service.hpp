// What the ranks of a run other than 0 do: read the job, say what they are, and simulate what rank 0 asks for.
#pragma once

#include <string>

#include "host/ops/ranks.hpp"
#include "host/ops/run_flags.hpp"

namespace tailbit {

// Until rank 0 ends the run; returns the run's exit code. Throws Failure, and other exceptions, where this rank cannot
// go on: then decline() is next.
int serve_rank(Ranks& ranks, const std::string& config_path, const RunFlags& flags);

// Tells rank 0 why this rank cannot go on.
void decline(Ranks& ranks, const RankFailure& why);

// Waits until rank 0 ends the run; returns the run's exit code.
int await_end(Ranks& ranks);

}  // namespace tailbit
