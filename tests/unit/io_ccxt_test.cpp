// Positions as ccxt unifies them: symbols, contracts, and what is refused.
#include <gtest/gtest.h>

#include "host/io/ccxt_symbol.hpp"
#include "tests/unit/io_books.hpp"

namespace tailbit::io_ccxt_test {
namespace {

using test::read_rows;
using test::ReadRows;
using test::shown;
using Rows = std::vector<std::string>;

TEST(CcxtSymbol, BecomesTheListedName) {
  const std::pair<const char*, const char*> names[] = {
      {"BTC/USDT", "BTC"},
      {"SOL/USD", "SOL"},
      {"BTC/USD:BTC", "BTC-PERPETUAL"},
      {"BTC/USDT:USDT", "BTC_USDC-PERPETUAL"},
      {"BTC/USDC:USDC", "BTC_USDC-PERPETUAL"},
      {"ETH/USD:USDC", "ETH_USDC-PERPETUAL"},
      {"1000PEPE/USDT:USDT", "1000PEPE_USDC-PERPETUAL"},
      {"BTC/USD:BTC-260327", "BTC-27MAR26"},
      {"BTC/USD:BTC-260206", "BTC-6FEB26"},
      {"BTC/USDT:USDT-261225", "BTC_USDC-25DEC26"},
      {"BTC/USD:BTC-260327-70000-C", "BTC-27MAR26-70000-C"},
      {"BTC/USDC:USDC-260327-70000-P", "BTC_USDC-27MAR26-70000-P"},
      {"XRP/USDC:USDC-260327-0.50-P", "XRP_USDC-27MAR26-0d5-P"},
      {"XRP/USDC:USDC-260327-2.0-C", "XRP_USDC-27MAR26-2-C"},
      {"XRP/USDC:USDC-260327-1.25-C", "XRP_USDC-27MAR26-1d25-C"},
  };
  for (const auto& [symbol, name] : names) {
    const CcxtContract contract = parse_ccxt_symbol(symbol);
    EXPECT_EQ(contract.name, name) << contract.problem;
    EXPECT_EQ(contract.spot, std::string_view(symbol).find(':') == std::string_view::npos) << symbol;
  }
}

TEST(CcxtSymbol, OthersAreRefused) {
  for (const char* symbol : {"",
                             "BTC",
                             "BTCUSDT",
                             "BTC/",
                             "/USDT",
                             "BTC/USDT:",
                             "btc/usdt",
                             "BTC/USDT:USDT-",
                             "BTC/USD:BTC-2603",
                             "BTC/USD:BTC-261327",
                             "BTC/USD:BTC-260230",
                             "BTC/USD:BTC-260327-",
                             "BTC/USD:BTC-260327-70000",
                             "BTC/USD:BTC-260327-70000-X",
                             "BTC/USD:BTC-260327--C",
                             "BTC/USD:BTC-260327-0-C",
                             "BTC/USD:BTC-260327-1.5.0-C",
                             "BTC/USD:BTC-260327-7e4-C",
                             "BTC/USD:BTC-220422:38000:P",
                             "BTC/USD:BTC-260327-70000-C-",
                             "BTC/USD/X:BTC"}) {
    const CcxtContract contract = parse_ccxt_symbol(symbol);
    EXPECT_EQ(contract.name, "") << symbol;
    EXPECT_NE(contract.problem.find("is not understood"), std::string::npos) << symbol << ": " << contract.problem;
  }
  for (const char* symbol : {"BTC/EUR", "BTC/EUR:EUR", "ETH/BTC:BTC", "BTC/USDT:BTC", "BTC/USD:ETH"}) {
    const CcxtContract contract = parse_ccxt_symbol(symbol);
    EXPECT_EQ(contract.name, "") << symbol;
    EXPECT_NE(contract.problem.find("is quoted in"), std::string::npos) << symbol << ": " << contract.problem;
    EXPECT_NE(contract.remedy, "");
  }
}

std::string record(const std::string& members) { return "[{" + members + "}]"; }

TEST(CcxtPositions, AreContractsTimesTheirSize) {
  const ReadRows read = read_rows("b.json", R"([
    {"info": {"positionAmt": "-3", "deep": [{"a": null}]}, "id": null, "symbol": "BTC/USDT:USDT", "timestamp": 1,
     "datetime": "2026", "lastUpdateTimestamp": null, "hedged": false, "isolated": false, "side": "short",
     "contracts": 3, "contractSize": 0.01, "entryPrice": 95000.5, "markPrice": 1, "lastPrice": null, "notional": -1,
     "leverage": 5, "collateral": 0, "initialMargin": 0, "initialMarginPercentage": 0, "maintenanceMargin": 0,
     "maintenanceMarginPercentage": 0, "unrealizedPnl": 0, "realizedPnl": 0, "liquidationPrice": null,
     "marginMode": "cross", "marginType": null, "marginRatio": 0, "percentage": 0, "stopLossPrice": null,
     "takeProfitPrice": null},
    {"symbol": "BTC/USD:BTC", "side": "long", "contracts": 420, "contractSize": 10, "entryPrice": null, "id": "x-1"},
    {"symbol": "BTC/USD:BTC-260327-70000-C", "side": "short", "contracts": -12.5, "contractSize": "1",
     "entryPrice": "0.0103"},
    {"symbol": "BTC/USDT", "side": "long", "contracts": 2},
    {"symbol": "ETH/USDT:USDT", "side": null, "contracts": 0, "contractSize": null}])");
  EXPECT_EQ(read.outcome.message, "");
  EXPECT_TRUE(read.warnings.empty()) << read.warnings[0];
  EXPECT_EQ(shown(read.rows), (Rows{"BTC_USDC-PERPETUAL -0.03 @95000.5", "BTC-PERPETUAL 4200 #x-1",
                                    "BTC-27MAR26-70000-C -12.5 @0.0103", "BTC 2", "ETH_USDC-PERPETUAL 0"}));
}

TEST(CcxtPositions, LongAndShortOfOneSymbolAreTwoPositions) {
  const std::string both = R"({"symbol": "BTC/USDT:USDT", "hedged": true, "contracts": 1, "contractSize": 1, "side": )";
  EXPECT_EQ(shown(read_rows("b.json", "[" + both + "\"long\"}," + both + "\"short\"}]").rows),
            (Rows{"BTC_USDC-PERPETUAL 1", "BTC_USDC-PERPETUAL -1"}));
}

TEST(CcxtPositions, WhatIsWrongIsTold) {
  const auto problem = [](const std::string& members) {
    const ReadRows read = read_rows("b.json", record(members));
    EXPECT_EQ(read.outcome.code, ExitCode::bad_data);
    EXPECT_EQ(read.outcome.message.find('\n'), std::string::npos) << read.outcome.message;
    return read.outcome.message.substr(0, read.outcome.message.find("; "));
  };
  const std::string symbol = R"("symbol": "BTC/USDT:USDT")", side = R"(, "side": "long")",
                    size = R"(, "contractSize": 1)";
  EXPECT_EQ(problem(symbol + side + R"(, "contracts": 3)"), "b.json:/0/contractSize: there is no contract size");
  EXPECT_EQ(problem(symbol + side + size), "b.json:/0/contracts: there is no number of contracts");
  EXPECT_EQ(problem(symbol + side + size + R"(, "contracts": null)"),
            "b.json:/0/contracts: there is no number of contracts");
  EXPECT_EQ(problem(symbol + side + size + R"(, "contracts": "many")"),
            "b.json:/0/contracts: \"many\" is not a number");
  EXPECT_EQ(problem(symbol + side + size + R"(, "contracts": -3)"),
            "b.json:/0/contracts: -3 contradicts the side \"long\"");
  EXPECT_EQ(problem(symbol + side + R"(, "contracts": 3, "contractSize": 0)"),
            "b.json:/0/contractSize: 0 is not above 0");
  EXPECT_EQ(problem(symbol + side + R"(, "contracts": 1e200, "contractSize": 1e200)"),
            "b.json:/0/contracts: contracts times contractSize does not fit a double");
  EXPECT_EQ(problem(symbol + size + R"(, "contracts": 3)"), "b.json:/0: the key \"side\" is missing");
  EXPECT_EQ(problem(symbol + size + R"(, "contracts": 3, "side": "buy")"), "b.json:/0/side: \"buy\" is not a side");
  EXPECT_EQ(problem(symbol + side + size + R"(, "contracts": 3, "entryPrice": [])"),
            "b.json:/0/entryPrice: this list is not a number");
  EXPECT_EQ(problem(R"("symbol": "BTC/EUR:EUR", "contracts": 3)" + side + size),
            "b.json:/0/symbol: the symbol \"BTC/EUR:EUR\" is quoted in EUR and settled in EUR");
  EXPECT_EQ(problem(R"("symbol": 5, "contracts": 3)" + side + size), "b.json:/0/symbol: 5 is not a text");
}

// ccxt hands on Deribit's size, in USD, as the number of contracts, of 10 USD each.
TEST(CcxtPositions, OfDeribitMustAgreeWithDeribit) {
  const auto read = [](const char* contracts) {
    return read_rows("b.json", record(R"("info": {"size": "-4200.0", "instrument_name": "BTC-PERPETUAL"},
                                         "symbol": "BTC/USD:BTC", "side": "short", "contractSize": 10, "contracts": )" +
                                      std::string(contracts)));
  };
  EXPECT_EQ(shown(read("420").rows), (Rows{"BTC-PERPETUAL -4200"}));
  EXPECT_EQ(
      read("4200").outcome.message,
      "b.json:/0/contracts: contracts times contractSize is 42000, and Deribit's own size in `info` is -4200; take "
      "private/get_positions of Deribit itself, or correct contractSize");
}

TEST(CcxtPositions, UnknownKeysHaveNoEffectAndAreSaid) {
  const ReadRows read =
      read_rows("b.json", record(R"("symbol": "BTC/USDT", "side": "long", "contracts": 2, "fee": 1)"));
  EXPECT_EQ(read.warnings, (Rows{"b.json: unknown keys of positions have no effect (1): \"fee\""}));
  EXPECT_EQ(shown(read.rows), (Rows{"BTC 2"}));
}

}  // namespace
}  // namespace tailbit::io_ccxt_test
