#include "host/report/greeks_csv.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>

#include "host/compile/contracts.hpp"
#include "host/compile/greeks.hpp"
#include "host/compile/pricers.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/csv.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {
namespace {

constexpr const char* kKeyColumns = "scope,group,underlying,expiry,strike_bucket,instrument,quantity";
constexpr const char* kStandardColumns =
    "value,delta,gamma,vega,theta,rho,vanna,volga,funding_rho,"
    "value_coin,delta_coin,delta_net,gamma_coin,vega_coin,theta_coin,rho_coin,vanna_coin,volga_coin,funding_rho_coin";
constexpr const char* kDeribitColumns = "value,delta,gamma,vega,theta,rho,value_coin";

constexpr std::size_t kMostColumns = 19;
using Numbers = std::array<double, kMostColumns>;  // in the order of the columns; those beyond are 0

std::size_t columns_of(GreekUnits units) { return units == GreekUnits::deribit ? 7 : kMostColumns; }

Numbers numbers_of(const ContractTerms& terms, const market::UnderlyingToday& underlying, const RunConfig& config) {
  const double horizon_years = static_cast<double>(config.horizon_seconds) / kSecondsPerYear;
  const ContractGreeks greeks = contract_greeks(terms, underlying, horizon_years);
  const auto& [usd, coin, funding_rho, funding_rho_coin] = greeks;
  if (config.greek_units == GreekUnits::deribit) {
    const PublishedGreeks p = published_greeks_today(terms, underlying);
    return {usd.value, p[0], p[1], p[2], p[3], p[4], coin.value};
  }
  return {usd.value,  usd.delta,   usd.gamma,  usd.vega,   usd.theta,       usd.rho,    usd.vanna,
          usd.volga,  funding_rho, coin.value, coin.delta, coin.delta_net,  coin.gamma, coin.vega,
          coin.theta, coin.rho,    coin.vanna, coin.volga, funding_rho_coin};
}

// Strike over forward.
constexpr std::array kBucketEdges{0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.5, 2.0};
constexpr int kNoBucket = -1;  // no option

int bucket_of(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  int bucket = kNoBucket;
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { held.strike; }) {
      const double years = years_between(underlying.as_of, held.expiry);
      const double ratio = held.strike / (underlying.spot * math::exp(underlying.carry.rate(years) * years));
      const auto above = std::upper_bound(kBucketEdges.begin(), kBucketEdges.end(), ratio);
      bucket = static_cast<int>(above - kBucketEdges.begin());
    }
  });
  return bucket;
}
std::string bucket_name(int bucket) {
  if (bucket == kNoBucket) return "";
  const auto b = static_cast<std::size_t>(bucket);
  if (b == 0) return "<" + number_text(kBucketEdges[0]);
  if (b == kBucketEdges.size()) return ">=" + number_text(kBucketEdges.back());
  return number_text(kBucketEdges[b - 1]) + "-" + number_text(kBucketEdges[b]);
}

// A contract that the book holds, and where it stands in the file.
struct Line {
  const Instrument* instrument;
  std::uint32_t underlying;
  std::optional<Timestamp> expiry;
  int bucket;
  Numbers unit;  // of one unit of payoff

  auto place() const { return std::tuple(underlying, expiry, bucket, std::string_view(instrument->id)); }
};

[[noreturn]] void not_finite(const std::string& whose) {
  throw Failure(ExitCode::bad_data, "a Greek of " + whose + " is not a finite number; check prices, strikes, vols, " +
                                        "quantities and multipliers");
}

struct Held {
  std::uint32_t line;
  double quantity;  // times multiplier
};

