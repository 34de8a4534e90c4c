// The unified symbols of ccxt as listed names.
#pragma once

#include <string>
#include <string_view>

namespace tailbit {

struct CcxtContract {
  std::string name;  // as on Deribit; "" if the symbol is not understood
  bool spot = false;
  std::string problem, remedy;  // why not
};

// "BTC/USD:BTC-260327-70000-C" is BTC-27MAR26-70000-C. Stablecoins are taken as USD: "BTC/USDT:USDT" is
// BTC_USDC-PERPETUAL, and "BTC/USDT" is BTC.
CcxtContract parse_ccxt_symbol(std::string_view symbol);

}  // namespace tailbit
