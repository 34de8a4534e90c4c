// How long a million positions take to be read, and how much memory.
//
//   tailbit_bench_reading [FILE.json] [--rows N]    prints a table; also writes JSON if a file is named
//
// Files of a million positions on 5,000 listed contracts are made in the temporary folder, one per format, and each is
// read by a process of its own: checked, looked up, put into the table. Seconds are the best of five, on one thread,
// from a warm file cache; memory is the process's peak.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/ops/devices.hpp"

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

struct Cost {
  double seconds, peak_megabytes;
};

// In a process of its own, so that memory is that of the reading alone.
Cost in_child(const std::function<double()>& work) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    const double seconds = work();
    const bool sent = ::write(ends[1], &seconds, sizeof seconds) == sizeof seconds;
    std::_Exit(sent ? 0 : 1);
  }
  close(ends[1]);
  double seconds = 0.0;
  const bool received = read(ends[0], &seconds, sizeof seconds) == sizeof seconds;
  close(ends[0]);
  int status = 0;
  struct rusage usage {};
  wait4(child, &status, 0, &usage);
  if (!received || status != 0) {
    std::fprintf(stderr, "a child failed\n");
    std::exit(1);
  }
  return {seconds, static_cast<double>(usage.ru_maxrss) / 1024.0};
}

double read_seconds(const std::string& path, std::size_t rows) {
  const std::map<std::string, Instrument> none;
  Problems problems;
  std::vector<std::string> warnings;
  const auto start = std::chrono::steady_clock::now();
  const Book book = read_book(path, none, problems, warnings);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  problems.throw_if_any();
  if (book.positions.size() != rows) throw Failure(ExitCode::internal_error, path + ": rows were lost");
  return seconds.count();
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rows = 1'000'000;
  std::string out;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--rows" && i + 1 < argc) {
      rows = std::strtoull(argv[++i], nullptr, 10);
    } else {
      out = argv[i];
    }
  }
  std::string folder = (std::filesystem::temp_directory_path() / "tailbit-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  std::printf("%-20s %12s %10s %14s\n", "format", "file MB", "seconds", "peak MB");
  for (const Format& format : kFormats) {
    const std::string path = folder + "/" + format.file;
    in_child([&] {
      write(format, path, rows);
      return 0.0;
    });
    Cost best{1e9, 0.0};
    for (int i = 0; i < 5; ++i) {
      const Cost cost = in_child([&] { return read_seconds(path, rows); });
      best = {std::min(best.seconds, cost.seconds), std::max(best.peak_megabytes, cost.peak_megabytes)};
    }
    const double megabytes = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
    std::printf("%-20s %12.1f %10.3f %14.1f\n", format.name, megabytes, best.seconds, best.peak_megabytes);
    results.push_back({{"format", format.name},
                       {"file_megabytes", megabytes},
                       {"seconds", best.seconds},
                       {"peak_megabytes", best.peak_megabytes}});
    std::filesystem::remove(path);
  }
  std::filesystem::remove_all(folder);
  if (!out.empty()) {
    const nlohmann::ordered_json report = {
        {"schema", "tailbit.bench/1"}, {"cpu", cpu_name()}, {"positions", rows}, {"reading", results}};
    std::ofstream(out) << report.dump(2) << '\n';
  }
  return 0;
}

}  // namespace tailbit::bench

int main(int argc, char** argv) { return tailbit::bench::main(argc, argv); }
