#include "host/fit/chain_surface.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "host/fit/arbitrage.hpp"
#include "host/fit/implied_vol.hpp"
#include "host/fit/svi_fit.hpp"
#include "host/io/problems.hpp"

namespace tailbit {
namespace {

constexpr double kMarkWeight = 0.02;     // of a mark that stands in for a quote
constexpr double kMarkHalfWidth = 0.02;  // vol; what a mark may be off by

struct Row {
  const ChainQuote* quote;
  QuoteFit* fit;
  double forward, k;
};

// The rows of one expiry, and the strikes that have a two-sided quote out of the money.
struct ExpiryRows {
  Timestamp expiry;
  double forward, years;
  std::vector<Row> rows;
};

bool out_of_the_money(const ChainQuote& q, double forward) {
  return q.option == OptionKind::call ? q.strike >= forward : q.strike <= forward;
}

// Why there is no two-sided quote to fit.
std::string missing(const ChainQuote& q) {
  if (!q.bid && !q.ask) return "no quote";
  if (!q.bid) return "no bid";
  if (!q.ask) return "no ask";
  return *q.bid >= *q.ask ? "bid at or above ask" : "no vol gives bid or ask";
}

// Vols at the quoted prices; whether the quote is fitted to, or why not.
void read_vols(const Row& row, double years) {
  const ChainQuote& q = *row.quote;
  QuoteFit& fit = *row.fit;
  const double unit = q.usd_settled ? 1.0 : row.forward;  // USD per unit of the settlement currency
  const auto vol_of = [&](std::optional<double> price) {
    return price ? implied_vol(q.option, row.forward, q.strike, years, *price * unit) : std::nullopt;
  };
  fit.bid_vol = vol_of(q.bid);
  fit.ask_vol = vol_of(q.ask);
  fit.mark_vol = q.mark_vol ? q.mark_vol : vol_of(q.mark);
  const bool out = out_of_the_money(q, row.forward);
  fit.judged = out && fit.bid_vol && fit.ask_vol && *fit.bid_vol < *fit.ask_vol;
  if (!out) {
    fit.use = "not fitted: in the money";
  } else if (fit.judged) {
    fit.use = "fitted";
  } else if (fit.mark_vol) {
    fit.use = "mark fitted";
  } else {
    fit.use = "not fitted: " + missing(q) + " and no mark";
  }
}

// Of an expiry with nothing else, marks in the money serve too.
void take_marks_in_the_money(ExpiryRows& expiry) {
  const auto used = [](const Row& row) { return row.fit->use == "fitted" || row.fit->use == "mark fitted"; };
  if (std::any_of(expiry.rows.begin(), expiry.rows.end(), used)) return;
  for (const Row& row : expiry.rows) {
    if (row.fit->mark_vol) row.fit->use = "mark fitted";
  }
}

ExpiryQuotes quotes_of(const ExpiryRows& expiry) {
  ExpiryQuotes out{expiry.years, {}};
  for (const Row& row : expiry.rows) {
    const QuoteFit& fit = *row.fit;
    if (fit.use == "fitted") {
      out.quotes.push_back({row.k, 0.5 * (*fit.bid_vol + *fit.ask_vol), 0.5 * (*fit.ask_vol - *fit.bid_vol), 1.0});
    } else if (fit.use == "mark fitted") {
      out.quotes.push_back({row.k, *fit.mark_vol, kMarkHalfWidth, kMarkWeight});
    }
  }
  return out;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

// Fills in what the slice says of each row, and how good it is.
SurfaceFit judge(const ExpiryRows& expiry, const market::SviSlice& slice) {
  SurfaceFit out;
  std::vector<double> widths;
  double squares = 0.0;
  for (const Row& row : expiry.rows) {
    QuoteFit& fit = *row.fit;
    fit.fit_vol = std::sqrt(svi_variance_at(slice, row.k).variance / expiry.years);
    out.options += 1;
    out.marks += fit.use == "mark fitted";
    if (!fit.judged) continue;
    fit.inside = *fit.fit_vol >= *fit.bid_vol - kQuoteTolerance && *fit.fit_vol <= *fit.ask_vol + kQuoteTolerance;
    out.two_sided += 1;
    out.inside += fit.inside;
    widths.push_back(*fit.ask_vol - *fit.bid_vol);
    const double miss = *fit.fit_vol - 0.5 * (*fit.bid_vol + *fit.ask_vol);
    squares += miss * miss;
  }
  out.median_width = median(std::move(widths));
  if (out.two_sided > 0) out.rms = std::sqrt(squares / out.two_sided);
  return out;
}

}  // namespace

ChainSurface fit_chain(const Chain& chain) {
  ChainSurface out;
  out.quotes.resize(chain.quotes.size());
  std::map<std::string, std::map<Timestamp, ExpiryRows>> by_underlying;
  for (std::size_t i = 0; i < chain.quotes.size(); ++i) {
    const ChainQuote& q = chain.quotes[i];
    const ChainForward& listed = chain.underlyings.at(q.underlying).forwards.at(q.expiry);
    ExpiryRows& expiry = by_underlying[q.underlying][q.expiry];
    expiry.expiry = q.expiry;
    expiry.forward = listed.forward;
    expiry.years = years_between(chain.as_of, q.expiry);
    const double forward = q.forward.value_or(listed.forward);
    expiry.rows.push_back({&q, &out.quotes[i], forward, std::log(q.strike / forward)});
    read_vols(expiry.rows.back(), expiry.years);
  }
  for (auto& [name, by_expiry] : by_underlying) {
    std::vector<ExpiryQuotes> quotes;
    for (auto& [unused, expiry] : by_expiry) {
      // The fit adds up in this order: it must not depend on the file's.
      std::sort(expiry.rows.begin(), expiry.rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.quote->strike, a.quote->name) < std::tie(b.quote->strike, b.quote->name);
      });
      take_marks_in_the_money(expiry);
      quotes.push_back(quotes_of(expiry));
    }
    if (std::all_of(quotes.begin(), quotes.end(), [](const ExpiryQuotes& e) { return e.quotes.empty(); })) {
      out.warnings.push_back(name +
                             " is left out: none of its options has a mark, or a bid and an ask out of the money, " +
                             "that a vol gives");
      continue;
    }
    const std::vector<SliceFit> fits = fit_svi_surface(quotes);
    std::size_t i = 0;
    for (const auto& [unused, expiry] : by_expiry) {
      const market::SviSlice& s = fits[i].slice;
      const SurfaceFit quality = judge(expiry, s);
      ++i;
      out.expiries[name].push_back(
          {expiry.expiry, expiry.forward, {expiry.expiry, s.a, s.b, s.rho, s.m, s.sigma, quality}});
    }
  }
  if (out.expiries.empty())
    throw Failure(ExitCode::bad_data, chain.source + ": there is no surface to fit: " + out.warnings.front() +
                                          "; give a chain with quotes or marks");
  return out;
}

Market chain_market(const Chain& chain, const ChainSurface& surface) {
  Market market;
  market.as_of = chain.as_of;
  for (const auto& [name, expiries] : surface.expiries) {
    UnderlyingMarket& out = market.underlyings[name];
    out.spot = chain.underlyings.at(name).spot;
    SviSurface slices;
    for (const ExpirySurface& expiry : expiries) {
      out.forwards.push_back({expiry.expiry, expiry.forward});
      slices.slices.push_back(expiry.slice);
    }
    for (const auto& [expiry, mark] : chain.underlyings.at(name).futures) out.forwards.push_back({expiry, mark});
    std::sort(out.forwards.begin(), out.forwards.end(),
              [](const ListedForward& a, const ListedForward& b) { return a.expiry < b.expiry; });
    out.surface = std::move(slices);
  }
  return market;
}

}  // namespace tailbit
