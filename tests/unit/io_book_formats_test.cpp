// The same positions in every format are the same positions; and how much of them is read.
#include <cmath>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "host/io/files.hpp"
#include "host/io/json_file.hpp"
#include "host/io/write_book.hpp"
#include "tests/unit/io_books.hpp"

namespace tailbit::io_book_formats_test {
namespace {

using nlohmann::json;
using test::read_rows;
using test::ReadRows;
using test::ScratchFolder;
using test::shown;

// Positions that every format can say: one of each instrument, at Deribit, with signed sizes of few digits, so that
// contracts times their size is exact.
struct Made {
  std::string listed, ccxt;
  double quantity, price;
};

std::vector<Made> made_up(unsigned seed, std::size_t most) {
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  std::vector<Made> positions;
  std::set<std::string> names;
  for (std::size_t i = 0; i < most; ++i) {
    const std::string coin = std::vector<std::string>{"BTC", "ETH", "SOL"}[static_cast<std::size_t>(pick(3))];
    const bool inverse = pick(2) == 0;
    std::string listed = coin + (inverse ? "-" : "_USDC-"), ccxt = coin + (inverse ? "/USD:" + coin : "/USDC:USDC");
    switch (pick(4)) {
      case 0: listed += "PERPETUAL"; break;
      case 1:
        listed += "27MAR26";
        ccxt += "-260327";
        break;
      default: {
        const std::string strike = std::to_string(1'000 * (1 + pick(100))), kind = pick(2) == 0 ? "C" : "P";
        listed += "6FEB26-" + strike + "-" + kind;
        ccxt += "-260206-" + strike + "-" + kind;
      }
    }
    if (!names.insert(listed).second) continue;
    const double size = (1 + pick(1000)) * (pick(2) == 0 ? 0.5 : -0.5);
    positions.push_back({listed, ccxt, size, 0.25 * (1 + pick(400'000))});
  }
  return positions;
}

json own(const Made& p) {
  return {{"instrument", p.listed}, {"quantity", p.quantity}, {"entry_price", p.price}, {"venue", "deribit"}};
}

TEST(BookFormats, SayTheSame) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const std::vector<Made> made = made_up(seed, 1 + 40 * seed);
    std::string csv = "quantity,venue,instrument,entry_price\n", lines;
    json list = json::array(), deribit = json::array(), ccxt = json::array();
    nlohmann::ordered_json map;
    for (const Made& p : made) {
      csv += number_text(p.quantity) + ",deribit," + p.listed + "," + number_text(p.price) + "\n";
      lines += own(p).dump() + "\n";
      list.push_back(own(p));
      map[p.listed] = p.quantity;
      deribit.push_back({{"instrument_name", p.listed},
                         {"size", p.quantity},
                         {"direction", p.quantity < 0.0 ? "sell" : "buy"},
                         {"average_price", p.price}});
      ccxt.push_back({{"symbol", p.ccxt},
                      {"side", p.quantity < 0.0 ? "short" : "long"},
                      {"contracts", std::abs(p.quantity) * 2.0},
                      {"contractSize", 0.5},
                      {"entryPrice", p.price}});
    }
    const auto rows = [](const std::string& name, const std::string& text) {
      const ReadRows read = read_rows(name, text);
      EXPECT_EQ(read.outcome.message, "");
      return read.rows;
    };
    const std::vector<Position> expected = rows("b.csv", csv);
    ASSERT_EQ(expected.size(), made.size());
    EXPECT_EQ(shown(rows("b.jsonl", lines)), shown(expected));
    EXPECT_EQ(shown(rows("b.json", json{{"schema", "tailbit.book/1"}, {"positions", list}}.dump(1))), shown(expected));
    EXPECT_EQ(shown(rows("b.json", list.dump())), shown(expected));
    EXPECT_EQ(shown(rows("b.json", json{{"jsonrpc", "2.0"}, {"result", deribit}}.dump(2))), shown(expected));
    EXPECT_EQ(shown(rows("b.json", deribit.dump())), shown(expected));
    // ccxt does not know the venue, and a map nothing but quantities.
    std::vector<Position> less = expected;
    for (Position& p : less) p.venue.clear();
    EXPECT_EQ(shown(rows("b.json", ccxt.dump())), shown(less));
    for (Position& p : less) p.entry_price.reset();
    EXPECT_EQ(shown(rows("b.json", map.dump())), shown(less));
  }
}

TEST(BookFormats, WrittenBooksReadAsTheyWere) {
  const std::vector<Position> rows{
      {"P1", "a,1", "the \"desk\"", "two\nlines", "", "BTC", 0.1 + 0.2, 1e-300},
      {"", "", " ", "v\r", "c", "X-1", -12345678.9, std::nullopt},
  };
  const ScratchFolder folder;
  write_book_csv(folder.path("b.csv"), test::table_of(rows));
  EXPECT_EQ(shown(read_rows(folder, folder.path("b.csv")).rows), shown(rows));
  EXPECT_EQ(read_rows(folder, folder.path("b.csv")).rows[0].quantity, 0.1 + 0.2);
  write_book_csv(folder.path("b.csv"), test::table_of({rows[1]}));
  EXPECT_EQ(test::file_text(folder.path("b.csv")),
            "position_id,account,desk,venue,counterparty,instrument,quantity\n,, ,\"v\r\",c,X-1,-12345678.9\n");
}

TEST(BookLimits, StopReading) {
  const BookLimits three{3, 3}, two_instruments{9, 2};
  const std::string remedy = "; split it into several books, or net positions first";
  const std::string csv = "instrument,quantity\nA,1\nA,1\nB,1\nC,1\nD,x\n";
  EXPECT_EQ(read_rows("b.csv", csv, three).outcome.message,
            "b.csv:line 5: the book holds more than 3 positions" + remedy);
  EXPECT_EQ(read_rows("b.csv", csv, two_instruments).outcome.message,
            "b.csv:line 5: the book holds more than 2 instruments" + remedy);
  const std::string map = R"({"A": 1, "B": 1, "C": 1, "D": 1, "E": "x"})";
  EXPECT_EQ(read_rows("b.json", map, three).outcome.message,
            "b.json:/D: the book holds more than 3 positions" + remedy);
  std::string list, lines;
  for (const char* name : {"A", "A", "B", "C", "D"}) {
    const std::string record = "{\"instrument\": \"" + std::string(name) + "\", \"quantity\": 1}";
    list += (list.empty() ? "" : ",") + record;
    lines += record + "\n";
  }
  EXPECT_EQ(read_rows("b.json", "[" + list + "]", two_instruments).outcome.message,
            "b.json:/3/instrument: the book holds more than 2 instruments" + remedy);
  EXPECT_EQ(read_rows("b.jsonl", lines, three).outcome.message,
            "b.jsonl:line 4, /instrument: the book holds more than 3 positions" + remedy);
  EXPECT_EQ(read_rows("b.csv", "instrument,quantity\nA,1\nA,1\nB,1\n", three).outcome.message, "");
}

TEST(BookFormats, NoNameHoldsANul) {
  for (const char* key : {"instrument", "desk", "position_id", "account"}) {
    json position = {{"instrument", "BTC-PERPETUAL"}, {"quantity", 1}};
    const auto message = [&] { return read_rows("b.json", json::array({position}).dump()).outcome.message; };
    position[key] = "BTC-PERPETUAL";
    EXPECT_EQ(message(), "") << key;
    position[key] = std::string("BTC-PERPETUAL\0x", 15);
    EXPECT_EQ(message(), "b.json:/: a name holds the character U+0000; remove it") << key;
  }
}

TEST(BookLimits, NamesHaveALength) {
  const std::string longest(limits::kLongestName, 'x'), longer = longest + "x";
  const std::string message = " has 1001 bytes, more than the 1000 that are read; shorten it";
  EXPECT_EQ(read_rows("b.csv", "instrument,quantity,desk\n" + longest + ",1," + longest + "\n").outcome.message, "");
  EXPECT_EQ(read_rows("b.csv", "instrument,quantity,desk\n" + longer + ",1,\nA,1," + longer + "\n").outcome.message,
            "b.csv:line 2: the instrument" + message + "\nb.csv:line 3: the desk" + message);
  EXPECT_EQ(read_rows("b.csv", "instrument,quantity,position_id\nA,1," + longer + "\n").outcome.message,
            "b.csv:line 2: the position_id" + message);
  EXPECT_EQ(read_rows("b.json", "{\"" + longer + "\": 1}").outcome.message, "b.json:/: the instrument" + message);
  EXPECT_EQ(read_rows("b.json", R"([{"instrument_name": ")" + longer + R"(", "size": 1, "direction": "buy"}])")
                .outcome.message,
            "b.json:/0/instrument_name: the instrument" + message);
}

// Files whose size tells are not read: this one takes no room on the disk, and would take minutes.
TEST(FileLimits, LargeFilesAreNotRead) {
  const ScratchFolder folder;
  const auto large = [&](const std::string& name, std::uint64_t bytes) {
    const std::string path = folder.write(name, "");
    std::filesystem::resize_file(path, bytes);
    return path;
  };
  const std::string remedy = " bytes that are read of such a file; leave out what is not needed, or split it";
  for (const char* name : {"b.csv", "b.json", "b.jsonl"}) {
    EXPECT_EQ(read_rows(folder, large(name, limits::kMostBytes + 1)).outcome.message,
              std::string(name) + ": has 2147483649 bytes, more than the 2147483648" + remedy);
  }
  const auto outcome = outcome_of(folder, [&] {
    Problems problems;
    const JsonFile file(large("run.json", limits::kMostJsonBytes + 1), ExitCode::bad_config, problems);
    EXPECT_FALSE(file.root());
    problems.throw_if_any();
  });
  EXPECT_EQ(outcome.code, ExitCode::bad_config);
  EXPECT_EQ(outcome.message, "run.json: has 268435457 bytes, more than the 268435456" + remedy);
}

// What has no size, a pipe, is read up to the limit.
TEST(FileLimits, CountWhatIsReadWhereNoSizeTells) {
  const ScratchFolder folder;
  Problems problems;
  EXPECT_FALSE(read_file("/dev/zero", ExitCode::bad_data, problems, 100'000));
  EXPECT_EQ(
      outcome_of(folder, [&] { problems.throw_if_any(); }).message,
      "/dev/zero: has more than the 100000 bytes that are read of such a file; leave out what is not needed, or split "
      "it");
  Problems none;
  EXPECT_EQ(read_file(folder.write("x", "12345"), ExitCode::bad_data, none, 5), "12345");
  EXPECT_FALSE(read_file(folder.path("x"), ExitCode::bad_data, none, 4));
}

}  // namespace
}  // namespace tailbit::io_book_formats_test
