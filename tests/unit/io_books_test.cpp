// Books in each of their formats: what is read, and what is said about each way to be wrong.
#include "tests/unit/io_books.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace tailbit::io_books_test {
namespace {

using test::read_rows;
using test::ReadRows;
using test::ScratchFolder;
using test::shown;
using Rows = std::vector<std::string>;

// What is told of a file, with the remedy; one line, or all.
std::string told(const std::string& name, const std::string& text) {
  const ReadRows read = read_rows(name, text);
  EXPECT_EQ(read.outcome.code, ExitCode::bad_data);
  return read.outcome.message;
}
// The same without the remedy of the only problem.
std::string problem(const std::string& name, const std::string& text) {
  const std::string message = told(name, text);
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return message.substr(0, message.find("; "));
}

TEST(BookFormat, IsNamedByTheFileOrSeenInIt) {
  const ScratchFolder folder;
  const auto format = [&](const std::string& name, const std::string& text) {
    return book_format(folder.write(name, text));
  };
  EXPECT_EQ(format("book.csv", "{}"), BookFormat::csv);
  EXPECT_EQ(format("book.json", "instrument,quantity\n"), BookFormat::json);
  EXPECT_EQ(format("book.jsonl", "[]"), BookFormat::json_lines);
  EXPECT_EQ(format("book.ndjson", "[]"), BookFormat::json_lines);
  EXPECT_EQ(format("book", "\xef\xbb\xbf \r\n\t{\"BTC\": 1}"), BookFormat::json);
  EXPECT_EQ(format("book.txt", "[{\"symbol\": 1}]"), BookFormat::json);
  EXPECT_EQ(format("book.txt", "instrument,quantity\nBTC,1\n"), BookFormat::csv);
  EXPECT_EQ(book_format(folder.path("absent")), BookFormat::csv);
}

TEST(BookMap, NamesQuantities) {
  EXPECT_EQ(shown(read_rows("b.json", R"({"BTC": -1.5, "BTC_USDC-27MAR26-70000-C": 2e1, "X\u0031": 0})").rows),
            (Rows{"BTC -1.5", "BTC_USDC-27MAR26-70000-C 20", "X1 0"}));
  EXPECT_EQ(shown(read_rows("b.json", R"({"positions": {"BTC": 3}, "schema": "tailbit.book/1"})").rows),
            (Rows{"BTC 3"}));
}

TEST(BookMap, WhatIsWrongIsTold) {
  EXPECT_EQ(told("b.json", R"({"BTC": "1", "ETH": null, "BTC": 2, "SOL": 1})"),
            "b.json:/BTC: \"1\" is not a quantity; write a plain number, negative for a short position\n"
            "b.json:/ETH: null is not a quantity; write a plain number, negative for a short position\n"
            "b.json:/BTC: the instrument \"BTC\" is there twice; add up its quantities");
  EXPECT_EQ(told("b.json", "{}"), "b.json:/: there is no position; give at least one");
  EXPECT_EQ(told("b.json", R"({"": 1})"), "b.json:/: there is no instrument; name it");
  EXPECT_EQ(problem("b.json", R"({"positions": {"BTC": 3}})"), "b.json:/: the key \"schema\" is missing");
  EXPECT_EQ(problem("b.json", R"({"schema": "tailbit.book/2", "positions": {"BTC": 3}})"),
            "b.json:/schema: \"tailbit.book/2\" is not a format that is read here");
  EXPECT_EQ(problem("b.json", R"({"schema": "tailbit.book/1", "positions": {"BTC": 3}, "venu": 1})"),
            "b.json:/venu: the key \"venu\" is unknown");
  EXPECT_EQ(problem("b.json", R"({"schema": "tailbit.book/1", "positions": {"BTC": []}})"),
            "b.json:/positions/BTC: this list is not a quantity");
  EXPECT_EQ(problem("b.json", R"({"schema": "tailbit.book/1", "positions": {}, "positions": {"BTC": 1}})"),
            "b.json:/positions: the key \"positions\" is there twice");
}

TEST(BookList, HasTheColumnsOfACsvBookAsKeys) {
  EXPECT_EQ(shown(read_rows("b.json", R"({"schema": "tailbit.book/1", "positions": [
      {"instrument": "BTC", "quantity": 1, "entry_price": 95000.5, "position_id": "P1", "account": "a", "desk": "d",
       "venue": "v", "counterparty": "c"},
      {"quantity": -2, "instrument": "ETH", "entry_price": null, "desk": "d\"1"}]})")
                      .rows),
            (Rows{"BTC 1 @95000.5 a d v c #P1", "ETH -2 d\"1"}));
  EXPECT_EQ(shown(read_rows("b.json", R"([{"instrument": "BTC", "quantity": 1}])").rows), (Rows{"BTC 1"}));
}

