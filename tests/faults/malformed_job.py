"""A small sound job, every kind of file that the program reads, and what a case of malformed_cases.py is: what is done to a sound file.

In a template `@M@` is where a member of an object can be put in, and `@N<value>@` a number that can be replaced.
"""

import dataclasses
import json
import pathlib
import re
from collections.abc import Callable

CONFIG = """{@M@"schema": "tailbit.run/1", "book": "book.csv", "instruments": "instruments.json", "market": "market.json",
 "model": "model.json", "horizon": "1d", "steps": 1, "scenarios": @N1000@, "seed": 1, "levels": [0.95], "group_by": ["desk"], "out": "results"}
"""
INSTRUMENTS = """{"schema": "tailbit.instruments/1", "instruments": [
 {@M@"id": "O1", "family": "european", "underlying": "BTC", "option": "put", "strike": @N90000@, "expiry": "2026-01-30", "vol": 0.45}]}
"""
MARKET = """{@M@"schema": "tailbit.market/1", "as_of": "2026-01-15T10:00:00Z", "rates": {"USD": 0.04},
 "underlyings": {"BTC": {"spot": @N95000@, "forwards": [{"expiry": "2026-01-30", "forward": 95180}],
  "surface": {"kind": "flat", "vol": 0.5}}}}
"""
MODEL = """{@M@"schema": "tailbit.model/1", "underlyings": {"BTC": {"drift": 0.0, "spot_vol": {"kind": "constant", "vol": @N0.45@}}}}
"""
BOOK = """position_id,desk,instrument,quantity,entry_price
P1,alpha,BTC-PERPETUAL,1000,
P2,beta,O1,-2.5,
P3,beta,BTC_USDC-PERPETUAL,3,95010
"""
MAP = '{@M@"BTC-PERPETUAL": 1000,\n "O1": @N-2.5@}\n'
LIST = '[{"instrument": "BTC-PERPETUAL", "quantity": 1000},\n {@M@"desk": "beta", "instrument": "O1", "quantity": @N-2.5@}]\n'
BOOK_OBJECT = '{"schema": "tailbit.book/1", "positions": [\n {@M@"desk": "beta", "instrument": "O1", "quantity": @N-2.5@}]}\n'
LINES = '{"instrument": "BTC-PERPETUAL", "quantity": 1000}\n{@M@"desk": "beta", "instrument": "O1", "quantity": @N-2.5@}\n'
DERIBIT = ('{"jsonrpc": "2.0", "result": [\n {@M@"instrument_name": "BTC-PERPETUAL", "size": @N100@, "direction": "buy", "average_price": 95010,'
           ' "kind": "future"}]}\n')
CCXT = '[{@M@"symbol": "BTC/USDC:USDC", "side": "long", "contracts": @N2@, "contractSize": 0.5, "entryPrice": 95000.5}]\n'
OPTION = ('{@M@"instrument_name": "BTC-27MAR26-%d-C", "underlying_price": 95800.5, "mark_iv": 45.1, "mark_price": @N0.0512@, "bid_price": 0.05,'
          ' "ask_price": 0.052, "estimated_delivery_price": 95000, "creation_timestamp": 1768471200000}')
ANSWER = '{"jsonrpc": "2.0", "result": [\n' + OPTION % 100000 + "]}\n"
CHAIN_LINES = OPTION % 100000 + "\n" + re.sub("@.*?@|@N", "", (OPTION % 101000).replace("@N0.0512@", '"x"')) + "\n"
CHAIN = """instrument_name,timestamp,mark_iv,mark_price,bid_price,ask_price,underlying_price,index_price,greeks
BTC-27MAR26-100000-C,2026-01-15T10:00:00Z,45.1,0.0512,0.05,0.052,95800.5,95000,"{'delta': 0.45, 'rho': None}"
"""
PRICES = """id,family,option,spot,strike,expiry_years,rate,carry,vol
1,european,call,100,100,1,0.05,,0.2
2,inverse,put,100,90,0.5,0,0,0.3
"""
QUOTES = """instrument,underlying,expiry,option,strike,forward,open_interest,bid,ask,mark,bid_vol,ask_vol,mark_vol,fit_vol,residual,inside,use
BTC-30JAN26-90000-P,BTC,2026-01-30T08:00:00Z,put,90000,95180,12.5,0.01,0.011,0.0105,0.45,0.46,0.455,0.455,0,yes,fitted
"""

