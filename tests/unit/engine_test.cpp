// Whole small simulations: what changes no path, what adds up, and the laws that paths follow.
// Statistical tests have fixed seeds and |z| < 5: a false alarm had a chance of 5.7e-7 for each z when the seeds were
// chosen, and none since.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/io/problems.hpp"
#include "host/ops/selftest.hpp"
#include "tests/support/group_profit.hpp"
#include "tests/support/positions.hpp"

namespace tailbit::engine_test {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kAsOf{1'767'225'600};
constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;

Timestamp after(double days) { return {kAsOf.seconds + static_cast<std::int64_t>(days * kDay)}; }
European::Terms option(OptionKind kind, double strike, double days, std::optional<double> vol = {}) {
  return {kind, strike, after(days), Settlement::usd, vol};
}

// Two coins with correlation 0.6, two days, grouped by contract.
Inputs two_coins(std::uint64_t scenarios, std::uint32_t steps) {
  Inputs inputs;
  inputs.config.horizon_seconds = 2 * kDay;
  inputs.config.steps = steps;
  inputs.config.scenarios = scenarios;
  inputs.config.seed = 42;
  inputs.config.group_by = {"instrument"};
  inputs.market.as_of = kAsOf;
  inputs.market.usd_rate = 0.03;
  inputs.market.underlyings["AAA"] = {50'000.0, {{after(60), 50'900.0}}, FlatSurface{0.6}, {}};
  inputs.market.underlyings["BBB"] = {3000.0, {}, FlatSurface{0.7}, {}};
  inputs.model.underlyings = {{"AAA", {0.3, 0.5}}, {"BBB", {0.0, 0.8}}};
  inputs.model.correlation.factors = {"AAA.spot", "BBB.spot"};
  inputs.model.correlation.matrix = {{1.0, 0.6}, {0.6, 1.0}};
  return inputs;
}

void hold(Inputs& inputs, const std::string& id, const std::string& underlying, ContractTerms terms, double quantity) {
  const auto same = [&](const Instrument& i) { return i.id == id; };
  if (std::none_of(inputs.instruments.begin(), inputs.instruments.end(), same)) {
    inputs.instruments.push_back({id, underlying, 1.0, std::move(terms)});
  }
  Position position;
  position.instrument = id;
  position.quantity = quantity;
  inputs.positions.push_back(position);
}

struct Ran {
  CompiledJob job;
  Pnl pnl;

  explicit Ran(const Inputs& inputs) : job(compile(inputs)), pnl(cpu::run(job.plan, {})) {}

  const Group& group(const std::string& name) const {
    const auto& all = job.groups.groups;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Group& g) { return g.name == name; });
    if (found == all.end()) throw std::logic_error("no group " + name);
    return *found;
  }
  std::vector<std::int64_t> quanta(const std::string& name, std::uint32_t node) const {
    return test::group_profit(pnl, node, group(name));
  }
  std::vector<std::int64_t> quanta(const std::string& name) const { return quanta(name, pnl.nodes - 1); }
  std::vector<double> usd(const std::string& name, std::uint32_t node) const {
    std::vector<double> profit;
    for (const std::int64_t q : quanta(name, node)) profit.push_back(static_cast<double>(q) * pnl.unit);
    return profit;
  }
  std::vector<double> usd(const std::string& name) const { return usd(name, pnl.nodes - 1); }
  double base(const std::string& name) const { return static_cast<double>(job.base_of(group(name))) * pnl.unit; }
};

// ln(S_t / S_0) of one coin held as contract `name`.
std::vector<double> log_returns(const Ran& ran, const std::string& name, std::uint32_t node) {
  std::vector<double> x;
  for (const double profit : ran.usd(name, node)) x.push_back(std::log1p(profit / ran.base(name)));
  return x;
}

