#include "host/io/sample_book.hpp"

#include <array>
#include <cmath>
#include <tuple>

#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/io/write_book.hpp"
#include "host/io/write_inputs.hpp"
#include "tailbit/math/log.hpp"

namespace tailbit {
namespace {

constexpr std::array<const char*, 3> kDesks{"alpha", "beta", "gamma"};

// Random bits that depend on the seed and the name only: FNV-1a of the name, stirred by the finaliser of SplitMix64
// (Steele, Lea and Flood 2014).
std::uint64_t bits_of(std::uint64_t seed, const std::string& name) {
  std::uint64_t x = 0xcbf29ce484222325u ^ seed;
  for (const char c : name) x = (x ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Spot delta as of the chain, coin per unit.
double delta_of(const ChainOption& option, const DeribitChain& chain) {
  const ChainUnderlying& underlying = chain.underlyings.at(option.instrument.underlying);
  const European::Terms& terms = option.terms();
  const double spot = underlying.spot.median;
  const double years = years_between(chain.as_of, terms.expiry);
  const double carry = math::log(underlying.forwards.at(terms.expiry).median / spot) / years;
  return European::closed_form(terms, {terms.option, spot, terms.strike, years, 0.0, carry, *terms.vol}).delta;
}

// A lot or more: up to a fiftieth of what is open.
double size_of(const ChainOption& option, std::uint64_t bits) {
  const double lots_per_coin = option.instrument.underlying == "BTC" ? 10.0 : 1.0;
  const double uniform = static_cast<double>(bits >> 11) * 0x1p-53;
  return (1.0 + std::floor(0.02 * uniform * option.open_interest * lots_per_coin)) / lots_per_coin;
}

Position position(std::size_t number, const std::string& desk, const std::string& account,
                  const std::string& instrument, double quantity) {
  return {"P" + std::to_string(number), account, desk, "deribit", "deribit", instrument, quantity, std::nullopt};
}

// Vol of the option nearest to the money among those nearest to thirty days.
double thirty_day_vol(const DeribitChain& chain, const std::string& underlying) {
  constexpr std::int64_t kThirtyDays = 30 * 86'400;
  const ChainOption* nearest = nullptr;
  std::tuple<std::int64_t, double> least;
  for (const ChainOption& option : chain.options) {
    if (option.instrument.underlying != underlying) continue;
    const std::tuple distance{std::abs(option.terms().expiry.seconds - chain.as_of.seconds - kThirtyDays),
                              std::abs(math::log(option.terms().strike / option.forward))};
    if (nearest && !(distance < least)) continue;
    nearest = &option;
    least = distance;
  }
  return std::round(*nearest->terms().vol * 1e4) / 1e4;
}

nlohmann::ordered_json run_json() {
  return {{"schema", "tailbit.run/1"},
          {"book", "book.csv"},
          {"instruments", "instruments.json"},
          {"market", "market.json"},
          {"model", "model.json"},
          {"horizon", "1d"},
          {"steps", 1},
          {"scenarios", 100000},
          {"seed", 42},
          {"precision", "double"},
          {"levels", {0.95, 0.99, 0.999}},
          {"group_by", {"desk", "underlying"}},
          {"out", "results"}};
}

}  // namespace

Positions sample_positions(const DeribitChain& chain, std::uint64_t seed) {
  Positions positions;
  std::map<std::pair<std::string, std::string>, double> deltas;  // by desk and underlying, coin
  for (const ChainOption& option : chain.options) {
    const std::string& id = option.instrument.id;
    const std::uint64_t bits = bits_of(seed, id);
    const std::string desk = kDesks[bits % kDesks.size()];
    const double quantity = size_of(option, bits) * (bits & 8 ? 1.0 : -1.0);
    positions.push_back(position(positions.size() + 1, desk, desk + (bits & 16 ? "-1" : "-2"), id, quantity));
    deltas[{desk, option.instrument.underlying}] += quantity * delta_of(option, chain);
  }
  for (const auto& [owner, delta] : deltas) {
    const auto& [desk, underlying] = owner;
    const double hedge = std::round(-delta * 100.0) / 100.0;
    if (hedge != 0.0) positions.push_back(position(positions.size() + 1, desk, desk + "-1", underlying, hedge));
  }
  return positions;
}

Model sample_model(const DeribitChain& chain) {
  constexpr double kCorrelation = 0.8;
  Model model;
  Correlation& c = model.correlation;
  for (const auto& [name, unused] : chain.underlyings) {
    model.underlyings[name].vol = thirty_day_vol(chain, name);
    c.factors.push_back(name + ".spot");
  }
  const std::size_t n = c.factors.size();
  c.matrix.assign(n, std::vector<double>(n, kCorrelation));
  for (std::size_t i = 0; i < n; ++i) c.matrix[i][i] = 1.0;
  return model;
}

void write_sample_book(const DeribitChain& chain, std::uint64_t seed, const std::string& out_dir) {
  write_book_csv(out_dir + "/book.csv", sample_positions(chain, seed));
  write_file(out_dir + "/model.json", json_text(model_to_json(sample_model(chain))));
  write_file(out_dir + "/run.json", json_text(run_json()));
}

}  // namespace tailbit