// The netted book, its contracts in the order of the file and their quantities by leaf.
class Holdings {
 public:
  Holdings(const Inputs& inputs, const Groups& groups) : underlyings_(make_underlyings(inputs)) {
    const NettedBook book = net(inputs, groups, underlyings_);
    std::vector<std::uint32_t> order(book.contracts.size());
    std::iota(order.begin(), order.end(), 0u);
    std::vector<Line> lines;
    for (const Contract& c : book.contracts) lines.push_back(line_of(c, inputs.config));
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return lines[a].place() < lines[b].place(); });
    for (const std::uint32_t c : order) lines_.push_back(lines[c]);
    leaf_begin_.assign(groups.leaves + 1, 0);
    for (const Weight& w : book.weights) ++leaf_begin_[w.leaf + 1];
    for (std::size_t leaf = 1; leaf < leaf_begin_.size(); ++leaf) leaf_begin_[leaf] += leaf_begin_[leaf - 1];
    std::vector<std::size_t> next(leaf_begin_.begin(), leaf_begin_.end() - 1);
    held_.resize(book.weights.size());
    for (std::uint32_t line = 0; line < order.size(); ++line) {
      const Contract& c = book.contracts[order[line]];
      for (std::uint32_t w = c.first_weight; w < c.first_weight + c.weight_count; ++w)
        held_[next[book.weights[w].leaf]++] = {line, book.weights[w].quantity};
    }
  }

  const Line& line(std::uint32_t i) const { return lines_[i]; }
  std::size_t size() const { return lines_.size(); }
  const std::string& name_of(std::uint32_t underlying) const { return underlyings_[underlying].name; }
  // By line within a leaf.
  std::span<const Held> of_leaves(std::uint32_t first, std::uint32_t last) const {
    return {held_.data() + leaf_begin_[first], leaf_begin_[last] - leaf_begin_[first]};
  }

 private:
  Line line_of(const Contract& contract, const RunConfig& config) const {
    const ContractTerms& terms = contract.instrument->terms;
    const market::UnderlyingToday& underlying = underlyings_[contract.underlying];
    const Line line{contract.instrument, contract.underlying, expiry_of(terms), bucket_of(terms, underlying),
                    numbers_of(terms, underlying, config)};
    for (const double number : line.unit) {
      if (!std::isfinite(number)) not_finite(contract.instrument->id);
    }
    return line;
  }

  std::vector<market::UnderlyingToday> underlyings_;
  std::vector<Line> lines_;
  std::vector<Held> held_;
  std::vector<std::size_t> leaf_begin_;  // [leaves + 1] into held_
};

// A sum to twice the precision of its terms, by Knuth's two-sum.
struct Sum {
  double high = 0.0, low = 0.0;

  void add(double x) {
    const double sum = high + x;
    const double x_part = sum - high;
    low += (high - (sum - x_part)) + (x - x_part);
    high = sum;
  }
  double value() const { return high + low; }
};

class Totals {
 public:
  void add(double quantity, const Numbers& unit) {
    for (std::size_t c = 0; c < kMostColumns; ++c) sums_[c].add(quantity * unit[c]);
  }
  void add(const Totals& part) {
    for (std::size_t c = 0; c < kMostColumns; ++c) {
      sums_[c].add(part.sums_[c].high);
      sums_[c].low += part.sums_[c].low;
    }
  }
  Numbers values() const {
    Numbers out;
    for (std::size_t c = 0; c < kMostColumns; ++c) out[c] = sums_[c].value();
    return out;
  }

 private:
  std::array<Sum, kMostColumns> sums_;
};

// What a group holds, netted over its leaves, by line. Reused from group to group.
class GroupNet {
 public:
  explicit GroupNet(std::size_t lines) : sums_(lines) {}

  const std::vector<Held>& of(std::span<const Held> held) {
    for (const Held& h : held) {
      if (!sums_[h.line].touched) touched_.push_back(h.line);
      sums_[h.line].touched = true;
      sums_[h.line].quantity.add(h.quantity);
    }
    std::sort(touched_.begin(), touched_.end());
    net_.clear();
    for (const std::uint32_t line : touched_) {
      net_.push_back({line, sums_[line].quantity.value()});
      sums_[line] = {};
    }
    touched_.clear();
    return net_;
  }

 private:
  struct Quantity {
    Sum quantity;
    bool touched = false;
  };
  std::vector<Quantity> sums_;
  std::vector<std::uint32_t> touched_;
  std::vector<Held> net_;
};

// The rows of one scope, and how far those of the book reach.
struct Scope {
  std::string text;
  std::size_t rows = 0, book_size = 0, book_rows = 0;
  bool book_only = false;

  void keep_book_only() {
    text.resize(book_size);
    rows = book_rows;
    book_only = true;
  }
};

class Writer {
 public:
  Writer(const Holdings& holdings, GreekUnits units, std::size_t most_rows)
      : holdings_(holdings), units_(units), columns_(columns_of(units)), most_rows_(most_rows) {}

  void group(const std::string& name, const std::vector<Held>& held) {
    group_ = csv_cell(name);
    for (std::size_t i = 0; i < held.size();) {
      const Line& first = holdings_.line(held[i].line);
      Totals total;
      while (i < held.size() && holdings_.line(held[i].line).underlying == first.underlying)
        total.add(one_expiry(held, i));
      row(underlying_, "underlying", first, {"", "", "", ""}, total.values());
    }
  }

