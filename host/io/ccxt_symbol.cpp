#include "host/io/ccxt_symbol.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "host/io/text.hpp"

namespace tailbit {
namespace {

bool is_dollar(std::string_view text) { return text == "USD" || text == "USDC" || text == "USDT"; }

// Takes off and returns what comes before the separator, or all.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// "260327" as "27MAR26"; "" if it is no date.
std::string listed_date(std::string_view yymmdd) {
  static constexpr std::array<const char*, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  if (yymmdd.size() != 6 || yymmdd.find_first_not_of("0123456789") != std::string_view::npos) return "";
  const auto two = [&](std::size_t at) { return (yymmdd[at] - '0') * 10 + (yymmdd[at + 1] - '0'); };
  if (two(2) < 1 || two(2) > 12) return "";
  const std::string date =
      std::to_string(two(4)) + kMonths[static_cast<std::size_t>(two(2) - 1)] + std::string(yymmdd.substr(0, 2));
  return parse_listed_date(date) ? date : "";
}

// "0.50" as "0d5"; "" if it is no strike.
std::string listed_strike(std::string_view strike) {
  if (strike.find_first_not_of("0123456789.") != std::string_view::npos) return "";
  const auto value = parse_number(strike);
  if (!value || *value <= 0.0) return "";
  std::string text(strike);
  if (const std::size_t point = text.find('.'); point != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.size() == point + 1) {
      text.pop_back();
    } else {
      text[point] = 'd';
    }
  }
  return text;
}

CcxtContract not_understood(std::string_view symbol) {
  return {"", false, "the symbol " + in_quotes(symbol) + " is not understood",
          "use ccxt's unified symbols: BTC/USDT, BTC/USD:BTC, BTC/USDC:USDC, BTC/USD:BTC-260327, "
          "BTC/USD:BTC-260327-70000-C"};
}

}  // namespace

CcxtContract parse_ccxt_symbol(std::string_view symbol) {
  std::string_view rest = symbol;
  const bool derivative = rest.find(':') != std::string_view::npos;
  std::string_view pair = take(rest, ':');
  const std::string_view base = take(pair, '/'), quote = pair;
  if (!is_coin(base) || !is_coin(quote) || rest.empty() == derivative) return not_understood(symbol);
  const std::string_view settle = derivative ? take(rest, '-') : quote;
  if (!is_coin(settle)) return not_understood(symbol);
  const bool inverse = settle == base && quote == "USD";
  if (!inverse && !(is_dollar(quote) && is_dollar(settle))) {
    return {"", false,
            "the symbol " + in_quotes(symbol) + " is quoted in " + std::string(quote) + " and settled in " +
                std::string(settle),
            "leave it out: contracts are quoted in USD, USDC or USDT and settled in one of them, or in the coin and "
            "quoted in USD"};
  }
  if (!derivative) return {std::string(base), true, "", ""};

  std::string name = std::string(base) + (inverse ? "-" : "_USDC-");
  if (rest.empty())
    return symbol.ends_with('-') ? not_understood(symbol) : CcxtContract{name + "PERPETUAL", false, "", ""};
  const std::string date = listed_date(take(rest, '-'));
  if (date.empty()) return not_understood(symbol);
  name += date;
  if (rest.empty()) return symbol.ends_with('-') ? not_understood(symbol) : CcxtContract{name, false, "", ""};
  const std::string strike = listed_strike(take(rest, '-'));
  if (strike.empty() || (rest != "C" && rest != "P")) return not_understood(symbol);
  return {name + "-" + strike + "-" + std::string(rest), false, "", ""};
}

}  // namespace tailbit
