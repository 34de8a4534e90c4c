// The eleven real chains that tailbit is to read as they are: what each gives, and how well marks and Greeks are met.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/io/chain_checks.hpp"
#include "host/io/text.hpp"
#include "tests/support/oracles.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::chain_files_test {
namespace {

const std::string kFolder = std::string(TAILBIT_MARKET_DATA) + "/options/";

struct RealChain {
  const char* file;
  std::size_t rows, kept;
  const char* layout;
  const char* as_of;
  std::int64_t time_spread_seconds;
  std::map<std::string, double> spots;
  std::map<std::string, std::size_t> expiries;
  std::size_t marks;             // that can be checked
  double mark_median, mark_p95;  // at most, in coin
  std::size_t greeks, greeks_within_digits;
  std::size_t warnings;
};

// Limits of the mark errors are what the files give, rounded up. Those of 2024-03-12 were made at another moment than
// the file says, which is among its warnings.
const std::vector<RealChain> kChains{
    {"deribit_quotes_BTC_ETH_20200313T1059Z_blackthursday_sample.csv",
     57,
     57,
     "csv, vols in percent, times in ms since 1970",
     "2020-03-13T10:59:30Z",
     1,
     {{"BTC", 5647.51}, {"ETH", 132.99}},
     {{"BTC", 6}, {"ETH", 4}},
     57,
     2e-6,
     2e-5,
     57,
     57,
     3},
    {"deribit_chain_BTC_20200912T2305Z_with_books.csv",
     358,
     358,
     "csv, vols in percent, times in ms since 1970",
     "2020-09-12T23:08:56Z",
     184,
     {{"BTC", 10435.53}},
     {{"BTC", 9}},
     350,
     3e-6,
     3e-5,
     358,
     358,
     0},
    {"deribit_chain_BTC_20210211T1837Z_highvol.csv",
     976,
     488,
     "csv, vols in percent, times in ms since 1970",
     "2021-02-11T18:44:14Z",
     429,
     {{"BTC", 47759.2}},
     {{"BTC", 9}},
     488,
     6e-6,
     7e-5,
     488,
     488,
     4},
    {"deribit_chain_ETH_20210211T1837Z_highvol.csv",
     996,
     498,
     "csv, vols in percent, times in ms since 1970",
     "2021-02-11T18:46:09Z",
     438,
     {{"ETH", 1793.5}},
     {{"ETH", 8}},
     491,
     4e-6,
     6e-5,
     498,
     498,
     0},
    {"deribit_chain_ETH_20240108T1119Z_MIT.csv",
     684,
     684,
     "csv, no vols, times in ms since 1970",
     "2024-01-08T11:19:41Z",
     0,
     {{"ETH", 2222.19}},
     {{"ETH", 11}},
     0,
     0.0,
     0.0,
     0,
     0,
     0},
    {"deribit_chain_BTC_20240312T0557Z_bull.csv",
     1198,
     1198,
     "csv, vols in percent, times in ms since 1970",
     "2024-03-12T05:57:12Z",
     0,
     {{"BTC", 72011.29}},
     {{"BTC", 12}},
     1187,
     5e-4,
     5e-3,
     0,
     0,
     2},
    {"deribit_chain_BTC_2026Q1_167_full_greeks.csv",
     166,
     166,
     "csv, vols in percent, no times",
     "2026-03-01T13:49:00Z",
     60,
     {{"BTC", 66742.5678}},
     {{"BTC", 8}},
     166,
     3e-5,
     6e-5,
     166,
     166,
     1},
    {"deribit_chain_BTC_ETH_20260124T0353Z_calm.csv",
     1362,
     1362,
     "csv, vols in decimals, times as ISO 8601",
     "2026-01-24T03:53:41Z",
     0,
     {{"BTC", 89639.3}, {"ETH", 2958.76}},
     {{"BTC", 12}, {"ETH", 12}},
     1337,
     3e-6,
     5e-5,
     1362,
     200,
     0},
    {"deribit_chain_BTC_ETH_20260204T2133Z_precrash.csv",
     1688,
     1688,
     "csv, vols in decimals, times as ISO 8601",
     "2026-02-04T21:33:08Z",
     0,
     {{"BTC", 73104.9}, {"ETH", 2139.73}},
     {{"BTC", 12}, {"ETH", 12}},
     1668,
     5e-6,
     2e-4,
     1688,
     90,
     0},
    {"deribit_chain_BTC_ETH_20260205T2129Z_stress.csv",
     1840,
     1840,
     "csv, vols in decimals, times as ISO 8601",
     "2026-02-05T21:29:37Z",
     0,
     {{"BTC", 63858.3}, {"ETH", 1873.93}},
     {{"BTC", 12}, {"ETH", 12}},
     1809,
     3e-5,
     5e-4,
     1840,
     60,
     0},
    {"deribit_chain_BTC_ETH_20260206T1551Z_rebound.csv",
     1734,
     1734,
     "csv, vols in decimals, times as ISO 8601",
     "2026-02-06T15:51:21Z",
     0,
     {{"BTC", 68705.4}, {"ETH", 1975.51}},
     {{"BTC", 12}, {"ETH", 12}},
     1734,
     5e-5,
     2e-3,
     1734,
     6,
     0},
};

// For messages of the tests, which would otherwise print its bytes.
std::ostream& operator<<(std::ostream& out, const RealChain& chain) { return out << chain.file; }

class ChainFiles : public testing::TestWithParam<RealChain> {};

TEST_P(ChainFiles, AreReadWhole) {
  const RealChain& expected = GetParam();
  if (!std::filesystem::exists(kFolder + expected.file)) GTEST_SKIP() << kFolder << expected.file << " is not there";
  const Chain chain = read_chain(kFolder + expected.file);
  EXPECT_EQ(chain.rows, expected.rows);
  EXPECT_EQ(chain.quotes.size(), expected.kept);
  EXPECT_EQ(chain.quotes.size() + chain.dropped.size(), chain.rows);
  // All that is dropped here is what the two files of 2021 list twice, minutes apart.
  for (const ChainDrop& drop : chain.dropped) {
    EXPECT_TRUE(drop.reason.starts_with("repeated: line ") && drop.reason.ends_with(" is later")) << drop.reason;
  }
  EXPECT_EQ(chain.layout, expected.layout);
  EXPECT_EQ(timestamp_text(chain.as_of), expected.as_of);
  EXPECT_EQ(chain.time_spread_seconds, expected.time_spread_seconds);
  EXPECT_EQ(chain.warnings.size(), expected.warnings);
  ASSERT_EQ(chain.underlyings.size(), expected.spots.size());
  for (const auto& [name, u] : chain.underlyings) {
    EXPECT_NEAR(u.spot, expected.spots.at(name), 1e-5 * u.spot);
    EXPECT_EQ(u.forwards.size(), expected.expiries.at(name));
    for (const auto& [expiry, forward] : u.forwards) {
      EXPECT_LT(forward.high / forward.low, 1.02) << timestamp_text(expiry);
      EXPECT_NEAR(forward.forward / u.spot, 1.0, 0.13) << timestamp_text(expiry);
      EXPECT_FALSE(forward.from_future);
    }
  }
}

TEST_P(ChainFiles, MarksAndGreeksAreBlacks) {
  const RealChain& expected = GetParam();
  if (!std::filesystem::exists(kFolder + expected.file)) GTEST_SKIP() << kFolder << expected.file << " is not there";
  const Chain chain = read_chain(kFolder + expected.file);
  const MarkCheck marks = check_marks(chain);
  EXPECT_EQ(marks.all.count, expected.marks);
  EXPECT_LE(marks.all.median, expected.mark_median);
  EXPECT_LE(marks.all.p95, expected.mark_p95);
  const GreekCheck greeks = check_greeks(chain);
  EXPECT_EQ(greeks.count, expected.greeks);
  EXPECT_EQ(greeks.within_digits, expected.greeks_within_digits);
  std::cout << expected.file << ": marks of " << marks.all.count << " quotes, error median " << marks.all.median
            << " p95 " << marks.all.p95 << " worst " << marks.all.worst << " coin; Greeks within printed digits of "
            << greeks.within_digits << " of " << greeks.count << "\n";
}

std::string name_of(const testing::TestParamInfo<RealChain>& info) {
  std::string name;
  for (const char c : std::string(info.param.file)) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Deribit, ChainFiles, testing::ValuesIn(kChains), name_of);

TEST(ChainFilesTogether, EveryFileOfTheFolderIsAmongThem) {
  if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << kFolder << " is not there";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    ++files;
    EXPECT_TRUE(std::any_of(kChains.begin(), kChains.end(), [&](const RealChain& chain) {
      return entry.path().filename() == chain.file;
    })) << entry.path();
  }
  EXPECT_EQ(files, kChains.size());
}

