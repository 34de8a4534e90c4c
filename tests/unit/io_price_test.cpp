#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "host/io/text.hpp"
#include "host/ops/price.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::io_price_test {
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
            "g,,,,,,,\"line 8: the family \"\"barrier\"\" is not priced here; known: european, digital, inverse\"");
  EXPECT_EQ(priced.lines[7],
            "h,,,,,,,\"line 9: the family \"\"spot\"\" is not priced here; known: european, digital, inverse\"");
  EXPECT_EQ(priced.lines[8], "i,,,,,,,\"line 10: payoff \"\"\"\" is none of cash | asset\"");
  EXPECT_EQ(priced.lines[9], ",,,,,,,line 11: 4 cells where the header has 12");
  EXPECT_EQ(priced.lines[10], "k,,,,,,,line 12: the result is not a finite number: the inputs are too extreme");
  EXPECT_TRUE(priced.lines[11].starts_with("l,5.84"));
}

// --- European settled in coin ---

struct Inverse {
  double value, delta, gamma, vega, theta, rho, value_usd, delta_usd, delta_net;
};
Inverse price_inverse(const std::string& row) {
  const ScratchFolder folder;
  std::ostringstream out;
  EXPECT_EQ(price(folder.write("p.csv", kHeader + "x,inverse," + row + ",,,\n"), out), ExitCode::done) << out.str();
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "id,value,delta,gamma,vega,theta,rho,value_usd,delta_usd,delta_net,error");
  std::getline(lines, line);
  std::istringstream cells(line.substr(2));
  std::vector<double> n;
  for (std::string cell; n.size() < 9 && std::getline(cells, cell, ',');) n.push_back(parse_number(cell).value_or(NAN));
  return {n.at(0), n.at(1), n.at(2), n.at(3), n.at(4), n.at(5), n.at(6), n.at(7), n.at(8)};
}
std::string inverse_row(double spot, double years, double carry, double vol, const std::string& option = "call",
                        double strike = 95.0) {
  return option + "," + number_text(spot) + "," + number_text(strike) + "," + number_text(years) + ",0.06," +
         number_text(carry) + "," + number_text(vol);
}

// Black76 over the forward, out of the money as in the money without cancellation in the wings.
long double black_over_forward(long double sign, long double forward, long double strike, long double stdev) {
  const auto below = [](long double z) { return 0.5L * erfcl(-z / sqrtl(2.0L)); };
  const long double d1 = logl(forward / strike) / stdev + 0.5L * stdev;
  return sign * (below(sign * d1) - strike / forward * below(sign * (d1 - stdev)));
}

TEST(PriceInverse, IsBlackOverTheForwardInTheWingsToo) {
  for (const std::string option : {"call", "put"}) {
    const long double sign = option == "call" ? 1.0L : -1.0L;
    for (const double moneyness : {0.02, 0.3, 0.8, 0.99, 1.0, 1.2, 3.0, 40.0}) {
      for (const double years : {0.01, 0.25, 2.0}) {
        const Inverse p = price_inverse(inverse_row(100.0, years, 0.05, 0.5, option, 100.0 * moneyness));
        const long double forward = 100.0L * expl(0.05L * static_cast<long double>(years));
        const long double stdev = 0.5L * sqrtl(static_cast<long double>(years));
        const long double exact =
            black_over_forward(sign, forward, 100.0L * static_cast<long double>(moneyness), stdev);
        if (exact < 1e-300L) continue;
        EXPECT_NEAR(p.value / static_cast<double>(exact), 1.0, 5e-12) << option << " " << moneyness << " " << years;
        EXPECT_NEAR(p.value_usd, 100.0 * p.value, 1e-15 * p.value_usd);
        EXPECT_NEAR(p.delta_net, p.delta * 100.0, 1e-15 * std::abs(p.delta_net));
        EXPECT_NEAR(p.delta_net, p.delta_usd - p.value, 1e-15);
      }
    }
  }
}

TEST(PriceInverse, GreeksAreDerivativesOfTheValueInCoin) {
  for (const std::string option : {"call", "put"}) {
    const double s = 100, t = 0.7, b = 0.02, v = 0.4, h = 1e-4;
    const auto value = [&](double spot, double years, double carry, double vol) {
      return price_inverse(inverse_row(spot, years, carry, vol, option)).value;
    };
    const auto usd = [&](double spot) { return price_inverse(inverse_row(spot, t, b, v, option)).value_usd; };
    const Inverse g = price_inverse(inverse_row(s, t, b, v, option));
    EXPECT_NEAR(g.delta, (value(s + h, t, b, v) - value(s - h, t, b, v)) / (2 * h), 1e-10);
    EXPECT_NEAR(g.gamma, (value(s + 0.02, t, b, v) - 2 * g.value + value(s - 0.02, t, b, v)) / 4e-4, 1e-10);
    EXPECT_NEAR(g.vega, (value(s, t, b, v + h) - value(s, t, b, v - h)) / (2 * h), 1e-8);
    EXPECT_NEAR(g.theta, -(value(s, t + h, b, v) - value(s, t - h, b, v)) / (2 * h), 1e-8);
    EXPECT_NEAR(g.rho, (value(s, t, b + h, v) - value(s, t, b - h, v)) / (2 * h), 1e-8);
    EXPECT_NEAR(g.delta_usd, (usd(s + h) - usd(s - h)) / (2 * h), 1e-8);
  }
}

