// One replayed scenario as JSON.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "host/backend_cpu/replay.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/factor_scale.hpp"

namespace tailbit {

// The keys of a scenario of tailbit.replay/1 from `mixing` on. Contracts are those that `group` holds, by profit, the
// largest loss first; with `top` only so many that lost and so many that gained.
nlohmann::ordered_json seen_json(const cpu::Replay& replay, const Inputs& inputs, const CompiledJob& job,
                                 const FactorScale& scale, const Group& group, std::optional<std::uint64_t> top);

}  // namespace tailbit
