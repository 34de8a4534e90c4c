#include "bench/cases.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/fit/model.hpp"
#include "host/io/problems.hpp"

namespace tailbit::bench {
namespace {

OptionKind option(int i) { return i % 2 == 0 ? OptionKind::call : OptionKind::put; }
// Beyond 500, between those before.
double strike(int i) { return 60.0 + 0.16 * (i % 500) + 0.08 * (i / 500); }
bool on_slices(Smile smile) { return smile == Smile::svi || smile == Smile::svi_shocked; }
// On the slices' own dates, or between them.
Timestamp expiry(int i, const Case& of) {
  return {kAsOf.seconds + kDay * (on_slices(of.smile) ? 40 * (1 + i % 5) : 41 + i % 150)};
}
std::optional<double> vol(int i, const Case& of) {
  return of.smile == Smile::own ? std::optional(0.4 + 0.001 * (i % 300)) : std::nullopt;
}

ContractTerms european(int i, const Case& of) {
  return European::Terms{option(i), strike(i), expiry(i, of), of.settlement, vol(i, of)};
}
// Expired at noon: what is measured is the payoff at a date on the way.
ContractTerms settled_european(int i, const Case& of) {
  return European::Terms{option(i), strike(i), {kAsOf.seconds + kDay / 2}, of.settlement, vol(i, of)};
}
ContractTerms digital(int i, const Case& of) {
  return Digital::Terms{option(i), strike(i), expiry(i, of), DigitalPayoff::cash, 10.0, UsdSettlement::usd, vol(i, of)};
}
ContractTerms future(int i, const Case& of) { return Future::Terms{expiry(i, of), of.settlement}; }
ContractTerms perpetual(int, const Case& of) { return Perpetual::Terms{of.settlement}; }
ContractTerms spot(int, const Case&) { return Spot::Terms{}; }

// One line a case. (A market has few perpetuals; 2,000 of them would measure the memory that their states take.)
constexpr Settlement kUsd = Settlement::usd, kCoin = Settlement::coin;
constexpr Case kCases[] = {
    {"european", kUsd, Smile::own, european, 500},
    {"european", kUsd, Smile::flat, european, 500},
    {"european", kUsd, Smile::svi, european, 500},
    {"european", kUsd, Smile::svi_between, european, 500},
    {"european", kUsd, Smile::svi_shocked, european, 500},
    {"european", kCoin, Smile::own, european, 500},
    {"european", kCoin, Smile::flat, european, 500},
    {"european", kCoin, Smile::svi, european, 500},
    {"european", kCoin, Smile::svi_between, european, 500},
    {"european", kCoin, Smile::svi_shocked, european, 500},
    {"digital", kUsd, Smile::own, digital, 500},
    {"digital", kUsd, Smile::svi, digital, 500},
    {"digital", kUsd, Smile::svi_between, digital, 500},
    {"digital", kUsd, Smile::svi_shocked, digital, 500},
    {"future", kUsd, Smile::none, future, 500},
    {"future", kCoin, Smile::none, future, 500},
    {"perpetual", kUsd, Smile::none, perpetual, 50},
    {"perpetual", kCoin, Smile::none, perpetual, 50},
    {"perpetual, funded", kUsd, Smile::none, perpetual, 50, 1e-4},
    {"perpetual, funded", kCoin, Smile::none, perpetual, 50, 1e-4},
    {"spot", kUsd, Smile::none, spot, 500},
    {"european, settled", kUsd, Smile::own, settled_european, 500},
    {"european, settled", kCoin, Smile::own, settled_european, 500},
};

Surface surface(Smile smile) {
  if (smile == Smile::flat) return FlatSurface{0.6};
  if (smile == Smile::none || smile == Smile::own) return {};
  SviSurface svi;
  for (int i = 1; i <= 5; ++i)
    svi.slices.push_back({{kAsOf.seconds + i * 40 * kDay}, 0.01 * i, 0.08 * i, -0.2, 0.02, 0.3});
  return svi;
}

}  // namespace

std::span<const Case> cases() { return kCases; }

const Case& find_case(const std::string& family, Settlement settlement, Smile smile) {
  const auto* const found = std::find_if(std::begin(kCases), std::end(kCases), [&](const Case& c) {
    return c.family == family && c.settlement == settlement && c.smile == smile;
  });
  if (found == std::end(kCases)) throw std::logic_error("no case " + family + ", " + smile_name(smile));
  return *found;
}

const char* smile_name(Smile smile) {
  constexpr const char* kNames[] = {"none", "own vol", "flat", "SVI slice", "between SVI slices", "SVI slice, shocked"};
  return kNames[static_cast<int>(smile)];
}

void shock(UnderlyingModel& model) {
  model.level = LevelModel{5.0, 0.9, 0.5};
  model.skew = SkewModel{5.0, 1.1};
  model.basis = BasisModel{20.0, 0.1, 0.5};
}

Inputs make_market(Smile smile, int underlyings) {
  Inputs inputs;
  inputs.config.horizon_seconds = kDay;
  inputs.config.seed = 42;
  inputs.config.levels = {0.99};
  inputs.config.exposure_seconds = {kDay};
  inputs.market.as_of = kAsOf;
  inputs.market.usd_rate = 0.03;
  for (int u = 0; u < underlyings; ++u) {
    const std::string name = "COIN" + std::to_string(10 + u);
    inputs.market.underlyings[name].spot = 100.0;
    inputs.market.underlyings[name].surface = surface(smile);
    UnderlyingModel model;
    model.vol = 0.6;
    if (smile == Smile::svi_shocked) shock(model);
    inputs.model.underlyings[name] = model;
  }
  return inputs;
}

void add_contracts(Inputs& inputs, const Case& of, int per_underlying) {
  for (auto& [name, market] : inputs.market.underlyings) {
    if (of.funding_8h != 0.0) market.funding.rate_8h = of.funding_8h;
    for (int i = 0; i < per_underlying; ++i) {
      std::string id = name + "-" + std::to_string(inputs.instruments.size());
      Position position;
      position.instrument = id;
      position.quantity = (i * 7 % 11) - 5.3;
      inputs.positions.push_back(position);
      inputs.instruments.push_back({std::move(id), name, 1.0, of.contract(i, of)});
    }
  }
}

void finish(Inputs& inputs) {
  Correlation& correlation = inputs.model.correlation;
  correlation.factors = model_factors(inputs.model);
  const std::size_t n = correlation.factors.size();
  correlation.matrix.assign(n, std::vector<double>(n, 0.3));
  for (std::size_t i = 0; i < n; ++i) correlation.matrix[i][i] = 1.0;
  std::sort(inputs.instruments.begin(), inputs.instruments.end(),
            [](const Instrument& a, const Instrument& b) { return a.id < b.id; });
  Problems problems;
  std::vector<std::string> warnings;
  fit_model(inputs.model, "bench", problems, warnings);
  problems.throw_if_any();
}

Inputs make_inputs(const Case& of, const Size& size, Precision precision) {
  Inputs inputs = make_market(of.smile, 4);
  inputs.config.scenarios = size.scenarios;
  inputs.config.precision = precision;
  add_contracts(inputs, of, size.per_underlying);
  finish(inputs);
  return inputs;
}

}  // namespace tailbit::bench
