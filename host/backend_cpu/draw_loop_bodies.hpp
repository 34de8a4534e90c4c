// The bodies of the hot loops that draw: normals of the steps and mixing variables of the periods, as
// path_loop_bodies.hpp.
#pragma once

#include <algorithm>

#include "host/backend_cpu/tile.hpp"
#include "tailbit/engine/sampling.hpp"
#include "tailbit/models/student_t.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cpu::body {

// A dimension of every lane's point, as uniforms, to what `use` makes of them. Scenarios of one point follow each
// other, and differ in their seeds alone; from a point to the next few bits change.
template <class Use>
HD void each_sobol_uniform(const Tile& tile, std::uint32_t dimension, double* out, Use use) {
  const random::SobolPoints points = tile.plan.sobol;
  const std::size_t randomisations = std::size_t{1} << points.log2_randomisations;
  std::size_t r = points.randomisation(tile.first_scenario);
  std::uint32_t point = points.point(tile.first_scenario);
  std::uint32_t bits = random::sobol_bits(points, dimension, point);
  for (std::size_t first = 0; first < tile.lanes; r = 0) {
    const std::uint32_t* seeds = points.seeds(dimension) + r;
    const std::size_t count = std::min(tile.lanes - first, randomisations - r);
    double* to = out + first;
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) to[i] = use(random::scrambled_uniform(bits, seeds[i]));
    first += count;
    bits ^= random::sobol_bits(points, dimension, point ^ (point + 1));
    ++point;
  }
}

HD void sobol_normals(const Tile& tile, std::uint32_t dimension, double* normals) {
  each_sobol_uniform(tile, dimension, normals, [](double u) { return math::normal_from_uniform(u); });
}

// Two normals of every lane by the generator; of antithetic pairs where `pairs`.
template <bool pairs>
HD void generate(const Tile& tile, std::uint32_t step, std::uint32_t block, std::uint32_t stream, double* first,
                 double* second) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::uint64_t id = scenario + lane;
    const auto z =
        random::two_normals<random::Philox4x32>(key, pairs ? id & ~std::uint64_t{1} : id, step, block, stream);
    first[lane] = pairs ? mirrored(id, z.first) : z.first;
    second[lane] = pairs ? mirrored(id, z.second) : z.second;
  }
}
HD void generate(const Tile& tile, std::uint32_t step, std::uint32_t block, std::uint32_t stream, double* first,
                 double* second) {
  if (tile.plan.sampling == Sampling::antithetic) {
    generate<true>(tile, step, block, stream, first, second);
  } else {
    generate<false>(tile, step, block, stream, first, second);
  }
}

// Standard normals of all factors by the generator, for a step or, with its offset, a date inside it.
HD void generate_step(Tile& tile, std::uint32_t step, const Fixing* fixing) {
  for (std::uint32_t pair = 0; 2 * pair < tile.plan.factors; ++pair) {
    double* first = tile.normals + 2 * pair * tile.stride;
    const std::uint32_t block = fixing != nullptr ? fixing->offset_seconds : pair;
    const std::uint32_t stream = fixing != nullptr ? random::kBridge + pair : std::uint32_t{random::kInnovations};
    generate(tile, step, block, stream, first, first + tile.stride);
  }
}

// Those of a node, in the place of a step's.
HD void draw_node(Tile& tile, std::uint32_t node) {
  if (!node_has_dimensions(tile.plan, node)) return generate_step(tile, node, nullptr);
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f)
    sobol_normals(tile, node_dimension(tile.plan, node) + f, tile.normals + f * tile.stride);
}

// The sum over an interval becomes that over its right half, that over its left half lies on top of it.
HD void split_sums(Tile& tile, const random::PathSplit& split, std::uint32_t top) {
  const std::size_t lanes = tile.lanes;
  const std::size_t sums = tile.plan.factors * tile.stride;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    const double* z = tile.normals + f * tile.stride;
    double* sum = tile.path_sums + top * sums + f * tile.stride;
    double* left = sum + sums;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      left[lane] = left_sum(split, sum[lane], z[lane]);
      sum[lane] -= left[lane];
    }
  }
}

// A step's normals from the nodes'.
HD void draw_path(Tile& tile, std::uint32_t step) {
  const std::size_t lanes = tile.lanes;
  const random::PathStep at = tile.plan.path_steps[step];
  if (step == 0) {
    draw_node(tile, 0);
    const double root_of_steps = math::sqrt(static_cast<double>(tile.plan.steps));
    for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
      const double* z = tile.normals + f * tile.stride;
      double* sum = tile.path_sums + f * tile.stride;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) sum[lane] = root_of_steps * z[lane];
    }
  }
  for (std::uint32_t i = 0; i < at.split_count; ++i) {
    const random::PathSplit split = tile.plan.path_splits[at.first_split + i];
    draw_node(tile, split.node);
    split_sums(tile, split, at.top + i);
  }
  const double* top = tile.path_sums + (at.top + at.split_count) * tile.plan.factors * tile.stride;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    double* z = tile.normals + f * tile.stride;
    const double* sum = top + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) z[lane] = sum[lane];
  }
}

HD void draw(Tile& tile, std::uint32_t step, const Fixing* fixing) {
  if (bridges_path(tile.plan) && fixing == nullptr) {
    draw_path(tile, step);
  } else {
    generate_step(tile, step, fixing);
  }
}

// Of a period's mixing variable, to `normals`.
HD void draw_mixing(const Tile& tile, std::uint32_t period, double* normals) {
  if (period_has_dimension(tile.plan, period)) return sobol_normals(tile, period_dimension(tile.plan, period), normals);
  const PlanView& plan = tile.plan;
  const random::Key key = random::make_key(plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::uint64_t of_pair = plan.sampling == Sampling::antithetic ? ~std::uint64_t{1} : ~std::uint64_t{0};
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    normals[lane] =
        random::two_normals<random::Philox4x32>(key, (scenario + lane) & of_pair, 0, period, random::kMixing).first;
  }
}

// The variance of a step is its shares' mean of the periods' variances; the scale is its root.
HD void mix(Tile& tile, const Step& step) {
  const std::size_t lanes = tile.lanes;
  const double* table = tile.plan.mixing;
  double* scale = tile.scale;
  double* z = tile.change.data();
  for (std::uint32_t i = 0; i < step.share_count; ++i) {
    const PeriodShare part = tile.plan.shares[step.first_share + i];
    draw_mixing(tile, part.period, z);
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double before = i == 0 ? 0.0 : scale[lane];
      scale[lane] = math::fma(part.share, period_variance(table, z[lane]), before);
    }
  }
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) scale[lane] = math::sqrt(scale[lane]);
}

}  // namespace tailbit::cpu::body
