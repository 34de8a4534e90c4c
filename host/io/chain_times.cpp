#include "host/io/chain_times.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "host/io/chain_black.hpp"
#include "host/io/chain_statistics.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr double kDaySeconds = 86'400.0;
constexpr std::int64_t kNoticed = 600;  // seconds between two times that should be one
// Summaries of one answer are made within milliseconds; instruments are listed days apart.
constexpr std::int64_t kMostSummarySpread = 3'600;

Timestamp whole_seconds(double seconds) { return {static_cast<std::int64_t>(std::floor(seconds + 0.5))}; }

// Takes the time of creation as the quotes' own, if it is that.
void use_creation_times(std::vector<ChainEntry>& entries, const ChainFile& file) {
  // What describes an instrument stands beside the time of its listing.
  static constexpr std::array<std::string_view, 4> kDescribesInstruments{"contract_size", "tick_size",
                                                                         "min_trade_amount", "is_active"};
  for (const std::string_view name : kDescribesInstruments) {
    if (std::find(file.names.begin(), file.names.end(), name) != file.names.end()) return;
  }
  std::map<std::string, std::set<Timestamp>> times;
  std::set<Timestamp> all;
  bool changes = false;  // an instrument is listed once, but summarised again and again
  for (const ChainEntry& entry : entries) {
    if (entry.quote.time || !entry.created) continue;
    auto& own = times[entry.quote.name];
    own.insert(*entry.created);
    all.insert(*entry.created);
    changes = changes || own.size() > 1;
  }
  if (all.empty() || (!changes && all.rbegin()->seconds - all.begin()->seconds > kMostSummarySpread)) return;
  for (ChainEntry& entry : entries) {
    if (!entry.quote.time) entry.quote.time = entry.created;
  }
}

// The latest of the quotes' times, if there are any.
bool use_quote_times(Chain& chain, const std::vector<ChainEntry>& entries) {
  std::optional<Timestamp> earliest, latest;
  for (const ChainEntry& entry : entries) {
    if (!entry.quote.time) continue;
    earliest = earliest ? std::min(*earliest, *entry.quote.time) : *entry.quote.time;
    latest = latest ? std::max(*latest, *entry.quote.time) : *entry.quote.time;
  }
  if (!latest) return false;
  chain.as_of = *latest;
  chain.time_spread_seconds = latest->seconds - earliest->seconds;
  return true;
}

using ByExpiry = std::map<Timestamp, std::vector<Weighted>>;

template <class Infer>
ByExpiry implied_times(const std::vector<ChainEntry>& entries, Infer&& infer) {
  std::vector<const ChainQuote*> quotes;
  for (const ChainEntry& entry : entries) {
    if (entry.kind == ChainEntry::Kind::option) quotes.push_back(&entry.quote);
  }
  const ChainRounding rounding = chain_rounding(quotes);
  ByExpiry times;
  for (const ChainQuote* quote : quotes) {
    const auto time = infer(*quote, rounding);
    if (!time) continue;
    const double uncertainty = std::max(time->uncertainty, 1.0);  // below a second rows do not differ in quality
    times[quote->expiry].push_back({time->seconds, 1.0 / (uncertainty * uncertainty)});
  }
  return times;
}

double median_of_all(const ByExpiry& times, std::size_t& rows) {
  std::vector<Weighted> all;
  for (const auto& [expiry, values] : times) all.insert(all.end(), values.begin(), values.end());
  rows = all.size();
  return weighted_median(std::move(all));
}

// One moment per expiry, since tickers are asked for expiry by expiry.
bool infer_from_greeks(Chain& chain, std::vector<ChainEntry>& entries) {
  const ByExpiry times = implied_times(entries, time_from_greeks);
  if (times.empty()) return false;
  std::size_t rows = 0;
  chain.as_of = whole_seconds(median_of_all(times, rows));
  chain.as_of_from = "inferred from vega and theta";
  std::map<Timestamp, Timestamp> moment;  // by expiry
  for (const auto& [expiry, values] : times) moment[expiry] = whole_seconds(weighted_median(values));
  for (ChainEntry& entry : entries) {
    const auto found = moment.find(entry.quote.expiry);
    if (entry.kind == ChainEntry::Kind::option && found != moment.end()) entry.quote.time = found->second;
  }
  Timestamp earliest = chain.as_of, latest = chain.as_of;
  for (const auto& [expiry, time] : moment) {
    earliest = std::min(earliest, time);
    latest = std::max(latest, time);
  }
  chain.time_spread_seconds = latest.seconds - earliest.seconds;
  chain.warnings.push_back("no column says when the quotes are of: vega and theta of " + std::to_string(rows) +
                           " rows imply " + timestamp_text(chain.as_of) + " (by expiry " + timestamp_text(earliest) +
                           " to " + timestamp_text(latest) + "); give --as-of if you know better");
  return true;
}

