#!/usr/bin/env bash
# Broken books in JSON, broken venues' positions and broken chains: one rule of one kind of file broken at a time. As in
# errors.sh, each must end with the right code, leave nothing, and say where it is wrong and what to do.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
python3 -I - "$tailbit" <<'PYTHON'
import json, os, re, shutil, subprocess, sys

tailbit = sys.argv[1]
BAD_DATA, MISSING = 65, 66
NAME = "BTC-27MAR26-95000-C"


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


# --- books: (kind, rule, content, code, place, words)
row = {"instrument": NAME, "quantity": 1.5, "desk": "alpha"}
listed = lambda **more: {"schema": "tailbit.book/1", "positions": [row, {**row, **more}]}
lines = lambda *rows: "".join(text(r) + "\n" for r in rows)
deribit_row = {"instrument_name": NAME, "kind": "option", "direction": "buy", "size": 2.0, "average_price": 0.05}
deribit = lambda **more: {"jsonrpc": "2.0", "result": [deribit_row, {**deribit_row, **more}]}
ccxt_row = {"symbol": "BTC/USD:BTC-260327-95000-C", "side": "long", "contracts": 2, "contractSize": 1, "entryPrice": 0.05}
ccxt = lambda **more: [ccxt_row, {**ccxt_row, **more}]
drop = lambda d, key: {k: v for k, v in d.items() if k != key}
BOOKS = [
    ("map", "no JSON", '{"BTC": 1,}', BAD_DATA, "line 1", []),
    ("map", "cut off", '{"BTC": 1', BAD_DATA, "line 1", []),
    ("map", "text behind", '{"BTC": 1} x', BAD_DATA, "line 1", []),
    ("map", "empty", {}, BAD_DATA, "", ["no position"]),
    ("map", "quantity a text", {NAME: "1"}, BAD_DATA, "/" + NAME, ["not a quantity"]),
    ("map", "quantity null", {NAME: None}, BAD_DATA, "/" + NAME, ["not a quantity"]),
    ("map", "name twice", '{"BTC": 1, "ETH": 2, "BTC": 3}', BAD_DATA, "/", ["twice"]),
    ("map", "name unknown", {"BTC-PERP": 1}, BAD_DATA, "/BTC-PERP", ["unknown", "define it"]),
    ("map", "too large a number", '{"BTC": 1e999}', BAD_DATA, "", []),
    ("list", "positions a number", {"schema": "tailbit.book/1", "positions": 3}, BAD_DATA, "/positions", []),
    ("list", "no positions", {"schema": "tailbit.book/1"}, BAD_DATA, "/schema", ["not a quantity"]),
    ("list", "empty", {"schema": "tailbit.book/1", "positions": []}, BAD_DATA, "/positions", ["no position"]),
    ("list", "schema of something else", {"schema": "tailbit.run/1", "positions": [row]}, BAD_DATA, "/schema", ["tailbit.book/1"]),
    ("list", "element a text", {"schema": "tailbit.book/1", "positions": [row, "BTC"]}, BAD_DATA, "/positions/1", []),
    ("list", "no instrument", {"schema": "tailbit.book/1", "positions": [drop(row, "instrument")]}, BAD_DATA, "/positions/0", ['"instrument"']),
    ("list", "no quantity", {"schema": "tailbit.book/1", "positions": [row, drop(row, "quantity")]}, BAD_DATA, "/positions/1", ['"quantity"']),
    ("list", "quantity a text", listed(quantity="2"), BAD_DATA, "/positions/1/quantity", ["not a number"]),
    ("list", "desk a number", listed(desk=7), BAD_DATA, "/positions/1/desk", []),
    ("list", "entry_price negative", listed(entry_price=-1), BAD_DATA, "/positions/1/entry_price", ["above 0"]),
    ("list", "entry_price a text", listed(entry_price="1"), BAD_DATA, "/positions/1/entry_price", ["not a number"]),
    ("list", "key unknown", listed(desks="x"), BAD_DATA, "/positions/1/desks", ['did you mean "desk"?']),
    ("list", "instrument empty", listed(instrument=""), BAD_DATA, "/positions/1/instrument", ["no instrument"]),
    ("list", "instrument expired", listed(instrument="BTC-14JAN26-95000-C"), BAD_DATA, "/positions/1/instrument", ["expired"]),
    ("list", "underlying not in the market", listed(instrument="SOL"), BAD_DATA, "/positions/1/instrument", ["not in the market"]),
    ("list", "key twice", '{"schema": "tailbit.book/1", "positions": [{"instrument": "BTC", "quantity": 1, "quantity": 2}]}', BAD_DATA, "/positions/0", ["twice"]),
    ("lines", "no JSON", lines(row, "{nothing}"), BAD_DATA, "line 2", []),
    ("lines", "cut off", lines(row)[:-9], BAD_DATA, "line 1", []),
    ("lines", "quantity a text", lines(row, {**row, "quantity": "x"}), BAD_DATA, "line 2, /quantity", ["not a number"]),
    ("lines", "no instrument", lines(row, drop(row, "instrument")), BAD_DATA, "line 2", ['"instrument"']),
    ("lines", "key unknown", lines(row, {**row, "quantty": 1}), BAD_DATA, "line 2, /quantty", ['did you mean "quantity"?']),
    ("lines", "venue a list", lines(row, {**row, "venue": []}), BAD_DATA, "line 2, /venue", []),
    ("lines", "entry_price zero", lines(row, {**row, "entry_price": 0}), BAD_DATA, "line 2, /entry_price", ["above 0"]),
    ("lines", "instrument unknown", lines(row, {**row, "instrument": "btc"}), BAD_DATA, "line 2, /instrument", ["unknown"]),
    ("deribit", "no size", {"result": [drop(deribit_row, "size")]}, BAD_DATA, "/result/0", ['"size"']),
    ("deribit", "size a text", deribit(size="2"), BAD_DATA, "/result/1/size", ["not a number"]),
    ("deribit", "size against direction", deribit(size=-2.0), BAD_DATA, "/result/1", ["direction"]),
    ("deribit", "sell with a positive size", deribit(direction="sell"), BAD_DATA, "/result/1", ["direction"]),
    ("deribit", "zero with a size", deribit(direction="zero"), BAD_DATA, "/result/1", []),
    ("deribit", "direction unknown", deribit(direction="long"), BAD_DATA, "/result/1/direction", ["buy"]),
    ("deribit", "no direction", {"result": [drop(deribit_row, "direction")]}, BAD_DATA, "/result/0", ['"direction"']),
    ("deribit", "kind unknown", deribit(kind="swap"), BAD_DATA, "/result/1/kind", ["option"]),
    ("deribit", "instrument unknown", deribit(instrument_name="BTC-X"), BAD_DATA, "/result/1/instrument_name", ["unknown"]),
    ("deribit", "average_price a text", deribit(average_price="1"), BAD_DATA, "/result/1/average_price", ["not a number"]),
    ("deribit", "average_price negative", deribit(average_price=-1.0), BAD_DATA, "/result/1", ["above 0"]),
    ("deribit", "an error answer", {"jsonrpc": "2.0", "error": {"code": 13009, "message": "unauthorized"}}, BAD_DATA, "/", []),
    ("deribit", "result a number", {"jsonrpc": "2.0", "result": 3}, BAD_DATA, "/", ["no list of positions"]),
    ("ccxt", "no contracts", [drop(ccxt_row, "contracts")], BAD_DATA, "/0", ["contracts"]),
    ("ccxt", "no contractSize", [drop(ccxt_row, "contractSize")], BAD_DATA, "/0", ["contractSize"]),
    ("ccxt", "contractSize zero", ccxt(contractSize=0), BAD_DATA, "/1/contractSize", []),
    ("ccxt", "contracts negative", ccxt(contracts=-2), BAD_DATA, "/1/contracts", []),
    ("ccxt", "side unknown", ccxt(side="buy"), BAD_DATA, "/1/side", ["long"]),
    ("ccxt", "no side", [drop(ccxt_row, "side")], BAD_DATA, "/0", ["side"]),
    ("ccxt", "symbol unknown", ccxt(symbol="BTCUSD"), BAD_DATA, "/1/symbol", []),
    ("ccxt", "symbol's date impossible", ccxt(symbol="BTC/USD:BTC-261399-95000-C"), BAD_DATA, "/1/symbol", []),
    ("ccxt", "symbol a number", ccxt(symbol=5), BAD_DATA, "/1/symbol", []),
    ("ccxt", "entryPrice a list", ccxt(entryPrice=[]), BAD_DATA, "/1/entryPrice", []),
]
# --- chains
good = open("job/chain.csv").read().split("\n")
header = good[0].split(",")


