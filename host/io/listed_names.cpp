#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr std::string_view kUsdSuffix = "_USDC";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "70000" or, for half a dollar, "0d5".
std::optional<double> parse_strike(std::string_view text) {
  std::string decimal(text);
  std::replace(decimal.begin(), decimal.end(), 'd', '.');
  if (decimal.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  const auto strike = parse_number(decimal);
  return strike && *strike > 0.0 ? strike : std::nullopt;
}

}  // namespace

std::optional<Instrument> parse_listed_name(const std::string& name) {
  const std::vector<std::string_view> parts = split(name, '-');
  std::string_view coin = parts[0];
  const bool usd_settled = parts.size() > 1 && coin.ends_with(kUsdSuffix);
  if (usd_settled) coin.remove_suffix(kUsdSuffix.size());
  if (!is_coin(coin)) return std::nullopt;
  const Settlement settlement = usd_settled ? Settlement::usd : Settlement::coin;

  Instrument out;
  out.id = name;
  out.underlying = coin;
  if (parts.size() == 1) {
    out.terms = Spot::Terms{};
    return out;
  }
  if (parts.size() == 2 && parts[1] == "PERPETUAL") {
    out.terms = Perpetual::Terms{settlement};
    return out;
  }
  const auto expiry = parse_listed_date(parts[1]);
  if (!expiry) return std::nullopt;
  if (parts.size() == 2) {
    out.terms = Future::Terms{*expiry, settlement};
    return out;
  }
  if (parts.size() != 4 || (parts[3] != "C" && parts[3] != "P")) return std::nullopt;
  const auto strike = parse_strike(parts[2]);
  if (!strike) return std::nullopt;
  European::Terms terms;
  terms.option = parts[3] == "C" ? OptionKind::call : OptionKind::put;
  terms.strike = *strike;
  terms.expiry = *expiry;
  terms.settlement = settlement;
  out.terms = terms;
  return out;
}

}  // namespace tailbit
