// How long a million positions take to be read, and how much memory.
//
// Files of a million positions on 5,000 listed contracts are made in the temporary folder, one per format, and each is
// read by processes of their own: checked, looked up, put into the table. Seconds are those of the fastest, on one
// thread, from a warm file cache; memory is a process's peak.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/child.hpp"
#include "bench/folder.hpp"
#include "bench/parts.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit::bench {
namespace {

constexpr std::size_t kInstruments = 5'000;

std::string expiry(std::size_t i) {
  static constexpr const char* kExpiries[] = {"27MAR26", "24APR26", "26JUN26", "25SEP26", "25DEC26"};
  return kExpiries[i % 5];
}
std::string instrument(std::size_t i) {
  i = i * 7919 % kInstruments;
  return "BTC_USDC-" + expiry(i) + "-" + std::to_string(20'000 + 200 * (i / 10)) + (i / 5 % 2 == 0 ? "-C" : "-P");
}
// As in the market: sizes of a tenth, prices of five digits.
std::string quantity(std::size_t i) { return number_text((static_cast<double>(i % 997) - 498.5) / 10.0); }
std::string price(std::size_t i) { return number_text(0.0001 * static_cast<double>(1 + i * 31 % 9973)); }
std::string direction(std::size_t i) { return quantity(i).front() == '-' ? "sell" : "buy"; }

std::string csv_row(std::size_t i) {
  return "P" + std::to_string(i) + ",account-" + std::to_string(i % 40) + ",desk-" + std::to_string(i % 7) +
         ",deribit,deribit," + instrument(i) + "," + quantity(i) + "," + price(i);
}
std::string own_record(std::size_t i) {
  return R"({"position_id":"P)" + std::to_string(i) + R"(","account":"account-)" + std::to_string(i % 40) +
         R"(","desk":"desk-)" + std::to_string(i % 7) +
         R"(","venue":"deribit","counterparty":"deribit","instrument":")" + instrument(i) + R"(","quantity":)" +
         quantity(i) + R"(,"entry_price":)" + price(i) + "}";
}
// What is needed of Deribit's record.
std::string short_deribit(std::size_t i) {
  return R"({"instrument_name":")" + instrument(i) + R"(","kind":"option","direction":")" + direction(i) +
         R"(","size":)" + quantity(i) + R"(,"average_price":)" + price(i) + R"(,"mark_price":)" + price(i + 1) + "}";
}
// All that the API says of an option.
std::string full_deribit(std::size_t i) {
  return R"({"vega":)" + price(i + 2) + R"(,"total_profit_loss":)" + price(i + 3) + R"(,"theta":-)" + price(i + 4) +
         R"(,"size":)" + quantity(i) + R"(,"settlement_price":)" + price(i + 5) + R"(,"realized_profit_loss":0.0)" +
         R"(,"mark_price":)" + price(i + 1) +
         R"(,"maintenance_margin":0.012619789,"kind":"option","instrument_name":")" + instrument(i) +
         R"(","initial_margin":0.030119789,"index_price":95010.34,"gamma":0.00001)" +
         R"(,"floating_profit_loss_usd":109.22,"floating_profit_loss":0.000164078,"direction":")" + direction(i) +
         R"(","delta":0.00689,"average_price_usd":380.67,"average_price":)" + price(i) + "}";
}
std::string ccxt_record(std::size_t i) {
  const std::string size = quantity(i);
  const bool is_short = size.front() == '-';
  const std::string name = instrument(i);
  const std::string strike = name.substr(17);
  static constexpr const char* kExpiries[] = {"260327", "260424", "260626", "260925", "261225"};
  return R"({"info":{},"id":null,"symbol":"BTC/USDC:USDC-)" + std::string(kExpiries[i * 7919 % kInstruments % 5]) +
         "-" + strike + R"(","timestamp":1768471200000,"hedged":false,"side":")" + (is_short ? "short" : "long") +
         R"(","contracts":)" + size.substr(is_short) + R"(,"contractSize":1,"entryPrice":)" + price(i) +
         R"(,"markPrice":null,"notional":12.5,"leverage":null,"marginMode":"cross"})";
}

struct Format {
  const char* name;
  const char* file;
  const char *before, *between, *after;
  std::string (*row)(std::size_t);
};
constexpr Format kFormats[] = {
    {"CSV, 8 columns", "book.csv", "position_id,account,desk,venue,counterparty,instrument,quantity,entry_price\n",
     "\n", "\n", csv_row},
    {"Deribit, 6 keys", "short.json", R"({"jsonrpc":"2.0","id":1,"result":[)", ",", R"(],"testnet":false})",
     short_deribit},
    {"Deribit, 19 keys", "full.json", R"({"jsonrpc":"2.0","id":1,"result":[)", ",", R"(],"testnet":false})",
     full_deribit},
    {"ccxt, 13 keys", "ccxt.json", "[", ",\n", "]", ccxt_record},
    {"JSON list, 8 keys", "list.json", R"({"schema":"tailbit.book/1","positions":[)", ",\n", "]}", own_record},
    {"JSON Lines, 8 keys", "lines.jsonl", "", "\n", "\n", own_record},
};

void write(const Format& format, const std::string& path, std::size_t rows) {
  std::ofstream file(path, std::ios::binary);
  file << format.before;
  for (std::size_t i = 0; i < rows; ++i) file << (i == 0 ? "" : format.between) << format.row(i);
  file << format.after;
}

double read_seconds(const std::string& path, std::size_t rows) {
  const std::map<std::string, Instrument> none;
  Problems problems;
  std::vector<std::string> warnings;
  const double start = wall_seconds();
  const Book book = read_book(path, none, problems, warnings);
  const double seconds = wall_seconds() - start;
  problems.throw_if_any();
  if (book.positions.size() != rows) throw Failure(ExitCode::internal_error, path + ": rows were lost");
  return seconds;
}

}  // namespace

Json measure_reading(const Settings& settings) {
  const std::size_t positions = settings.quick ? 20'000 : 1'000'000;
  const TemporaryFolder folder;
  std::printf("\n%-34s %-4s %14s %12s %9s %7s\n", "reading a million positions", "", "file MB", "seconds", "peak MB",
              "+- %");
  Json rows = Json::array();
  for (const Format& format : kFormats) {
    const std::string path = folder / format.file;
    in_child([&] {
      write(format, path, positions);
      return Json();
    });
    std::vector<double> seconds;
    double peak = 0.0;
    for (int i = 0; i < settings.repeats; ++i) {
      const ChildDone done = in_child([&] { return Json(read_seconds(path, positions)); });
      seconds.push_back(done.report.get<double>());
      peak = std::max(peak, done.peak_megabytes);
    }
    const double fastest = *std::min_element(seconds.begin(), seconds.end());
    const double spread = median(seconds).spread;
    const double megabytes = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
    std::printf("%-34s %-4s %14.1f %12.3f %9.1f %7.1f\n", format.name, "", megabytes, fastest, peak, 100.0 * spread);
    rows.push_back({{"format", format.name},
                    {"positions", positions},
                    {"file_megabytes", rounded(megabytes)},
                    {"seconds", rounded(fastest)},
                    {"peak_megabytes", rounded(peak)},
                    {"spread", rounded(spread)}});
    std::filesystem::remove(path);
  }
  return rows;
}

}  // namespace tailbit::bench