def chain(column=None, value="", rows=6):
    out = [good[0]]
    for line in good[1:1 + rows]:
        cells = line.split(",")
        if column is not None:
            cells[header.index(column)] = value
        out.append(",".join(cells))
    return "\n".join(out) + "\n"


def without(column):
    at = header.index(column)
    return "\n".join(",".join(c for i, c in enumerate(l.split(",")) if i != at) for l in good[:7]) + "\n"


summary = {"instrument_name": NAME, "underlying_price": 95834.0, "mark_iv": 41.0, "mark_price": 0.09, "bid_price": 0.089, "ask_price": 0.091,
           "open_interest": 3.0, "creation_timestamp": 1768471200000, "estimated_delivery_price": 95000.0}
CHAINS = [
    ("chain.csv", "empty", "", BAD_DATA, ["empty"]),
    ("chain.csv", "header alone", good[0] + "\n", BAD_DATA, ["no row"]),
    ("chain.csv", "another table", "a,b\n1,2\n", BAD_DATA, ["instrument_name"]),
    ("chain.csv", "no name column", without("instrument_name"), BAD_DATA, ["instrument_name"]),
    ("chain.csv", "no time", without("timestamp").replace("2026-01-15T10:00:00Z", ""), None, []),
    ("chain.csv", "all expired", chain("timestamp", "2027-01-15T10:00:00Z"), BAD_DATA, ["expired"]),
    ("chain.csv", "names of nothing", chain("instrument_name", "FOO"), BAD_DATA, ["not an option"]),
    ("chain.csv", "strike contradicts the name", chain("strike", "1"), BAD_DATA, ["the name says otherwise"]),
    ("chain.csv", "expiry contradicts the name", chain("expiry_datetime", "2026-03-28T08:00:00Z"), BAD_DATA, ["the name says otherwise"]),
    ("chain.csv", "type contradicts the name", chain("option_type", "banana"), BAD_DATA, ["the name says otherwise"]),
    ("chain.csv", "time a text", chain("timestamp", "yesterday"), BAD_DATA, ["timestamp"]),
    ("chain.csv", "vols negative", chain("implied_volatility", "-1"), BAD_DATA, ["below 0"]),
    ("chain.csv", "vols in per cent", chain("implied_volatility", "36", 40), BAD_DATA, ["implied_volatility"]),
    ("chain.csv", "forwards negative", chain("futures_price", "-5"), BAD_DATA, []),
    ("chain.csv", "a cell less in every row", "\n".join([good[0]] + [l.rpartition(",")[0] for l in good[1:7]]) + "\n", BAD_DATA, ["22 cells"]),
    ("chain.csv", "not UTF-8", chain().replace("call", "c\udcffll", 1), BAD_DATA, ["UTF-8"]),
    ("chain.json", "no JSON", "{", BAD_DATA, ["line 1"]),
    ("chain.json", "an error answer", {"error": {"code": 10028, "message": "too_many_requests"}}, BAD_DATA, ["too_many_requests"]),
    ("chain.json", "result a number", {"result": 3}, BAD_DATA, []),
    ("chain.json", "empty list", {"result": []}, BAD_DATA, []),
    ("chain.json", "no name", {"result": [drop(summary, "instrument_name")]}, BAD_DATA, ["instrument_name"]),
    ("chain.json", "no forward", {"result": [drop(summary, "underlying_price")]}, BAD_DATA, ["forward"]),
    ("chain.json", "no price, no vol", {"result": [{k: summary[k] for k in ("instrument_name", "underlying_price", "creation_timestamp")}]}, BAD_DATA, []),
    ("missing.csv", "missing", None, MISSING, ["no such file"]),
]
failures = []
tried = 0


