#include "host/io/chain_checks.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/io/chain_black.hpp"
#include "host/io/chain_statistics.hpp"
#include "host/io/chain_times.hpp"

namespace tailbit {
namespace {

constexpr std::array<std::optional<double> ChainQuote::*, 5> kPublished{
    &ChainQuote::delta, &ChainQuote::gamma, &ChainQuote::vega, &ChainQuote::theta, &ChainQuote::rho};
constexpr std::size_t kTheta = 3;

struct Error {
  double size;
  const std::string* name;
};

MarkErrors summary(std::vector<Error> errors) {
  MarkErrors out;
  if (errors.empty()) return out;
  std::vector<double> sizes;
  for (const Error& error : errors) sizes.push_back(error.size);
  const auto worst =
      std::max_element(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
  out.count = errors.size();
  out.median = sample_median(sizes);
  out.p95 = sample_quantile(sizes, 0.95);
  out.worst = worst->size;
  out.worst_name = *worst->name;
  return out;
}

// A vol and a forward, measured from their printed values in half units: both within [-1, 1].
struct Quoted {
  double vol, forward;
};
using Polygon = std::vector<Quoted>;

// low <= value + vol * p.vol + forward * p.forward <= high, a strip across the plane of points.
struct Strip {
  double value, vol, forward, low, high;
  double at(const Quoted& p) const { return value + vol * p.vol + forward * p.forward; }
};

// The part of the polygon where `side` is not negative (Sutherland and Hodgman 1974).
template <class Side>
Polygon clipped(const Polygon& polygon, Side&& side) {
  Polygon out;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Quoted &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    const double at_a = side(a), at_b = side(b);
    if (at_a >= 0.0) out.push_back(a);
    if ((at_a >= 0.0) != (at_b >= 0.0)) {
      const double t = at_a / (at_a - at_b);
      out.push_back({std::lerp(a.vol, b.vol, t), std::lerp(a.forward, b.forward, t)});
    }
  }
  return out;
}

// One quote's published Greeks beside what vols, forwards and minutes give.
class GreekMatch {
 public:
  GreekMatch(const ChainQuote& quote, const ChainRounding& rounding)
      : quote_(quote),
        halves_{rounding.delta, rounding.gamma, rounding.vega, rounding.theta, rounding.rho},
        mark_half_(rounding.mark),
        vol_half_(rounding.vol),
        forward_half_(forward_rounding(*quote.forward)) {}

  // Whether one point gives all of the Greeks asked for. They are almost linear in a point's small range; a second
  // pass, about the middle of what the first left, takes the rest of the curvature out.
  bool possible(double years, const std::array<bool, 5>& asked) const {
    Quoted centre{0.0, 0.0};
    Polygon left;
    for (int pass = 0; pass < 3; ++pass) {
      left = feasible(years, asked, centre);
      if (left.empty()) return false;
      centre = {0.0, 0.0};
      for (const Quoted& p : left) {
        centre.vol += p.vol / static_cast<double>(left.size());
        centre.forward += p.forward / static_cast<double>(left.size());
      }
    }
    return true;
  }

 private:
  PublishedGreeks at(double years, const Quoted& p) const {
    return published_greeks(quote_, *quote_.forward + p.forward * forward_half_, years,
                            *quote_.mark_vol + p.vol * vol_half_);
  }

  Polygon feasible(double years, const std::array<bool, 5>& asked, const Quoted& centre) const {
    const PublishedGreeks middle = at(years, centre);
    const PublishedGreeks more_vol = at(years, {centre.vol + 1.0, centre.forward}),
                          less_vol = at(years, {centre.vol - 1.0, centre.forward}),
                          more_forward = at(years, {centre.vol, centre.forward + 1.0}),
                          less_forward = at(years, {centre.vol, centre.forward - 1.0});
    Polygon left{{-1.0, -1.0}, {1.0, -1.0}, {1.0, 1.0}, {-1.0, 1.0}};
    for (std::size_t g = 0; g < 5; ++g) {
      if (!asked[g]) continue;
      const double vol = 0.5 * (more_vol[g] - less_vol[g]), forward = 0.5 * (more_forward[g] - less_forward[g]);
      const double printed = *(quote_.*kPublished[g]);
      // A printed number stands for the unit around it; the sliver beyond is for the arithmetic.
      double half = halves_[g] * (1.0 + 1e-6);
      if (g == kTheta && theta_is_mark(middle[g])) half += mark_half_ * usd_per_mark();
      const Strip strip{middle[g] - vol * centre.vol - forward * centre.forward, vol, forward, printed - half,
                        printed + half};
      left = clipped(left, [&](const Quoted& p) { return strip.at(p) - strip.low; });
      left = clipped(left, [&](const Quoted& p) { return strip.high - strip.at(p); });
    }
    return left;
  }