bool infer_from_marks(Chain& chain, const std::vector<ChainEntry>& entries) {
  const ByExpiry times = implied_times(entries, time_from_mark);
  if (times.empty()) return false;
  std::size_t rows = 0;
  chain.as_of = whole_seconds(median_of_all(times, rows));
  chain.as_of_from = "inferred from marks and vols";
  chain.warnings.push_back("nothing in the file says when the quotes are of: marks and vols of " +
                           std::to_string(rows) + " rows imply " + timestamp_text(chain.as_of) +
                           "; give --as-of if you know better");
  return true;
}

int most_decimals(const std::vector<const ChainQuote*>& quotes, std::optional<double> ChainQuote::*member) {
  int decimals = 0;
  for (const ChainQuote* quote : quotes) {
    if (quote->*member) decimals = std::max(decimals, printed_decimals(*(quote->*member)));
  }
  return decimals;
}

// Where the function changes sign between low and high; it is called until the interval cannot be halved.
template <class Function>
std::optional<double> root_between(double low, double high, Function&& function) {
  const bool below = function(low) < 0.0;
  if ((function(high) < 0.0) == below) return std::nullopt;
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (low + high);
    ((function(middle) < 0.0) == below ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double at_expiry_minus(const ChainQuote& quote, double years) {
  return static_cast<double>(quote.expiry.seconds) - years * kSecondsPerYear;
}

}  // namespace

ChainRounding chain_rounding(const std::vector<const ChainQuote*>& quotes) {
  const auto half = [&](std::optional<double> ChainQuote::*member) { return half_unit(most_decimals(quotes, member)); };
  return {half(&ChainQuote::mark_vol), half(&ChainQuote::mark),  half(&ChainQuote::delta), half(&ChainQuote::gamma),
          half(&ChainQuote::vega),     half(&ChainQuote::theta), half(&ChainQuote::rho)};
}

double forward_rounding(double forward) { return half_unit(std::max(2, printed_decimals(forward))); }

std::optional<ImpliedTime> time_from_greeks(const ChainQuote& quote, const ChainRounding& rounding) {
  // Digits enough: the printed vol gives T to some 1e-4, and the rest should not add to that.
  constexpr double kMostRoundingError = 1e-5;
  if (!quote.forward || !quote.mark_vol || !quote.vega || !quote.theta) return std::nullopt;
  const double vega = *quote.vega, theta = *quote.theta, vol = *quote.mark_vol;
  if (!(vega > 0.0 && theta < 0.0) || rounding.vega > kMostRoundingError * vega ||
      rounding.theta > -kMostRoundingError * theta) {
    return std::nullopt;
  }
  // A theta that would exceed the mark is cut there, and says nothing about T.
  const double mark = quote.mark.value_or(0.0) * (quote.usd_settled ? 1.0 : *quote.forward);
  if (quote.mark && -theta > 0.99 * mark) return std::nullopt;
  const double vol_per_year_left = -theta * 2.0 * 365.0 / (100.0 * vega);
  const double years = vol / vol_per_year_left;
  if (!(years * kSecondsPerYear > kDaySeconds)) return std::nullopt;

  // ln of vega at this T over the printed one, the vol following T.
  const auto mismatch = [&](double t) {
    return std::log(chain_black(quote, *quote.forward, t, vol_per_year_left * t).vega / (100.0 * vega));
  };
  const double slack = 1.1 * rounding.vol / vol + 1e-6;
  const auto root = root_between(years * (1.0 - slack), years * (1.0 + slack), mismatch);
  if (!root) return ImpliedTime{at_expiry_minus(quote, years), years * kSecondsPerYear * rounding.vol / vol};
  constexpr double kStep = 1e-5;
  const double slope = std::abs(mismatch(*root * (1.0 + kStep)) - mismatch(*root * (1.0 - kStep))) / (2.0 * kStep);
  const double error =
      rounding.vega / vega - rounding.theta / theta + 2.0 * forward_rounding(*quote.forward) / *quote.forward;
  return ImpliedTime{at_expiry_minus(quote, *root), *root * kSecondsPerYear * std::min(error / slope, slack)};
}

std::optional<ImpliedTime> time_from_mark(const ChainQuote& quote, const ChainRounding& rounding) {
  constexpr double kLeastYears = 1e-7, kMostYears = 10.0;
  if (!quote.forward || !quote.mark_vol || !quote.mark) return std::nullopt;
  const double vol = *quote.mark_vol;
  const auto excess = [&](double years) { return chain_price(quote, *quote.forward, years, vol) - *quote.mark; };
  const auto years = root_between(kLeastYears, kMostYears, excess);
  if (!years) return std::nullopt;
  const double decay =
      -in_settlement(quote, chain_black(quote, *quote.forward, *years, vol).theta, *quote.forward);  // per year
  const double uncertainty = rounding.mark / decay + 2.0 * *years * rounding.vol / vol;
  if (!(uncertainty < 0.2 * *years)) return std::nullopt;
  return ImpliedTime{at_expiry_minus(quote, *years), uncertainty * kSecondsPerYear};
}

void find_chain_times(Chain& chain, std::vector<ChainEntry>& entries, const ChainFile& file,
                      const ChainOptions& options, Problems& problems) {
  use_creation_times(entries, file);
  const bool timed = use_quote_times(chain, entries);
  if (options.as_of) {
    if (timed && std::abs(chain.as_of.seconds - options.as_of->seconds) > kNoticed) {
      chain.warnings.push_back("the latest quote is of " + timestamp_text(chain.as_of) + ", the time given is " +
                               timestamp_text(*options.as_of));
    }
    chain.as_of = *options.as_of;
    chain.as_of_from = "given";
    return;
  }
  if (timed) {
    chain.as_of_from = "latest quote";
    return;
  }
  if (file.answered_at) {
    if (const auto answered = parse_chain_moment(*file.answered_at)) {
      chain.as_of = answered->time;
      chain.as_of_from = "the answer's usOut";
      return;
    }
  }
  if (infer_from_greeks(chain, entries) || infer_from_marks(chain, entries)) return;
  problems.add(ExitCode::bad_data, {chain.source, "",
                                    "nothing in the file says when it was taken: there is no " +
                                        names_of(ChainField::time) + ", and no vols with Greeks or marks that imply it",
                                    "say it with --as-of, for instance --as-of 2026-03-01T08:00:00Z"});
}

std::string chain_clock_warning(const Chain& chain) {
  constexpr double kMuchBetter = 0.2;   // of the median error
  constexpr double kGoodEnough = 1e-4;  // of the forward: such marks need no other moment
  std::vector<const ChainQuote*> quotes;
  for (const ChainQuote& quote : chain.quotes) quotes.push_back(&quote);
  const ChainRounding rounding = chain_rounding(quotes);
  std::vector<Weighted> shifts;
  for (const ChainQuote& quote : chain.quotes) {
    const auto implied = time_from_mark(quote, rounding);
    if (!implied) continue;
    const double uncertainty = std::max(implied->uncertainty, 1.0);
    shifts.push_back(
        {implied->seconds - static_cast<double>(quote_time(chain, quote).seconds), 1.0 / (uncertainty * uncertainty)});
  }
  if (shifts.size() < 10) return "";
  const double shift = weighted_median(shifts);
  const auto median_error = [&](double seconds) {
    std::vector<double> errors;
    for (const ChainQuote& quote : chain.quotes) {
      if (!quote.forward || !quote.mark_vol || !quote.mark) continue;
      const double years = years_between(quote_time(chain, quote), quote.expiry) - seconds / kSecondsPerYear;
      if (!(years > 0.0)) continue;
      const double unit = quote.usd_settled ? *quote.forward : 1.0;
      errors.push_back(std::abs(chain_price(quote, *quote.forward, years, *quote.mark_vol) - *quote.mark) / unit);
    }
    return sample_median(errors);
  };
  if (std::abs(shift) < static_cast<double>(kNoticed)) return "";
  const double error = median_error(0.0), shifted = median_error(shift);
  if (error < kGoodEnough || shifted > kMuchBetter * error) return "";
  const Timestamp implied = whole_seconds(static_cast<double>(chain.as_of.seconds) + shift);
  return "the marks and vols are of another moment than " + timestamp_text(chain.as_of) + ": as of " +
         timestamp_text(implied) + " they agree to " + rounded_text(shifted) + " coin in the median, now only to " +
         rounded_text(error) + "; give --as-of " + timestamp_text(implied) + " if the quotes are of then too";
}

}  // namespace tailbit