NUMBER = re.compile(r"@N(.*?)@")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of file: where it lies in the job, what reads it, and how it is refused."""

    name: str
    file: str
    template: str = ""  # of files that the job does not make by itself
    command: tuple = ("run", "run.json", "--device", "cpu", "--quiet")
    code: int = 65
    form: str = "json"  # csv, npy
    book: bool = False  # named by the config in place of book.csv
    other_keys: bool = False  # unknown keys have no effect
    whole: bool = False  # what is wrong with a row is told of the file as a whole, as no row is left
    in_result: bool = False  # of a finished run

    def sound(self):
        return NUMBER.sub(r"\1", self.template.replace("@M@", ""))

    def member(self, text):
        """With a member more; `text` is as in the file."""
        return NUMBER.sub(r"\1", self.template.replace("@M@", text + ", ", 1).replace("@M@", ""))

    def number(self, text):
        return NUMBER.sub(r"\1", NUMBER.sub(lambda _: text, self.template, count=1).replace("@M@", ""))


IMPORT = ("--out", "imported")
KINDS = [
    Kind("config", "run.json", CONFIG, code=78),
    Kind("instruments", "instruments.json", INSTRUMENTS),
    Kind("market", "market.json", MARKET),
    Kind("model", "model.json", MODEL, code=78),
    Kind("book CSV", "book.csv", BOOK, form="csv"),
    Kind("book map", "book.json", MAP, book=True),
    Kind("book list", "book.json", LIST, book=True),
    Kind("book object", "book.json", BOOK_OBJECT, book=True),
    Kind("book lines", "book.jsonl", LINES, book=True),
    Kind("deribit positions", "positions.json", DERIBIT, ("import", "deribit-positions", "positions.json", *IMPORT), other_keys=True),
    Kind("ccxt positions", "positions.json", CCXT, ("import", "ccxt-positions", "positions.json", *IMPORT), other_keys=True),
    Kind("chain CSV", "chain.csv", CHAIN, ("import", "deribit-chain", "chain.csv", *IMPORT), form="csv", other_keys=True, whole=True),
    Kind("chain JSON", "chain.json", ANSWER, ("import", "deribit-chain", "chain.json", *IMPORT), other_keys=True, whole=True),
    Kind("chain lines", "chain.json", CHAIN_LINES, ("import", "deribit-chain", "chain.json", *IMPORT), other_keys=True, whole=True),
    Kind("price CSV", "prices.csv", PRICES, ("price", "prices.csv"), form="csv"),
    Kind("quotes CSV", "quotes.csv", QUOTES,
         ("init", "book", "--from-market", "market.json", "--positions", "5", "--seed", "1", "--out", "made"), form="csv"),
    Kind("manifest", "results/run.json", command=("replay", "results", "--worst", "1"), in_result=True),
    Kind("summary", "results/summary.json", command=("replay", "results", "--worst", "1"), in_result=True),
    Kind("summary compared", "results/summary.json", command=("compare", "results", "results"), in_result=True),
    Kind("losses", "results/losses.npy", command=("compare", "results", "results"), form="npy", in_result=True),
    Kind("resolved market", "results/resolved/market.json", command=("replay", "results", "--worst", "1"), in_result=True),
    Kind("resolved model", "results/resolved/model.json", command=("replay", "results", "--worst", "1"), in_result=True),
]
BY_NAME = {kind.name: kind for kind in KINDS}
JOB = {"run.json": CONFIG, "instruments.json": INSTRUMENTS, "market.json": MARKET, "model.json": MODEL, "book.csv": BOOK}


def write_job(folder, kind):
    """A sound job in the folder, with a sound file of this kind."""
    folder = pathlib.Path(folder)
    for name, template in JOB.items():
        text = NUMBER.sub(r"\1", template.replace("@M@", ""))
        if name == "run.json" and kind.book:
            text = json.dumps({**json.loads(text), "book": kind.file})
        (folder / name).write_text(text)
    if kind.template:
        (folder / kind.file).write_text(kind.sound() if kind.file != "run.json" else (folder / "run.json").read_text())


# --- Cases -------------------------------------------------------------------------------------------------------------

MISSING, PERMISSION, IO_ERROR = 66, 77, 74
SOMEWHERE = r"(line \d+|/)"  # a line, or a path in JSON
ANYWHERE = "(line |/|$)?"
DEEP = 100_000


@dataclasses.dataclass(frozen=True)
class Case:
    kind: Kind
    rule: str
    spoil: Callable  # of the path of the sound file
    code: int
    place: str = SOMEWHERE  # a pattern behind "FILE:"; "" where it is the file as a whole
    says: str = ""
    file: str = ""  # that is told of, if it is another
    large: bool = False  # takes time or memory for what it is, so only an optimised program is tried
    unprivileged: bool = False

    @property
    def name(self):
        return f"{self.kind.name}: {self.rule}"


def writes(data):
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    return lambda path: path.write_bytes(data)


def edits(change):
    """By a function of the file's bytes."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


def replaced(act):
    def spoil(path):
        path.unlink()
        act(path)
    return spoil
