#include "host/io/read_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "host/io/limits.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

// Where a model says that a factor exists, by the factor's last part.
struct FactorKey {
  std::string_view kind, what;
};
constexpr FactorKey kFactorKeys[] = {{".vol", "the key `implied_vol/level`"},
                                     {".skew", "the key `implied_vol/skew`"},
                                     {".basis", "the key `basis`"},
                                     {".premium", "the key `premium`"},
                                     {".spot_vol", "a `spot_vol` of the kind \"log_normal\""},
                                     {".variance", "a `spot_vol` of the kind \"heston\""}};

// What to do about a name that is no factor of the model.
std::string remedy_for(const std::string& factor, const Model& model) {
  for (const auto& [kind, what] : kFactorKeys) {
    if (!factor.ends_with(kind)) continue;
    const std::string underlying = factor.substr(0, factor.size() - kind.size());
    if (model.underlyings.contains(underlying))
      return "give " + underlying + " " + std::string(what) + ", or leave the factor out";
  }
  return "factors are underlyings with what moves, as \"BTC.spot\", \"BTC.vol\", \"BTC.skew\", \"BTC.basis\", "
         "\"BTC.premium\", \"BTC.spot_vol\" or \"BTC.variance\"";
}

void check_factor(const JsonNode& node, const std::string& factor, const std::vector<std::string>& known,
                  const Model& model) {
  if (std::find(known.begin(), known.end(), factor) != known.end()) return;
  node.problem(in_quotes(factor) + " is not a factor of this model" + did_you_mean(factor, known),
               remedy_for(factor, model));
}

void read_factors(JsonObject& correlation, const Model& model, std::vector<std::string>& factors) {
  const auto list = correlation.require("factors");
  if (!list) return;
  if (refuse_too_many(*list, limits::kMostFactors, "factors")) return;
  const std::vector<std::string> known = model_factors(model);
  std::set<std::string> seen;
  for (const JsonNode& node : list->elements()) {
    std::string factor;
    if (!read_json(node, factor)) continue;
    check_factor(node, factor, known, model);
    if (factor.ends_with(".variance")) {
      const auto owner = model.underlyings.find(factor.substr(0, factor.rfind('.')));
      if (owner != model.underlyings.end() && owner->second.heston.rho) {
        node.problem(in_quotes(factor) + " has its correlations already, from `rho` of its spot_vol",
                     "leave it out, or leave `rho` out and give its correlation with the spot here");
      }
    }
    if (!seen.insert(factor).second) node.problem(in_quotes(factor) + " is there twice", "list each factor once");
    factors.push_back(factor);
  }
}

void check_correlation(const JsonNode& node, const Matrix& matrix) {
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const JsonNode entry = node.element(i).element(j);
      const double rho = matrix[i][j];
      if (i == j && rho != 1.0) {
        entry.problem(number_text(rho) + " on the diagonal", "a factor's correlation with itself is 1");
      } else if (!(std::abs(rho) <= 1.0)) {
        entry.problem(number_text(rho) + " is not a correlation", "give a number from -1 to 1");
      } else if (rho != matrix[j][i]) {
        entry.problem(number_text(rho) + " differs from " + number_text(matrix[j][i]) + " across the diagonal",
                      "make the matrix symmetric");
      }
    }
  }
}

}  // namespace

bool read_square(const JsonNode& node, std::size_t n, const std::string& each, Matrix& matrix) {
  if (!read_json(node, matrix)) return false;
  const auto right_length = [&](const std::vector<double>& row) { return row.size() == n; };
  if (matrix.size() == n && std::all_of(matrix.begin(), matrix.end(), right_length)) return true;
  node.problem("it is not a matrix of " + std::to_string(n) + " x " + std::to_string(n),
               "give one row and one column per " + each);
  return false;
}

std::optional<Correlation> read_correlation(JsonObject& holder, const Model& model) {
  const auto node = holder.find("correlation");
  if (!node) return std::nullopt;
  Correlation out;
  JsonObject correlation(node);
  read_factors(correlation, model, out.factors);
  const auto matrix = correlation.require("matrix");
  if (matrix && read_square(*matrix, out.factors.size(), "factor", out.matrix)) check_correlation(*matrix, out.matrix);
  correlation.defaulted("repair", out.repair);
  correlation.no_other_keys();
  return out;
}

std::vector<std::string> model_factors(const Model& model) {
  std::vector<std::string> factors;
  const auto add = [&](const char* kind, auto&& has) {
    for (const auto& [name, underlying] : model.underlyings) {
      if (has(underlying)) factors.push_back(name + kind);
    }
  };
  add(".spot", [](const UnderlyingModel&) { return true; });
  add(".vol", [](const UnderlyingModel& u) { return u.level.has_value(); });
  add(".skew", [](const UnderlyingModel& u) { return u.skew.has_value(); });
  add(".basis", [](const UnderlyingModel& u) { return u.basis.has_value(); });
  add(".premium", [](const UnderlyingModel& u) { return u.premium.has_value(); });
  add(".spot_vol", [](const UnderlyingModel& u) { return u.spot_vol == SpotVolKind::log_normal; });
  add(".variance", [](const UnderlyingModel& u) { return u.spot_vol == SpotVolKind::heston; });
  return factors;
}

}  // namespace tailbit