TEST(BookList, WhatIsWrongIsTold) {
  EXPECT_EQ(
      told("b.json", R"([{"instrument": 5, "quantity": "1"}, 7, {}, {"instrument": "BTC", "quantity": 1, "dsk": 1},
                               {"instrument": "", "quantity": 1, "quantity": 2}, {"instrument": null, "quantity": true}])"),
      "b.json:/0/instrument: 5 is not a text; write it in quotes\n"
      "b.json:/0/quantity: \"1\" is not a number; write a plain number\n"
      "b.json:/1: is not an object; write { ... }\n"
      "b.json:/2: the key \"instrument\" is missing; add it\n"
      "b.json:/2: the key \"quantity\" is missing; add it\n"
      "b.json:/3/dsk: the key \"dsk\" is unknown (did you mean \"desk\"?); correct or remove it\n"
      "b.json:/4/quantity: the key \"quantity\" is there twice; keep one of them\n"
      "b.json:/4/instrument: there is no instrument; name it\n"
      "b.json:/5/instrument: null where a value is needed; give it\n"
      "b.json:/5/quantity: true is not a number; write a plain number");
  EXPECT_EQ(told("b.json", "[]"), "b.json:/: there is no position; give at least one");
  EXPECT_EQ(problem("b.json", R"({"schema": "tailbit.book/1", "positions": []})"),
            "b.json:/positions: there is no position");
  EXPECT_EQ(problem("b.json", R"({"positions": [{"instrument": "BTC", "quantity": 1}], "schema": 1})"),
            "b.json:/schema: 1 is not a text");
}

TEST(BookLines, AreAnObjectEach) {
  const std::string text =
      "{\"instrument\": \"BTC\", \"quantity\": 1}\r\n\n  \n{\"quantity\": -2, \"instrument\": \"ETH\"}";
  for (const char* name : {"b.jsonl", "b.ndjson", "b.json", "b"}) {
    EXPECT_EQ(shown(read_rows(name, text).rows), (Rows{"BTC 1", "ETH -2"})) << name;
  }
  EXPECT_EQ(shown(read_rows("b.json", R"({"instrument": "BTC", "quantity": 1})").rows), (Rows{"BTC 1"}));
}

TEST(BookLines, WhatIsWrongIsToldWithItsLine) {
  EXPECT_EQ(
      told("b.jsonl",
           "{\"instrument\": \"BTC\", \"quantity\": \"1\"}\n\n[1]\n{\"instrument\": \"BTC\", \"quantity\": }\n"
           "{\"instrument\": \"BTC\", \"quantity\": 1} {}\n{\"quantity\": 1, \"quantity\": 2}\n"
           "{\"instrument\": \"BTC\", \"quantity\": 1, \"desk\": 1e999}\n"),
      "b.jsonl:line 1, /quantity: \"1\" is not a number; write a plain number\n"
      "b.jsonl:line 3: is not an object; write one object a line\n"
      "b.jsonl:line 4, column 35: syntax error while parsing value - unexpected '}'; expected '[', '{', or a "
      "literal; correct the JSON there\n"
      "b.jsonl:line 5, column 38: syntax error while parsing value - unexpected '{'; expected end of input; correct "
      "the JSON there\n"
      "b.jsonl:line 6, /quantity: the key \"quantity\" is there twice; keep one of them\n"
      "b.jsonl:line 6: the key \"instrument\" is missing; add it\n"
      "b.jsonl:line 7, column 46: the number 1e999 does not fit a double; write a number below 1.8e308");
  EXPECT_EQ(told("b.jsonl", "{\"instrument\": \"B\xff\", \"quantity\": 1}"),
            "b.jsonl:line 1: is not UTF-8 text; save the file as UTF-8");
  EXPECT_EQ(told("b.jsonl", " \n"), "b.jsonl: is empty; write it first");
}