// The file without times: at the moments that its own Greeks imply all of them are met, five minutes off none; so the
// agreement is not for want of digits.
TEST(ChainFilesTogether, GreeksPinTheMoment) {
  const std::string path = kFolder + "deribit_chain_BTC_2026Q1_167_full_greeks.csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const Chain chain = read_chain(path);
  EXPECT_EQ(chain.as_of_from, "inferred from vega and theta");
  for (const ChainQuote& quote : chain.quotes) {
    const std::int64_t off = quote.time.value().seconds % 60;
    EXPECT_LE(std::min(off, 60 - off), 1) << quote.name;  // Greeks count whole minutes
  }
  for (const std::int64_t shift : {-300, 300}) {
    Chain moved = chain;
    for (ChainQuote& quote : moved.quotes) quote.time = Timestamp{quote.time->seconds + shift};
    EXPECT_EQ(check_greeks(moved).within_digits, 0u);
  }
}

// A real chain of book summaries as the API itself would have answered it, and one a line: the same chain.
TEST(ChainFilesTogether, BookSummariesAsJson) {
  const std::string path = kFolder + "deribit_chain_BTC_20240312T0557Z_bull.csv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << path << " is not there";
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = test::split_cells(line);
  nlohmann::json rows = nlohmann::json::array();
  std::string lines;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = test::split_cells(line);
    nlohmann::json row;
    for (std::size_t c = 0; c < header.size(); ++c) {
      const auto number = parse_number(cells.at(c));
      row[header[c]] = cells[c].empty() ? nlohmann::json()
                       : number         ? nlohmann::json(*number)
                                        : nlohmann::json(cells[c]);
    }
    lines += row.dump() + "\n";
    rows.push_back(std::move(row));
  }
  const test::ScratchFolder folder;
  const Chain csv = read_chain(path);
  const nlohmann::json answer{{"jsonrpc", "2.0"}, {"result", rows}, {"usOut", 1710223033000000}};
  for (const Chain& json :
       {read_chain(folder.write("answer.json", answer.dump())), read_chain(folder.write("lines.jsonl", lines))}) {
    EXPECT_TRUE(json.layout.starts_with("json"));
    EXPECT_EQ(json.as_of, csv.as_of);
    EXPECT_EQ(json.warnings, csv.warnings);
    ASSERT_EQ(json.quotes.size(), csv.quotes.size());
    for (std::size_t i = 0; i < csv.quotes.size(); ++i) {
      const ChainQuote &a = json.quotes[i], &b = csv.quotes[i];
      EXPECT_EQ(a.name, b.name);
      EXPECT_TRUE(a.time == b.time && a.forward == b.forward && a.mark == b.mark && a.mark_vol == b.mark_vol &&
                  a.bid == b.bid && a.ask == b.ask && a.index_price == b.index_price &&
                  a.open_interest == b.open_interest && a.synthetic_forward == b.synthetic_forward)
          << a.name;
    }
  }
}

// The file of 2024-03-12 was made with marks of the day before: at that moment they are as good as the others'.
TEST(ChainFilesTogether, TheMomentOfStaleMarks) {
  const std::string path = kFolder + "deribit_chain_BTC_20240312T0557Z_bull.csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const Chain chain = read_chain(path);
  ASSERT_FALSE(chain.warnings.empty());
  EXPECT_NE(chain.warnings.back().find("as of 2024-03-11T15:17:00Z they agree to 5.47e-06 coin"), std::string::npos)
      << chain.warnings.back();
  const Chain earlier = read_chain(path, {parse_timestamp("2024-03-11T15:17:00Z")});
  EXPECT_LE(check_marks(earlier).all.median, 6e-6);
  EXPECT_LE(check_marks(earlier).all.p95, 6e-5);
  EXPECT_EQ(earlier.quotes.size(), 1198u);
}

}  // namespace
}  // namespace tailbit::chain_files_test
