// What `tailbit backtest CONFIG` is asked for: a file `tailbit.rolling/1`. Plain data.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/history.hpp"

namespace tailbit {

struct RollingUnderlying {
  std::vector<SeriesSource> prices;  // what the first lacks, the next may have; returns are of one source each
  std::optional<SeriesSource> vol_index;
};

// A holding that is bought anew at each forecast: the same relative strike, the same time to expiry.
struct RollingPosition {
  std::string underlying;
  double notional = 0.0;  // USD at the spot of the forecast; negative: short
  std::optional<OptionKind> option{};
  double moneyness = 1.0;          // strike over spot
  std::int64_t tenor_seconds = 0;  // of an option, longer than the horizon
};

enum class ForecastKind {
  historical,           // moves of the window as they were
  filtered_historical,  // the window's residuals of a filter, at today's vols
  normal,               // at the vols and correlations of an EWMA
  garch,                // GARCH, standardised residuals of a multivariate t
  student_t,            // a multivariate t of the window's moves, no vol changes inside it
  engine                // a tailbit.model/1 file, simulated as in a run
};
template <>
struct Spelling<ForecastKind> {
  static constexpr std::array<std::string_view, 6> names{"historical", "filtered_historical", "normal",
                                                         "garch",      "student_t",           "engine"};
};
enum class VolFilter { ewma, garch, gjr };
template <>
struct Spelling<VolFilter> {
  static constexpr std::array<std::string_view, 3> names{"ewma", "garch", "gjr"};
};

struct ForecastModel {
  ForecastKind kind = ForecastKind::historical;
  VolFilter filter = VolFilter::ewma;
  double decay = 0.94;         // of EWMA
  std::uint64_t window = 500;  // moves that a forecast looks back at
  std::uint64_t refit = 20;    // forecasts between fits
  std::string model{};         // of the engine: the path of its model
  std::uint32_t steps = 1;     // of the engine: of a horizon
};

struct RollingConfig {
  std::string path;
  Timestamp from, to;  // of the first forecast, and the last outcome
  std::int64_t horizon_seconds = 86'400;
  std::vector<double> levels{0.99};
  std::uint64_t scenarios = 10'000, seed = 1;
  std::map<std::string, RollingUnderlying> underlyings;
  std::map<std::string, std::vector<RollingPosition>> books;
  std::map<std::string, ForecastModel> models;
};

inline constexpr std::uint64_t kFewestMoves = 100;  // of a window

// Paths are relative to the config's folder.
RollingConfig read_rolling_config(const std::string& path, Problems& problems);

}  // namespace tailbit