const std::string kDeribit = R"({"jsonrpc": "2.0", "id": 404, "result": [
  {"average_price": 0.0103, "average_price_usd": 912.5, "delta": -0.4, "direction": "sell", "floating_profit_loss": 0.1,
   "floating_profit_loss_usd": 9.5, "gamma": 1e-5, "index_price": 88000.1, "initial_margin": 0, "kind": "option",
   "instrument_name": "BTC-27MAR26-70000-C", "maintenance_margin": 0, "mark_price": 0.2, "realized_profit_loss": 0,
   "settlement_price": 0.2, "size": -12.5, "theta": -3, "total_profit_loss": 0, "vega": 2},
  {"average_price": 95010, "direction": "buy", "instrument_name": "BTC-PERPETUAL", "kind": "future", "leverage": 50,
   "size": 4200, "size_currency": 0.0442, "realized_funding": 0, "interest_value": 0, "open_orders_margin": 0,
   "estimated_liquidation_price": null},
  {"average_price": 0, "direction": "zero", "instrument_name": "ETH_USDC-PERPETUAL", "kind": "future", "size": 0}
], "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": false})";

TEST(DeribitPositions, KeepTheSizesAsTheyAre) {
  const ReadRows read = read_rows("b.json", kDeribit);
  EXPECT_EQ(read.outcome.message, "");
  EXPECT_EQ(shown(read.rows), (Rows{"BTC-27MAR26-70000-C -12.5 @0.0103 deribit", "BTC-PERPETUAL 4200 @95010 deribit",
                                    "ETH_USDC-PERPETUAL 0 deribit"}));
  EXPECT_TRUE(read.warnings.empty());
  const std::string bare = kDeribit.substr(kDeribit.find('['), kDeribit.rfind(']') + 1 - kDeribit.find('['));
  EXPECT_EQ(shown(read_rows("b.json", bare).rows), shown(read.rows));
}

TEST(DeribitPositions, UnknownKeysHaveNoEffectAndAreSaid) {
  const ReadRows read = read_rows("b.json",
                                  R"([{"instrument_name": "BTC", "size": 1, "direction": "buy", "new": {"a": [1, "x"]}},
                                      {"instrument_name": "BTC", "size": 1, "newer": null, "direction": "buy", "new": 1}])");
  EXPECT_EQ(read.outcome.message, "");
  EXPECT_EQ(read.warnings, (Rows{"b.json: unknown keys of positions have no effect (2): \"new\", "
                                 "\"newer\""}));
  EXPECT_EQ(read.rows.size(), 2u);
}

