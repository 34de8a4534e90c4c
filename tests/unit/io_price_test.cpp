#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "host/io/text.hpp"
#include "host/ops/price.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit {
namespace {

using test::ScratchFolder;

const std::string kHeader = "id,family,option,spot,strike,expiry_years,rate,carry,vol,payoff,cash,barrier\n";

struct Priced {
  ExitCode code;
  std::vector<std::string> lines;  // without the header
};
Priced price_text(const std::string& text) {
  const ScratchFolder folder;
  std::ostringstream out;
  const ExitCode code = price(folder.write("p.csv", text), out);
  Priced priced{code, {}};
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "id,value,delta,gamma,vega,theta,rho,error");
  while (std::getline(lines, line)) priced.lines.push_back(line);
  return priced;
}

// Value and Greeks of one contract: value, delta, gamma, vega, theta, rho.
std::vector<double> price_one(const std::string& row) {
  const Priced priced = price_text(kHeader + "x," + row + "\n");
  EXPECT_EQ(priced.code, ExitCode::done);
  std::vector<double> numbers;
  std::istringstream cells(priced.lines.at(0).substr(2));
  for (std::string cell; numbers.size() < 6 && std::getline(cells, cell, ',');)
    numbers.push_back(parse_number(cell).value_or(NAN));
  return numbers;
}

// Examples of Haug, The Complete Guide to Option Pricing Formulas, 2007.
TEST(Price, PublishedExamples) {
  EXPECT_NEAR(price_one("european,call,60,65,0.25,0.08,,0.30,,,")[0], 2.1334, 5e-5);
  EXPECT_NEAR(price_one("european,put,75,70,0.5,0.10,0.05,0.35,,,")[0], 4.0870, 5e-5);
  EXPECT_NEAR(price_one("digital,put,100,80,0.75,0.06,0,0.35,cash,10,")[0], 2.6710, 5e-5);
  EXPECT_NEAR(price_one("digital,put,70,65,0.5,0.07,0.02,0.27,asset,,")[0], 20.2069, 5e-5);
}

// Greeks against central differences of the value: same q, so rate and carry move together for rho.
TEST(Price, GreeksAreDerivatives) {
  for (const std::string family : {"european,call", "european,put", "digital,call", "digital,put"}) {
    const std::string own = family.starts_with("digital") ? "cash,10," : ",,";
    const auto value = [&](double spot, double years, double rate, double carry, double vol) {
      return price_one(family + "," + number_text(spot) + ",95," + number_text(years) + "," + number_text(rate) + "," +
                       number_text(carry) + "," + number_text(vol) + "," + own)[0];
    };
    const double s = 100, t = 0.7, r = 0.06, b = 0.02, v = 0.4, h = 1e-4;
    const std::vector<double> g = price_one(family + ",100,95,0.7,0.06,0.02,0.4," + own);
    EXPECT_NEAR(g[1], (value(s + h, t, r, b, v) - value(s - h, t, r, b, v)) / (2 * h), 1e-7) << family;
    EXPECT_NEAR(g[2], (value(s + 1e-2, t, r, b, v) - 2 * value(s, t, r, b, v) + value(s - 1e-2, t, r, b, v)) / 1e-4,
                1e-6)
        << family;
    EXPECT_NEAR(g[3], (value(s, t, r, b, v + h) - value(s, t, r, b, v - h)) / (2 * h), 1e-5) << family;
    EXPECT_NEAR(g[4], -(value(s, t + h, r, b, v) - value(s, t - h, r, b, v)) / (2 * h), 1e-5) << family;
    EXPECT_NEAR(g[5], (value(s, t, r + h, b + h, v) - value(s, t, r - h, b - h, v)) / (2 * h), 1e-5) << family;
  }
}

