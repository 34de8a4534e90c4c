"""The hostile inputs of malformed.py: a rule broken by a kind of file.

tests/cli/errors*.sh break the rules of each format (a negative vol, a contract that expired). Here are the rules that any
file can break: bytes, syntax, numbers, what stands in a file's place; and in malformed_sizes.py sizes, counts, dates, and the
files of a finished run.
"""

import gzip
import os
import subprocess

import malformed_sizes
from malformed_job import ANYWHERE, DEEP, IO_ERROR, KINDS, MISSING, PERMISSION, SOMEWHERE, Case, edits, replaced, writes


def middle(data):
    """Behind some character in the middle that is no part of a number or a bracket."""
    at = data.find(b"BTC", len(data) // 3)
    return at + 1 if at >= 0 else len(data) // 2


def insert(junk):
    return edits(lambda data: data[:middle(data)] + junk + data[middle(data):])


# --- Bytes: any kind of file of text -----------------------------------------------------------------------------------------------

BYTES = [
    ("empty", writes(b""), "", "is empty"),
    ("nothing but blanks", writes(b" \n\t\r\n "), "", ""),
    ("nothing but a byte order mark", writes(b"\xef\xbb\xbf"), "", "is empty"),
    ("a zero byte", insert(b"\0"), None, ""),
    ("a byte that no UTF-8 has", insert(b"\xff"), None, "UTF-8"),
    ("a byte of Latin-1", insert(b"\xe9"), None, "UTF-8"),
    ("an overlong character", insert(b"\xc0\xaf"), None, "UTF-8"),
    ("half a surrogate pair", insert(b"\xed\xa0\x80"), None, "UTF-8"),
    ("a character beyond Unicode", insert(b"\xf4\x90\x80\x80"), None, "UTF-8"),
    ("a character cut off by the end", edits(lambda data: data + b"\xe2\x82"), None, "UTF-8"),
    ("UTF-16", edits(lambda data: data.decode().encode("utf-16")), None, "UTF-8"),
    ("compressed", edits(gzip.compress), None, "UTF-8"),
    ("two byte order marks", edits(lambda data: b"\xef\xbb\xbf" * 2 + data), "(line 1|$|/)?", ""),
]


def byte_cases(kind):
    for rule, spoil, place, says in BYTES:
        if rule == "two byte order marks" and kind.form == "json":
            continue  # the parser skips one as well
        if rule in ("UTF-16", "compressed") and kind.name.startswith("book "):
            place = ANYWHERE  # nothing in it tells a line
        in_lists = kind.form == "json" and "UTF-8" in says and kind.name.startswith(("book", "deribit", "ccxt"))
        yield Case(kind, rule, spoil, kind.code, (SOMEWHERE if place is None else place) if not kind.in_result else "", "" if in_lists else says)


# --- What stands in a file's place -------------------------------------------------------------------------------------------------


def endless(path):
    os.symlink("/dev/zero", path)


def fifo(path):
    os.mkfifo(path)
    # A writer that says nothing; whom nobody hears goes away by himself.
    subprocess.Popen(["timeout", "20", "sh", "-c", f": >'{path}'"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sparse(path):
    with open(path, "wb") as file:
        file.truncate((2 << 30) + 1)


PLACES = [
    ("missing", replaced(lambda path: None), MISSING, "no such file"),
    ("a link to nothing", replaced(lambda path: os.symlink("nowhere", path)), MISSING, "no such file"),
    ("a link to itself", replaced(lambda path: os.symlink(path.name, path)), MISSING, ""),
    ("a folder", replaced(lambda path: path.mkdir()), IO_ERROR, ""),
    ("not to be read", lambda path: path.chmod(0), PERMISSION, "permission"),
    ("a pipe that says nothing", replaced(fifo), None, ""),
    ("a device without end", replaced(endless), None, ""),
    ("larger than any limit", sparse, None, "bytes"),
]


def place_cases(kind):
    for rule, spoil, code, says in PLACES:
        chain = kind.name.startswith("chain")
        if chain and rule in ("a folder", "a pipe that says nothing", "a device without end"):
            code, says = kind.code, "not a file"
        if kind.name == "quotes CSV" and rule == "missing":
            continue  # a listing is made up where there is none
        yield Case(kind, rule, spoil, kind.code if code is None else code, "", "" if chain and "larger" in rule else says,
                   unprivileged=rule == "not to be read", large="device" in rule)


# --- JSON --------------------------------------------------------------------------------------------------------------------------

# A member more than the format has: its text.
MEMBERS = [
    ("nested 65 levels", '"zz": ' + "[" * 65 + "]" * 65, "nested"),
    ("nested 100,000 levels", '"zz": ' + '{"a":[' * (DEEP // 2) + "]}" * (DEEP // 2), "nested"),
    ("100,000 brackets that nobody closes", '"zz": ' + "[" * DEEP, ""),
    ("an escape that is none", r'"zz": "\x41"', ""),
    ("half an escape", r'"zz": "\u12"', ""),
    ("half a surrogate pair escaped", r'"zz": "\ud800"', ""),
    ("a newline in a text", '"zz": "a\nb"', ""),
    ("a control character in a text", '"zz": "a\x01b"', ""),
    ("a key without quotes", "zz: 1", ""),
    ("single quotes", "'zz': 1", ""),
    ("a comment", '/* zz */ "zz": 1', ""),
    ("no colon", '"zz" 1', ""),
    ("two commas", '"zz": 1, ', ""),
    ("a word that is no value", '"zz": True', ""),
    ("a list that ends in a comma", '"zz": [1,]', ""),
    ("a bracket of the other kind", '"zz": [1}', ""),
]
# The same where unknown keys are a problem.
UNKNOWN = [
    ("a key twice", '"zz": 1, "zz": 2', ""),
    ("a key of 2,000 bytes", f'"{"k" * 2000}": 1', ""),
    ("an empty key", '"": 1', ""),
    ("a key that writes messages", r'"zz\ntailbit: all is well\u001b[2J": 1', r"\u000a"),
    ("a key of 200 KB", f'"{"k" * 200_000}": 1', ""),
]
NUMBERS = [
    ("not a number", "NaN", ""),
    ("infinity", "Infinity", ""),
    ("minus infinity", "-Infinity", ""),
    ("beyond a double", "1e400", ""),
    ("beyond a double, below", "-1e400", ""),
    ("a million digits", "9" * 1_000_000, ""),
    ("a leading zero", "007", ""),
    ("a leading plus", "+7", ""),
    ("hexadecimal", "0x7", ""),
    ("no digit before the point", ".7", ""),
    ("no digit behind the point", "7.", ""),
    ("no exponent behind the e", "7e", ""),
    ("a decimal comma", "0,7", ""),
    ("blanks between thousands", "7 000", ""),
    ("full-width digits", "\uff17", ""),
    ("true", "true", ""),
    ("a list", "[7]", ""),
    ("an object", '{"value": 7}', ""),
]
ENDS = [
    ("cut off", None, ""),
    ("a bracket too many", edits(lambda data: data.rstrip() + b"}\n"), ""),
    ("a second document", edits(lambda data: data + b'{"zz": 1}\n'), ""),
    ("a number alone", writes(b"7\n"), ""),
    ("a text alone", writes(b'"BTC"\n'), ""),
    ("null alone", writes(b"null\n"), ""),
    ("a list of lists", writes(b"[[[]]]\n"), ""),
    ("100,000 brackets", writes(b"[" * DEEP), ""),
]


def json_cases(kind):
    ours = not kind.in_result
    taken = {"an object"} if kind.whole else set()  # "mark_price.value" might be a column
    for rule, text, says in (MEMBERS + ([] if kind.other_keys else UNKNOWN)) if ours else []:
        quiet = kind.whole or kind.name == "book map"
        yield Case(kind, rule, writes(kind.member(text)), kind.code, ANYWHERE if kind.whole else SOMEWHERE, "" if quiet else says)
    for rule, text, says in NUMBERS if ours else []:
        if rule in taken:
            continue
        yield Case(kind, rule, writes(kind.number(text)), kind.code, ANYWHERE if kind.whole else SOMEWHERE, says)
    for rule, spoil, says in ENDS:
        if rule in ("a second document", "a bracket too many") and kind.name.endswith("lines"):
            continue  # is a line more
        if spoil is None:
            if kind.name.endswith("lines"):
                spoil = edits(lambda data: data.split(b"\n")[-2][:-3] + b"\n")
            else:
                spoil = edits(lambda data: data[:2 * len(data) // 3])
        yield Case(kind, rule, spoil, kind.code, ANYWHERE if ours else "", says)


# --- CSV ---------------------------------------------------------------------------------------------------------------------------

CSV_NUMBERS = {"book CSV": "quantity", "price CSV": "spot", "quotes CSV": "open_interest", "chain CSV": "mark_price"}
CSV_VALUES = [(rule, text) for rule, text, _ in NUMBERS if rule not in ("a leading zero", "no digit before the point", "no digit behind the point",
                                                                        "true", "a list", "an object")]
CSV_VALUES += [("a blank before it", " 7"), ("a blank behind it", "7 "), ("a word", "seven"), ("a currency", "$7"), ("in quotes twice", '"""7"""')]
HEADERS = [
    ("a column twice", lambda header: header + b"," + header.split(b",")[-1]),
    ("a column without a name", lambda header: header + b","),
    ("1,001 columns", lambda header: header + b",x" * 1001),
    ("a million columns", lambda header: header + b",x" * 1_000_000),
    ("a quote that nobody closes in the header", lambda header: b'"' + header),
    ("text behind a quote in the header", lambda header: b'"' + header.replace(b",", b'"x,', 1)),
    ("semicolons", lambda header: header.replace(b",", b";")),
    ("tabs", lambda header: header.replace(b",", b"\t")),
    ("a header in capitals", lambda header: header.upper()),
    ("a header that writes messages", lambda header: b'"a\ntailbit: all is well\x1b[2J",' + header),
]
# Some columns mean nothing in a chain, whatever they are called.
CHAINS_TAKE = {"a column without a name", "a header that writes messages"}


def csv_cases(kind):
    def with_header(change):
        return edits(lambda data: b"\n".join([change(data.split(b"\n")[0]), *data.split(b"\n")[1:]]))

    def with_row(change):
        """The second row."""
        return edits(lambda data: b"\n".join([data.split(b"\n")[0], change(data.split(b"\n")[1]), *data.split(b"\n")[2:]]))

    def with_value(text):
        def change(data):
            header, row, *others = data.decode().split("\n")
            cells = row.split(",")
            cells[header.split(",").index(CSV_NUMBERS[kind.name])] = f'"{text}"' if "," in text else text
            return "\n".join([header, ",".join(cells), *others]).encode()
        return edits(change)

    place = ANYWHERE if kind.whole else SOMEWHERE
    for rule, change in HEADERS:
        if kind.whole and rule in CHAINS_TAKE:
            continue
        yield Case(kind, rule, with_header(change), kind.code, place)
    for rule, text in CSV_VALUES:
        if kind.name == "price CSV":
            continue  # told in the row's answer: tests/cli/price.sh
        if rule == "not a number" and kind.whole:
            continue  # is no number, as venues write it
        yield Case(kind, rule, with_value(text), kind.code, place)
    if kind.name == "price CSV":
        return
    yield Case(kind, "a cell less", with_row(lambda row: row.rpartition(b",")[0]), kind.code, place)
    yield Case(kind, "a cell more", with_row(lambda row: row + b","), kind.code, place)
    yield Case(kind, "a quote that nobody closes", with_row(lambda row: b'"' + row), kind.code, place)
    yield Case(kind, "text behind a quote", with_row(lambda row: b'"x"x' + row[row.index(b","):]), kind.code, place)
    yield Case(kind, "returns alone at the ends of lines", edits(lambda data: data.replace(b"\n", b"\r")), kind.code, ANYWHERE)
    yield Case(kind, "a row of 5 MB", with_row(lambda row: row + b"x" * 5_000_000), kind.code, place)
    yield Case(kind, "a row of 5 MB in quotes", with_row(lambda row: b'"' + b"\n" * 5_000_000), kind.code, place)


def cases():
    for kind in KINDS:
        if kind.form != "npy" and not kind.name.startswith("resolved") and kind.name != "summary compared":
            yield from byte_cases(kind)
        if not kind.in_result:
            yield from place_cases(kind)
        if kind.form == "json" and not kind.name.startswith("resolved"):
            yield from json_cases(kind)
        if kind.form == "csv":
            yield from csv_cases(kind)
    yield from malformed_sizes.size_cases()
    yield from malformed_sizes.range_cases()
    yield from malformed_sizes.result_cases()
