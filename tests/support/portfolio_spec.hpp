// Books as portfolios_exact.json specifies them, brought into a job's files.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/simulated.hpp"

namespace tailbit::test {

// Every copy of a group is an underlying of its own, with its contracts: "G0C3", third copy of the first group.
class PortfolioJob {
 public:
  PortfolioJob(const nlohmann::json& spec, std::uint64_t scenarios, std::uint64_t seed)
      : spec_(spec), job_(spec["horizon"], scenarios, seed) {
    job_.market["rates"]["USD"] = spec["r"];
    job_.run["group_by"] = {"underlying"};
    choose_returns();
    choose_dependence();
    for (std::size_t g = 0; g < spec["groups"].size(); ++g) {
      const int count = spec["groups"][g]["count"];
      copies_.emplace_back();
      for (int copy = 0; copy < count; ++copy) add_copy(g, copy);
    }
    correlate();
  }

  JobText& text() { return job_; }
  // [groups][copies] names of the underlyings.
  const std::vector<std::vector<std::string>>& copies() const { return copies_; }

 private:
  void choose_returns() {
    const std::string model = spec_["spot_model"];
    if (model != "lognormal" && model != "arithmetic_normal") throw std::runtime_error("spot_model " + model);
    simple_ = model == "arithmetic_normal";
    if (simple_) job_.model["returns"] = "simple";
  }

  void choose_dependence() {
    const nlohmann::json& dependence = spec_["dependence"];
    const std::string kind = dependence["kind"];
    rho_ = dependence.value("rho", 0.0);
    if (kind == "independent" || kind == "one_factor") return;
    if (kind != "multivariate_t") throw std::runtime_error("dependence " + kind);
    const double nu = dependence["nu"];
    const auto seconds = std::llround(spec_["horizon"].get<double>() * 31'536'000.0);
    job_.model["innovations"] = {{"kind", "student_t"}, {"dof", nu}, {"period", std::to_string(seconds) + "s"}};
    // The engine's t has unit variance; where the spec's has not, vols take what is missing.
    if (!dependence.value("variance_matched", true)) stretch_ = std::sqrt(nu / (nu - 2.0));
  }

  void add_copy(std::size_t g, int copy) {
    const nlohmann::json& group = spec_["groups"][g];
    const std::string name = "G" + std::to_string(g) + "C" + std::to_string(copy);
    const double sigma = group["sigma"], spot = group["S0"], vol = sigma * stretch_;
    // The log-return drifts by drift - sigma^2 / 2, whatever the stretch.
    const double drift = spec_.value("drift", 0.0) + (simple_ ? 0.0 : 0.5 * (vol * vol - sigma * sigma));
    job_.underlying(name, spot, vol, drift);
    copies_.back().push_back(name);
    std::vector<double> expiries;
    for (std::size_t i = 0; i < group["legs"].size(); ++i) add_leg(name, i, group["legs"][i], expiries);
    if (spec_["q"].get<double>() != 0.0) list_forwards(name, spot, expiries);
  }

  // [type, K, T, quantity, implied vol]
  void add_leg(const std::string& name, std::size_t index, const nlohmann::json& leg, std::vector<double>& expiries) {
    const std::string type = leg[0];
    const double strike = leg[1], years = leg[2], quantity = leg[3];
    if (type == "fwd") {
      if (strike != 0.0 || years != 0.0) throw std::runtime_error("a fwd leg with a strike or an expiry");
      return job_.hold(name, quantity);
    }
    if (type != "call" && type != "put") throw std::runtime_error("leg " + type);
    nlohmann::json contract = option(name + "-" + std::to_string(index), name, type, strike, years);
    contract["vol"] = leg[4];
    job_.define(contract, quantity);
    expiries.push_back(years);
  }

  void list_forwards(const std::string& name, double spot, std::vector<double> expiries) {
    std::sort(expiries.begin(), expiries.end());
    expiries.erase(std::unique(expiries.begin(), expiries.end()), expiries.end());
    const double carry = spec_["r"].get<double>() - spec_["q"].get<double>();
    for (const double years : expiries) {
      job_.market["underlyings"][name]["forwards"].push_back(
          {{"expiry", after(years)}, {"forward", spot * std::exp(carry * years)}});
    }
  }

  void correlate() {
    if (rho_ == 0.0) return;
    std::vector<std::string> factors;
    for (const auto& group : copies_) {
      for (const std::string& name : group) factors.push_back(name + ".spot");
    }
    std::vector<std::vector<double>> matrix(factors.size(), std::vector<double>(factors.size(), rho_));
    for (std::size_t i = 0; i < factors.size(); ++i) matrix[i][i] = 1.0;
    job_.correlate(factors, matrix);
  }

  const nlohmann::json& spec_;
  JobText job_;
  bool simple_ = false;
  double rho_ = 0.0, stretch_ = 1.0;
  std::vector<std::vector<std::string>> copies_;
};

}  // namespace tailbit::test
