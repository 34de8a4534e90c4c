// The book's weights as the sums over contracts want them: rows in chunks whose changes in value fit a cache, and
// within a chunk all terms of a leaf together, so that a leaf's sum is loaded and stored once per chunk and each
// contract is priced once, however many accounts hold it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tailbit/engine/plan.hpp"

namespace tailbit {

struct Term {
  std::uint32_t row;  // within the chunk
  double quantity;    // times multiplier; payoff units
};

// What a leaf holds of a chunk.
struct Holding {
  std::uint32_t leaf;
  std::uint32_t first_term, term_count;
};

struct Chunk {
  std::uint32_t first_row, row_count;  // within its run
  std::uint32_t first_holding, holding_count;
};

struct LeafTerms {
  std::vector<std::uint32_t> first_chunk;  // [runs + 1] into chunks
  std::vector<Chunk> chunks;
  std::vector<Holding> holdings;
  std::vector<Term> terms;
};

// Chunks of at most `rows` > 0 rows.
inline LeafTerms leaf_terms(const Plan& plan, std::uint32_t rows) {
  struct Entry {
    std::uint32_t leaf;
    Term term;
  };
  LeafTerms result;
  std::vector<Entry> entries;
  for (const Run& run : plan.runs) {
    result.first_chunk.push_back(static_cast<std::uint32_t>(result.chunks.size()));
    for (std::uint32_t first = 0; first < run.row_count; first += rows) {
      const std::uint32_t count = std::min(rows, run.row_count - first);
      entries.clear();
      for (std::uint32_t i = 0; i < count; ++i) {
        const Row& row = plan.rows[run.first_row + first + i];
        for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w)
          entries.push_back({plan.weights[w].leaf, {i, plan.weights[w].quantity}});
      }
      std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.leaf < b.leaf; });
      Chunk chunk{first, count, static_cast<std::uint32_t>(result.holdings.size()), 0};
      for (std::size_t e = 0; e < entries.size(); ++e) {
        if (e == 0 || entries[e].leaf != entries[e - 1].leaf)
          result.holdings.push_back({entries[e].leaf, static_cast<std::uint32_t>(result.terms.size()), 0});
        result.terms.push_back(entries[e].term);
        ++result.holdings.back().term_count;
      }
      chunk.holding_count = static_cast<std::uint32_t>(result.holdings.size()) - chunk.first_holding;
      result.chunks.push_back(chunk);
    }
  }
  result.first_chunk.push_back(static_cast<std::uint32_t>(result.chunks.size()));
  return result;
}

}  // namespace tailbit