  // Theta is at most the mark in USD, and then as rounded as the mark is.
  bool theta_is_mark(double theta) const {
    return quote_.mark && std::abs(theta + *quote_.mark * usd_per_mark()) <= mark_half_ * usd_per_mark();
  }
  double usd_per_mark() const { return quote_.usd_settled ? 1.0 : *quote_.forward; }

  const ChainQuote& quote_;
  std::array<double, 5> halves_;
  double mark_half_, vol_half_, forward_half_;
};

// Years to expiry from the whole minutes at and after `time`.
std::array<double, 2> minutes_around(const ChainQuote& quote, Timestamp time) {
  const Timestamp before = whole_minute(time);
  const Timestamp after = before == time ? before : Timestamp{before.seconds + 60};
  return {years_between(before, quote.expiry), years_between(after, quote.expiry)};
}

}  // namespace

PublishedGreeks published_greeks(const ChainQuote& quote, double forward, double years, double vol) {
  const ClosedForm black = chain_black(quote, forward, years, vol);
  const double worth = quote.mark ? *quote.mark * (quote.usd_settled ? 1.0 : forward) : black.value;
  return in_published_units(black, years, worth);
}

MarkCheck check_marks(const Chain& chain) {
  std::vector<Error> all;
  std::map<std::string, std::vector<Error>> by_underlying;
  for (const ChainQuote& quote : chain.quotes) {
    if (!quote.mark || !quote.mark_vol || !quote.forward) continue;
    const double years = years_between(quote_time(chain, quote), quote.expiry);
    if (!(years > 0.0)) continue;
    const double price = chain_price(quote, *quote.forward, years, *quote.mark_vol);
    const double unit = quote.usd_settled ? *quote.forward : 1.0;
    const Error error{std::abs(price - *quote.mark) / unit, &quote.name};
    all.push_back(error);
    by_underlying[quote.underlying].push_back(error);
  }
  MarkCheck check;
  check.all = summary(std::move(all));
  for (auto& [name, errors] : by_underlying) check.underlyings[name] = summary(std::move(errors));
  return check;
}

GreekCheck check_greeks(const Chain& chain) {
  constexpr double kHour = 3'600.0 / kSecondsPerYear;  // the last half hour is an average of the index
  std::vector<const ChainQuote*> quotes;
  for (const ChainQuote& quote : chain.quotes) {
    const bool published =
        std::any_of(kPublished.begin(), kPublished.end(), [&](auto greek) { return (quote.*greek).has_value(); });
    if (!published || !quote.mark_vol || !quote.forward) continue;
    if (years_between(quote_time(chain, quote), quote.expiry) > kHour) quotes.push_back(&quote);
  }
  const ChainRounding rounding = chain_rounding(quotes);
  GreekCheck check;
  check.count = quotes.size();
  std::array<std::vector<double>, 5> errors;
  for (const ChainQuote* quote : quotes) {
    const GreekMatch match(*quote, rounding);
    const Timestamp time = quote_time(chain, *quote);
    const std::array<double, 2> minutes = minutes_around(*quote, time);
    const auto possible = [&](const std::array<bool, 5>& asked) {
      return match.possible(minutes[0], asked) || match.possible(minutes[1], asked);
    };
    const PublishedGreeks at_print =
        published_greeks(*quote, *quote->forward, years_between(time, quote->expiry), *quote->mark_vol);
    std::array<bool, 5> published{};
    for (std::size_t g = 0; g < 5; ++g) {
      const std::optional<double>& printed = quote->*kPublished[g];
      published[g] = printed.has_value();
      if (!printed) continue;
      std::array<bool, 5> alone{};
      alone[g] = true;
      ++check.greeks[g].count;
      check.greeks[g].within_digits += possible(alone);
      errors[g].push_back(std::abs(at_print[g] - *printed));
    }
    check.within_digits += possible(published);
  }
  for (std::size_t g = 0; g < 5; ++g) {
    if (errors[g].empty()) continue;
    check.greeks[g].median = sample_median(errors[g]);
    check.greeks[g].worst = *std::max_element(errors[g].begin(), errors[g].end());
  }
  return check;
}

}  // namespace tailbit
