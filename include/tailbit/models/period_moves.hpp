// Innovations that are drawn for a whole period at once: a vector of moves, one per factor, of unit variance, from a
// history of residuals (filtered historical simulation: Barone-Adesi, Giannopoulos and Vosper 1999) or from a grouped-t
// copula with marginals of its own (Daul, De Giorgi, Lindskog and McNeil 2003). The steps of the period are those of a
// Brownian bridge to that move; docs/definitions, "Scenario at time t".
//
// It is the independent normals that are bridged: their sums over a period are what, times the root of the correlation
// and the vols, makes the factors' moves.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

enum class PeriodMoves : std::uint32_t {
  none,       // each step has its own normals
  bootstrap,  // of rows of residuals
  grouped_t
};

// The place of a step among the `left` steps of its period, itself included: what is left of the period's sum goes to
// it in equal parts.
struct BridgeStep {
  double part;    // 1 / left
  double spread;  // root of (left - 1) / left
};

HD BridgeStep bridge_step(std::uint32_t left) {
  const double steps = left;
  return {1.0 / steps, math::sqrt((steps - 1.0) / steps)};
}

// A step's normal, z, as one whose sum over the period's steps is what is `left` of it.
HD double bridged_normal(const BridgeStep& step, double left, double z) {
  return math::fma(step.spread, z, step.part * left);
}

// --- Bootstrap
// --------------------------------------------------------------------------------------------------------

struct Bootstrap {
  double rows;     // of residuals
  double restart;  // probability of a period that its row does not follow on that of the period before
};

// The row at probability u.
HD double drawn_row(const Bootstrap& bootstrap, double u) {
  constexpr double kWhole = math::Format<double>::rounding_magic;
  const double nearest = math::fma(u, bootstrap.rows, -0.5) + kWhole - kWhole;
  return math::max(0.0, math::min(nearest, bootstrap.rows - 1.0));
}

// The next period's row, `row` being that of now, or `rows` before the first one: blocks of random length, that begin
// again at the history's end (Politis and Romano 1994).
HD double next_row(const Bootstrap& bootstrap, double row, double restart, double u) {
  const double following = row + 1.0 < bootstrap.rows ? row + 1.0 : 0.0;
  return row < bootstrap.rows && restart >= bootstrap.restart ? following : drawn_row(bootstrap, u);
}

// --- Grouped t
// --------------------------------------------------------------------------------------------------------

// From a t variate x of unit variance, with `dof` degrees of freedom, to that of another t law, also of unit variance,
// at the same probability. As a function of ln(1 + x^2 / (dof - 2)) the log of their ratio is smooth over the whole
// range, and short polynomials on equal segments reproduce it.
inline constexpr std::size_t kMarginalCoefficients = 8;
inline constexpr std::size_t kMarginalSegments = 64;

struct Marginal {
  std::uint32_t mixing;      // where the table of the group's mixing variable begins; see models/student_t.hpp
  std::uint32_t table;       // where that of the marginal begins, [kMarginalSegments][kMarginalCoefficients]
  double segments_per_unit;  // of the logarithm; 0: the marginal is that of the group
  double one_over_dof_less_2;
};

// Relative error below 1e-10 (docs/numerics.md).
HD double marginal_shock(const Marginal& marginal, const double* tables, double x) {
  using F = math::Format<double>;
  const double t = math::log(math::fma(x * marginal.one_over_dof_less_2, x, 1.0));
  const double place = math::min(t * marginal.segments_per_unit, static_cast<double>(kMarginalSegments) - 0.5) - 0.5;
  const double row = place + F::rounding_magic;
  const double within = place - (row - F::rounding_magic);
  const std::uint64_t i = (math::to_bits(row) - F::rounding_magic_bits) * kMarginalCoefficients;
  const double* c = tables + marginal.table;
  return x *
         math::exp(math::horner(within, c[i], c[i + 1], c[i + 2], c[i + 3], c[i + 4], c[i + 5], c[i + 6], c[i + 7]));
}

}  // namespace tailbit
