#include "host/ops/import_chain.hpp"

#include <algorithm>
#include <filesystem>

#include "host/fit/chain_surface.hpp"
#include "host/fit/svi_fit.hpp"
#include "host/io/chain_checks.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/quotes_file.hpp"
#include "host/report/digest.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

Json underlying_json(const std::string& name, const Chain& chain, const ChainSurface& surface) {
  const ChainUnderlying& u = chain.underlyings.at(name);
  Json out{{"spot", u.spot}, {"low", u.spot_low}, {"high", u.spot_high}};
  if (u.perpetual_mark) out["perpetual_mark"] = *u.perpetual_mark;
  for (const ExpirySurface& e : surface.expiries.at(name)) {
    const ChainForward& f = u.forwards.at(e.expiry);
    const SurfaceFit& fit = *e.slice.fit;
    out["expiries"].push_back({{"expiry", timestamp_text(e.expiry)},
                               {"forward", f.forward},
                               {"low", f.low},
                               {"high", f.high},
                               {"synthetic", f.synthetic},
                               {"options", fit.options},
                               {"two_sided", fit.two_sided},
                               {"inside", fit.inside},
                               {"marks", fit.marks},
                               {"median_width", fit.median_width},
                               {"rms", fit.rms}});
  }
  return out;
}

// Whether a quote out of the money has one side only, and whether the surface is beyond it: below the bid, above the
// ask.
bool is_one_sided(const QuoteFit& fit) {
  return fit.fit_vol && fit.use != "not fitted: in the money" && fit.bid_vol.has_value() != fit.ask_vol.has_value();
}
bool is_beyond(const QuoteFit& fit) {
  return fit.bid_vol ? *fit.fit_vol < *fit.bid_vol - kQuoteTolerance : *fit.fit_vol > *fit.ask_vol + kQuoteTolerance;
}

// All two-sided quotes out of the money of two days to a year, which a fit is judged by; and how the rest lies to it.
Json fit_json(const Chain& chain, const ChainSurface& surface) {
  constexpr std::int64_t kShortest = 2 * 86'400, kLongest = 31'536'000;
  std::size_t judged = 0, inside = 0, all = 0, all_inside = 0, one_sided = 0, beyond = 0, expiries = 0, borrowed = 0;
  std::vector<double> widths;
  for (std::size_t i = 0; i < chain.quotes.size(); ++i) {
    const std::int64_t seconds = chain.quotes[i].expiry.seconds - chain.as_of.seconds;
    const QuoteFit& fit = surface.quotes[i];
    if (is_one_sided(fit)) {
      ++one_sided;
      beyond += is_beyond(fit);
    }
    all += fit.judged;
    all_inside += fit.inside;
    if (!fit.judged || seconds < kShortest || seconds > kLongest) continue;
    ++judged;
    inside += fit.inside;
    widths.push_back(*fit.ask_vol - *fit.bid_vol);
  }
  for (const auto& [unused, slices] : surface.expiries) {
    for (const ExpirySurface& e : slices) {
      ++expiries;
      borrowed += e.slice.fit->two_sided + e.slice.fit->marks < kLeastQuotes;
    }
  }
  Json out{{"expiries", expiries},
           {"expiries_fitted", expiries},
           {"shape_from_neighbours", borrowed},
           {"from_days", 2},
           {"to_days", 365},
           {"two_sided", judged},
           {"inside", inside},
           {"two_sided_all_expiries", all},
           {"inside_all_expiries", all_inside},
           {"one_sided", one_sided},
           {"one_sided_beyond", beyond}};
  out["inside_share"] = judged == 0 ? Json(nullptr) : Json(static_cast<double>(inside) / static_cast<double>(judged));
  if (!widths.empty()) {
    std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
    out["median_width"] = widths[widths.size() / 2];
  }
  return out;
}

Json marks_json(const MarkErrors& e) {
  Json out{{"checked", e.count}};
  if (e.count == 0) return out;
  out["median_error"] = e.median;
  out["p95_error"] = e.p95;
  out["worst_error"] = e.worst;
  out["worst"] = e.worst_name;
  return out;
}

Json report_json(const Chain& chain, const ChainSurface& surface) {
  Json dropped = Json::array(), underlyings = Json::object(), not_fitted = Json::object();
  for (const ChainDrop& row : chain.dropped)
    dropped.push_back({{"where", row.where}, {"instrument", row.name}, {"reason", row.reason}});
  for (const auto& [name, unused] : surface.expiries) underlyings[name] = underlying_json(name, chain, surface);
  for (const QuoteFit& fit : surface.quotes) {
    Json& count = not_fitted[fit.use];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  const GreekCheck greeks = check_greeks(chain);
  std::vector<std::string> warnings = chain.warnings;
  warnings.insert(warnings.end(), surface.warnings.begin(), surface.warnings.end());
  return {{"schema", "tailbit.import/1"},
          {"kind", "deribit-chain"},
          {"source", std::filesystem::path(chain.source).filename().string()},
          {"source_sha256", sha256_file(chain.source)},
          {"layout", chain.layout},
          {"rows", chain.rows},
          {"imported", chain.quotes.size()},
          {"as_of", timestamp_text(chain.as_of)},
          {"as_of_from", chain.as_of_from},
          {"time_spread_seconds", chain.time_spread_seconds},
          {"fit", fit_json(chain, surface)},
          {"quotes", std::move(not_fitted)},
          {"marks", marks_json(check_marks(chain).all)},
          {"greeks", {{"checked", greeks.count}, {"within_printed_digits", greeks.within_digits}}},
          {"underlyings", std::move(underlyings)},
          {"dropped", std::move(dropped)},
          {"warnings", std::move(warnings)}};
}

// USD- or coin-settled options, each with the vol it is marked at.
std::vector<Instrument> marked_instruments(const Chain& chain, const ChainSurface& surface) {
  std::vector<Instrument> out;
  for (std::size_t i = 0; i < chain.quotes.size(); ++i) {
    const ChainQuote& q = chain.quotes[i];
    if (!surface.quotes[i].mark_vol) continue;
    const Settlement settlement = q.usd_settled ? Settlement::usd : Settlement::coin;
    out.push_back({q.name, q.underlying, 1.0,
                   European::Terms{q.option, q.strike, q.expiry, settlement, surface.quotes[i].mark_vol}});
  }
  std::sort(out.begin(), out.end(), [](const Instrument& a, const Instrument& b) { return a.id < b.id; });
  return out;
}

}  // namespace

Json import_chain(const std::string& path, const std::string& out_dir, const ChainImportOptions& options) {
  const Chain chain = read_chain(path, {options.as_of});
  const ChainSurface surface = fit_chain(chain);
  Json report = report_json(chain, surface);
  make_folder(out_dir);
  write_file(out_dir + "/market.json", json_text(market_to_json(chain_market(chain, surface))));
  write_file(out_dir + "/quotes.csv", quotes_csv(chain, surface));
  if (options.mark_vols)
    write_file(out_dir + "/instruments.json", json_text(instruments_to_json(marked_instruments(chain, surface))));
  write_file(out_dir + "/import_report.json", json_text(report));
  return report;
}

}  // namespace tailbit
