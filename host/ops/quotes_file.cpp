#include "host/ops/quotes_file.hpp"

#include <array>
#include <cmath>

#include "host/io/csv.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr std::array<std::string_view, 17> kColumns{
    "instrument", "underlying", "expiry",  "option",   "strike",  "forward",  "open_interest", "bid", "ask",
    "mark",       "bid_vol",    "ask_vol", "mark_vol", "fit_vol", "residual", "inside",        "use"};
constexpr std::size_t kInstrument = 0, kOpenInterest = 6;

std::string cell(std::optional<double> number) { return number ? number_text(*number) : ""; }
// To a hundredth of a basis point.
std::string vol_cell(std::optional<double> vol) { return vol ? number_text(std::round(*vol * 1e6) / 1e6) : ""; }

std::optional<double> residual(const QuoteFit& fit) {
  if (!fit.fit_vol) return std::nullopt;
  if (fit.bid_vol && fit.ask_vol) return *fit.fit_vol - 0.5 * (*fit.bid_vol + *fit.ask_vol);
  if (fit.mark_vol) return *fit.fit_vol - *fit.mark_vol;
  return std::nullopt;
}

}  // namespace

std::string quotes_csv(const Chain& chain, const ChainSurface& surface) {
  std::string text;
  for (const std::string_view column : kColumns) text += (text.empty() ? "" : ",") + std::string(column);
  text += "\n";
  for (std::size_t i = 0; i < chain.quotes.size(); ++i) {
    const ChainQuote& q = chain.quotes[i];
    const QuoteFit& fit = surface.quotes[i];
    const double forward = q.forward.value_or(chain.underlyings.at(q.underlying).forwards.at(q.expiry).forward);
    const std::array<std::string, kColumns.size()> cells{
        q.name,
        q.underlying,
        timestamp_text(q.expiry),
        std::string(Spelling<OptionKind>::names[static_cast<std::size_t>(q.option)]),
        number_text(q.strike),
        number_text(forward),
        number_text(q.open_interest),
        cell(q.bid),
        cell(q.ask),
        cell(q.mark),
        vol_cell(fit.bid_vol),
        vol_cell(fit.ask_vol),
        vol_cell(fit.mark_vol),
        vol_cell(fit.fit_vol),
        vol_cell(residual(fit)),
        fit.judged ? (fit.inside ? "yes" : "no") : "",
        fit.use};
    for (std::size_t c = 0; c < cells.size(); ++c) text += (c == 0 ? "" : ",") + cells[c];
    text += "\n";
  }
  return text;
}

std::vector<ListedOption> read_listing(const std::string& path, const Market& market) {
  Problems problems;
  std::vector<CsvColumn> columns;
  for (const std::string_view column : kColumns) columns.push_back({std::string(column), true});
  CsvFile csv(path, ExitCode::bad_data, columns, problems);
  std::vector<ListedOption> out;
  while (csv.next()) {
    const std::string_view name = csv[kInstrument], interest = csv[kOpenInterest];
    if (!csv.malformed().empty()) {
      csv.problem(csv.malformed(), "import the chain again");
      continue;
    }
    const auto parsed = parse_listed_name(std::string(name));
    const auto open_interest = parse_number(interest);
    if (!parsed || !std::holds_alternative<European::Terms>(parsed->terms)) {
      csv.problem(in_quotes(name) + " is not a listed option", "import the chain again");
    } else if (!open_interest || *open_interest < 0.0) {
      csv.problem("the open_interest " + in_quotes(interest) + " is not a number from 0", "import the chain again");
    } else if (market.underlyings.contains(parsed->underlying) &&
               std::get<European::Terms>(parsed->terms).expiry > market.as_of) {
      out.push_back({*parsed, *open_interest});
    }
  }
  problems.throw_if_any();
  return out;
}

}  // namespace tailbit
