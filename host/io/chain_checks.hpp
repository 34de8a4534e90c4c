// How well a chain's own numbers agree with each other: its marks and Greeks against Black's formula at its vols and
// forwards. These are checks of the data, of how it was read, and of the conventions behind it.
//
// Deribit's conventions, checked on chains from 2020 to 2026: mark = Black(F of the expiry, K, T, mark vol) / F without
// discounting, T = calendar seconds / 365 days. Greeks are of the price in USD: delta = N(d1) or N(d1) - 1 (of the
// forward, not adjusted for the premium), gamma per USD, vega = F n(d1) sqrt(T) / 100, theta = -F n(d1) vol /
// (2 sqrt(T)) / 365, below a day times the part of the day that is left, never more than the mark, rho = T K N(d2) /
// 100 for calls and -T K N(-d2) / 100 for puts. Greeks, other than marks, count T in whole minutes.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "host/io/chain.hpp"
#include "host/io/published_greeks.hpp"

namespace tailbit {

// Absolute differences between marks and Black's formula at the mark vols, in coin per unit (USD prices over the
// forward).
struct MarkErrors {
  std::size_t count = 0;  // quotes with mark, vol and forward; the rest is 0 if there are none
  double median = 0.0, p95 = 0.0, worst = 0.0;
  std::string worst_name;
};
struct MarkCheck {
  MarkErrors all;
  std::map<std::string, MarkErrors> underlyings;
};
MarkCheck check_marks(const Chain& chain);

struct GreekErrors {
  std::size_t count = 0;  // quotes that publish it
  std::size_t within_digits = 0;
  double median = 0.0, worst = 0.0;  // absolute difference at the printed vol and forward, in the Greek's unit
};
struct GreekCheck {
  std::size_t count = 0;  // quotes with a Greek, a vol, a forward and more than an hour left
  // Quotes of which all published Greeks are reproduced within half a unit of their last printed digit, by one vol and
  // one forward within half a unit of theirs, at a whole minute next to the quote's time.
  std::size_t within_digits = 0;
  std::array<GreekErrors, 5> greeks;  // in the order of kGreekNames
};
GreekCheck check_greeks(const Chain& chain);

// What the venue would publish of the option.
PublishedGreeks published_greeks(const ChainQuote& quote, double forward, double years, double vol);

}  // namespace tailbit
