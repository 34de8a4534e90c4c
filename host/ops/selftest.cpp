#include "host/ops/selftest.hpp"

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/correlation.hpp"
#include "host/fit/model.hpp"
#include "host/io/text.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/digest.hpp"
#include "host/report/measure.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kAsOf{1'767'225'600};  // 2026-01-01T00:00:00Z

Timestamp after_days(double days) { return {kAsOf.seconds + static_cast<std::int64_t>(days * kDay)}; }

class JobBuilder {
 public:
  explicit JobBuilder(Inputs& inputs) : inputs_(inputs) {}

  void hold(const std::string& id, const std::string& underlying, ContractTerms terms, double quantity) {
    inputs_.instruments.push_back({id, underlying, 1.0, std::move(terms)});
    Position position;
    position.desk = inputs_.positions.size() % 2 == 0 ? "alpha" : "beta";
    position.instrument = id;
    position.quantity = quantity;
    inputs_.positions.push_back(position);
  }

  // Calls and puts around the money at one expiry, alternately long and short.
  void hold_strip(const std::string& underlying, double spot, double days, std::optional<double> vol) {
    for (int i = 0; i < 6; ++i) {
      const double strike = spot * (0.85 + 0.06 * i);
      const OptionKind option = i % 2 == 0 ? OptionKind::put : OptionKind::call;
      const std::string id = underlying + "-" + number_text(days) + "-" + std::to_string(i);
      const double quantity = (i % 3 == 0 ? -1.5 : 1.0) * 1000.0 / spot;
      hold(id, underlying, European::Terms{option, strike, after_days(days), Settlement::usd, vol}, quantity);
      const DigitalPayoff payoff = i % 2 == 0 ? DigitalPayoff::cash : DigitalPayoff::asset;
      hold(id + "-digital", underlying,
           Digital::Terms{option, strike, after_days(days), payoff, 0.1 * spot, UsdSettlement::usd, vol}, quantity);
    }
  }

 private:
  Inputs& inputs_;
};

Json check(const std::string& name, const std::string& device, bool pass, const std::string& detail) {
  return {{"check", name}, {"device", device}, {"pass", pass}, {"detail", detail}};
}

// Random123's known-answer vector (kat_vectors, philox4x32, 10 rounds; digits of pi).
Json check_philox() {
  const random::Words x =
      random::Philox4x32::generate({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u});
  const bool pass = x.x0 == 0xd16cfe09u && x.x1 == 0x94fdccebu && x.x2 == 0x5001e420u && x.x3 == 0x24126ea1u;
  return check("Philox4x32-10 known answer", "cpu", pass, pass ? "" : "the generator's words differ");
}

struct KnownJob {
  const char* name;
  Inputs (*inputs)(Precision);
  const char* digest[2];  // losses_sha256 at kNumerics, double and single
};

constexpr KnownJob kKnownJobs[] = {
    {"known job",
     known_answer_inputs,
     {"662fd927c89a5a1cc857bd647d98380743e1d8628b573994d545defca240902d",
      "a8b653ef43e6b63bae02006b17c86931fa390e15752983b490bf84897490d866"}},
    {"known factors",
     known_factor_inputs,
     {"6a712f682d1e09f92c5fc8351cc21be01071bb00e1c355991c1876781cdf24d1",
      "6e364f677cee93f9580aad9ba287333846cb8c076cbf0f0783883de959894a50"}},
    {"known parts",
     known_part_inputs,
     {"304c52826d7b25ee0da7fd1e0a56a3739943efbe7936fa3432a7e6cfaec31ce1",
      "a23bdfc7acd3d4dbcf71d3739dd1960ea736d2c47228f639dccb7a36b70cb272"}},
    {"known regimes",
     known_regime_inputs,
     {"29a3ad1a7684833e6a680ff3c5e3b6720351f137af5ef724ceb7bb74ce88baec",
      "ce121cbbf26d4522860fb1c9fddf3ac471f3d102d17bbc7905a6df38680bd2db"}},
    {"known periods",
     known_period_inputs,
     {"3a78c440ed3e97ad2b1a07ae522b6d4116c9616d13d0c988b6ed9d4b881df170",
      "b85012ce8b38fd7e9cf4fe15a397cf93ea68ff18383cb9c84c0de008bd3792ac"}},
    {"known history",
     known_history_inputs,
     {"653766dd534abfbcb1c7648209409d730fd4163b3f19d9e6d8083a4bc5b86130",
      "180dc611ecf202dbf1aa14a2097007a74ee34ced53affd6d2b529cab424cbd9e"}},
};