TEST(DeribitPositions, WhatIsWrongIsTold) {
  const auto one = [](const std::string& record) { return problem("b.json", "{\"result\": [" + record + "]}"); };
  const std::string remedy = "; give the size its sign: positive for \"buy\", negative for \"sell\", 0 for \"zero\"";
  EXPECT_EQ(told("b.json", R"({"result": [{"instrument_name": "BTC", "size": -1, "direction": "buy"},
                                          {"instrument_name": "BTC", "size": 1, "direction": "sell"},
                                          {"instrument_name": "BTC", "size": 1, "direction": "zero"}]})"),
            "b.json:/result/0/size: the size -1 contradicts the direction \"buy\"" + remedy + "\n" +
                "b.json:/result/1/size: the size 1 contradicts the direction \"sell\"" + remedy + "\n" +
                "b.json:/result/2/size: the size 1 contradicts the direction \"zero\"" + remedy);
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "size": 1, "direction": "long"})"),
            "b.json:/result/0/direction: \"long\" is not a direction");
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "size": "1", "direction": "buy"})"),
            "b.json:/result/0/size: \"1\" is not a number");
  EXPECT_EQ(one(R"({"size": 1, "direction": "buy"})"), "b.json:/result/0: the key \"instrument_name\" is missing");
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "direction": "buy"})"), "b.json:/result/0: the key \"size\" is missing");
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "size": 1})"), "b.json:/result/0: the key \"direction\" is missing");
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "size": 1, "direction": "buy", "kind": "swap"})"),
            "b.json:/result/0/kind: \"swap\" is not a kind that is known here");
  EXPECT_EQ(one(R"({"instrument_name": "BTC", "size": 1, "direction": "buy", "average_price": "5"})"),
            "b.json:/result/0/average_price: \"5\" is not a number");
  EXPECT_EQ(problem("b.json", R"({"jsonrpc": "2.0", "error": {"message": "Unauthorized", "code": 13009}})"),
            "b.json:/: there is no list of positions in this answer");
  EXPECT_EQ(problem("b.json", R"({"result": {"instrument_name": "BTC", "size": 1}})"),
            "b.json:/: there is no list of positions in this answer");
  EXPECT_EQ(problem("b.json", R"({"result": [{"instrument_name": "BTC", "size": 1, "direction": "buy"}], "resul": 1})"),
            "b.json:/resul: the key \"resul\" is unknown (did you mean \"result\"?)");
}

// A million bytes of spaces, texts and brackets that only look like the end of a record, around block boundaries.
TEST(JsonBooks, DoNotDependOnWhereBlocksEnd) {
  const std::string tricky = R"("new": {"a": [{}, {"b": "}, {"}, {"c": "\\\""}], "d": ", {"})";
  for (const std::size_t width : {3u, 1000u, 77'777u, 1'300'000u}) {
    std::string text = "{\"result\": [";
    std::vector<std::string> expected;
    for (std::size_t i = 0; text.size() < 4'000'000; ++i) {
      text += (i ? "," : "") + std::string(i % width, ' ') + R"({"instrument_name": "I)" + std::to_string(i) +
              R"(", "size": )" + std::to_string(i + 1) + R"(, "direction": "buy", )" + tricky +
              std::string(width % 9999, '\n') + "}";
      expected.push_back("I" + std::to_string(i) + " " + number_text(static_cast<double>(i + 1)) + " deribit");
      if (width > 1'000'000) text += std::string(width, ' ');
    }
    const ReadRows read = read_rows("b.json", text + "], \"id\": [{}, {}]}");
    EXPECT_EQ(read.outcome.message, "");
    EXPECT_EQ(shown(read.rows), expected) << width;
  }
}

TEST(JsonBooks, SyntaxErrorsHaveLineAndColumnWhereverTheyAre) {
  std::string text = "[\n";
  const std::string record = R"({"instrument_name": "BTC", "size": 1, "direction": "buy"})";
  for (int i = 0; i < 50'000; ++i) text += record + ",\n";
  EXPECT_EQ(problem("b.json", text + record + "]]"),
            "b.json:line 50002, column 59: syntax error while parsing value - "
            "unexpected ']'");
  EXPECT_EQ(problem("b.json", text + "]"),
            "b.json:line 50002, column 1: syntax error while parsing value - unexpected ']'");
  EXPECT_TRUE(problem("b.json", text + record).starts_with("b.json:line 50002, column 58: syntax error"));
  std::string broken = text + record + "]";
  broken.replace(broken.find(record, 1'500'000), 1, "(");
  EXPECT_TRUE(problem("b.json", broken).ends_with("column 1: syntax error while parsing value - invalid literal"))
      << problem("b.json", broken);
  broken = text + record + "]";
  broken[broken.find("BTC", 1'500'000)] = '\xff';
  EXPECT_TRUE(problem("b.json", broken).ends_with("is not UTF-8 text"));
  EXPECT_EQ(problem("b.json", "{\"BTC\": 1"),
            "b.json:line 1, column 10: syntax error while parsing object - unexpected end of input");
  EXPECT_EQ(problem("b.json", "BTC: 1"), "b.json: is neither a JSON object nor a list");
}

}  // namespace
}  // namespace tailbit::io_books_test
