// The backend of a run on several ranks, at rank 0: what is simulated is simulated by all of them, itself among them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/ops/backend.hpp"
#include "host/ops/ranks.hpp"

namespace tailbit {

// Waits until every rank is ready; everything must outlive it. Throws Failure: what a rank failed with, or that it
// would run another job, with the rank's number and machine. What the ranks warn of is added to `warnings`.
std::unique_ptr<Backend> make_ranked_backend(Ranks& ranks, const std::string& run_id, const CompiledJob& job,
                                             const measure::Request& request, const RunFlags& flags,
                                             std::vector<std::string>& warnings);

// "4 ranks: 3 x NVIDIA H200 (cuda:0); 1 x AMD EPYC 7B13 (v4)", with " on 2 hosts" where there are several.
std::string ranks_text(const std::vector<RankReady>& ranks);

}  // namespace tailbit
