#include "host/ops/listing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/ops/named_random.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {
namespace {

// Strikes stand this many standard deviations from the forward, before they are rounded.
constexpr std::array kDeviations{-2.5, -2.0, -1.6, -1.2, -0.8, -0.4, 0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.5};

// The largest of 1, 2, 2.5 or 5 times a power of ten that is at most x.
double round_step(double x) {
  double power = 1.0;
  while (power > x) power /= 10.0;
  while (10.0 * power <= x) power *= 10.0;
  for (const double multiple : {5.0, 2.5, 2.0}) {
    if (multiple * power <= x) return multiple * power;
  }
  return power;
}

// The multiple of the step next to x, with no more digits than the step has: 0.3, not three times 0.1.
double on_grid(double x, double step) {
  const double multiple = std::round(x / step);
  return step < 1.0 ? multiple / std::round(1.0 / step) : multiple * step;
}

// When listed contracts expire; other dates have no listed name.
bool is_listed_time(Timestamp expiry) { return expiry.seconds % 86'400 == 8 * 3600; }

std::set<Timestamp> expiries_of(const UnderlyingMarket& market) {
  std::set<Timestamp> expiries;
  for (const ListedForward& f : market.forwards) expiries.insert(f.expiry);
  if (const auto* svi = std::get_if<SviSurface>(&market.surface)) {
    for (const SviQuote& slice : svi->slices) expiries.insert(slice.expiry);
  }
  std::erase_if(expiries, [](Timestamp expiry) { return !is_listed_time(expiry); });
  return expiries;
}

ListedOption listed(const std::string& underlying, Timestamp expiry, OptionKind kind, double strike) {
  char digits[64];
  std::string strike_text(digits, std::to_chars(digits, digits + sizeof digits, strike, std::chars_format::fixed).ptr);
  std::replace(strike_text.begin(), strike_text.end(), '.', 'd');
  const std::string name =
      underlying + "-" + listed_date_text(expiry) + "-" + strike_text + (kind == OptionKind::call ? "-C" : "-P");
  return {{name, underlying, 1.0, European::Terms{kind, strike, expiry, Settlement::coin, {}}}, 0.0};
}

}  // namespace

std::vector<ListedOption> make_listing(const Market& market, std::uint64_t seed) {
  std::vector<ListedOption> out;
  for (const auto& [name, quoted] : market.underlyings) {
    const market::UnderlyingToday underlying = make_underlying(name, market);
    if (underlying.surface.empty()) continue;
    if (!parse_listed_name(name)) {
      throw Failure(ExitCode::bad_data,
                    "the underlying " + in_quotes(name) +
                        " cannot be part of a listed name; use capital letters and digits, such as BTC");
    }
    for (const Timestamp expiry : expiries_of(quoted)) {
      const double years = years_between(market.as_of, expiry);
      const double forward = underlying.spot * math::exp(underlying.carry.rate(years) * years);
      const double stdev = vol_today(forward, expiry, 0.0, underlying) * math::sqrt(years);
      const double step = round_step(0.3 * stdev * forward);
      std::set<double> strikes;
      for (const double d : kDeviations) {
        const double strike = on_grid(forward * math::exp(d * stdev), step);
        if (strike > 0.0) strikes.insert(strike);
      }
      for (const double strike : strikes) {
        for (const OptionKind kind : {OptionKind::call, OptionKind::put}) {
          ListedOption option = listed(name, expiry, kind, strike);
          const double deviation = math::log(strike / forward) / stdev;
          // Some 50 million USD of each at the money.
          const double most = 5e7 / underlying.spot * math::exp(-0.5 * math::abs(deviation));
          option.open_interest = std::round(10.0 * most * named_uniform(seed, option.instrument.id)) / 10.0;
          out.push_back(std::move(option));
        }
      }
    }
  }
  return out;
}

}  // namespace tailbit
