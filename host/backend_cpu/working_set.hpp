// How many scenarios and contracts go through the loops together: as many as a core's caches hold. Changes no bit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/engine/plan.hpp"

namespace tailbit::cpu {

struct WorkingSet {
  std::size_t tile;          // scenarios
  std::uint32_t chunk_rows;  // contracts priced before their terms are summed
};

// Bytes of the core's own second-level cache; of a usual one where the system does not say.
std::size_t second_level_cache();

// `tile` 0: to be chosen.
WorkingSet working_set(const Plan& plan, std::size_t tile, std::size_t cache_bytes);

}  // namespace tailbit::cpu