  // After the book's group and before the others.
  void end_of_book(const std::vector<Held>& held) {
    for (const Held& h : held) {
      const Line& line = holdings_.line(h.line);
      Totals total;
      total.add(h.quantity, line.unit);
      row(contract_, "contract", line,
          {expiry_text(line), bucket_name(line.bucket), csv_cell(line.instrument->id), number_text(h.quantity + 0.0)},
          total.values());
    }
    for (Scope* scope : {&expiry_, &bucket_}) {
      scope->book_size = scope->text.size();
      scope->book_rows = scope->rows;
    }
  }

  // After every other group.
  void limit() {
    const auto rows = [&] { return underlying_.rows + expiry_.rows + bucket_.rows + contract_.rows; };
    if (rows() > most_rows_ && bucket_.rows > bucket_.book_rows) bucket_.keep_book_only();
    if (rows() > most_rows_ && expiry_.rows > expiry_.book_rows) expiry_.keep_book_only();
  }

  GreeksFile file() const {
    GreeksFile out;
    out.text = std::string(kKeyColumns) + "," + (units_ == GreekUnits::deribit ? kDeribitColumns : kStandardColumns) +
               "\n" + underlying_.text + expiry_.text + bucket_.text + contract_.text;
    for (const auto& [scope, what] : {std::pair{&expiry_, "expiry"}, std::pair{&bucket_, "strike"}}) {
      if (scope->book_only) {
        out.warnings.push_back("greeks.csv: there would be more than " + std::to_string(most_rows_) +
                               " rows; those by " + what + " are only there for the book");
      }
    }
    return out;
  }

 private:
  // From held[i] to the end of its expiry.
  Totals one_expiry(const std::vector<Held>& held, std::size_t& i) {
    const Line& first = holdings_.line(held[i].line);
    Totals total;
    while (i < held.size()) {
      const Line& line = holdings_.line(held[i].line);
      if (line.underlying != first.underlying || line.expiry != first.expiry) break;
      Totals bucket;
      for (; i < held.size(); ++i) {
        const Line& next = holdings_.line(held[i].line);
        if (next.underlying != line.underlying || next.expiry != line.expiry || next.bucket != line.bucket) break;
        bucket.add(held[i].quantity, next.unit);
      }
      if (line.bucket != kNoBucket)
        row(bucket_, "bucket", line, {expiry_text(line), bucket_name(line.bucket), "", ""}, bucket.values());
      total.add(bucket);
    }
    row(expiry_, "expiry", first, {expiry_text(first), "", "", ""}, total.values());
    return total;
  }

  static std::string expiry_text(const Line& line) { return line.expiry ? timestamp_text(*line.expiry) : "none"; }

  // `keys`: expiry, strike bucket, instrument, quantity.
  void row(Scope& scope, const char* name, const Line& line, const std::array<std::string, 4>& keys,
           const Numbers& numbers) {
    if (scope.book_only) return;
    std::string& text = scope.text;
    text += name;
    text += ',' + group_ + ',' + csv_cell(holdings_.name_of(line.underlying));
    for (const std::string& key : keys) text += ',' + key;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (!std::isfinite(numbers[c])) not_finite("the group " + group_);
      text += ',';
      if (numbers[c] == 0.0) {
        text += '0';
      } else {
        text += number_text(numbers[c]);
      }
    }
    text += '\n';
    ++scope.rows;
  }

  const Holdings& holdings_;
  GreekUnits units_;
  std::size_t columns_, most_rows_;
  std::string group_;
  Scope underlying_, expiry_, bucket_, contract_;
};

}  // namespace

GreeksFile greeks_csv(const Inputs& inputs, const Groups& groups, std::size_t most_rows) {
  const Holdings holdings(inputs, groups);
  GroupNet net(holdings.size());
  Writer writer(holdings, inputs.config.greek_units, most_rows);
  for (std::size_t g = 0; g < groups.groups.size(); ++g) {
    const Group& group = groups.groups[g];
    const std::vector<Held>& held = net.of(holdings.of_leaves(group.first_leaf, group.last_leaf));
    writer.group(group.name, held);
    g == 0 ? writer.end_of_book(held) : writer.limit();
  }
  return writer.file();
}

}  // namespace tailbit
