#!/usr/bin/env bash
# Books in every format, through a whole run: the same positions have the same losses; and `import` of positions.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

mkdir job
cat >job/market.json <<'JSON'
{"schema": "tailbit.market/1", "as_of": "2026-01-15T10:00:00Z", "underlyings": {
  "BTC": {"spot": 95000, "surface": {"kind": "flat", "vol": 0.5}}, "ETH": {"spot": 3000, "surface": {"kind": "flat", "vol": 0.7}}}}
JSON
cat >job/model.json <<'JSON'
{"schema": "tailbit.model/1", "underlyings": {"BTC": {"spot_vol": {"kind": "constant", "vol": 0.5}},
  "ETH": {"spot_vol": {"kind": "constant", "vol": 0.7}}}}
JSON
cat >job/run.json <<'JSON'
{"schema": "tailbit.run/1", "book": "book.csv", "market": "market.json", "model": "model.json", "horizon": "1d", "scenarios": 2000,
 "levels": [0.95], "group_by": ["underlying"]}
JSON
python3 -I - <<'PYTHON'
import json
positions = [("BTC_USDC-27MAR26-100000-C", "BTC/USDC:USDC-260327-100000-C", -12.5, 900.5), ("BTC_USDC-PERPETUAL", "BTC/USDT:USDT", 4.25, 95010),
             ("ETH_USDC-6FEB26-3000-P", "ETH/USDC:USDC-260206-3000-P", 40, 12), ("ETH", "ETH/USDT", -3, 2990)]
with open("job/book.csv", "w") as f:
    f.write("instrument,quantity,entry_price\n")
    f.writelines(f"{name},{quantity},{price}\n" for name, _, quantity, price in positions)
own = [{"instrument": name, "quantity": quantity, "entry_price": price} for name, _, quantity, price in positions]
with open("job/book.jsonl", "w") as f:
    f.writelines(json.dumps(record) + "\n" for record in own)
deribit = [{"instrument_name": name, "size": quantity, "average_price": price, "direction": "buy" if quantity > 0 else "sell",
            "kind": "option" if name.endswith(("C", "P")) else "future", "mark_price": 1, "delta": 0} for name, _, quantity, price in positions]
ccxt = [{"info": {}, "symbol": symbol, "contracts": 4 * abs(quantity), "contractSize": 0.25, "entryPrice": price,
         "side": "long" if quantity > 0 else "short"} for _, symbol, quantity, price in positions]
for name, book in {"map": {name: quantity for name, _, quantity, _ in positions}, "list": {"schema": "tailbit.book/1", "positions": own},
                   "deribit": {"jsonrpc": "2.0", "result": deribit, "usIn": 1}, "bare": deribit, "ccxt": ccxt}.items():
    json.dump(book, open(f"job/{name}.json", "w"), indent=1)
PYTHON

cp job/list.json job/no_extension
for book in book.csv book.jsonl list.json map.json deribit.json bare.json ccxt.json no_extension; do
  edit job/run.json "d['book'] = '$book'"
  expect 0 "$tailbit" run job/run.json --device cpu --quiet --out "out-$book"
  whole_result "out-$book"
  cmp "out-$book/losses.npy" out-book.csv/losses.npy || fail "$book has other losses than book.csv"
  same "$(json "out-$book/summary.json" positions)" 4 "positions of $book"
  [[ $book == map.json ]] || same "$(json "out-$book/summary.json" unrealised_pnl)" "$(json out-book.csv/summary.json unrealised_pnl)" "$book"
done

# What is read without effect is said, what is wrong is refused with its place.
edit job/deribit.json 'd["result"][2]["colour"] = "red"'
edit job/run.json 'd["book"] = "deribit.json"'
expect 0 "$tailbit" validate job/run.json
says stderr 'warning: job/deribit.json: unknown keys of positions have no effect (1): "colour"'
edit job/deribit.json 'd["result"][2]["size"] = -40'
edit job/deribit.json 'd["result"][0]["instrument_name"] = "BTC_USDC-27MAR26-x-C"'
edit job/deribit.json 'd["result"][3]["instrument_name"] = "DOGE"'
expect 65 "$tailbit" validate job/run.json
says stderr 'job/deribit.json:/result/0/instrument_name: the instrument "BTC_USDC-27MAR26-x-C" is unknown' \
  'job/deribit.json:/result/2/size: the size -40 contradicts the direction "buy"'