Inputs small_book() {
  Inputs inputs = two_coins(700, 3);
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  hold(inputs, "AAA-CALL", "AAA", option(kCall, 51'000.0, 30.0), 2.0);
  hold(inputs, "AAA-SOON", "AAA", option(kPut, 50'500.0, 0.9), 1.0);
  return inputs;
}

// The quantum follows the gross notional, so additions are small enough to leave its power of two.
void expect_unchanged(const Inputs& before, const Inputs& changed) {
  const Ran a(before), b(changed);
  ASSERT_EQ(b.pnl.unit, a.pnl.unit);
  for (const Group& g : a.job.groups.groups) {
    if (g.name == "book") continue;
    EXPECT_EQ(b.quanta(g.name), a.quanta(g.name)) << g.name;
  }
}

TEST(Paths, StayWhenAContractIsAdded) {
  Inputs added = small_book();
  hold(added, "BBB-NEW", "BBB", option(kCall, 3000.0, 0.7), 0.01);     // expires inside a step
  hold(added, "AAA-NEW", "AAA", option(kCall, 50'000.0, 1.9), 0.001);  // likewise
  hold(added, "AAA-PERPETUAL", "AAA", Perpetual::Terms{}, 0.001);
  added.market.underlyings["AAA"].funding.rate_8h = 0.0001;
  expect_unchanged(small_book(), added);
}

TEST(Paths, StayWhenAnExposureDateIsAdded) {
  Inputs added = small_book();
  added.config.exposure_seconds = {3600, kDay / 2 + 1, 2 * kDay / 3, kDay};
  expect_unchanged(small_book(), added);
}

TEST(Paths, StayWhenScenariosAreAdded) {
  Inputs more = small_book();
  more.config.scenarios = 1500;
  std::vector<std::int64_t> first = Ran(more).quanta("book");
  first.resize(700);
  EXPECT_EQ(first, Ran(small_book()).quanta("book"));
}

TEST(Paths, ChangeWithTheSeed) {
  Inputs other = small_book();
  other.config.seed += std::uint64_t{1} << 32;
  EXPECT_NE(Ran(other).quanta("book"), Ran(small_book()).quanta("book"));
}

TEST(Book, DoesNotDependOnTheOrderOfPositionsAndInstruments) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.scenarios = 600;
  const Ran before(inputs);
  test::edit(inputs.positions, [](std::vector<Position>& rows) { std::reverse(rows.begin(), rows.end()); });
  std::rotate(inputs.instruments.begin(), inputs.instruments.begin() + 17, inputs.instruments.end());
  const Ran permuted(inputs);
  for (const Group& g : before.job.groups.groups) EXPECT_EQ(permuted.quanta(g.name), before.quanta(g.name)) << g.name;
}

// The quantum doubles with the book, so the quanta stay.
TEST(Book, DoublesExactlyWhenQuantitiesDouble) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.scenarios = 600;
  const Ran once(inputs);
  test::edit(inputs.positions, [](std::vector<Position>& rows) {
    for (Position& p : rows) p.quantity *= 2.0;
  });
  const Ran twice(inputs);
  EXPECT_EQ(twice.pnl.unit, 2.0 * once.pnl.unit);
  EXPECT_EQ(twice.quanta("book"), once.quanta("book"));
  EXPECT_EQ(twice.base("book"), 2.0 * once.base("book"));
}

TEST(Book, LongAndShortAreZeroInEveryScenario) {
  for (const Precision precision : {Precision::double_, Precision::single}) {
    Inputs inputs = known_answer_inputs(precision);
    inputs.config.scenarios = 300;
    const std::vector<Position> held = test::rows_of(inputs.positions);
    for (Position p : held) {
      p.desk = "mirror";
      p.quantity = -p.quantity;
      inputs.positions.push_back(p);
    }
    const Ran ran(inputs);
    EXPECT_EQ(ran.base("book"), 0.0);
    EXPECT_EQ(ran.quanta("book"), std::vector<std::int64_t>(300, 0));
    EXPECT_NE(ran.quanta("desk=mirror"), std::vector<std::int64_t>(300, 0));
  }
}

TEST(Book, PositionsThatCancelInOneGroupLeaveNothingToValue) {
  Inputs inputs = two_coins(10, 1);
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.5);
  hold(inputs, "AAA", "AAA", Spot::Terms{}, -1.5);
  EXPECT_THROW(compile(inputs), Failure);
}

// Every contract of the known-answer job is held by one position, so its terms are rounded alike in both runs.
TEST(Groups, AddUpToTheBookExactly) {
  Inputs inputs = known_answer_inputs(Precision::single);
  inputs.config.scenarios = 600;
  inputs.config.group_by = {};
  const Ran whole(inputs);
  inputs.config.group_by = {"family", "desk", "instrument"};
  const Ran split(inputs);
  for (std::uint32_t node = 0; node < whole.pnl.nodes; ++node) {
    EXPECT_EQ(split.quanta("book", node), whole.quanta("book", node));
  }
  EXPECT_EQ(split.base("book"), whole.base("book"));
}

TEST(Options, CallMinusPutIsTheForwardInEveryScenario) {
  for (const bool smile : {false, true}) {
    Inputs inputs = two_coins(500, 2);
    if (smile) {
      inputs.market.underlyings["AAA"].surface =
          SviSurface{{{after(10), 0.002, 0.04, -0.2, 0.01, 0.1}, {after(60), 0.01, 0.09, -0.1, 0.02, 0.2}}};
    }
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "CALL", "AAA", option(kCall, 52'000.0, 30.0), 1.0);
    hold(inputs, "PUT", "AAA", option(kPut, 52'000.0, 30.0), 1.0);
    const Ran ran(inputs);
    const std::vector<double> spot = ran.usd("instrument=AAA"), call = ran.usd("instrument=CALL"),
                              put = ran.usd("instrument=PUT");
    // c is ln(50900 / 50000) / 60 days at every expiry up to then; 28 of the 30 days are left.
    const double carry = std::log(50'900.0 / 50'000.0) * 28.0 / 60.0, discount = std::exp(-0.03 * 28.0 / 365.0);
    for (std::size_t s = 0; s < spot.size(); ++s) {
      const double forward = (50'000.0 + spot[s]) * std::exp(carry);
      const double parity = (ran.base("instrument=CALL") + call[s]) - (ran.base("instrument=PUT") + put[s]);
      ASSERT_NEAR(parity, discount * (forward - 52'000.0), 1e-12 * forward);
    }
  }
}

TEST(Options, WithoutVolatilityEverythingIsItsClosedForm) {
  Inputs inputs = two_coins(3, 4);  // steps of twelve hours
  inputs.model.underlyings["AAA"] = {0.9, 0.0};
  inputs.market.underlyings["AAA"].funding.rate_8h = 0.0003;
  hold(inputs, "CALL", "AAA", option(kCall, 51'000.0, 30.0), 1.0);
  hold(inputs, "SOON", "AAA", option(kCall, 49'000.0, 0.8), 1.0);  // inside the second step
  hold(inputs, "END", "AAA", option(kCall, 49'000.0, 2.0), 1.0);   // at the horizon
  hold(inputs, "PERP", "AAA", Perpetual::Terms{}, 1.0);
  const Ran ran(inputs);
  const auto spot = [](double days) { return 50'000.0 * std::exp(0.9 * days / 365.0); };
  const double carry = std::log(50'900.0 / 50'000.0) * 365.0 / 60.0;
  const auto closed = [&](double strike, double days, double s) {
    return European::closed_form({}, {kCall, s, strike, days / 365.0, 0.03, carry, 0.6}).value;
  };
  double funding = 0.0;
  for (int step = 0; step < 4; ++step) funding -= spot(0.5 * step) * 0.0003 * 1.5;
  for (std::size_t s = 0; s < 3; ++s) {
    EXPECT_NEAR(ran.usd("instrument=CALL")[s], closed(51'000.0, 28.0, spot(2.0)) - closed(51'000.0, 30.0, 50'000.0),
                1e-8);
    EXPECT_NEAR(ran.usd("instrument=SOON")[s], spot(0.8) - 49'000.0 - closed(49'000.0, 0.8, 50'000.0), 1e-8);
    EXPECT_NEAR(ran.usd("instrument=END")[s], spot(2.0) - 49'000.0 - closed(49'000.0, 2.0, 50'000.0), 1e-8);
    EXPECT_NEAR(ran.usd("instrument=PERP")[s], spot(2.0) - 50'000.0 + funding, 1e-8);
  }
}

// Against the spot's own path; the last date lies a third into a step.
TEST(Perpetual, PaysFundingOnTheMarkOfEachStepsStart) {
  Inputs inputs = two_coins(200, 4);
  inputs.market.underlyings["AAA"].funding.rate_8h = 0.001;
  inputs.config.exposure_seconds = {kDay / 2, kDay, kDay + kDay / 6, 3 * kDay / 2};
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  hold(inputs, "PERP", "AAA", Perpetual::Terms{}, 1.0);
  const Ran ran(inputs);
  const double days[] = {0.5, 1.0, 7.0 / 6.0, 1.5, 2.0};
  const int last_step_end[] = {-1, 0, 1, 1, 3};  // the node at the start of the step that the date is in or ends
  for (std::uint32_t node = 0; node < 5; ++node) {
    const std::vector<double> perpetual = ran.usd("instrument=PERP", node), spot = ran.usd("instrument=AAA", node);
    for (std::size_t s = 0; s < 200; ++s) {
      double funding = 0.0, since = 0.0, mark = 50'000.0;
      for (const int end : {0, 1, 3}) {
        if (end > last_step_end[node]) break;
        funding -= mark * 0.001 * (days[end] - since) * 3.0;
        since = days[end];
        mark = 50'000.0 + ran.usd("instrument=AAA", static_cast<std::uint32_t>(end))[s];
      }
      funding -= mark * 0.001 * (days[node] - since) * 3.0;
      ASSERT_NEAR(perpetual[s], spot[s] + funding, 1e-8) << "node " << node;
    }
  }
}

// How many of n losses exceed the exact quantile is binomial.
double exceedance_z(const Ran& ran, double level, double normal_quantile) {
  const double h = 2.0 / 365.0;
  const double threshold = 50'000.0 * std::expm1((0.3 - 0.125) * h - normal_quantile * 0.5 * std::sqrt(h));
  double count = 0.0, n = static_cast<double>(ran.pnl.scenarios);
  for (const double profit : ran.usd("instrument=AAA")) count += profit < threshold;
  return (count - n * (1.0 - level)) / std::sqrt(n * level * (1.0 - level));
}

TEST(Paths, AreGeometricBrownianMotionWhateverTheSteps) {
  for (const std::uint32_t steps : {1u, 5u}) {
    Inputs inputs = two_coins(200'000, steps);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    const Ran ran(inputs);
    EXPECT_LT(std::abs(exceedance_z(ran, 0.5, 0.0)), 5.0) << steps;
    EXPECT_LT(std::abs(exceedance_z(ran, 0.95, 1.6448536269514722)), 5.0) << steps;
    EXPECT_LT(std::abs(exceedance_z(ran, 0.99, 2.3263478740408408)), 5.0) << steps;
    EXPECT_LT(std::abs(exceedance_z(ran, 0.05, -1.6448536269514722)), 5.0) << steps;
  }
}

struct Products {
  double xx = 0, xy = 0, yy = 0, n = 0;
};
Products products(const std::vector<double>& x, const std::vector<double>& y) {
  Products p;
  for (std::size_t i = 0; i < x.size(); ++i) {
    p.xx += x[i] * x[i];
    p.xy += x[i] * y[i];
    p.yy += y[i] * y[i];
  }
  p.n = static_cast<double>(x.size());
  return p;
}
// Of pairs with mean 0: sample variance over its expectation, and the correlation by Fisher's transformation.
double variance_z(double sum, double n, double variance) { return (sum / n / variance - 1.0) * std::sqrt(0.5 * n); }
double correlation_z(const Products& p, double rho) {
  return (std::atanh(p.xy / std::sqrt(p.xx * p.yy)) - std::atanh(rho)) * std::sqrt(p.n - 3.0);
}

// One step of two days, looked at a quarter into it; and where steps are several, the same between their ends.
TEST(Bridge, HasTheLawOfTheProcessInsideAStepJointlyForAllUnderlyings) {
  for (const std::uint32_t steps : {1u, 2u}) {
    Inputs inputs = two_coins(50'000, steps);
    inputs.config.exposure_seconds = {kDay / 2};
    inputs.model.underlyings["AAA"].drift = 0.125;  // no drift of the logs
    inputs.model.underlyings["BBB"].drift = 0.32;
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "BBB", "BBB", Spot::Terms{}, 10.0);
    const Ran ran(inputs);
    const std::vector<double> a = log_returns(ran, "instrument=AAA", 0), b = log_returns(ran, "instrument=BBB", 0);
    const std::vector<double> a_end = log_returns(ran, "instrument=AAA", 1),
                              b_end = log_returns(ran, "instrument=BBB", 1);
    const double quarter = 0.5 / 365.0, whole = 2.0 / 365.0, n = 50'000.0;
    const Products inside = products(a, b), end = products(a_end, b_end);
    EXPECT_LT(std::abs(variance_z(inside.xx, n, 0.25 * quarter)), 5.0);
    EXPECT_LT(std::abs(variance_z(inside.yy, n, 0.64 * quarter)), 5.0);
    EXPECT_LT(std::abs(correlation_z(inside, 0.6)), 5.0);
    EXPECT_LT(std::abs(variance_z(end.xx, n, 0.25 * whole)), 5.0);
    EXPECT_LT(std::abs(correlation_z(end, 0.6)), 5.0);
    EXPECT_LT(std::abs(correlation_z(products(a, a_end), 0.5)), 5.0);        // sqrt(1/4)
    EXPECT_LT(std::abs(correlation_z(products(a, b_end), 0.6 * 0.5)), 5.0);  // across underlyings
    // What the end does not tell is independent of it.
    std::vector<double> rest = a;
    for (std::size_t s = 0; s < rest.size(); ++s) rest[s] -= 0.25 * a_end[s];
    EXPECT_LT(std::abs(correlation_z(products(rest, a_end), 0.0)), 5.0);
    EXPECT_LT(std::abs(correlation_z(products(rest, b_end), 0.0)), 5.0);
    EXPECT_LT(std::abs(variance_z(products(rest, rest).xx, n, 0.25 * whole * 0.25 * 0.75)), 5.0);
  }
}

// Several dates inside one step are points of one path: increments are independent and have the variance of their time.
TEST(Bridge, HasTheJointLawOfOnePathAtSeveralDatesInAStep) {
  Inputs inputs = two_coins(50'000, 1);
  const std::vector<std::int64_t> dates{kDay / 3, kDay / 2, kDay / 2 + 1, kDay, 7 * kDay / 4};
  inputs.config.exposure_seconds = dates;
  inputs.model.underlyings["AAA"].drift = 0.125;  // no drift of the log
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  const Ran ran(inputs);
  std::vector<double> before(50'000, 0.0), last_increment;
  std::int64_t last = 0;
  for (std::uint32_t node = 0; node <= dates.size(); ++node) {  // and the horizon
    const std::int64_t now = node < dates.size() ? dates[node] : 2 * kDay;
    const std::vector<double> x = log_returns(ran, "instrument=AAA", node);
    std::vector<double> increment(x.size());
    for (std::size_t s = 0; s < x.size(); ++s) increment[s] = x[s] - before[s];
    const double years = static_cast<double>(now - last) / 31'536'000.0;
    // A second's increment is near the quantum's resolution: its variance is only known to be small.
    if (now - last > 1) {
      EXPECT_LT(std::abs(variance_z(products(increment, increment).xx, 50'000.0, 0.25 * years)), 5.0) << now;
    } else {
      EXPECT_LT(products(increment, increment).xx / 50'000.0, 1.2 * 0.25 * years);
    }
    if (!last_increment.empty()) {
      EXPECT_LT(std::abs(correlation_z(products(increment, last_increment), 0.0)), 5.0) << now;
    }
    before = x;
    last_increment = increment;
    last = now;
  }
}

TEST(BadTerm, NamesScenarioAndContract) {
  Inputs inputs = two_coins(2000, 1);
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  hold(inputs, "BBB", "BBB", Spot::Terms{}, 1.0);
  // Paths wilder than the model that the quantum was chosen for: the limit, 128 * 65,536 USD, is 2,796 times BBB's
  // spot, which takes 1.8 deviations of this log-return.
  const auto wild_plan = [&] {
    Plan plan = compile(inputs).plan;
    plan.paths.loading[3] = 4.4;
    return plan;
  };
  const CompiledJob job = compile(inputs);
  for (const std::size_t tile : {64u, 512u}) {
    try {
      cpu::Options options;
      options.tile = tile;
      cpu::run(wild_plan(), options);
      FAIL() << "no bad term was found";
    } catch (const cpu::BadTermError& error) {
      EXPECT_EQ(job.contracts[error.term().contract], "BBB");
      EXPECT_EQ(error.term().node, 0u);
      EXPECT_EQ(error.term().quantity, 1.0);
      EXPECT_GE(error.term().change, 128.0 * 65'536.0);
      // It is the first: all scenarios before it pass.
      inputs.config.scenarios = error.term().scenario;
      EXPECT_NO_THROW(cpu::run(wild_plan(), {}));
      inputs.config.scenarios = error.term().scenario + 1;
      EXPECT_THROW(cpu::run(wild_plan(), {}), cpu::BadTermError);
    }
  }
}

// A path that is not a number must not turn into a value, whatever the contract.
TEST(BadTerm, IsWhateverIsNotANumber) {
  const auto digital = [](OptionKind kind, double days) {
    return Digital::Terms{kind, 50'000.0, after(days), DigitalPayoff::cash, 100.0, UsdSettlement::usd, {}};
  };
  const European::Terms coin_call{kCall, 50'000.0, after(1.5), Settlement::coin, {}};
  const std::vector<std::pair<std::string, ContractTerms>> contracts{{"spot", Spot::Terms{}},
                                                                     {"perpetual", Perpetual::Terms{}},
                                                                     {"inverse", Perpetual::Terms{Settlement::coin}},
                                                                     {"future", Future::Terms{after(9.0), {}}},
                                                                     {"settled in coin", coin_call},
                                                                     {"call", option(kCall, 50'000.0, 30.0)},
                                                                     {"put", option(kPut, 50'000.0, 30.0)},
                                                                     {"digital call", digital(kCall, 30.0)},
                                                                     {"digital put", digital(kPut, 30.0)},
                                                                     {"settled call", option(kCall, 50'000.0, 1.5)},
                                                                     {"settled put", option(kPut, 50'000.0, 1.5)},
                                                                     {"settled digital call", digital(kCall, 1.5)},
                                                                     {"settled digital put", digital(kPut, 1.5)}};
  for (const Precision precision : {Precision::double_, Precision::single}) {
    for (const auto& [name, terms] : contracts) {
      Inputs inputs = two_coins(20, 2);
      inputs.config.precision = precision;
      hold(inputs, name, "AAA", terms, 1.0);
      Plan plan = compile(inputs).plan;
      plan.paths.transitions[0].drift = std::numeric_limits<double>::quiet_NaN();
      EXPECT_THROW(cpu::run(plan, {}), cpu::BadTermError)
          << name << (precision == Precision::single ? ", single" : ", double");
    }
  }
}

}  // namespace
}  // namespace tailbit::engine_test
