#include "host/ops/init.hpp"

#include <filesystem>

#include "host/fit/quoted_surface.hpp"
#include "host/io/files.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/io/write_book.hpp"
#include "host/io/write_inputs.hpp"
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
  fit_quoted_surfaces(market);
  return market;
}

std::vector<ListedOption> listing_of(const std::string& path, const Market& market, std::uint64_t seed) {
  const std::string quotes = (fs::path(path).parent_path() / "quotes.csv").string();
  return fs::exists(quotes) ? read_listing(quotes, market) : make_listing(market, seed);
}

nlohmann::ordered_json run_json(const std::string& market) {
  return {{"schema", "tailbit.run/1"},
          {"book", "book.csv"},
          {"market", market},
          {"model", "model.json"},
          {"horizon", "1d"},
          {"steps", 24},
          {"scenarios", 100000},
          {"seed", 42},
          {"precision", "double"},
          {"levels", {0.95, 0.99, 0.999}},
          {"group_by", {"desk", "underlying"}},
          {"exposure_dates", {"8h", "1d"}},
          {"out", "results"}};
}

}  // namespace

Positions make_book(const std::string& market, const InitOptions& options) {
  const std::string path = market_file(market);
  const Market read = read_whole_market(path);
  return market_maker_book(read, listing_of(path, read, options.seed), options.positions, options.seed);
}

void init_book(const std::string& market, const std::string& out_dir, const InitOptions& options) {
  const std::string path = market_file(market);
  const Positions positions = make_book(path, options);
  make_folder(out_dir);
  const std::string from_out = fs::relative(path, out_dir).generic_string();
  write_book_csv(out_dir + "/book.csv", positions);
  write_file(out_dir + "/model.json", json_text(model_to_json(plain_model(read_whole_market(path)))));
  write_file(out_dir + "/run.json", json_text(run_json(from_out)));
}

void init_sample(const std::string& out_dir, const InitOptions& options) {
  make_folder(out_dir);
  const Market market = sample_market();
  const std::string chain = out_dir + "/chain.csv";
  write_file(chain, sample_chain_csv(market, make_listing(market, options.seed), options.seed));
  import_chain(chain, out_dir);
  init_book(out_dir, out_dir, options);
}

}  // namespace tailbit
