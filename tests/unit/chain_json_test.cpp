// Chains as JSON: the API's answers in and out of their envelopes, one a line, and broken in many ways.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/chain_support.hpp"

namespace tailbit::chain_json_test {
namespace {

using nlohmann::json;
using test::chain_outcome;
using test::drops_of;
using test::moment;
using test::quote_of;
using test::read_text;

using Texts = std::vector<std::string>;

// A row of public/get_book_summary_by_currency.
json summary(const std::string& name, const json& other = json::object()) {
  json row =
      json::parse(R"({"mid_price": null, "volume_usd": 365055.49, "quote_currency": "BTC", "base_currency": "BTC",
    "estimated_delivery_price": 72011.29, "creation_timestamp": 1710223032940, "underlying_index": "SYN.BTC-5APR24",
    "underlying_price": 74093.35587, "mark_iv": 65.6, "volume": 325.0, "interest_rate": 0.0, "price_change": -21.1196,
    "open_interest": 25.0, "ask_price": 0.07, "bid_price": null, "mark_price": 0.0, "last": 0.0152, "low": null,
    "high": null})");
  row["instrument_name"] = name;
  row.update(other);
  return row;
}

// A result of public/ticker.
json ticker(const std::string& name) {
  json row = json::parse(R"({"timestamp": 1710223033000, "state": "open", "stats": {"volume": null, "high": 1.0},
    "greeks": {"vega": 12.5, "theta": -20.25, "rho": 3.0, "gamma": 0.00002, "delta": 0.25}, "index_price": 72010.0,
    "mark_price": 0, "mark_iv": 65.6, "bid_iv": 60.0, "ask_iv": 0.0, "best_bid_price": 0.05, "best_ask_price": 0.0,
    "underlying_price": 74093.0, "underlying_index": "BTC-5APR24", "open_interest": 3.5, "interest_rate": 0})");
  row["instrument_name"] = name;
  return row;
}

json envelope(const json& result) {
  return {{"jsonrpc", "2.0"},          {"result", result},  {"usIn", 1710223033000001},
          {"usOut", 1710223034000001}, {"usDiff", 1000000}, {"testnet", false}};
}

TEST(ChainJson, BookSummariesInTheirEnvelope) {
  const Chain chain =
      read_text(envelope({summary("BTC-5APR24-72250-C"), summary("BTC-5APR24-72250-P"),
                          summary("BTC-28JUN24", {{"mark_price", 77000}, {"mark_iv", nullptr}, {"funding_8h", 0.1}}),
                          summary("BTC-PERPETUAL", {{"mark_price", 72020.5}})})
                    .dump(2));
  EXPECT_EQ(chain.layout, "json, vols in percent, times in ms since 1970");
  EXPECT_EQ(chain.rows, 4u);
  EXPECT_EQ(timestamp_text(chain.as_of), "2024-03-12T05:57:12Z");
  EXPECT_EQ(chain.as_of_from, "latest quote");
  ASSERT_EQ(chain.quotes.size(), 2u);
  const ChainQuote& call = chain.quotes[0];
  EXPECT_EQ(call.where, "/result/0");
  EXPECT_EQ(call.forward, 74093.35587);
  EXPECT_TRUE(call.synthetic_forward);
  EXPECT_EQ(call.mark_vol, 0.656);
  EXPECT_EQ(call.ask, 0.07);
  EXPECT_FALSE(call.bid || call.mark);
  EXPECT_EQ(call.open_interest, 25.0);
  EXPECT_EQ(chain.underlyings.at("BTC").spot, 72011.29);
  EXPECT_EQ(chain.underlyings.at("BTC").perpetual_mark, 72020.5);
  EXPECT_EQ(drops_of(chain),
            (Texts{"/result/2 BTC-28JUN24: a future: its mark is kept as the forward of an expiry without options",
                   "/result/3 BTC-PERPETUAL: a perpetual: its mark is kept"}));
  EXPECT_TRUE(chain.warnings.empty());
}

