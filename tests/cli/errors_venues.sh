#!/usr/bin/env bash
# Broken inputs, continued from errors.sh: books as JSON of every form, chains as CSV and JSON, positions to import,
# quotes that a book is made from, files beyond the limits.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
python3 -I - "$tailbit" "$root/tests/cli" <<'PYTHON'
import sys

sys.path.insert(0, sys.argv[2])
from broken import *

inputs = Broken(sys.argv[1], "job")

# --- Books as JSON -----------------------------------------------------------------------------------------------------------------


def book(file, name, edit, place, words, code=BAD_DATA):
    def setup(folder):
        with open(folder + "/run.json") as config:
            text = assign("book", file)(config.read())
        with open(folder + "/run.json", "w") as config:
            config.write(text)
        if code == MISSING:
            open(f"{folder}/{file}", "w").close()
    inputs.run(file, name, edit, code, place, words, setup=setup)


MAP = {"BTC-PERPETUAL": 1000, "BTC": -1.5}
book("book.json", "empty file", whole(" \n"), "", ["is empty"])
book("book.json", "missing", None, "", ["no such file"], MISSING)
book("book.json", "no JSON", whole("BTC"), "", ["neither a JSON object nor a list"])
book("book.json", "cut off", whole('{"BTC": 1, "ETH"'), "line 1, column ", ["correct the JSON"])
book("book.json", "map, a comma too many", whole('{\n"BTC": 1,\n}'), "line 3, column 1", ["correct the JSON"])
book("book.json", "text behind the map", whole('{\n"BTC": 1}\n}'), "line 3, column 1", ["correct the JSON"])
book("book.json", "not UTF-8", whole('{\n"BTC": 1,\n"B\udce9": 2}'), "line 3", ["UTF-8"])
book("book.json", "map, instrument twice", whole('{"BTC": 1, "BTC": 2}'), "/BTC", ["twice", "add up"])
book("book.json", "map, quantity a text", as_json({**MAP, "BTC": "1.5"}), "/BTC", ["not a quantity", "plain number"])
book("book.json", "map, quantity null", as_json({**MAP, "BTC": None}), "/BTC", ["not a quantity"])
book("book.json", "map, quantity a list", as_json({**MAP, "BTC": [1]}), "/BTC", ["not a quantity"])
book("book.json", "map, quantity beyond a double", whole('{"ETH": 1,\n "BTC": 1e999}'), "line 2, column ", ["1.8e308"])
book("book.json", "map, instrument unknown", as_json({**MAP, "BTC-27MAR26-x-C": 1}), "/BTC-27MAR26-x-C", ["unknown", "define it"])
book("book.json", "map, instrument empty", as_json({**MAP, "": 1}), "/", ["no instrument"])
book("book.json", "map, name too long", as_json({**MAP, "B" * 1001: 1}), "/", ["1001 bytes", "1000"])
book("book.json", "map empty", whole("{}"), "/", ["no position", "at least one"])
book("book.json", "map, underlying not in the market", as_json({"SOL-PERPETUAL": 1}), "/SOL-PERPETUAL", ["not in the market"])
book("book.json", "map, expired", as_json({"BTC-14JAN26": 1}), "/BTC-14JAN26", ["expired"])
book("book.json", "schema of another file", as_json({"schema": "tailbit.market/1", "positions": MAP}), "/schema", ["tailbit.book/1"])
book("book.json", "no schema", as_json({"positions": MAP}), "/", ['"schema" is missing'])
book("book.json", "schema alone", as_json({"schema": "tailbit.book/1"}), "/schema", ["not a quantity"])
book("book.json", "positions a number", as_json({"schema": "tailbit.book/1", "positions": 3}), "/positions", ["unknown"])
book("book.json", "unknown key", as_json({"schema": "tailbit.book/1", "positions": MAP, "desk": "a"}), "/desk", ["unknown"])
book("book.json", "positions empty", as_json({"schema": "tailbit.book/1", "positions": {}}), "/positions", ["no position"])
book("book.json", "positions, quantity a text", as_json({"schema": "tailbit.book/1", "positions": {"BTC": "x"}}), "/positions/BTC", ["not a quantity"])


