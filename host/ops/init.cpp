#include "host/ops/init.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "host/fit/quoted_surface.hpp"
#include "host/io/files.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/io/write_book.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/first_model.hpp"
#include "host/ops/import_chain.hpp"
#include "host/ops/market_maker_book.hpp"
#include "host/ops/quotes_file.hpp"
#include "host/ops/sample_market.hpp"

namespace tailbit {
namespace {

namespace fs = std::filesystem;

std::string market_file(const std::string& market) {
  return fs::is_directory(market) ? (fs::path(market) / "market.json").string() : market;
}

Market read_whole_market(const std::string& path) {
  Problems problems;
  std::vector<std::string> warnings;
  Market market = read_market(path, problems, warnings);
  problems.throw_if_any();
  fit_quoted_surfaces(market, warnings);
  return market;
}

std::vector<ListedOption> listing_of(const std::string& path, const Market& market, std::uint64_t seed) {
  const std::string quotes = (fs::path(path).parent_path() / "quotes.csv").string();
  std::error_code none;  // of a path that leads nowhere, the reader tells
  return fs::symlink_status(quotes, none).type() != fs::file_type::not_found ? read_listing(quotes, market)
                                                                             : make_listing(market, seed);
}

double round_to_two_digits(double x) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1e", x);
  return *parse_number(text);
}

// Contracts that no venue lists, to show what the instruments file is for.
std::vector<Instrument> otc_contracts(const Market& market) {
  std::vector<Instrument> out;
  for (const auto& [name, underlying] : market.underlyings) {
    const ListedForward& listed = underlying.forwards[underlying.forwards.size() / 2];
    const auto strike = [&](double moneyness) { return round_to_two_digits(moneyness * listed.forward); };
    const Timestamp afternoon{listed.expiry.seconds + 5 * 86'400 + 8 * 3600};  // no venue's date
    out.push_back({name + "-digital", name, 1.0,
                   Digital::Terms{OptionKind::call, strike(1.1), listed.expiry, DigitalPayoff::cash, 1000.0,
                                  UsdSettlement::usd, std::nullopt}});
    out.push_back({name + "-otc-call", name, 1.0,
                   European::Terms{OptionKind::call, strike(1.05), afternoon, Settlement::coin, std::nullopt}});
    out.push_back({name + "-otc-put", name, 10.0,
                   European::Terms{OptionKind::put, strike(0.9), afternoon, Settlement::usd, 0.55}});
  }
  return out;
}

// Up to `most` positions in all.
void hold(Positions& positions, const std::vector<Instrument>& otc, const Market& market, std::size_t most) {
  double side = 1.0;
  for (const Instrument& contract : otc) {
    if (positions.size() == most) return;
    const bool digital = std::holds_alternative<Digital::Terms>(contract.terms);
    const double coins = round_to_two_digits(250'000.0 / market.underlyings.at(contract.underlying).spot);
    const std::string id = "P" + std::to_string(positions.size() + 1);
    positions.push_back({.position_id = id,
                         .account = "alpha-1",
                         .desk = "alpha",
                         .venue = "otc",
                         .counterparty = "bank-1",
                         .instrument = contract.id,
                         .quantity = side * (digital ? 200.0 : coins / contract.multiplier)});
    side = -side;
  }
}

nlohmann::ordered_json run_json(const std::string& market, bool with_instruments) {
  nlohmann::ordered_json run{{"schema", "tailbit.run/1"}, {"book", "book.csv"}};
  if (with_instruments) run["instruments"] = "instruments.json";
  run.update({{"market", market},
              {"model", "model.json"},
              {"horizon", "1d"},
              {"steps", 24},
              {"scenarios", 100000},
              {"seed", 42},
              {"precision", "double"},
              {"levels", {0.95, 0.99, 0.999}},
              {"group_by", {"desk", "underlying"}},
              {"exposure_dates", {"8h", "1d"}},
              {"out", "results"}});
  return run;
}

const std::vector<std::string> kJobFiles{"book.csv", "model.json", "run.json"};
const std::vector<std::string> kSampleFiles{"chain.csv",        "market.json", "quotes.csv", "import_report.json",
                                            "instruments.json", "book.csv",    "model.json", "run.json"};

// Somebody's book is not to be lost for a made-up one.
void require_new(const std::string& folder, const std::vector<std::string>& files, bool force) {
  for (const std::string& file : files) {
    std::error_code none;
    if (!force && fs::symlink_status(fs::path(folder) / file, none).type() != fs::file_type::not_found) {
      throw Failure(ExitCode::cannot_create_output,
                    folder + "/" + file + ": is there already; give another folder, or --force to replace it");
    }
  }
}

void write_job(const std::string& out_dir, const Positions& positions, const Market& market,
               const std::string& market_path, bool with_instruments) {
  write_book_csv(out_dir + "/book.csv", positions);
  write_file(out_dir + "/model.json", json_text(model_to_json(first_model(market))));
  write_file(out_dir + "/run.json", json_text(run_json(market_path, with_instruments)));
}

}  // namespace

Positions make_book(const std::string& market, const InitOptions& options) {
  const std::string path = market_file(market);
  const Market read = read_whole_market(path);
  return market_maker_book(read, listing_of(path, read, options.seed), options.positions, options.seed);
}

nlohmann::ordered_json Initialised::json() const {
  return {{"schema", "tailbit.init/1"},
          {"folder", folder},
          {"files", files},
          {"positions", positions},
          {"config", folder + "/run.json"}};
}

Initialised init_book(const std::string& market, const std::string& out_dir, const InitOptions& options) {
  const std::string path = market_file(market);
  require_new(out_dir, kJobFiles, options.force);
  const Positions positions = make_book(path, options);
  make_folder(out_dir);
  write_job(out_dir, positions, read_whole_market(path), fs::relative(path, out_dir).generic_string(), false);
  return {out_dir, kJobFiles, positions.size()};
}

Initialised init_sample(const std::string& out_dir, const InitOptions& options) {
  require_new(out_dir, kSampleFiles, options.force);
  make_folder(out_dir);
  const Market invented = sample_market();
  const std::string chain = out_dir + "/chain.csv";
  write_file(chain, sample_chain_csv(invented, make_listing(invented, options.seed), options.seed));
  import_chain(chain, out_dir);

  Market market = read_whole_market(market_file(out_dir));
  for (auto& [name, underlying] : market.underlyings) underlying.funding = invented.underlyings.at(name).funding;
  write_file(market_file(out_dir), json_text(market_to_json(market)));  // a chain says nothing of perpetuals
  const std::vector<Instrument> otc = otc_contracts(market);
  InitOptions listed = options;
  listed.positions = std::max<std::size_t>(options.positions, otc.size() + 1) - otc.size();
  Positions positions = make_book(out_dir, listed);
  hold(positions, otc, market, options.positions);
  write_file(out_dir + "/instruments.json", json_text(instruments_to_json(otc)));
  write_job(out_dir, positions, market, "market.json", true);
  return {out_dir, kSampleFiles, positions.size()};
}

}  // namespace tailbit