TEST(ChainJson, TheSameSummariesInEveryShape) {
  const json rows{summary("BTC-5APR24-72250-C"), summary("BTC-26APR24-80000-P")};
  const std::string lines = rows[0].dump() + "\n\n" + rows[1].dump() + "\r\n";
  const std::string answers = envelope(json::array({rows[0]})).dump() + "\n" + envelope(json::array({rows[1]})).dump();
  const std::string messages =
      json{{"jsonrpc", "2.0"}, {"method", "subscription"}, {"params", {{"channel", "ticker"}, {"data", rows[0]}}}}
          .dump() +
      "\n" + json{{"params", {{"data", rows[1]}}}}.dump();
  const std::map<std::string, std::pair<std::string, std::string>> shapes{
      {envelope(rows).dump(), {"json", "/result/1"}},
      {rows.dump(), {"json", "/1"}},
      {" \n" + rows.dump(4) + "\n", {"json", "/1"}},
      {json{envelope(rows[0]), envelope(rows[1])}.dump(), {"json", "/1/result"}},
      {lines, {"json lines", "line 3"}},
      {answers, {"json lines", "line 2/result/0"}},
      {messages, {"json lines", "line 2/params/data"}}};
  ASSERT_EQ(shapes.size(), 7u);
  for (const auto& [text, expected] : shapes) {
    const Chain chain = read_text(text);
    ASSERT_EQ(chain.quotes.size(), 2u) << text;
    EXPECT_EQ(chain.layout, expected.first + ", vols in percent, times in ms since 1970");
    EXPECT_EQ(chain.quotes[1].where, expected.second);
    EXPECT_EQ(chain.quotes[1].name, "BTC-26APR24-80000-P");
    EXPECT_EQ(chain.quotes[1].mark_vol, 0.656);
  }
}

TEST(ChainJson, ATickerAlone) {
  for (const json& whole : {ticker("BTC-5APR24-72250-C"), envelope(ticker("BTC-5APR24-72250-C"))}) {
    const Chain chain = read_text(whole.dump());
    ASSERT_EQ(chain.quotes.size(), 1u);
    const ChainQuote& quote = chain.quotes[0];
    EXPECT_EQ(quote.time, moment("2024-03-12T05:57:13Z"));
    EXPECT_EQ(quote.index_price, 72010.0);
    EXPECT_EQ(quote.delta, 0.25);
    EXPECT_EQ(quote.gamma, 0.00002);
    EXPECT_EQ(quote.vega, 12.5);
    EXPECT_EQ(quote.theta, -20.25);
    EXPECT_EQ(quote.rho, 3.0);
    EXPECT_EQ(quote.bid_vol, 0.6);
    EXPECT_EQ(quote.bid, 0.05);
    EXPECT_FALSE(quote.ask_vol || quote.ask || quote.mark);
    EXPECT_FALSE(quote.synthetic_forward);
    EXPECT_TRUE(chain.warnings.empty());
  }
}

TEST(ChainJson, TheTimeOfTheAnswerStandsInForMissingOnes) {
  const Chain chain = read_text(envelope({summary("BTC-5APR24-72250-C", {{"creation_timestamp", nullptr}})}).dump());
  EXPECT_EQ(timestamp_text(chain.as_of), "2024-03-12T05:57:14Z");
  EXPECT_EQ(chain.as_of_from, "the answer's usOut");
  EXPECT_FALSE(chain.quotes[0].time);
}

TEST(ChainJson, PartsThatCannotBeUsedAreDropped) {
  const json rows{summary("BTC-5APR24-72250-C"),
                  5,
                  {{"mark_price", 1}},
                  summary("BTC-5APR24-72000-C", {{"mark_iv", {1, 2}}}),
                  summary("BTC-5APR24-71000-C", {{"mark_iv", true}}),
                  summary("BTC-5APR24-70000-C", {{"strike", 1}}),
                  {{"error", {{"code", 10009}, {"message", "not_enough"}}}},
                  json::array()};
  EXPECT_EQ(
      drops_of(read_text(rows.dump())),
      (Texts{"/1 : malformed: this is not an object",
             "/2 : malformed: there is no option here: neither instrument_name, instrument or symbol nor a \"result\"",
             "/3 BTC-5APR24-72000-C: malformed: mark_iv is neither a number nor a text",
             "/4 BTC-5APR24-71000-C: malformed: mark_iv is \"true\"",
             "/5 BTC-5APR24-70000-C: malformed: strike is \"1\", the name says otherwise",
             "/6 : malformed: the API answered with an error 10009: not_enough",
             "/7 : malformed: this is not an object"}));
  const std::string lines = summary("BTC-5APR24-72250-C").dump() + "\n{\"instrument_name\": \n5\n" +
                            R"({"instrument_name": "A", "instrument_name": "B"})" + "\n{\"instrument_name\": 1e999}\n" +
                            R"({"error": "no"})" + "\n";
  EXPECT_EQ(drops_of(read_text(lines)), (Texts{"line 2 : malformed: the JSON breaks off or is wrong at column 21",
                                               "line 3 : malformed: this is neither a list nor an object",
                                               "line 4 : malformed: the key \"instrument_name\" is there twice",
                                               "line 5 : malformed: a number does not fit a double",
                                               "line 6 : malformed: the API answered with an error: no"}));
}

