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
// Bytes of one venue's chain of options: all of Deribit's are a few MB.
inline constexpr std::uint64_t kMostChainBytes = std::uint64_t{64} << 20;

// Bytes of one row of a CSV file, one line of JSON Lines, one record of a JSON list. Files are read in blocks, so this
// is what memory depends on.
inline constexpr std::size_t kLongestRow = std::size_t{4} << 20;
// Columns of a CSV file, and different keys of a chain's rows.
inline constexpr std::size_t kMostColumns = 1'000;

inline constexpr std::size_t kMostPositions = 10'000'000;
inline constexpr std::size_t kMostInstruments = 1'000'000;  // that a book may hold

// Of a backtest: series of forecasts, each of a book, a model and a level; they are compared in pairs.
inline constexpr std::size_t kMostForecastSeries = 1'000;

// Of a job. Each step, and each date at which exposure is asked for, takes memory and time to plan.
inline constexpr std::size_t kMostSteps = 10'000'000;
inline constexpr std::size_t kMostExposureDates = 10'000;
inline constexpr std::size_t kMostLevels = 1'000;

// Of market and model, and of all that moves in a model: the correlation matrix has the square of it.
inline constexpr std::size_t kMostUnderlyings = 1'000;
inline constexpr std::size_t kMostFactors = 2'000;
inline constexpr std::size_t kMostRegimes = 16;
inline constexpr std::size_t kMostJumpProcesses = 10'000;  // of a model, all together

// Bytes of one name: an instrument, account, desk, venue, counterparty or position id; and of a key in JSON.
inline constexpr std::size_t kLongestName = 1'000;

// Objects and lists inside each other in JSON.
inline constexpr std::size_t kDeepestNesting = 64;
// Numbers, texts, lists and objects of a JSON file that is held as a tree.
inline constexpr std::size_t kMostJsonValues = 10'000'000;
// Different keys, besides those that are known, that are told apart in a venue's positions.
inline constexpr std::size_t kMostUnknownKeys = 100;

// Bytes that are told of a file's text in a message.
inline constexpr std::size_t kLongestTold = 1'000;

}  // namespace tailbit::limits
