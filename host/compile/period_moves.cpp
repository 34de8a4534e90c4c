#include "host/compile/period_moves.hpp"

#include <algorithm>
#include <map>

#include "host/compile/marginal_table.hpp"
#include "host/compile/mixing_table.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

// The independent normals whose correlated sums are a row of residuals: by forward substitution. Factors that are not
// bridged are independent of those that are.
std::vector<double> independent(const std::vector<double>& row, const std::vector<std::uint8_t>& is_bridged,
                                const Matrix& root) {
  std::vector<double> normals(row.size(), 0.0);
  for (std::size_t f = 0; f < row.size(); ++f) {
    if (is_bridged[f] == 0) continue;
    double rest = row[f];
    for (std::size_t j = 0; j < f; ++j) rest = math::fma(-root[f][j], normals[j], rest);
    normals[f] = rest / root[f][f];
  }
  return normals;
}

std::size_t place_of(const std::vector<std::string>& factors, const std::string& factor) {
  return static_cast<std::size_t>(std::find(factors.begin(), factors.end(), factor) - factors.begin());
}

void add_bootstrap(const BootstrapModel& model, const std::vector<std::string>& factors, const Matrix& root,
                   Paths& paths) {
  paths.period_moves = PeriodMoves::bootstrap;
  paths.bootstrap = {static_cast<double>(model.rows.size()), 1.0 / model.mean_block};
  std::vector<std::size_t> places;
  for (const std::string& factor : model.factors) {
    places.push_back(place_of(factors, factor));
    paths.is_bridged[places.back()] = 1;
  }
  for (const std::vector<double>& row : model.rows) {
    std::vector<double> all(factors.size(), 0.0);
    for (std::size_t i = 0; i < places.size(); ++i) all[places[i]] = row[i];
    const std::vector<double> normals = independent(all, paths.is_bridged, root);
    paths.residuals.insert(paths.residuals.end(), normals.begin(), normals.end());
  }
}

// Tables, each there once.
class MarginalTables {
 public:
  explicit MarginalTables(std::vector<double>& tables) : tables_(tables) {}

  Marginal marginal(double dof, double to) {
    Marginal out{};
    out.mixing = at(dof, dof, [&] { return make_mixing_table(dof); });
    out.one_over_dof_less_2 = 1.0 / (dof - 2.0);
    if (to == dof) return out;
    out.table = at(dof, to, [&] { return make_marginal_table(dof, to); });
    out.segments_per_unit = marginal_segments_per_unit(dof);
    return out;
  }

 private:
  template <class Make>
  std::uint32_t at(double dof, double to, Make&& make) {
    const auto [place, is_new] = places_.try_emplace({dof, to}, static_cast<std::uint32_t>(tables_.size()));
    if (is_new) {
      const std::vector<double> table = make();
      tables_.insert(tables_.end(), table.begin(), table.end());
    }
    return place->second;
  }

  std::vector<double>& tables_;
  std::map<std::pair<double, double>, std::uint32_t> places_;  // by both degrees of freedom; equal ones: the mixing's
};

void add_grouped_t(const GroupedTModel& model, const std::vector<std::string>& factors, const Matrix& root,
                   Paths& paths) {
  paths.period_moves = PeriodMoves::grouped_t;
  paths.marginals.resize(factors.size());
  MarginalTables tables(paths.marginal_tables);
  for (const TGroup& group : model.groups) {
    for (const std::string& factor : group.factors) {
      const std::size_t f = place_of(factors, factor);
      const auto own = model.marginals.find(factor);
      paths.is_bridged[f] = 1;
      paths.marginals[f] = tables.marginal(group.dof, own == model.marginals.end() ? group.dof : own->second);
    }
  }
  for (const std::vector<double>& row : root)
    paths.correlation_root.insert(paths.correlation_root.end(), row.begin(), row.end());
}

}  // namespace

void add_period_moves(const Model& model, const Matrix& root, Paths& paths) {
  if (!model.bootstrap && !model.grouped_t) return;
  const std::vector<std::string>& factors = model.correlation.factors;
  paths.is_bridged.assign(factors.size(), 0);
  if (model.bootstrap) add_bootstrap(*model.bootstrap, factors, root, paths);
  if (model.grouped_t) add_grouped_t(*model.grouped_t, factors, root, paths);
}

}  // namespace tailbit
