// A venue's positions become a book, and a report of what was left out.
#include "host/ops/import_positions.hpp"

#include <gtest/gtest.h>

#include "host/report/digest.hpp"
#include "tests/unit/io_books.hpp"

namespace tailbit::import_positions_test {
namespace {

using nlohmann::ordered_json;
using test::file_text;
using test::Outcome;
using test::read_rows;
using test::ScratchFolder;
using test::shown;
using Rows = std::vector<std::string>;

struct Imported {
  ScratchFolder folder;
  ordered_json report;
  Outcome outcome;

  Imported(VenueFormat format, const std::string& text, const ImportLabels& labels = {}) {
    const std::string path = folder.write("positions.json", text);
    outcome = outcome_of(folder, [&] { report = import_positions(format, path, folder.path("out"), labels); });
  }
  std::vector<std::string> book() const { return shown(read_rows(folder, folder.path("out/book.csv")).rows); }
};

const std::string kDeribit = R"({"result": [
  {"instrument_name": "BTC_USDC-PERPETUAL", "size": 0, "direction": "zero"},
  {"instrument_name": "BTC_USDC-27MAR26-70000-C", "size": -1.5, "direction": "sell", "average_price": 0.25},
  {"instrument_name": "BTC_USDC-PERPETUAL", "size": 3, "direction": "buy", "new": 1}]})";

TEST(ImportPositions, OfDeribit) {
  const Imported imported(VenueFormat::deribit, kDeribit, {"a-1", "alpha", std::nullopt});
  ASSERT_EQ(imported.outcome.message, "");
  EXPECT_EQ(imported.book(),
            (Rows{"BTC_USDC-27MAR26-70000-C -1.5 @0.25 a-1 alpha deribit", "BTC_USDC-PERPETUAL 3 a-1 alpha deribit"}));
  const ordered_json report = ordered_json::parse(file_text(imported.folder.path("out/import_report.json")));
  EXPECT_EQ(report, imported.report);
  EXPECT_EQ(report["schema"], "tailbit.import/1");
  EXPECT_EQ(report["kind"], "deribit-positions");
  EXPECT_EQ(report["source"], "positions.json");
  EXPECT_EQ(report["source_sha256"], sha256(kDeribit));
  EXPECT_EQ(report["rows"], 3);
  EXPECT_EQ(report["imported"], 2);
  EXPECT_EQ(report["dropped"],
            ordered_json::parse(
                R"([{"where": "/result/0", "instrument": "BTC_USDC-PERPETUAL", "reason": "its size is zero"}])"));
  ASSERT_EQ(report["warnings"].size(), 1u);
  EXPECT_NE(report["warnings"][0].get<std::string>().find("\"new\""), std::string::npos);
}

TEST(ImportPositions, OfCcxt) {
  const std::string text = R"([{"symbol": "BTC/USDC:USDC", "side": "short", "contracts": 2, "contractSize": 0.5},
                               {"symbol": "BTC/USDT", "side": null, "contracts": 0}])";
  const Imported imported(VenueFormat::ccxt, text, {"", "alpha", "binance"});
  ASSERT_EQ(imported.outcome.message, "");
  EXPECT_EQ(imported.book(), (Rows{"BTC_USDC-PERPETUAL -1 alpha binance"}));
  EXPECT_EQ(imported.report["kind"], "ccxt-positions");
  EXPECT_EQ(imported.report["dropped"][0]["where"], "/1");
  EXPECT_EQ(Imported(VenueFormat::ccxt, text).book(), (Rows{"BTC_USDC-PERPETUAL -1"}));
}

TEST(ImportPositions, AreRefusedWhole) {
  const auto check = [](VenueFormat format, const std::string& text, const std::string& message) {
    const Imported imported(format, text);
    EXPECT_EQ(imported.outcome.code, ExitCode::bad_data);
    EXPECT_EQ(imported.outcome.message.substr(0, imported.outcome.message.find("; ")), message);
    EXPECT_FALSE(std::filesystem::exists(imported.folder.path("out")));
  };
  const std::string not_deribit = "positions.json:/: is not a list of positions as Deribit gives it";
  const std::string not_ccxt = "positions.json:/: is not a list of positions as ccxt gives it";
  check(VenueFormat::deribit, R"({"BTC": 1})", not_deribit);
  check(VenueFormat::deribit, R"({"schema": "tailbit.book/1", "positions": []})", not_deribit);
  check(VenueFormat::deribit, "BTC", not_deribit);
  check(VenueFormat::deribit, R"({"error": {"code": 1}})",
        "positions.json:/: there is no list of positions in this answer");
  check(VenueFormat::ccxt, kDeribit, not_ccxt);
  check(VenueFormat::ccxt, R"({"BTC": 1})", not_ccxt);
  check(VenueFormat::deribit, "[]", "positions.json:/: there is no position");
  check(VenueFormat::deribit, R"([{"instrument_name": "BTC", "size": 0, "direction": "zero"}])",
        "positions.json:/: there is no position");
  check(VenueFormat::deribit, R"([{"instrument_name": "BTC", "size": 0, "direction": "zero"},
                                  {"instrument_name": "BTC", "size": 1, "direction": "sell"}])",
        "positions.json:/1/size: the size 1 contradicts the direction \"sell\"");
  check(VenueFormat::ccxt, R"([{"instrument_name": "BTC", "size": 1, "direction": "buy"}])",
        "positions.json:/0: the key \"symbol\" is missing");
}

}  // namespace
}  // namespace tailbit::import_positions_test
