"""Hostile inputs, continued from malformed_cases.py: sizes, counts, dates, and the files of a finished run."""

import json
import struct

from malformed_job import ANYWHERE, BY_NAME, DEEP, MISSING, PERMISSION, SOMEWHERE, Case, edits, replaced, writes

# --- Sizes -------------------------------------------------------------------------------------------------------------------------


def many(head, piece, count, tail):
    """head + piece * count + tail, where the piece may be a function of its number; written in parts."""
    def spoil(path):
        with open(path, "w") as file:
            file.write(head)
            for first in range(0, count, 10_000):
                numbers = range(first, min(first + 10_000, count))
                file.write("".join(piece(i) for i in numbers) if callable(piece) else piece * len(numbers))
            file.write(tail)
    return spoil


def size_cases():
    def case(kind, rule, spoil, place=SOMEWHERE, says="", code=None, **more):
        return Case(BY_NAME[kind], rule, spoil, code or BY_NAME[kind].code, place, says, large=True, **more)
    yield case("book CSV", "a line of 200 MB", many("instrument,quantity\nBTC,1", "1" * 1000, 200_000, "\n"), says="longer")
    yield case("book CSV", "a line of 200 MB in quotes", many('instrument,quantity\n"BTC', "\n" * 1000, 200_000, '",1\n'), says="longer")
    yield case("book CSV", "a header of 200 MB", many("instrument,quantity", "x" * 1000, 200_000, "\n"), says="longer")
    yield case("book list", "a record of 200 MB", many('[{"instrument": "', "x" * 1000, 200_000, '", "quantity": 1}]'))
    yield case("book list", "200 MB of numbers", many("[1", ",1" * 500, 200_000, "]"))
    yield case("book list", "200 MB of blanks", many("[", " " * 1000, 200_000, "]"), ANYWHERE)
    yield case("book lines", "a line of 200 MB", many('{"instrument": "', "x" * 1000, 200_000, '", "quantity": 1}\n'), says="longer")
    yield case("book map", "a map of 300 MB", many('{"BTC": 1', lambda i: f',"{i:0290}":1', 1_000_000, "}"), "", "bytes that are read of a map")
    yield case("book map", "a name of 200 MB", many('{"', "x" * 1000, 200_000, '": 1}'))
    yield case("book map", "1,000,001 instruments", many('{"A0": 1', lambda i: f',"A{i + 1}":1', 1_000_001, "}"), says="instruments")
    yield case("book CSV", "1,000,001 instruments", many("instrument,quantity\n", lambda i: f"A{i},1\n", 1_000_001, ""), says="instruments")
    yield case("book CSV", "10,000,001 positions", many("instrument,quantity\n", "BTC,1\n", 10_000_001, ""), says="positions")
    yield case("config", "a level of 200 MB", many('{"schema": "', "x" * 1000, 200_000, '"}'))
    yield case("config", "a path of 10 MB", many('{"schema": "tailbit.run/1", "market": "market.json", "model": "model.json", "horizon": "1d",'
                                                ' "scenarios": 1000, "book": "', "x", 10_000_000, '"}'), "", code=MISSING, file="x" * 40)
    yield case("config", "20 million exposure dates", many('{"schema": "tailbit.run/1", "exposure_dates": [1', ",1", 20_000_000, "]}"), says="values")
    yield case("config", "a million levels", many('{"schema": "tailbit.run/1", "levels": [0.5', ",0.5", 1_000_000, "]}"))
    yield case("market", "1,001 underlyings", many('{"schema": "tailbit.market/1", "as_of": "2026-01-15T10:00:00Z", "underlyings": {"A": {"spot": 1}',
                                                  lambda i: f',"B{i}":{{"spot":1}}', 1000, "}}"), says="underlyings")
    yield case("market", "20 million numbers", many('{"schema": "tailbit.market/1", "underlyings": [1', ",1", 20_000_000, "]}"), says="values")
    yield case("market", "a million keys twice", many('{"schema": "tailbit.market/1"', ',"a":1', 1_000_000, "}"), says="twice")
    yield case("model", "1,001 underlyings", many('{"schema": "tailbit.model/1", "underlyings": {"A": {"spot_vol": {"kind": "constant", "vol": 1}}',
                                                 lambda i: f',"B{i}":{{"spot_vol":{{"kind":"constant","vol":1}}}}', 1000, "}}"), says="underlyings")
    yield case("model", "2,001 factors", many('{"schema": "tailbit.model/1", "underlyings": {}, "correlation": {"matrix": [], "factors": ["A"',
                                             lambda i: f',"A{i}"', 2000, "]}}"), says="factors")
    yield case("instruments", "a million that are nothing", many('{"schema": "tailbit.instruments/1", "instruments": [1', ",1", 1_000_000, "]}"))
    yield case("chain CSV", "a million columns and nothing else", many("instrument_name", lambda i: f",{i}", 1_000_000, "\nBTC\n"), says="columns")
    yield case("chain CSV", "Greeks of 3 MB of None", many('instrument_name,greeks\nBTC-27MAR26-1-C,"{', "None", 750_000, '"\n'), ANYWHERE)
    yield case("chain CSV", "Greeks nested 100,000 levels",
               many("instrument_name,greeks\nBTC-27MAR26-1-C,\"{'delta': ", "[", 100_000, "]" * 100_000 + '}"\n'), ANYWHERE)
    yield case("chain JSON", "a million different keys", many('[{"instrument_name": "BTC-27MAR26-1-C"', lambda i: f',"k{i}":1', 1_000_000, "}]"), ANYWHERE)
    yield case("chain lines", "a line nested 100,000 levels",
               many('{"a": 1}\n{"instrument_name": "BTC-27MAR26-1-C", "a": ', "[", 100_000, "]" * 100_000 + "}\n"), ANYWHERE)
    yield case("price CSV", "a line of 200 MB", many("id,family,option,spot,strike,expiry_years,rate,vol\n", "1" * 1000, 200_000, "\n"))
    yield case("deribit positions", "a record of 200 MB", many('{"result": [{"instrument_name": "', "x" * 1000, 200_000, '"}]}'))
    yield case("ccxt positions", "a record of 200 MB", many('[{"symbol": "', "x" * 1000, 200_000, '"}]'))
    yield case("ccxt positions", "200 MB of different keys", many('[{"symbol": "a"', lambda i: f',"{i:0100}":1', 2_000_000, "}]"), ANYWHERE)