def rows(*spoiled):
    """Two sound positions and then the spoiled one."""
    sound = {"position_id": "P1", "desk": "alpha", "instrument": "BTC", "quantity": 1.5, "entry_price": 90000}
    return [sound, {"instrument": "ETH-PERPETUAL", "quantity": -500}, *spoiled]


OWN = {"instrument": "BTC", "quantity": 1}
for form, file, at, text in [
        ("list", "book.json", "/", lambda all: json.dumps(all, indent=1)),
        ("schema", "book.json", "/positions/", lambda all: json.dumps({"schema": "tailbit.book/1", "positions": all})),
        ("lines", "book.jsonl", "line ", lambda all: "".join(json.dumps(row) + "\n" for row in all))]:
    def place(key=""):
        return at + ("3" if form == "lines" else "2") + (", " if form == "lines" and key else "") + ("/" + key if key else "")
    for name, spoiled, key, words in [
            ("no instrument", {"quantity": 1}, "", ['"instrument" is missing']),
            ("no quantity", {"instrument": "BTC"}, "", ['"quantity" is missing']),
            ("instrument null", {**OWN, "instrument": None}, "instrument", ["null", "give it"]),
            ("instrument a number", {**OWN, "instrument": 5}, "instrument", ["not a text", "in quotes"]),
            ("instrument empty", {**OWN, "instrument": ""}, "instrument", ["no instrument"]),
            ("instrument unknown", {**OWN, "instrument": "BTC-digitl"}, "instrument", ['did you mean "BTC-digital"?']),
            ("instrument expired", {**OWN, "instrument": "BTC-14JAN26-90000-C"}, "instrument", ["expired"]),
            ("quantity a text", {**OWN, "quantity": "1"}, "quantity", ["not a number"]),
            ("quantity a truth", {**OWN, "quantity": True}, "quantity", ["not a number"]),
            ("quantity null", {**OWN, "quantity": None}, "quantity", ["null"]),
            ("desk a number", {**OWN, "desk": 1}, "desk", ["not a text"]),
            ("venue a list", {**OWN, "venue": ["deribit"]}, "venue", ["not a text"]),
            ("entry price a text", {**OWN, "entry_price": "90000"}, "entry_price", ["not a number"]),
            ("entry price 0", {**OWN, "entry_price": 0}, "entry_price", ["above 0"]),
            ("account too long", {**OWN, "account": "a" * 1001}, "account", ["1001 bytes"]),
            ("unknown key", {**OWN, "quantty": 1}, "quantty", ['did you mean "quantity"?'])]:
        book(file, f"{form}, {name}", whole(text(rows(spoiled))), place(key), words)
book("book.json", "list, not an object", as_json(rows(1)), "/2", ["not an object"])
book("book.json", "list empty", whole("[]"), "/", ["no position"])
book("book.json", "list, key twice", whole('[{"instrument": "BTC", "quantity": 1, "quantity": 2}]'), "/0/quantity", ["twice"])
book("book.json", "list cut off", whole('[\n{"instrument": "BTC", "quantity": 1},\n{"instrument": '), "line 3, column ", ["correct the JSON"])
book("book.json", "list, a comma forgotten", whole('[{"instrument": "BTC", "quantity": 1}\n{"instrument": "BTC", "quantity": 1}]'), "line 2, column 1",
     ["correct the JSON"])