TEST(Price, LimitsAreExact) {
  using V = std::vector<double>;
  // At expiry: the intrinsic value, whose time decay is what its forward value earns.
  EXPECT_EQ(price_one("european,call,100,90,0,0.08,,0.3,,,"), (V{10, 1, 0, 0, -0.08 * 90, 0}));
  EXPECT_EQ(price_one("european,put,100,90,0,0.08,,0.3,,,"), (V{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(price_one("digital,call,100,90,0,0,0,0.3,cash,10,"), (V{10, 0, 0, 0, 0, 0}));
  EXPECT_EQ(price_one("digital,call,100,90,0,0,0,0.3,asset,,"), (V{100, 1, 0, 0, 0, 0}));
  // No vol: the forward is certain.
  const V certain = price_one("european,put,100,110,1,0.08,,0,,,");
  EXPECT_NEAR(certain[0], 110 * std::exp(-0.08) - 100, 1e-13);
  EXPECT_EQ(certain[1], -1.0);
  EXPECT_EQ(certain[3], 0.0);
  // The forward at the strike pays nothing.
  EXPECT_EQ(price_one("european,put,100,100,1,0,,0,,,"), (V{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(price_one("digital,call,100,100,0,0.1,,0.5,cash,1,"), (V{0, 0, 0, 0, 0, 0}));
  // Hardly any variance, and hardly any of it next to the distance to the strike.
  for (const std::string years : {"1e-300", "1e-30", "1e-9"}) {
    const V greeks = price_one("european,call,100,90," + years + ",0,0,1e-9,,,");
    EXPECT_EQ(V(greeks.begin(), greeks.begin() + 5), (V{10, 1, 0, 0, 0})) << years;
  }
}

TEST(Price, WingsKeepRelativeAccuracy) {
  // A digital put far out of the money is cash N(-d2): here 1.2e-84.
  const double d2 = std::log(100.0 / 2.0) / 0.2 - 0.1;
  EXPECT_NEAR(price_one("digital,put,100,2,1,0,0,0.2,cash,1,")[0] / (0.5 * std::erfc(d2 / std::sqrt(2.0))), 1.0, 1e-12);
}

TEST(Price, CarryLeftOutIsTheRate) {
  EXPECT_EQ(price_one("european,call,60,65,0.25,0.08,,0.30,,,"),
            price_one("european,call,60,65,0.25,0.08,0.08,0.30,,,"));
}

TEST(Price, BadRowsLeaveTheOthersAlone) {
  const Priced priced = price_text(kHeader +
                                   "a,european,call,60,65,0.25,0.08,,0.30,,,\n"
                                   "\"b,1\",european,cal,60,65,0.25,0.08,,0.30,,,\n"
                                   "c,european,call,-60,65,0.25,0.08,,0.30,,,\n"
                                   "d,european,call,60,65,-1,0.08,,0.30,,,\n"
                                   "e,european,call,60,65,0.25,x,,0.30,,,\n"
                                   "f,european,call,60,65,0.25,0.08,,0.30,,,70\n"
                                   "g,barrier,call,60,65,0.25,0.08,,0.30,,,70\n"
                                   "h,spot,call,60,65,0.25,0.08,,0.30,,,\n"
                                   "i,digital,call,60,65,0.25,0.08,,0.30,,1,\n"
                                   "j,european,call,60\n"
                                   "k,european,call,1e300,1e-300,1,800,800,0.3,,,\n"
                                   "l,european,put,60,65,0.25,0.08,,0.30,,,\n");
  EXPECT_EQ(priced.code, ExitCode::bad_data);
  ASSERT_EQ(priced.lines.size(), 12u);
  EXPECT_TRUE(priced.lines[0].starts_with("a,2.1333"));
  EXPECT_TRUE(priced.lines[0].ends_with(","));
  EXPECT_EQ(priced.lines[1], "\"b,1\",,,,,,,\"line 3: option \"\"cal\"\" is none of call | put\"");
  EXPECT_EQ(priced.lines[2], "c,,,,,,,line 4: spot -60 is not above 0");
  EXPECT_EQ(priced.lines[3], "d,,,,,,,line 5: expiry_years -1 is negative");
  EXPECT_EQ(priced.lines[4], "e,,,,,,,\"line 6: rate \"\"x\"\" is not a number\"");
  EXPECT_EQ(priced.lines[5], "f,,,,,,,line 7: european has no barrier");
  EXPECT_EQ(priced.lines[6],
            "g,,,,,,,\"line 8: the family \"\"barrier\"\" is not priced here; known: european, digital\"");
  EXPECT_EQ(priced.lines[7],
            "h,,,,,,,\"line 9: the family \"\"spot\"\" is not priced here; known: european, digital\"");
  EXPECT_EQ(priced.lines[8], "i,,,,,,,\"line 10: payoff \"\"\"\" is none of cash | asset\"");
  EXPECT_EQ(priced.lines[9], ",,,,,,,line 11: 4 cells where the header has 12");
  EXPECT_EQ(priced.lines[10], "k,,,,,,,line 12: the result is not a finite number: the inputs are too extreme");
  EXPECT_TRUE(priced.lines[11].starts_with("l,5.84"));
}

TEST(Price, HeaderIsChecked) {
  const ScratchFolder folder;
  std::ostringstream out;
  const auto outcome = outcome_of(folder, [&] { price(folder.write("p.csv", "id,famly,option\n"), out); });
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_TRUE(outcome.message.starts_with("p.csv:line 1: the column \"famly\" is unknown (did you mean \"family\"?)"))
      << outcome.message;
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace tailbit