# --- Counts and dates: what a format's own rules meet at their ends ----------------------------------------------------------------


def range_cases():
    def config(key, value):
        return edits(lambda data: json.dumps({**json.loads(data), key: value}).encode())

    def market_date(text):
        return edits(lambda data: data.replace(b"2026-01-15T10:00:00Z", text.encode()))

    def expiry(text):
        return edits(lambda data: data.replace(b"2026-01-30", text.encode()))

    kind = BY_NAME["config"]
    for rule, key, value in [
            ("2^63 scenarios", "scenarios", 1 << 63), ("2^64 scenarios", "scenarios", 1 << 64), ("-0 scenarios", "scenarios", -0.0),
            ("1e3 scenarios", "scenarios", 1e3), ("10^9 steps", "steps", 10**9), ("1,001 levels", "levels", [i / 2000 for i in range(1, 1002)]),
            ("10,001 exposure dates", "exposure_dates", [f"{i}s" for i in range(1, 10_002)]), ("2^32 steps", "steps", 1 << 32), ("2^64 steps", "steps", 1 << 64),
            ("a seed of 2^64", "seed", 1 << 64), ("a seed of 1.0", "seed", 1.0), ("a horizon of 1e300 years", "horizon", 1e300),
            ("a horizon of 1e-300 years", "horizon", 1e-300), ("a horizon of 2^63 days", "horizon", f"{1 << 63}d"), ("a horizon of -1d", "horizon", "-1d"),
            ("a horizon of 1.5d", "horizon", "1.5d"), ("an empty horizon", "horizon", ""), ("a horizon of 10^6 digits", "horizon", "9" * 10**6 + "s"),
            ("a level of 5e-324", "levels", [5e-324]), ("a level next to 1", "levels", [1 - 2**-53]), ("2^32 worst scenarios", "worst", 1 << 32),
            ("a zero byte in a path", "book", "book.csv\0"), ("a path that is empty", "market", ""), ("groups by 10^4 keys", "group_by", ["desk"] * 10**4)]:
        yield Case(kind, rule, config(key, value), 78)
    yield Case(kind, "10^9 steps of a second", in_manifest(lambda config: {**config, "steps": 10**9, "horizon": 50}), 78, says="more than")
    for rule, key, value, code in [
            ("is its own book", "book", "run.json", 65), ("is its own market", "market", "run.json", 65), ("is its own model", "model", "run.json", 78),
            ("is its own contracts", "instruments", "run.json", 65), ("a book that is the market", "book", "market.json", 65),
            ("a path below a file", "book", "model.json/book.csv", 66), ("a name of 300 bytes", "book", "b" * 300, 66),
            ("a folder as the book", "book", ".", 74), ("a folder as the market", "market", "..", 74)]:
        told = value if key != "market" or value != ".." else ".."
        yield Case(kind, rule, config(key, value), code, ANYWHERE, file=told)
    dates = [("year 0", "0000-00-00"), ("year 10000", "10000-01-01"), ("a negative year", "-2026-01-01"), ("month 13", "2026-13-01"), ("day 0", "2026-01-00"),
             ("29 February of no leap year", "2027-02-29"), ("one digit of a month", "2026-1-01"), ("slashes", "2026/01/30"), ("the American order", "01/30/2026"),
             ("no dashes", "20260130"), ("letters for digits", "2026-O1-30"), ("a month by its name", "30JAN26"), ("seconds since 1970", "1769731200"),
             ("the past", "1926-01-30"), ("10^5 digits", "2" * 10**5)]
    times = [("hour 24", "T24:00:00Z"), ("minute 60", "T10:60:00Z"), ("a leap second", "T23:59:60Z"), ("no zone", "T10:00:00"), ("another zone", "T10:00:00+01:00"),
             ("a small t", "t10:00:00Z"), ("a fraction", "T10:00:00.5Z"), ("a blank for T", " 10:00:00Z")]
    for name in ("instruments", "market"):
        for rule, text in dates:
            if name == "instruments" and rule == "the past":
                yield Case(BY_NAME[name], rule, expiry(text), 65, file="book.csv")
                continue
            yield Case(BY_NAME[name], f"an expiry: {rule}", expiry(text), 65)
        for rule, text in times:
            yield Case(BY_NAME[name], f"an expiry: {rule}", expiry("2026-01-30" + text), 65)
    for rule, text in times:
        yield Case(BY_NAME["market"], f"as_of: {rule}", market_date("2026-01-15" + text), 65)
    for rule, text in dates:
        if rule != "the past":
            yield Case(BY_NAME["market"], f"as_of: {rule}", market_date(text + "T10:00:00Z"), 65)