book("book.json", "list nested too deep", as_json(rows({**OWN, "desk": json.loads("[" * 70 + "]" * 70)})), "/2/desk" + 62 * "/0", ["64 levels"])
book("book.jsonl", "a line that is cut off", whole('{"instrument": "BTC", "quantity": 1}\n{"instrument": "BTC", "qua\n'), "line 2", ["correct the JSON"])
book("book.jsonl", "a line that is no object", whole('{"instrument": "BTC", "quantity": 1}\n7\n'), "line 2", ["object"])
book("book.jsonl", "a key twice", whole('{"instrument": "BTC", "quantity": 1, "quantity": 1}\n'), "line 1, /quantity", ["twice"])
book("book.jsonl", "no line", whole("\n\n"), "", ["is empty"])

# --- Positions of venues, as books and to import -----------------------------------------------------------------------------------


def positions(kind, name, content, place, words):
    """As a book of a job, and imported."""
    edit = content if callable(content) else as_json(content)
    book("book.json", f"{kind}, {name}", edit, place, words)
    inputs.command(["import", f"{kind}-positions"], "positions.json", name, edit, BAD_DATA, place, words)


HELD = {"instrument_name": "BTC-PERPETUAL", "size": 100, "direction": "buy", "average_price": 95010, "kind": "future"}


def deribit(**more):
    return {"jsonrpc": "2.0", "result": [HELD, {key: value for key, value in {**HELD, **more}.items() if value is not ...}]}


positions("deribit", "no name", deribit(instrument_name=...), "/result/1", ['"instrument_name" is missing'])
positions("deribit", "no size", deribit(size=...), "/result/1", ['"size" is missing'])
positions("deribit", "size a text", deribit(size="100"), "/result/1/size", ["not a number"])
positions("deribit", "no direction", deribit(direction=...), "/result/1", ['"direction" is missing'])
positions("deribit", "direction unknown", deribit(direction="long"), "/result/1/direction", ["buy", "sell", "zero"])
positions("deribit", "sign against the direction", deribit(size=-100), "/result/1/size", ["contradicts", "sign"])
positions("deribit", "average price negative", deribit(average_price=-1), "/result/1/entry_price", ["above 0"])
positions("deribit", "sell with a positive size", deribit(direction="sell"), "/result/1/size", ["contradicts"])
positions("deribit", "zero with a size", deribit(direction="zero"), "/result/1/size", ["contradicts"])
positions("deribit", "average price a text", deribit(average_price="1"), "/result/1/average_price", ["not a number"])
positions("deribit", "result a number", {"jsonrpc": "2.0", "result": 3}, "/", ["no list of positions"])
positions("deribit", "kind unknown", deribit(kind="bond"), "/result/1/kind", ["known"])
positions("deribit", "an error in place of positions", {"jsonrpc": "2.0", "error": {"code": 13009, "message": "unauthorized"}}, "/",
          ["no list of positions", "private/get_positions"])
positions("deribit", "a key around the list", {**deribit(), "results": 1}, "/results", ["unknown"])
positions("deribit", "no position", {"jsonrpc": "2.0", "result": []}, "/result", ["no position"])
book("book.json", "deribit, instrument unknown", as_json(deribit(instrument_name="BTC-PERP")), "/result/1/instrument_name", ["unknown"])

CCXT = {"symbol": "BTC/USDC:USDC", "side": "long", "contracts": 2, "contractSize": 0.5, "entryPrice": "95000.5"}


def ccxt(**more):
    return [CCXT, {key: value for key, value in {**CCXT, **more}.items() if value is not ...}]