def judge(name, ended, code, where, words, folder):
    global tried
    tried += 1
    said = ended.stderr.decode(errors="replace")
    told = [m.removeprefix("tailbit: ") for m in said.splitlines() if "warning:" not in m]
    right = [m for m in told if m.startswith(where)]
    if code is None:
        problem = None if ended.returncode in (0, BAD_DATA) else f"exit {ended.returncode}"
    elif ended.returncode != code:
        problem = f"exit {ended.returncode}, not {code}"
    elif ended.stdout or os.path.exists(folder):
        problem = "it left something"
    elif not right:
        problem = f"it does not name {where}"
    elif "; " not in right[0] or not right[0].rpartition("; ")[2]:
        problem = "no remedy"
    elif missing := [word for word in words if not any(word in m for m in right)]:
        problem = f"it does not say {missing}"
    else:
        problem = None
    if problem:
        failures.append(f"{name}: {problem}: {said.strip()[:300]}")


names = {"map": "book.json", "list": "book.json", "lines": "book.jsonl", "deribit": "positions.json", "ccxt": "positions.json"}
for kind, rule, content, code, place, words in BOOKS:
    path = "job/" + names[kind]
    open(path, "w", encoding="utf-8", errors="surrogateescape").write(text(content))
    config = json.load(open("job/run.json"))
    config["book"] = names[kind]
    json.dump(config, open("job/other.json", "w"))
    ended = subprocess.run([tailbit, "run", "job/other.json", "--out", "out", "--device", "cpu", "--quiet"], capture_output=True, timeout=60)
    judge(f"{kind}, {rule}", ended, code, path + ":" + place, words, "out")
for path, rule, content, code, words in CHAINS:
    if content is not None:
        open(path, "w", encoding="utf-8", errors="surrogateescape").write(text(content))
    ended = subprocess.run([tailbit, "import", "deribit-chain", path, "--out", "out"], capture_output=True, timeout=60)
    judge(f"{path}, {rule}", ended, code, path, words, "out" if code is not None else "never")
    shutil.rmtree("out", ignore_errors=True)
assert len({(c[0], c[1]) for c in BOOKS + CHAINS}) == len(BOOKS) + len(CHAINS)
print(tried, "broken inputs")
for failure in failures:
    print("FAILED:", failure)
sys.exit(bool(failures))
PYTHON
echo ok