TEST(ChainJson, FilesThatAreNotChains) {
  const std::string remedy =
      "; give what the API answers to public/get_book_summary_by_currency or public/ticker, or a chain as CSV";
  EXPECT_EQ(
      chain_outcome(R"({"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params"}, "usIn": 1})").message,
      "chain:/: the API answered with an error -32602: Invalid params" + remedy);
  EXPECT_EQ(
      chain_outcome(R"({"strikes": [1, 2]})").message,
      "chain:/: there is no option here: neither instrument_name, instrument or symbol nor a \"result\"" + remedy);
  EXPECT_EQ(chain_outcome(R"({"result": 5})").message, "chain:/: this is neither a list nor an object" + remedy);
  EXPECT_EQ(
      chain_outcome("[]").message,
      "chain: no option can be used: there is no row, and there is no underlying_price, futures_price, forward or "
      "underlying; give a chain of options such as BTC-27MAR26-70000-C with their forwards");
  EXPECT_EQ(chain_outcome("[\n  {\"instrument_name\": \"A\",}\n]").code, ExitCode::bad_data);
  EXPECT_TRUE(chain_outcome("[\n  {\"instrument_name\": \"A\",}\n]").message.starts_with("chain:line 2, column 27: "));
  EXPECT_EQ(chain_outcome(R"([{"strike": 1, "strike": 2}])").message,
            "chain:/0/strike: the key \"strike\" is there twice; keep one of them");
  EXPECT_EQ(chain_outcome("[{\"strike\": NaN}]").code, ExitCode::bad_data);
}

// Deep nesting must end in a message, not in an overflow of the stack.
TEST(ChainJson, DeepNesting) {
  const auto repeat = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  constexpr int kDeep = 100'000;
  for (const auto& [open, close] :
       {std::pair{"[", "]"}, std::pair{"{\"result\":", "}"}, std::pair{"[{\"result\":", "}]"},
        std::pair{"{\"error\":", "}"}, std::pair{"{\"instrument_name\":", "}"}}) {
    EXPECT_EQ(chain_outcome(repeat(open, kDeep) + "1" + repeat(close, kDeep)).code, ExitCode::bad_data) << open;
    EXPECT_EQ(chain_outcome(repeat(open, kDeep)).code, ExitCode::bad_data) << open;
    const std::string sound = summary("BTC-5APR24-72250-C").dump();
    const std::string line = repeat(open, kDeep) + "1" + repeat(close, kDeep);
    EXPECT_EQ(read_text(sound + "\n" + line + "\n").dropped.size(), 1u) << open;
  }
}

// Whatever happens to a file's bytes, it is read or refused, and no row is lost on the way.
TEST(ChainJson, BytesChangedAtRandom) {
  const std::string csv =
      "timestamp,instrument_name,underlying_price,mark_price,mark_iv,index_price,greeks,bids\n"
      "1710223033000,BTC-5APR24-72250-C,74093.5,0.06,65.6,72010.5,\"{'vega': 12.5, 'theta': -20.25}\",\"[[1, 2]]\"\n"
      "1710223034000,BTC-5APR24-72000-P,74093.5,0.05,65.6,72010.5,,[]\n"
      "1710223034000,BTC-28JUN24,,77000.5,,72010.5,,[]\n";
  const json rows{summary("BTC-5APR24-72250-C"), ticker("BTC-5APR24-72000-P"),
                  summary("BTC-28JUN24", {{"mark_price", 77000}})};
  const std::string lines = rows[0].dump() + "\n" + rows[1].dump() + "\n" + rows[2].dump() + "\n";
  const std::string alphabet = "0123456789,\"'{}[]:.-eE\n\r \tBTCPn\\\xff";
  std::uint64_t state = 1;
  const auto draw = [&](std::size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % below;
  };
  const test::ScratchFolder folder;
  std::size_t read = 0, refused = 0;
  for (const std::string& whole : {csv, envelope(rows).dump(), lines}) {
    for (int trial = 0; trial < 700; ++trial) {
      std::string text = whole;
      for (std::size_t changes = 1 + draw(3); changes > 0; --changes) {
        const std::size_t at = draw(text.size());
        const std::string piece(1, alphabet[draw(alphabet.size())]);
        switch (draw(4)) {
          case 0: text.erase(at, 1 + draw(20)); break;
          case 1: text.insert(at, piece); break;
          case 2: text.replace(at, 1, piece); break;
          default: text.insert(at, text.substr(draw(text.size()), draw(60))); break;
        }
      }
      const std::string path = folder.write("chain", text);
      try {
        const Chain chain = read_chain(path);
        EXPECT_EQ(chain.quotes.size() + chain.dropped.size(), chain.rows) << text;
        EXPECT_FALSE(chain.quotes.empty());
        for (const ChainQuote& quote : chain.quotes) {
          EXPECT_GT(quote.expiry, chain.as_of);
          EXPECT_GT(chain.underlyings.at(quote.underlying).forwards.at(quote.expiry).forward, 0.0);
        }
        ++read;
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), ExitCode::bad_data) << failure.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(read, 500u);
  EXPECT_GT(refused, 200u);
}

}  // namespace
}  // namespace tailbit::chain_json_test