void check_job(Json& checks, const RunFlags& flags, const std::string& device) {
  for (const KnownJob& known : kKnownJobs) {
    for (const Precision precision : {Precision::double_, Precision::single}) {
      const bool single = precision == Precision::single;
      const std::string name = std::string(known.name) + (single ? ", single" : ", double");
      try {
        const Inputs inputs = known.inputs(precision);
        const CompiledJob job = compile(inputs);
        const Simulation simulation = simulate(job, make_request(job, inputs.config), flags);
        const std::string digest = losses_sha256(simulation.results.losses[0]);
        const std::string expected = known.digest[single ? 1 : 0];
        checks.push_back(
            check(name, device, digest == expected, digest == expected ? digest : digest + ", expected " + expected));
      } catch (const Failure& failure) {
        checks.push_back(check(name, device, false, failure.what()));
      }
    }
  }
}

}  // namespace

Inputs known_answer_inputs(Precision precision) {
  Inputs inputs;
  inputs.config.horizon_seconds = 2 * kDay;
  inputs.config.steps = 5;
  inputs.config.scenarios = 5000;
  inputs.config.seed = 20260101;
  inputs.config.precision = precision;
  inputs.config.levels = {0.95, 0.99};
  inputs.config.group_by = {"desk", "underlying"};
  inputs.config.exposure_seconds = {kDay, 2 * kDay};
  inputs.market.as_of = kAsOf;
  inputs.market.usd_rate = 0.03;

  UnderlyingMarket& a = inputs.market.underlyings["AAA"];
  a.spot = 50000.0;
  a.forwards = {{after_days(10), 50100.0}, {after_days(60), 50900.0}};
  a.surface =
      SviSurface{{{after_days(10), 0.002, 0.04, -0.2, 0.01, 0.1}, {after_days(60), 0.01, 0.09, -0.1, 0.02, 0.2}}};
  a.funding.rate_8h = 0.0001;
  UnderlyingMarket& b = inputs.market.underlyings["BBB"];
  b.spot = 3000.0;
  b.surface = FlatSurface{0.7};
  inputs.market.underlyings["CCC"].spot = 1.25;

  inputs.model.underlyings = {{"AAA", {0.05, 0.5}}, {"BBB", {0.0, 0.8}}, {"CCC", {-0.1, 1.1}}};
  inputs.model.correlation.factors = {"AAA.spot", "BBB.spot", "CCC.spot"};
  inputs.model.correlation.matrix = {{1.0, 0.8, 0.3}, {0.8, 1.0, 0.5}, {0.3, 0.5, 1.0}};
  Problems problems;
  fit_correlation(inputs.model, "known answer", problems);
  problems.throw_if_any();

  JobBuilder job(inputs);
  for (const double days : {1.3, 5.0, 10.0, 30.0, 90.0}) job.hold_strip("AAA", 50000.0, days, std::nullopt);
  job.hold_strip("BBB", 3000.0, 2.0, std::nullopt);
  job.hold_strip("BBB", 3000.0, 20.0, std::nullopt);
  job.hold_strip("CCC", 1.25, 45.0, 1.2);
  job.hold("AAA", "AAA", Spot::Terms{}, -0.04);
  job.hold("CCC", "CCC", Spot::Terms{}, 700.0);
  job.hold("AAA_USDC-PERPETUAL", "AAA", Perpetual::Terms{}, 0.1);
  job.hold("BBB_USDC-PERPETUAL", "BBB", Perpetual::Terms{}, -1.0);
  for (const double days : {1.3, 30.0}) {
    job.hold("AAA-coin-put-" + number_text(days), "AAA",
             European::Terms{OptionKind::put, 48000.0, after_days(days), Settlement::coin, std::nullopt}, 0.02);
    job.hold("AAA-future-" + number_text(days), "AAA", Future::Terms{after_days(days), Settlement::usd}, -0.03);
    job.hold("AAA-coin-future-" + number_text(days), "AAA", Future::Terms{after_days(days), Settlement::coin}, 900.0);
  }
  job.hold("AAA-PERPETUAL", "AAA", Perpetual::Terms{Settlement::coin}, -2500.0);
  job.hold("BBB-PERPETUAL", "BBB", Perpetual::Terms{Settlement::coin}, 1200.0);
  return inputs;
}