edit job/deribit.json 'd["result"] = [d["result"][3]]'
expect 65 "$tailbit" validate job/run.json
says stderr 'job/deribit.json:/result/0/instrument_name: "DOGE": its underlying "DOGE" is not in the market'
edit job/run.json 'd["book"] = "book.jsonl"'
sed -i '2s/4.25/x/' job/book.jsonl
expect 65 "$tailbit" validate job/run.json
says stderr 'job/book.jsonl:line 2, column 50: syntax error'

# More than what is shown is counted.
python3 -I -c 'import json; json.dump([{"instrument": "BTC", "quantity": "x"}] * 30, open("job/many.json", "w"))'
edit job/run.json 'd["book"] = "many.json"'
expect 65 "$tailbit" validate job/run.json
same "$(grep -c '^.*many.json:/[0-9]*/quantity: "x" is not a number' stderr)" 20 "problems shown"
says stderr "and 10 more problems"

# Beyond a limit nothing is read.
truncate -s 3G job/large.csv
edit job/run.json 'd["book"] = "large.csv"'
expect 65 "$tailbit" validate job/run.json
says stderr "job/large.csv: has 3221225472 bytes, more than the 2147483648 bytes that are read" "split it"
truncate -s 300M job/large.json
edit job/run.json 'd["book"] = "map.json"; d["model"] = "large.json"'
expect 78 "$tailbit" validate job/run.json
says stderr "job/large.json: has 314572800 bytes, more than the 268435456 bytes that are read"
edit job/run.json 'd["model"] = "model.json"'

# A pipe is read as its name says.
edit job/run.json 'd["book"] = "pipe.json"'
mkfifo job/pipe.json
cat job/bare.json >job/pipe.json &
expect 0 "$tailbit" validate job/run.json --json
wait
same "$(json stdout positions)" 4 "positions from a pipe"
head -c 200 job/bare.json >job/pipe.json &
expect 65 "$tailbit" validate job/run.json
wait
says stderr "job/pipe.json: is not well-formed JSON"

# import: book and report; what a venue lists with size zero is left out and said.
edit job/bare.json 'd[3]["size"] = 0; d[3]["direction"] = "zero"'
expect 0 "$tailbit" import deribit-positions job/bare.json --out d --account a-1 --desk alpha
says stdout "imported 3 of 4 positions into d/book.csv" "1 rows dropped, reasons in d/import_report.json"
same "$(cd d && echo ./*)" "./book.csv ./import_report.json" "files of an import"
says d/book.csv ',a-1,alpha,deribit,,BTC_USDC-27MAR26-100000-C,-12.5,900.5'
same "$(json d/import_report.json dropped.0.where)" /3 "path of what was dropped"
same "$(json d/import_report.json dropped.0.instrument)" ETH "what was dropped"
expect 0 "$tailbit" import ccxt-positions job/ccxt.json --out c --venue binance --json
cmp stdout <(python3 -I -c 'import json; print(json.dumps(json.load(open("c/import_report.json")), indent=2))') ||
  fail "--json prints another report than the file's"
same "$(json c/import_report.json imported)" 4 "positions imported"
same "$(tail -n 1 c/book.csv)" ",,,binance,,ETH,-3,2990" "row of the book"
cp c/book.csv job/imported.csv
edit job/run.json 'd["book"] = "imported.csv"'
expect 0 "$tailbit" run job/run.json --device cpu --quiet --out out-imported
cmp out-imported/losses.npy out-book.csv/losses.npy || fail "an imported book has other losses"

expect 65 "$tailbit" import deribit-positions job/map.json --out x
says stderr "job/map.json:/: is not a list of positions as Deribit gives it" "private/get_positions"
expect 66 "$tailbit" import ccxt-positions missing.json --out x
says stderr "missing.json: no such file"
[[ ! -e x ]] || fail "a failed import left a folder"
expect 64 "$tailbit" import deribit-positions job/bare.json --out x --venue otc
says stderr "--venue is not for deribit-positions"
expect 64 "$tailbit" import ccxt-positions job/ccxt.json --out x --book 7
says stderr "--book is not for ccxt-positions"
expect 64 "$tailbit" import deribit-chain "$root/configs/samples/intraday/chain.csv" --out x --desk alpha
says stderr "--desk is not for deribit-chain"
expect 64 "$tailbit" import deribit-position job/bare.json --out x
echo ok
