#include "host/ops/market_maker_book.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "host/ops/named_random.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {
namespace {

constexpr std::array<const char*, 3> kDesks{"alpha", "beta", "gamma"};
constexpr std::array<const char*, 4> kBanks{"bank-1", "bank-2", "fund-1", "fund-2"};
constexpr double kShareOfOpenInterest = 0.1;

// The smallest trade: the greatest power of ten that is at most 10,000 USD's worth of the coin.
double lot_of(double spot) {
  double lot = 1.0;
  while (lot * spot > 10'000.0) lot /= 10.0;
  while (10.0 * lot * spot <= 10'000.0) lot *= 10.0;
  return lot;
}

double to_six_digits(double x) {
  char text[64];
  std::snprintf(text, sizeof text, "%.5e", x);
  return *parse_number(text);
}

class BookMaker {
 public:
  BookMaker(const Market& market, const std::vector<ListedOption>& listing, std::size_t count, std::uint64_t seed)
      : listing_(listing), count_(count), seed_(seed) {
    for (const auto& [name, unused] : market.underlyings) underlyings_.emplace(name, make_underlying(name, market));
  }

  Positions make() {
    weigh();
    const std::size_t hedges = std::min(kDesks.size() * hedges_per_desk(), count_ / 4);
    while (positions_.size() < count_ - hedges) add_option();
    add_hedges();
    while (positions_.size() < count_) add_option();  // in place of hedges that round to nothing
    return std::move(positions_);
  }

 private:
  struct Hedge {
    Instrument instrument;
    double share;  // of the delta to hedge
    double mark, delta;
  };

  double uniform(const std::string& what) const { return named_uniform(seed_, what); }

  void weigh() {
    double sum = 0.0;
    for (const ListedOption& option : listing_) {
      const double spot = underlyings_.at(option.instrument.underlying).spot;
      sum += (option.open_interest + lot_of(spot)) * spot;
      weights_.push_back(sum);
    }
  }

  // A desk's account, at a venue, against someone.
  Position owned(const std::string& key, const char* desk) const {
    const std::uint64_t bits = named_bits(seed_, key);
    Position p;
    p.position_id = "P" + std::to_string(positions_.size() + 1);
    p.desk = desk;
    p.account = std::string(desk) + "-" + std::to_string(1 + bits % 3);
    const bool exchange = (bits >> 8) % 8 != 0;
    p.venue = exchange ? "deribit" : "otc";
    p.counterparty = exchange ? "deribit" : kBanks[(bits >> 16) % kBanks.size()];
    return p;
  }

  void add_option() {
    const std::string key = std::to_string(positions_.size());
    const double pick = uniform("contract " + key) * weights_.back();
    const auto place = std::upper_bound(weights_.begin(), weights_.end(), pick);
    const auto i = std::min(static_cast<std::size_t>(place - weights_.begin()), listing_.size() - 1);
    const ListedOption& option = listing_[i];
    const market::UnderlyingToday& underlying = underlyings_.at(option.instrument.underlying);
    const double weight = weights_[i] - (i == 0 ? 0.0 : weights_[i - 1]);
    const double expected = std::max(1.0, weight / weights_.back() * static_cast<double>(count_));  // positions in it
    const double lot = lot_of(underlying.spot);
    const double size = 2.0 * uniform("size " + key) * kShareOfOpenInterest * option.open_interest / expected;
    const double lots = std::max(1.0, std::round(size / lot));
    const char* desk = kDesks[named_bits(seed_, "desk " + key) % kDesks.size()];
    Position p = owned("owner " + key, desk);
    p.instrument = option.instrument.id;
    p.quantity = (uniform("side " + key) < 0.5 ? -1.0 : 1.0) * lots / std::round(1.0 / std::min(lot, 1.0));
    if (lot > 1.0) p.quantity *= lot;
    deltas_[{desk, underlying.name}] += p.quantity * greeks_today(option.instrument.terms, underlying).delta;
    positions_.push_back(p);
  }

  std::size_t hedges_per_desk() const {
    std::size_t hedges = 0;
    for (const auto& [name, unused] : underlyings_) hedges += hedges_of(name).size();
    return hedges;
  }

  // Perpetuals, and the futures of the two expiries with most open interest.
  std::vector<Hedge> hedges_of(const std::string& name) const {
    std::map<Timestamp, double> open;
    for (const ListedOption& option : listing_) {
      if (option.instrument.underlying == name)
        open[std::get<European::Terms>(option.instrument.terms).expiry] += option.open_interest;
    }
    std::vector<std::pair<double, Timestamp>> by_interest;
    for (const auto& [expiry, interest] : open) by_interest.emplace_back(interest, expiry);
    std::sort(by_interest.rbegin(), by_interest.rend());
    if (by_interest.empty()) return {};

    std::vector<Hedge> out;
    const auto add = [&](const std::string& id, ContractTerms terms, double share) {
      const market::UnderlyingToday& u = underlyings_.at(name);
      out.push_back({{id, name, 1.0, terms}, share, *mark_today(terms, u), greeks_today(terms, u).delta});
    };
    add(name + "-PERPETUAL", Perpetual::Terms{Settlement::coin}, 0.5);
    add(name + "_USDC-PERPETUAL", Perpetual::Terms{Settlement::usd}, by_interest.size() < 2 ? 0.5 : 0.2);
    if (by_interest.size() < 2) return out;
    for (const std::size_t i : {0, 1}) {
      const Timestamp expiry = by_interest[i].second;
      add(name + "-" + listed_date_text(expiry), Future::Terms{expiry, Settlement::coin}, 0.15);
    }
    return out;
  }

  void add_hedges() {
    for (const auto& [owner, delta] : deltas_) {
      const auto& [desk, name] = owner;
      for (const Hedge& hedge : hedges_of(name)) {
        if (positions_.size() == count_) return;
        const std::string key = "hedge " + desk + " " + hedge.instrument.id;
        const double units = -delta * (0.9 + 0.1 * uniform("ratio " + key)) * hedge.share / hedge.delta;
        // Exchanges trade whole tens of USD, or thousandths of a coin.
        const double quantity =
            in_coin(hedge.instrument.terms) ? 10.0 * std::round(units / 10.0) : std::round(1000.0 * units) / 1000.0;
        if (quantity == 0.0) continue;
        Position p = owned(key, desk.c_str());
        p.venue = p.counterparty = "deribit";
        p.instrument = hedge.instrument.id;
        p.quantity = quantity;
        p.entry_price = to_six_digits(hedge.mark * (0.98 + 0.04 * uniform("entry " + key)));
        positions_.push_back(p);
      }
    }
  }

  const std::vector<ListedOption>& listing_;
  std::size_t count_;
  std::uint64_t seed_;
  std::map<std::string, market::UnderlyingToday> underlyings_;
  std::vector<double> weights_;                                   // running sum over the listing
  std::map<std::pair<std::string, std::string>, double> deltas_;  // by desk and underlying, coin
  Positions positions_;
};

}  // namespace

Positions market_maker_book(const Market& market, const std::vector<ListedOption>& listing, std::size_t count,
                            std::uint64_t seed) {
  if (listing.empty())
    throw Failure(ExitCode::bad_data, "the market has no option to hold: give an underlying a surface and forwards");
  return BookMaker(market, listing, count, seed).make();
}

}  // namespace tailbit