positions("ccxt", "no symbol", ccxt(symbol=...), "/1", ['"symbol" is missing'])
positions("ccxt", "symbol of a venue", ccxt(symbol="BTCUSDT"), "/1/symbol", ["not understood", "BTC/USDC:USDC"])
positions("ccxt", "symbol a number", ccxt(symbol=5), "/1/symbol", ["not a text"])
positions("ccxt", "entry price a list", ccxt(entryPrice=[]), "/1/entryPrice", ["not a number"])
positions("ccxt", "entry price negative", ccxt(entryPrice=-1), "/1/entry_price", ["above 0"])
positions("ccxt", "settled in another coin", ccxt(symbol="ETH/BTC:BTC"), "/1/symbol", ["settled in BTC", "leave it out"])
positions("ccxt", "no such day", ccxt(symbol="BTC/USD:BTC-260231"), "/1/symbol", ["not understood"])
positions("ccxt", "no contracts", ccxt(contracts=...), "/1/contracts", ["number of contracts"])
positions("ccxt", "contracts a word", ccxt(contracts="two"), "/1/contracts", ["not a number"])
positions("ccxt", "no side", ccxt(side=...), "/1", ['"side" is missing'])
positions("ccxt", "side unknown", ccxt(side="buy"), "/1/side", ["long", "short"])
positions("ccxt", "sign against the side", ccxt(contracts=-2), "/1/contracts", ["contradicts"])
positions("ccxt", "no contract size", ccxt(contractSize=...), "/1/contractSize", ["contract size", "add it"])
positions("ccxt", "contract size 0", ccxt(contractSize=0), "/1/contractSize", ["above 0"])
positions("ccxt", "beyond a double", ccxt(contracts=1e300, contractSize=1e300), "/1/contracts", ["does not fit"])
positions("ccxt", "not what Deribit itself says", ccxt(info={"instrument_name": "BTC-PERPETUAL", "size": 100}), "/1/contracts", ["Deribit's own size"])
inputs.command(["import", "deribit-positions"], "positions.json", "a map", as_json(MAP), BAD_DATA, "/", ["as Deribit gives it"])
inputs.command(["import", "ccxt-positions"], "positions.json", "Deribit's", as_json(deribit()), BAD_DATA, "/", ["as ccxt gives it"])

# --- Chains ------------------------------------------------------------------------------------------------------------------------


def chain(name, edit, place, words, file="chain.csv", code=BAD_DATA):
    inputs.command(["import", "deribit-chain"], file, name, edit, code, place, words)


def answer(**more):
    """What the API answers, of one option that is spoiled."""
    option = {"instrument_name": "BTC-27MAR26-100000-C", "underlying_price": 95800.5, "mark_iv": 45.1, "mark_price": 0.0512,
              "bid_price": 0.05, "ask_price": 0.052, "estimated_delivery_price": 95000, "creation_timestamp": 1768471200000}
    return {"jsonrpc": "2.0", "result": [{key: value for key, value in {**option, **more}.items() if value is not ...}]}


chain("missing", None, "", ["no such file"], code=MISSING)
chain("another table", whole("a,b\n1,2\n"), "line 1", ["no chain of options", "instrument_name"])
chain("a cell less in every row", lambda text: "\n".join(row if i == 0 else row.rpartition(",")[0] for i, row in enumerate(text.split("\n"))), "",
      ["no option can be used", "22 cells where the header has 23"])
chain("all expiries against their names", every_cell("expiry_datetime", "2026-03-28T08:00:00Z"), "", ["the name says otherwise"])
chain("all kinds unknown", every_cell("option_type", "banana"), "", ["the name says otherwise"])
chain("all vols negative", every_cell("implied_volatility", "-1"), "", ["below 0"])
chain("all forwards negative", every_cell("futures_price", "-5"), "", ["below 0"])
chain("empty file", whole(""), "", ["is empty"])
chain("header only", lambda text: text.split("\n")[0] + "\n", "", ["no option can be used", "there is no row"])
chain("no name column", replace("instrument_name", "instrument_nam"), "line 1", ["instrument_name"])
chain("column twice", replace("bid_price", "ask_price"), "line 1", ["twice"])
chain("not UTF-8", replace("call", "c\udce9ll"), "line ", ["UTF-8"])
chain("no option", every_cell("instrument_name", "BTC-PERPETUAL"), "", ["no option can be used", "a perpetual"])
chain("names of another venue", every_cell("instrument_name", lambda name: name.replace("-", "/")), "", ["no option can be used", "not an option"])
chain("all strikes against their names", every_cell("strike", "1"), "", ["no option can be used", "the name says otherwise"])
chain("all prices texts", every_cell("bid_price", "n/a"), "", ["no option can be used", "line 2", "n/a"])
chain("all prices negative", every_cell("ask_price", "-1"), "", ["below 0"])
chain("all expired", every_cell("timestamp", "2027-01-15T10:00:00Z"), "", ["no option can be used", "expired"])
chain("times not understood", every_cell("timestamp", "today"), "", ["no option can be used", "today"])
chain("vols in per cent", every_cell("implied_volatility", lambda vol: str(100 * float(vol))), "", ["is in percent here", "mark_iv"])
chain("prices in USD", both(every_cell("mark_price", lambda price: str(95000 * float(price or 0))), every_cell("bid_price", "")), "", ["another currency", "in coin"])
chain("nothing priced", both(both(every_cell("bid_price", ""), every_cell("ask_price", "")),
                             both(every_cell("mark_price", ""), every_cell("implied_volatility", ""))), "", ["no surface to fit", "quotes or marks"])