TEST(PriceInverse, RateHasNoPartInIt) {
  const Inverse a = price_inverse("call,100,95,0.5,0.06,0.02,0.4"), b = price_inverse("call,100,95,0.5,-0.3,0.02,0.4");
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.rho, b.rho);
  // But where the carry is left out, it is the carry.
  EXPECT_EQ(price_inverse("call,100,95,0.5,0.06,,0.4").value, price_inverse("call,100,95,0.5,0,0.06,0.4").value);
}

TEST(PriceInverse, LimitsAreThePayoffInCoin) {
  const Inverse call = price_inverse("call,100,80,0,0.08,0,0.3");
  EXPECT_NEAR(call.value, 0.2, 1e-16);
  EXPECT_NEAR(call.value_usd, 20.0, 1e-14);
  EXPECT_EQ(call.delta_usd, 1.0);
  EXPECT_NEAR(call.delta_net, 0.8, 1e-15);            // K/S
  EXPECT_NEAR(call.delta, 80.0 / 1e4, 1e-17);         // K/S^2
  EXPECT_NEAR(call.gamma, -2.0 * 80.0 / 1e6, 1e-18);  // -2K/S^3
  EXPECT_EQ(call.vega, 0.0);
  EXPECT_EQ(call.rho, 0.0);
  EXPECT_NEAR(price_inverse("put,80,100,0,0.08,0,0.3").value, 0.25, 1e-16);
  const Inverse worthless = price_inverse("put,100,80,0,0.08,0,0.3");
  EXPECT_EQ(worthless.value, 0.0);
  EXPECT_EQ(worthless.delta, 0.0);
  EXPECT_EQ(price_inverse("call,100,100,1,0,0,0").value, 0.0);
  // No vol: 1 - K/F coins for certain.
  EXPECT_NEAR(price_inverse("call,100,80,1,0,0.1,0").value, 1.0 - 0.8 * std::exp(-0.1), 1e-15);
}

// The extra columns are there for the whole file, and only if a row needs them; a pipe is no file that could be looked
// through first.
TEST(PriceInverse, ColumnsAreThereIfARowNeedsThem) {
  const std::string vanilla = "a,european,call,60,65,0.25,0.08,,0.30,,,\n",
                    inverse = "b,inverse,call,60,65,0.25,0.08,,0.30,,,\n";
  const std::string bad = "c,european,call,-60,65,0.25,0.08,,0.30,,,\n";
  const auto lines_of = [](const std::string& text) {
    const ScratchFolder folder;
    std::ostringstream out, piped;
    const std::string path = folder.write("p.csv", kHeader + text);
    price(path, out);
    const std::string pipe = folder.path("pipe");
    EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << kHeader + text; });
    price(pipe, piped);
    writer.join();
    EXPECT_EQ(out.str(), piped.str());
    std::vector<std::string> lines;
    std::istringstream stream(out.str());
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  };
  const auto without = lines_of(vanilla + bad);
  EXPECT_EQ(without.at(0), "id,value,delta,gamma,vega,theta,rho,error");
  EXPECT_EQ(without.at(2), "c,,,,,,,line 3: spot -60 is not above 0");
  const auto with = lines_of(vanilla + bad + inverse + vanilla);
  EXPECT_EQ(with.at(0), "id,value,delta,gamma,vega,theta,rho,value_usd,delta_usd,delta_net,error");
  EXPECT_EQ(with.at(1), without.at(1) + ",,,");
  EXPECT_EQ(with.at(2), "c,,,,,,,,,,line 3: spot -60 is not above 0");
  EXPECT_EQ(with.at(4), with.at(1));
  EXPECT_EQ(std::count(with.at(3).begin(), with.at(3).end(), ','), 10);
}

TEST(Price, AsJson) {
  const ScratchFolder folder;
  std::ostringstream out, csv;
  const std::string path = folder.write("p.csv", kHeader +
                                                     "a,european,call,60,65,0.25,0.08,,0.30,,,\n"
                                                     "\"b \"\"1\"\"\",inverse,call,60,65,0.25,0.08,,0.30,,,\n"
                                                     "c,european,call,-60,65,0.25,0.08,,0.30,,,\n");
  EXPECT_EQ(price(path, out, true), ExitCode::bad_data);
  const auto rows = nlohmann::json::parse(out.str());
  ASSERT_EQ(rows.size(), 3u);
  const std::vector<double> numbers = price_one("european,call,60,65,0.25,0.08,,0.30,,,");
  EXPECT_EQ(rows[0]["id"], "a");
  EXPECT_EQ(rows[0]["value"], numbers[0]);
  EXPECT_EQ(rows[0]["rho"], numbers[5]);
  EXPECT_TRUE(rows[0]["error"].is_null());
  EXPECT_FALSE(rows[0].contains("value_usd"));
  EXPECT_EQ(rows[1]["id"], "b \"1\"");
  EXPECT_EQ(rows[1]["delta_net"], price_inverse("call,60,65,0.25,0.08,,0.30").delta_net);
  EXPECT_TRUE(rows[2]["value"].is_null());
  EXPECT_EQ(rows[2]["error"], "line 4: spot -60 is not above 0");
  std::ostringstream none;
  EXPECT_EQ(price(folder.write("none.csv", kHeader), none, true), ExitCode::done);
  EXPECT_EQ(none.str(), "[]\n");
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
}  // namespace tailbit::io_price_test
