#include <algorithm>
#include <cmath>
#include <set>

#include "host/io/json_file.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {

template <>
struct Spelling<CorrelationRepair> {
  static constexpr std::array<std::string_view, 2> names{"reject", "higham"};
};

namespace {

using Matrix = std::vector<std::vector<double>>;

// A choice of the format of which this version knows one.
bool only(JsonObject& object, const std::string& key, const std::string& known) {
  std::string chosen = known;
  if (!object.defaulted(key, chosen) || chosen == known) return true;
  object.find(key)->problem(in_quotes(chosen) + " is not simulated by this version", "use " + in_quotes(known));
  return false;
}

void read_spot_vol(JsonObject& underlying, double& vol) {
  const auto node = underlying.require("spot_vol");
  JsonObject spot_vol(node);
  if (!spot_vol) return;
  std::string kind;
  if (!spot_vol.required("kind", kind)) return;
  if (kind != "constant") {
    spot_vol.find("kind")->problem(in_quotes(kind) + " is not simulated by this version",
                                   "use {\"kind\": \"constant\", \"vol\": 0.6}");
    return;
  }
  if (spot_vol.required("vol", vol, NotNegative{}) && vol > kMostVol) {
    spot_vol.find("vol")->problem(number_text(vol) + " is above " + number_text(kMostVol),
                                  "write 0.6 for a vol of 60 %");
  }
  spot_vol.no_other_keys();
}

UnderlyingModel read_underlying(const JsonNode& node) {
  UnderlyingModel out;
  JsonObject underlying(node);
  if (underlying.defaulted("drift", out.drift) && std::abs(out.drift) > kMostDrift) {
    underlying.find("drift")->problem(number_text(out.drift) + " is beyond " + number_text(kMostDrift) + " per year",
                                      "write 0.1 for 10 % a year");
  }
  read_spot_vol(underlying, out.vol);
  for (const char* key : {"implied_vol", "jumps", "basis", "premium", "liquidity"}) underlying.not_in_this_version(key);
  underlying.no_other_keys();
  return out;
}

void read_factors(JsonObject& correlation, const Model& model, std::vector<std::string>& factors) {
  const auto list = correlation.require("factors");
  if (!list) return;
  std::vector<std::string> known;
  for (const auto& [name, unused] : model.underlyings) known.push_back(name + ".spot");
  std::set<std::string> seen;
  for (const JsonNode& node : list->elements()) {
    std::string factor;
    if (!read_json(node, factor)) continue;
    if (std::find(known.begin(), known.end(), factor) == known.end()) {
      node.problem(in_quotes(factor) + " is not a factor of this model" + did_you_mean(factor, known),
                   "factors are the underlyings' spots, as \"BTC.spot\"");
    } else if (!seen.insert(factor).second) {
      node.problem(in_quotes(factor) + " is there twice", "list each factor once");
    }
    factors.push_back(factor);
  }
}

// False, and a problem, unless the matrix has n rows of n numbers.
bool read_square(const JsonNode& node, std::size_t n, Matrix& matrix) {
  if (!read_json(node, matrix)) return false;
  const auto right_length = [&](const std::vector<double>& row) { return row.size() == n; };
  if (matrix.size() == n && std::all_of(matrix.begin(), matrix.end(), right_length)) return true;
  node.problem("it is not a matrix of " + std::to_string(n) + " x " + std::to_string(n),
               "give one row and one column per factor");
  return false;
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

void read_correlation(JsonObject& model, Model& out) {
  const auto node = model.find("correlation");
  if (!node) return;
  JsonObject correlation(node);
  read_factors(correlation, out, out.correlation.factors);
  const std::size_t n = out.correlation.factors.size();
  const auto matrix = correlation.require("matrix");
  const bool square = matrix && read_square(*matrix, n, out.correlation.matrix);
  if (square) check_correlation(*matrix, out.correlation.matrix);
  if (const auto repair = correlation.find("repair")) {
    if (repair->value() == "higham") {
      repair->problem("\"higham\" is not part of this version", "use \"reject\" and give a positive definite matrix");
    } else {
      CorrelationRepair choice{};
      read_json(*repair, choice);
    }
  }
  correlation.no_other_keys();
}

}  // namespace

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
  return factors;
}

Model read_model(const std::string& path, Problems& problems) {
  Model out;
  const JsonFile file(path, ExitCode::bad_config, problems);
  JsonObject model(file.root());
  model.schema("tailbit.model/1");
  if (const auto node = model.find("innovations")) {
    JsonObject innovations(node);
    if (only(innovations, "kind", "gaussian")) innovations.no_other_keys();
  }
  only(model, "returns", "log");
  if (const auto node = model.require("underlyings"); JsonObject underlyings{node}) {
    if (node->value().empty()) node->problem("there is no underlying", "give at least one");
    for (const auto& [name, value] : node->value().items()) out.underlyings[name] = read_underlying(node->member(name));
  }
  read_correlation(model, out);
  model.not_in_this_version("common_jumps");
  model.not_in_this_version("regimes");
  model.no_other_keys();
  file.check_schema("tailbit.model/1");
  return out;
}

}  // namespace tailbit