Inputs known_factor_inputs(Precision precision) {
  Inputs inputs = known_answer_inputs(precision);
  inputs.config.steps = 4;
  inputs.config.exposure_seconds = {kDay, 147'000, 2 * kDay};
  inputs.config.cash_conversion = CashConversion::at_receipt;
  inputs.market.underlyings["AAA"].funding = {FundingRule::deribit, 0.0, 0.005, 0.0003};
  inputs.market.underlyings["BBB"].surface =
      SviSurface{{{after_days(15), 0.004, 0.06, -0.3, 0.0, 0.15}, {after_days(60), 0.02, 0.12, -0.2, 0.02, 0.3}}};
  inputs.market.underlyings["BBB"].funding = {FundingRule::binance, 0.0001, std::nullopt, -0.0004};

  Model& model = inputs.model;
  model.student_t = StudentT{4.0, kDay, 0.08};
  UnderlyingModel& a = model.underlyings["AAA"];
  a.spot_vol = SpotVolKind::implied;
  a.level = LevelModel{3.0, 1.2, 0.5};
  a.skew = SkewModel{2.0, 0.8};
  a.basis = BasisModel{20.0, 0.3, 1.0};
  a.premium = PremiumModel{500.0, 0.02, 0.0001};
  UnderlyingModel& b = model.underlyings["BBB"];
  b.spot_vol = SpotVolKind::implied;
  b.sticky = Sticky::strike;
  b.level = LevelModel{0.0, 1.5, 0.0};
  model.underlyings["CCC"].basis = BasisModel{0.0, 0.5, 0.5};
  model.underlyings["CCC"].premium = PremiumModel{300.0, 0.05, 0.0};
  // Moves of volatility against those of the spots, among themselves, and of basis and premium with them.
  model.correlation.factors = {"AAA.spot", "BBB.spot", "CCC.spot", "AAA.vol", "BBB.vol", "AAA.skew", "AAA.premium"};
  model.correlation.matrix = {{1.0, 0.8, 0.3, -0.4, -0.3, 0.2, 0.3},  {0.8, 1.0, 0.5, -0.3, -0.4, 0.1, 0.2},
                              {0.3, 0.5, 1.0, 0.0, 0.0, 0.0, 0.1},    {-0.4, -0.3, 0.0, 1.0, 0.7, -0.2, -0.1},
                              {-0.3, -0.4, 0.0, 0.7, 1.0, -0.1, 0.0}, {0.2, 0.1, 0.0, -0.2, -0.1, 1.0, 0.0},
                              {0.3, 0.2, 0.1, -0.1, 0.0, 0.0, 1.0}};
  Problems problems;
  fit_correlation(model, "known answer", problems);
  problems.throw_if_any();

  JobBuilder job(inputs);
  job.hold("CCC_USDC-PERPETUAL", "CCC", Perpetual::Terms{}, 400.0);
  return inputs;
}

Inputs known_part_inputs(Precision precision) {
  Inputs inputs = known_factor_inputs(precision);
  Model& model = inputs.model;
  const auto normal = [](double mean, double stdev) {
    return JumpSizeModel{.kind = JumpKind::normal, .mean = mean, .stdev = stdev};
  };
  JumpSizeModel crash = normal(-0.02, 0.03);
  crash.vol_jump = 0.2;
  crash.skew_jump = -0.1;
  crash.basis_jump = -0.3;
  model.underlyings["AAA"].jumps = {{400.0, crash}};
  model.underlyings["BBB"].jumps = {
      {900.0, {.kind = JumpKind::kou, .up_probability = 0.4, .up_rate = 60.0, .down_rate = 40.0}}};
  model.underlyings["CCC"].jumps = {{30.0, {.kind = JumpKind::to_zero, .recovery = 0.3}}};
  UnderlyingModel& c = model.underlyings["CCC"];
  c.spot_vol = SpotVolKind::heston;
  c.vol = 0.9;
  c.heston = {.v0 = 0.81, .kappa = 20.0, .theta = 0.6, .vol_of_vol = 6.0, .rho = -0.4};
  UnderlyingModel& b = model.underlyings["BBB"];
  b.spot_vol = SpotVolKind::garch;
  b.vol = 0.6;
  b.garch = {.omega = 0.02, .alpha = 0.15, .beta = 0.75, .gamma = 0.1, .max_vol = 2.0};
  UnderlyingModel& d = model.underlyings["DDD"];
  d.spot_vol = SpotVolKind::log_normal;
  d.vol = 0.8;
  d.log_normal = {.long_run_vol = 1.1, .kappa = 15.0, .vol_of_vol = 2.5};
  inputs.market.underlyings["DDD"].spot = 7.0;
  Problems problems;
  fit_correlation(model, "known answer", problems);
  problems.throw_if_any();
  JobBuilder job(inputs);
  job.hold("DDD", "DDD", Spot::Terms{}, 3000.0);
  crash.skew_jump = crash.basis_jump = 0.0;
  model.common_jumps = {{200.0, 0.8, {{"AAA", normal(-0.03, 0.02)}, {"BBB", crash}, {"CCC", normal(0.01, 0.05)}}}};
  return inputs;
}

// Three states; where `correlations`, the last has its own.
RegimesModel known_regimes(bool correlations) {
  RegimesModel regimes;
  regimes.states = {
      {"calm", 0.7, {{"CCC", 1.0}}, 0.5}, {"usual"}, {"stressed", 2.2, {{"CCC", 1.0}, {"BBB", 3.0}}, 4.0}};
  if (correlations)
    regimes.states[2].correlation =
        Correlation{{"AAA.spot", "BBB.spot", "AAA.vol"}, {{1.0, 0.95, 0.4}, {0.95, 1.0, 0.3}, {0.4, 0.3, 1.0}}};
  regimes.transition = {{0.8, 0.15, 0.05}, {0.3, 0.5, 0.2}, {0.05, 0.25, 0.7}};
  return regimes;
}

void fit_known(Model& model) {
  std::vector<std::string> warnings;
  Problems problems;
  fit_model(model, "known answer", problems, warnings);
  problems.throw_if_any();
}

Inputs known_regime_inputs(Precision precision) {
  Inputs inputs = known_part_inputs(precision);
  Model& model = inputs.model;
  model.regimes = known_regimes(true);
  model.underlyings["BBB"].jumps[0].self_excitation = SelfExcitation{0.5, 150.0, 300.0};
  model.common_jumps[0].self_excitation = SelfExcitation{0.3, 80.0};
  fit_known(model);
  return inputs;
}

Inputs known_period_inputs(Precision precision) {
  Inputs inputs = known_regime_inputs(precision);
  Model& model = inputs.model;
  model.underlyings["CCC"].spot_vol = SpotVolKind::constant;  // Heston's is drawn step by step
  model.regimes = known_regimes(false);
  model.student_t.reset();
  model.max_move = 0.12;
  // CCC.spot is Gaussian.
  model.grouped_t = {{{{"AAA.spot", "BBB.spot"}, 3.5}, {{"AAA.vol", "BBB.vol", "AAA.skew", "AAA.basis"}, 6.0}},
                     {{"AAA.spot", 2.7}, {"AAA.vol", 20.0}}};
  model.correlation = {
      {"AAA.spot", "BBB.spot", "AAA.vol", "BBB.vol"},
      {{1.0, 0.8, -0.5, -0.4}, {0.8, 1.0, -0.3, -0.4}, {-0.5, -0.3, 1.0, 0.7}, {-0.4, -0.4, 0.7, 1.0}}};
  fit_known(model);
  return inputs;
}

Inputs known_history_inputs(Precision precision) {
  Inputs inputs = known_period_inputs(precision);
  Model& model = inputs.model;
  model.grouped_t.reset();
  BootstrapModel& bootstrap = model.bootstrap.emplace();
  bootstrap.factors = {"AAA.vol", "BBB.spot", "AAA.spot", "BBB.vol"};
  bootstrap.mean_block = 3.0;
  for (int row = 0; row < 40; ++row) {
    const double a = (row - 19.5) / 11.5;
    bootstrap.rows.push_back({-0.6 * a, 0.8 * a + 0.05 * (row % 7 - 3), a, 0.3 - 0.015 * row});
  }
  return inputs;
}

Json selftest_json() {
  Json checks = Json::array();
  checks.push_back(check_philox());
  for (const cpu::Isa isa : cpu::available_isas()) {
    RunFlags flags;
    flags.device = "cpu";
    flags.isa = isa;
    flags.force = true;
    check_job(checks, flags, std::string("cpu ") + cpu::isa_name(isa));
  }
  const CudaProbe probe = probe_cuda();
  for (const CudaDevice& device : probe.devices) {
    RunFlags flags;
    flags.device = "cuda:" + std::to_string(device.id);
    check_job(checks, flags, flags.device);
  }
  bool pass = true;
  for (const Json& c : checks) pass = pass && c["pass"].get<bool>();
  Json json = {{"schema", "tailbit.selftest/1"}, {"numerics", kNumerics}, {"checks", checks}, {"pass", pass}};
  if (probe.devices.empty()) json["cuda_reason"] = probe.reason;
  return json;
}

}  // namespace tailbit
