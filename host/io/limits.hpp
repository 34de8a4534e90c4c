// How much is read. A file beyond a limit is refused with the limit and a remedy, before its bytes are touched where
// its size tells. The limits are far above what desks hold, and low enough that no input takes the machine with it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailbit::limits {

// Bytes of a book, a chain, a list of contracts to price.
inline constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;
// Bytes of a JSON file that is held as a tree: config, market, model, instruments.
inline constexpr std::uint64_t kMostJsonBytes = std::uint64_t{256} << 20;

inline constexpr std::size_t kMostPositions = 10'000'000;
inline constexpr std::size_t kMostInstruments = 1'000'000;  // that a book may hold

// Bytes of one name: an instrument, account, desk, venue, counterparty or position id.
inline constexpr std::size_t kLongestName = 1'000;

// Objects and lists inside each other in JSON.
inline constexpr std::size_t kDeepestNesting = 64;
// Different keys, besides those that are known, that are told apart in a venue's positions.
inline constexpr std::size_t kMostUnknownKeys = 100;

}  // namespace tailbit::limits