# --- A finished run, whose files somebody changed ----------------------------------------------------------------------------------


def in_manifest(change):
    return edits(lambda data: json.dumps(change(json.loads(data))).encode())


def with_key(path, value):
    def change(document):
        node = document
        for key in path[:-1]:
            node = node[key]
        if value is None:
            del node[path[-1]]
        else:
            node[path[-1]] = value
        return document
    return in_manifest(change)


def npy(header, data=b"", magic=b"\x93NUMPY\x01\x00", size=None):
    text = header.encode()
    return writes(magic + struct.pack("<H", len(text) if size is None else size) + text + data)


def result_cases():
    manifest, summary, compared, losses = (BY_NAME[name] for name in ("manifest", "summary", "summary compared", "losses"))
    for rule, spoil in [
            ("no schema", with_key(["schema"], None)), ("another schema", with_key(["schema"], "tailbit.run/1")), ("no numerics", with_key(["numerics"], None)),
            ("numerics of another program", with_key(["numerics"], 10**6)), ("numerics a text", with_key(["numerics"], "1")),
            ("no inputs", with_key(["inputs"], None)), ("inputs empty", with_key(["inputs"], [])), ("inputs a text", with_key(["inputs"], "run.json")),
            ("an input without its path", with_key(["inputs", 0, "path"], None)), ("no outputs", with_key(["outputs"], None)),
            ("outputs empty", with_key(["outputs"], [])), ("an output without its digest", with_key(["outputs", 0, "sha256"], None)),
            ("a digest that is none", with_key(["outputs", 0, "sha256"], "abc")), ("an unknown key", with_key(["zz"], 1))]:
        yield Case(manifest, rule, spoil, 65, "")
    for rule, spoil in [
            ("no schema", with_key(["schema"], None)), ("no measures", with_key(["measures"], None)), ("measures an object", with_key(["measures"], {})),
            ("a measure that is a number", with_key(["measures", 0], 7)), ("a measure without its level", with_key(["measures", 0, "level"], None)),
            ("a VaR that is a text", with_key(["measures", 0, "var"], "1")), ("no digests", with_key(["digests"], None)),
            ("digests a list", with_key(["digests"], [])), ("a digest that is a number", with_key(["digests", "losses_sha256"], 7)),
            ("another digest", with_key(["digests", "losses_sha256"], "0" * 64)),
            ("a schema nested 100,000 levels", writes('{"schema": ' + "[" * DEEP + "]" * DEEP + "}"))]:
        yield Case(compared, rule, spoil, 65, "", file="results")
    for rule, spoil in [
            ("scenarios changed", with_key(["scenarios"], 999)), ("scenarios a text", with_key(["scenarios"], "1000")),
            ("scenarios below 0", with_key(["scenarios"], -1)), ("a precision that is none", with_key(["precision"], "half")),
            ("a number changed", with_key(["base_value"], 7.0))]:
        yield Case(summary, rule, spoil, 65, "")
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }"
    for rule, spoil in [
            ("no NumPy magic", writes(b"x" * 8000)), ("another version", npy(header % "1, 1", b"x" * 8, b"\x93NUMPY\x02\x00")),
            ("cut off in the magic", writes(b"\x93NUM")), ("cut off in the header", npy(header % "1, 1", size=65535)), ("an empty header", npy("")),
            ("float32", npy((header % "2, 1").replace("<f8", "<f4"), b"x" * 8)), ("big-endian", npy((header % "1, 1").replace("<f8", ">f8"), b"x" * 8)),
            ("no shape", npy("{'descr': '<f8', 'fortran_order': False}", b"x" * 8)), ("one dimension", npy(header % "1,", b"x" * 8)),
            ("no column", npy(header % "1, 0")), ("a negative shape", npy(header % "-1, -1", b"x" * 8)), ("2^63 rows", npy(header % f"{1 << 63}, 1", b"x" * 8)),
            ("a shape whose bytes are 2^64", npy(header % f"{1 << 31}, {1 << 30}")), ("a shape of words", npy(header % "one, two", b"x" * 8)),
            ("a shape of 10^4 digits", npy(header % ("9" * 10**4 + ", 1"), b"x" * 8)), ("a row less", edits(lambda data: data[:-8])),
            ("a byte more", edits(lambda data: data + b"\0")), ("a bit flipped", edits(lambda data: data[:-24] + bytes([data[-24] ^ 64]) + data[-23:])),
            ("empty", writes(b""))]:
        yield Case(losses, rule, spoil, 65, "")
    for name in ("resolved market", "resolved model"):
        yield Case(BY_NAME[name], "a blank more", edits(lambda data: data + b" "), 65, "", "manifest")
        yield Case(BY_NAME[name], "missing", replaced(lambda path: None), MISSING, "")
    for name in ("summary", "losses"):
        yield Case(BY_NAME[name], "missing", replaced(lambda path: None), MISSING, "")
    yield Case(manifest, "missing", replaced(lambda path: None), 65, "", "no manifest", file="results")
    yield Case(manifest, "not to be read", lambda path: path.chmod(0), PERMISSION, "", unprivileged=True)
