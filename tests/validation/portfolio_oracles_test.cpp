// Whole runs of option books on many underlyings against their exact loss laws: every case of the maintainers' oracle
// and of tests/data/portfolio_laws.json, which follows its format. About 20 z-tests a case at 5 standard errors: false
// alarms below 1e-4 a case if the random numbers change.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/portfolio_spec.hpp"
#include "tests/support/t_laws.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::portfolio_oracles_test {
namespace {

using Json = nlohmann::json;
using test::ExactTail;
using test::Ran;

std::vector<double> levels_of(const Json& exact) {
  std::vector<double> levels;
  for (const auto& [level, unused] : exact["VaR"].items()) levels.push_back(std::stod(level));
  return levels;
}

// E[loss of one copy of a group | L > VaR], over all copies at once: they are equal in law.
void expect_components(const Ran& ran, const test::PortfolioJob& job, const Json& components, double level,
                       double var) {
  const std::vector<double>& book = ran.book();
  for (std::size_t g = 0; g < job.copies().size(); ++g) {
    std::vector<double> beyond(book.size(), 0.0);
    for (const std::string& copy : job.copies()[g]) {
      const std::vector<double>& losses = ran.of("underlying=" + copy);
      for (std::size_t i = 0; i < book.size(); ++i) {
        if (book[i] > var) beyond[i] += losses[i] / (1.0 - level) / static_cast<double>(job.copies()[g].size());
      }
    }
    test::expect_own_mean(beyond, components[g], "component " + std::to_string(g));
  }
}

// The mean is tested with the exact deviation; the deviation where the fourth moment exists and is tame.
void expect_moments(const Ran& ran, const Json& exact, bool heavy) {
  const double mean = exact["mean"], sd = exact["sd"];
  test::expect_mean(ran.book(), mean, sd);
  if (!heavy) test::expect_variance(ran.book(), mean, sd * sd, "variance");
}

void expect_exact(const std::string& name, const Json& spec, const Json& exact) {
  SCOPED_TRACE(name);
  test::PortfolioJob job(spec, 250'000, 20'260'101);
  job.text().run["levels"] = levels_of(exact);
  const Ran ran = test::run_text(job.text());
  const Json& dependence = spec["dependence"];
  if (exact.contains("mean"))
    expect_moments(ran, exact, dependence["kind"] == "multivariate_t" && dependence["nu"].get<double>() < 9.0);
  std::size_t i = 0;
  for (const auto& [text, var] : exact["VaR"].items()) {
    const double level = std::stod(text);
    if (!exact.contains("ES")) {  // infinite
      test::expect_exceedances(ran.book(), level, var);
      continue;
    }
    const ExactTail tail{var, exact["ES"][text]};
    test::expect_tail(ran.book(), level, tail);
    test::expect_reported(ran.summary["measures"][i++], ran.book(), tail);
    if (exact.contains("component_ES_per_copy"))
      expect_components(ran, job, exact["component_ES_per_copy"][text], level, tail.var);
  }
  if (!exact.contains("sf")) return;
  for (const auto& [loss, share] : exact["sf"].items())
    test::expect_exceedances(ran.book(), 1.0 - share.get<double>(), std::stod(loss));
}

void expect_all_cases(const std::string& path) {
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "the oracle " << path << " is not there";
  const Json cases = Json::parse(file)["cases"];
  ASSERT_FALSE(cases.empty());
  for (const auto& [name, one] : cases.items()) expect_exact(name, one["spec"], one["exact"]);
}

TEST(Portfolios, MeetTheOraclesLaws) { expect_all_cases(std::string(TAILBIT_ORACLES) + "/portfolios_exact.json"); }
TEST(Portfolios, MeetTheirExactLaws) { expect_all_cases(std::string(TAILBIT_TEST_DATA) + "/portfolio_laws.json"); }

// Spots with simple returns under one mixing variable: the book's return is a linear combination of a multivariate t,
// so exactly t itself, of the combination's variance.
TEST(Portfolios, LinearBooksAreExactlyStudentT) {
  const std::vector<double> vols{0.6, 0.8, 1.1}, exposures{50'000.0, -30'000.0, 12'000.0};
  const std::vector<std::vector<double>> correlation{{1.0, 0.7, 0.5}, {0.7, 1.0, 0.4}, {0.5, 0.4, 1.0}};
  const double years = 8.0 / 24.0 * test::kDay, drift = 0.4;
  for (const double dof : {3.0, 4.0, 8.0}) {
    SCOPED_TRACE(dof);
    test::JobText job(years, 400'000, 3);
    job.run["levels"] = {0.9, 0.95, 0.975, 0.99, 0.995, 0.999};
    job.model["returns"] = "simple";
    job.model["innovations"] = {{"kind", "student_t"}, {"dof", dof}};
    double variance = 0.0, mean = 0.0;
    for (std::size_t i = 0; i < vols.size(); ++i) {
      const std::string name = "A" + std::to_string(i);
      job.underlying(name, 40.0, vols[i], drift);
      job.hold(name, exposures[i] / 40.0);
      mean -= exposures[i] * drift * years;
      for (std::size_t j = 0; j < vols.size(); ++j)
        variance += exposures[i] * exposures[j] * correlation[i][j] * vols[i] * vols[j] * years;
    }
    job.correlate({"A0.spot", "A1.spot", "A2.spot"}, correlation);
    const Ran ran = test::run_text(job);
    const test::UnitT law(dof);
    const double stdev = std::sqrt(variance);
    test::expect_mean(ran.book(), mean, stdev);
    test::expect_law(
        ran.book(), [&](double loss) { return law.below((loss - mean) / stdev); }, "a t loss");
    for (const auto& measure : ran.summary["measures"]) {
      if (measure["group"] != "book") continue;
      const ExactTail unit = law.tail(measure["level"]);
      const ExactTail tail{mean + stdev * unit.var, mean + stdev * unit.es};
      test::expect_tail(ran.book(), measure["level"], tail);
      test::expect_reported(measure, ran.book(), tail);
    }
  }
}

}  // namespace
}  // namespace tailbit::portfolio_oracles_test