chain("no moment", lambda text: every_cell("timestamp", "")(every_cell("implied_volatility", "")(text)), "", ["when it was taken", "--as-of"])
chain("JSON cut off", whole('{"jsonrpc": "2.0", "result": [{"instrument_name"'), "line 1, column ", ["correct the JSON"], "chain.json")
chain("JSON of nothing", whole("{}"), "/", ["no option here", "public/get_book_summary_by_currency"], "chain.json")
chain("JSON, no result", as_json({"jsonrpc": "2.0", "result": []}), "", ["no option can be used", "there is no row"], "chain.json")
chain("JSON, result a text", as_json({"result": "ok"}), "/", ["neither a list nor an object"], "chain.json")
chain("JSON, the API's error", as_json({"error": {"code": 10028, "message": "too_many_requests"}}), "/", ["10028", "too_many_requests"], "chain.json")
chain("JSON, no option", as_json(answer(instrument_name="BTC-27MAR26")), "", ["no option can be used"], "chain.json")
chain("JSON, price a text", as_json(answer(mark_price="much")), "", ["no option can be used", "/result/0", "much"], "chain.json")
chain("JSON, price a list", as_json(answer(mark_price=[1])), "", ["no option can be used", "neither a number nor a text"], "chain.json")
chain("JSON, nothing priced", as_json(answer(mark_iv=..., mark_price=..., bid_price=..., ask_price=...)), "", ["no surface to fit"], "chain.json")
chain("JSON, no name", as_json(answer(instrument_name=...)), "", ["no option can be used", "instrument_name"], "chain.json")
chain("JSON, no forward", as_json(answer(underlying_price=...)), "", ["no option can be used", "no forward"], "chain.json")
chain("JSON, key twice", whole('{"result": [], "result": []}'), "/result", ["twice"], "chain.json")
chain("JSON Lines, all broken", whole('{"instrument_name": 1}\n{"instrument_name": \n'), "", ["no option can be used"], "chain.json")

inputs.finish(least=120)
PYTHON

# Files beyond the limits, sparse so that nothing is written: they are refused by their size, unread.
sample_job large
truncate -s 65M large/chain.csv
expect 65 "$tailbit" import deribit-chain large/chain.csv --out large/market
says stderr "large/chain.csv: the file has 65 MiB" "; give one snapshot a file"
[[ ! -e large/market ]] || fail "a chain too large left a market"
rm -r large
for limit in "book.csv 2049" "market.json 257" "model.json 257" "instruments.json 257" "run.json 257"; do
  read -r file megabytes <<<"$limit"
  sample_job large
  truncate -s "${megabytes}M" "large/$file"
  code=65
  [[ $file != run.json && $file != model.json ]] || code=78
  expect $code "$tailbit" run large/run.json --device cpu --quiet
  says stderr "large/$file: "
  grep -qE '; .+' stderr || fail "$file: no remedy: $(cat stderr)"
  [[ ! -e large/results ]] || fail "$file: it left results"
  rm -r large
done
echo ok
