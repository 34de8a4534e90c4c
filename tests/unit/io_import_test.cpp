#include <cmath>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "host/io/import_deribit.hpp"
#include "host/io/sample_book.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit {
namespace {

using test::file_text;
using test::Outcome;
using test::ScratchFolder;

const std::string kHeader =
    "timestamp,instrument_name,underlying,option_type,strike,expiry_datetime,implied_volatility,open_interest,currency,"
    "index_price\n";

// A row of a chain as of 2026-01-24T03:53:41.9Z.
std::string row(const std::string& name, const std::string& forward, const std::string& kind, const std::string& strike,
                const std::string& expiry, const std::string& vol) {
  return "2026-01-24T03:53:41.907912+00:00," + name + "," + forward + "," + kind + "," + strike + "," + expiry +
         "T08:00:00+00:00," + vol + ",10,BTC,89641.02\n";
}

TEST(ImportDeribit, ReadsRowsAndSaysWhyOthersAreDropped) {
  const ScratchFolder folder;
  const std::string path = folder.write(
      "chain.csv", kHeader + row("BTC-6FEB26-100000-C", "89835", "call", "100000.0", "2026-02-06", "0.3588") +
                       row("BTC-6FEB26-90000-P", "89837", "put", "90000.0", "2026-02-06", "0.36") +
                       row("BTC-6FEB26-80000-P", "89850", "put", "80000.0", "2026-02-06", "0.4") +
                       row("BTC-6FEB26-70000-P", "89836", "put", "70000.0", "2026-02-06", "") +
                       row("BTC-6FEB26-60000-P", "89836", "put", "60000.0", "2026-02-06", "0") +
                       row("BTC-6FEB26-50000-P", "89836", "call", "50000.0", "2026-02-06", "0.5") +
                       row("BTC-6FEB26-50000-P", "89836", "put", "51000.0", "2026-02-06", "0.5") +
                       row("BTC-23JAN26-50000-P", "89836", "put", "50000.0", "2026-01-23", "0.5") +
                       row("BTC-6FEB26-90000-P", "89837", "put", "90000.0", "2026-02-06", "0.36") +
                       row("BTC-6FEB26-X-P", "89837", "put", "90000.0", "2026-02-06", "0.36") +
                       "2026-01-24T03:53:41+00:00,BTC-6FEB26-40000-P\n" +
                       row("BTC-27MAR26-90000-P", "90500", "put", "90000.0", "2026-03-27", "0.42"));
  const DeribitChain chain = read_deribit_chain(path);
  EXPECT_EQ(chain.rows, 12u);
  EXPECT_EQ(timestamp_text(chain.as_of), "2026-01-24T03:53:41Z");
  std::map<std::size_t, std::string> reasons;
  for (const DroppedRow& dropped : chain.dropped) reasons[dropped.line] = dropped.instrument + ": " + dropped.reason;
  EXPECT_EQ(reasons, (std::map<std::size_t, std::string>{
                         {5, "BTC-6FEB26-70000-P: no vol: implied_volatility is \"\""},
                         {6, "BTC-6FEB26-60000-P: no vol: implied_volatility is \"0\""},
                         {7, "BTC-6FEB26-50000-P: malformed: option_type is \"call\", the name says otherwise"},
                         {8, "BTC-6FEB26-50000-P: malformed: strike is \"51000.0\", the name says otherwise"},
                         {9, "BTC-23JAN26-50000-P: expired at 2026-01-23T08:00:00Z"},
                         {10, "BTC-6FEB26-90000-P: listed before"},
                         {11, "BTC-6FEB26-X-P: malformed: instrument_name is \"BTC-6FEB26-X-P\""},
                         {12, ": malformed: 2 cells where the header has 10"}}));
  ASSERT_EQ(chain.options.size(), 4u);
  const ChainUnderlying& btc = chain.underlyings.at("BTC");
  EXPECT_EQ(btc.spot.median, 89641.02);
  const Quote& forward = btc.forwards.begin()->second;
  EXPECT_EQ(forward.median, 89837.0);
  EXPECT_EQ(forward.low, 89835.0);
  EXPECT_EQ(forward.high, 89850.0);
}

TEST(ImportDeribit, FilesThatAreNotChains) {
  const ScratchFolder folder;
  const auto outcome = [&](const std::string& text) {
    const std::string path = folder.write("chain.csv", text);
    return outcome_of(folder, [&] { read_deribit_chain(path); });
  };
  EXPECT_EQ(outcome("strike,price\n1,2\n").code, ExitCode::bad_data);
  EXPECT_EQ(outcome(kHeader).message,
            "chain.csv:line 1: no option can be used (there is no row); give a chain in Deribit's layout of 2026");
  EXPECT_EQ(outcome_of(folder, [&] { read_deribit_chain(folder.path("none.csv")); }).code, ExitCode::input_missing);
}

// What holds of every imported job: it reads back as written, every option has a position, and hedges
// leave little delta.
void check_import(const std::string& chain_path) {
  const ScratchFolder folder;
  std::ostringstream report;
  ASSERT_EQ(import_deribit_chain(chain_path, folder.path("out"), 7, report), 0);
  const DeribitChain chain = read_deribit_chain(chain_path);
  EXPECT_EQ(chain.options.size() + chain.dropped.size(), chain.rows);

  const Inputs in = read_inputs(folder.path("out/run.json"));
  EXPECT_EQ(market_to_json(in.market), market_to_json(chain_market(chain)));
  EXPECT_EQ(model_to_json(in.model), model_to_json(sample_model(chain)));
  std::vector<Instrument> options;
  for (const Instrument& instrument : in.instruments) {
    if (std::holds_alternative<European::Terms>(instrument.terms)) options.push_back(instrument);
  }
  EXPECT_EQ(instruments_to_json(options), instruments_to_json(chain_instruments(chain)));
  EXPECT_EQ(in.positions.size(), sample_positions(chain, 7).size());
  for (const auto& [name, model] : in.model.underlyings) {
    EXPECT_GT(model.vol, 0.1) << name;
    EXPECT_LT(model.vol, 2.0) << name;
  }

  std::map<std::string, double> deltas;  // by desk and underlying
  std::map<std::string, const Instrument*> by_id;
  for (const Instrument& instrument : in.instruments) by_id[instrument.id] = &instrument;
  for (const PositionRow p : in.positions) {
    const Instrument& instrument = *by_id.at(std::string(p.instrument));
    double delta = 1.0;
    if (const auto* terms = std::get_if<European::Terms>(&instrument.terms)) {
      const ChainUnderlying& u = chain.underlyings.at(instrument.underlying);
      const double forward = u.forwards.at(terms->expiry).median,
                   stdev = *terms->vol * std::sqrt(years_between(chain.as_of, terms->expiry));
      const double d1 = std::log(forward / terms->strike) / stdev + 0.5 * stdev;
      const double call = 0.5 * std::erfc(-d1 / std::sqrt(2.0));
      delta = forward / u.spot.median * (terms->option == OptionKind::call ? call : call - 1.0);
    }
    deltas[std::string(p.desk) + " " + instrument.underlying] += p.quantity * delta;
  }
  for (const auto& [owner, delta] : deltas) EXPECT_LE(std::abs(delta), 0.005 + 1e-9) << owner;
}

TEST(ImportDeribit, Sample) { check_import(test::repository() + "/configs/samples/intraday/chain.csv"); }

TEST(ImportDeribit, CommittedSampleIsWhatTheImporterMakes) {
  const std::string sample = test::repository() + "/configs/samples/intraday/";
  const ScratchFolder folder;
  std::ostringstream report;
  import_deribit_chain(sample + "chain.csv", folder.path("out"), 7, report);
  for (const char* name : {"market.json", "instruments.json", "model.json", "book.csv"}) {
    EXPECT_EQ(file_text(sample + name), file_text(folder.path("out/") + name)) << name;
  }
  const Inputs in = read_inputs(sample + "run.json");
  EXPECT_EQ(in.config.steps, 24u);
  EXPECT_EQ(in.config.exposure_seconds, (std::vector<std::int64_t>{28800, 86400}));
}

TEST(ImportDeribit, BooksDependOnTheSeed) {
  const DeribitChain chain = read_deribit_chain(test::repository() + "/configs/samples/intraday/chain.csv");
  const auto quantities = [&](std::uint64_t seed) {
    std::vector<double> out;
    const Positions positions = sample_positions(chain, seed);
    for (const PositionRow p : positions) out.push_back(p.quantity);
    return out;
  };
  EXPECT_EQ(quantities(7), quantities(7));
  EXPECT_NE(quantities(7), quantities(8));
}

TEST(ImportDeribit, RealChains) {
#ifdef TAILBIT_MARKET_DATA
  const std::filesystem::path data = TAILBIT_MARKET_DATA;
#else
  const std::filesystem::path data;
#endif
  std::size_t chains = 0;
  if (std::filesystem::is_directory(data)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
      if (!entry.path().filename().string().starts_with("deribit_chain_BTC_ETH_2026")) continue;
      SCOPED_TRACE(entry.path().filename().string());
      check_import(entry.path().string());
      ++chains;
    }
  }
  if (chains == 0)
    GTEST_SKIP() << "no deribit_chain_BTC_ETH_2026*.csv under TAILBIT_MARKET_DATA (" << data
                 << "): real chains are not in the repository";
}

}  // namespace
}  // namespace tailbit
