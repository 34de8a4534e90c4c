#!/usr/bin/python3 -I
"""The JSON schemas in configs/schema, held against another validator (python3-jsonschema), the documentation and the program.

    schemas.py [ROOT]               the schemas themselves, the inputs in configs/samples and tests/golden, and the JSON
                                    in docs/formats.md
    schemas.py --program TAILBIT    and what the program prints and writes; and the table of rules tests/data/schema_cases.json:
                                    for each case validator and program agree
    schemas.py --self-test

A block of JSON in docs/formats.md names its format in `schema`; one that does not follows a line
`<!-- schema: tailbit.summary/1#/definitions/measure -->`.
"""

import copy
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # left out by -I
import sources

try:
    from jsonschema import Draft7Validator, RefResolver
except ImportError:
    print("SKIP: python3-jsonschema is not installed")
    sys.exit(77)

FEWEST_CASES = 250


# --- The schemas -------------------------------------------------------------------------------------------------------------------


def load_schemas(root):
    """{"tailbit.run/1": schema} of configs/schema."""
    found = {}
    for path in sources.files(root, ["configs/schema"], {".json"}):
        name, version = path.stem.rsplit("-", 1)
        found[f"tailbit.{name}/{version}"] = json.loads(path.read_text(encoding="utf-8"))
    return found


def errors(schema, document, part=""):
    """What is wrong with a document, as texts "/path: message"; `part` is a JSON pointer into the schema."""
    rule = {"$ref": f"#{part}"} if part else schema
    validator = Draft7Validator(rule, resolver=RefResolver("", schema))
    found = validator.iter_errors(document)
    return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]


def subschemas(rule, place="#"):
    """Every subschema with its place. Knows the keywords that our schemas use, and says so of any other."""
    yield place, rule
    if not isinstance(rule, dict):
        return
    for key, value in rule.items():
        if key in ("properties", "definitions"):
            for name, child in value.items():
                yield from subschemas(child, f"{place}/{key}/{name}")
        elif key in ("additionalProperties", "propertyNames", "items", "if", "then", "else"):
            yield from subschemas(value, f"{place}/{key}")
        elif key in ("allOf", "anyOf"):
            for number, child in enumerate(value):
                yield from subschemas(child, f"{place}/{key}/{number}")
        elif key not in (
            "$schema $id $ref $comment title description default examples type enum const required pattern minLength minimum maximum "
            "exclusiveMinimum exclusiveMaximum minItems maxItems uniqueItems minProperties"
        ).split():
            yield f"{place}/{key}", None


def schema_problems(name, schema):
    """What one schema lacks: of the standard, and of what makes it useful in an editor."""
    try:
        Draft7Validator.check_schema(schema)
    except Exception as error:  # the module's SchemaError, or a broken reference
        return [f"{name}: not a draft-07 schema: {error}"]
    found = []
    if schema.get("$schema") != "http://json-schema.org/draft-07/schema#":
        found.append(f"{name}: $schema is not draft-07's")
    if schema.get("$id") != "urn:tailbit:schema:" + name.removeprefix("tailbit."):
        found.append(f"{name}: $id does not name it")
    for place, rule in subschemas(schema):
        if rule is None:
            found.append(f"{name}{place}: an unknown keyword; add it to scripts/checks/schemas.py")
            continue
        if not isinstance(rule, dict):
            continue
        if "$ref" in rule and (len(rule) > 1 or not rule["$ref"].startswith("#/definitions/")):
            found.append(f"{name}{place}: $ref stands alone and points into its own file")
        is_part = re.search(r"/(if|then|else)(/|$)", place) or "allOf" in rule  # another part of it says which keys there are
        if "properties" in rule and not is_part and rule.get("additionalProperties") is not False:
            found.append(f"{name}{place}: an object without additionalProperties: false")
        is_key = re.search(r"/properties/[^/]+$", place) and not is_part
        if (is_key and "$ref" not in rule) or place == "#":
            found += [f"{name}{place}: no {word}" for word in ("title", "description") if not rule.get(word)]
    if found:  # a reference elsewhere must not be followed
        return found
    for place, rule in subschemas(schema):
        for example in rule.get("examples", []) if isinstance(rule, dict) else []:
            found += [f"{name}{place}: its example is refused: {e}" for e in errors(schema, example, place.removeprefix("#"))]
    return found


# --- Files and documentation -------------------------------------------------------------------------------------------------------


def format_of(document):
    """What a document says to be; statements have in-toto's key for that."""
    if not isinstance(document, dict):
        return ""
    return "tailbit.statement/1" if "_type" in document else document.get("schema", "")


def document_problems(schemas, where, document, named=None):
    """What is wrong with a document that names its format, or whose format is given as NAME or NAME#/definitions/X."""
    name, _, part = (named or format_of(document)).partition("#")
    if name not in schemas:
        return [f"{where}: no schema {name!r}"]
    return [f"{where}:{e}" for e in errors(schemas[name], document, part)]


def own_formats(path):
    """Files of formats that only our own tests and benchmarks know."""
    return path.parent.name == "golden" or path.parent.name == "schema"


def file_problems(root, schemas):
    found = []
    for path in sources.files(root, ["configs/samples", "tests/golden"], {".json"}):
        if not own_formats(path):
            found += document_problems(schemas, path.relative_to(root), json.loads(path.read_text(encoding="utf-8")))
    return found


def doc_problems(root, schemas):
    page = root / "docs/formats.md"
    found, opened, above = [], None, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if opened is None and line.startswith("```json"):
            opened = (number, [])
        elif opened is not None and line.startswith("```"):
            where = f"docs/formats.md:{opened[0]}"
            marked = re.match(r"<!-- schema: (\S+) -->$", above)
            try:
                document = json.loads("\n".join(opened[1]))
            except ValueError as error:
                found.append(f"{where}: not JSON: {error}")
            else:
                found += document_problems(schemas, where, document, marked.group(1) if marked else None)
            opened, above = None, ""
        elif opened is not None:
            opened[1].append(line)
        elif line.strip():
            above = line.strip()
    return found


def problems(root):
    root = Path(root)
    schemas = load_schemas(root)
    if not schemas:
        return ["configs/schema: no schemas"]
    found = [problem for name, schema in schemas.items() for problem in schema_problems(name, schema)]
    return found or file_problems(root, schemas) + doc_problems(root, schemas) + case_problems(root, schemas)


# --- The table of rules ------------------------------------------------------------------------------------------------------------


def place(document, pointer, value=None, absent=False):
    """A copy of the document with a value put at, or taken from, a JSON pointer."""
    if not pointer:
        return value
    document = copy.deepcopy(document)
    *way, last = pointer[1:].split("/")
    holder = document
    for step in way:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if isinstance(holder, list):
        holder[int(last)] = value
    elif absent:
        holder.pop(last, None)
    else:
        holder[last] = value
    return document


def cases(table):
    """(file, text, document, whether the schema accepts it, whether the program does)"""
    for case in table["cases"]:
        file, at = case["file"], case["at"]
        sound = table["job"][file]

        def made(value, schema_says, program_says):
            return file, f"{file}{at} = {json.dumps(value)[:60]}", place(sound, at, value), schema_says, program_says

        def left_out(schema_says, program_says):
            return file, f"{file}{at} left out", place(sound, at, absent=True), schema_says, program_says

        if "absent" in case:
            yield left_out(case["absent"], case["absent"])
        for value in case.get("good", []):
            yield made(value, True, True)
        for value in case.get("bad", []):
            yield made(value, False, False)
        for rule in case.get("reader", []):
            yield made(rule["value"], True, False) if "value" in rule else left_out(True, False)


def keys(schema):
    """The names of all keys that a schema knows."""
    return {place.rsplit("/", 1)[1] for place, _ in subschemas(schema) if re.search(r"/properties/[^/]+$", place)}


def case_problems(root, schemas):
    table = json.loads((root / "tests/data/schema_cases.json").read_text(encoding="utf-8"))
    found, count, good, bad = [], 0, {}, {}
    for file, what, document, expected, _ in cases(table):
        count += 1
        said = errors(schemas[table["formats"][file]["schema"]], document)
        if (not said) != expected:
            found.append(f"{what}: the schema {'refuses it: ' + said[0] if said else 'accepts it'}")
    for case in table["cases"]:
        key = (table["formats"][case["file"]]["schema"], case["at"].rsplit("/", 1)[-1])
        good[key] = good.get(key, 0) + len(case.get("good", [])) + case.get("absent", False)
        bad[key] = bad.get(key, 0) + len(case.get("bad", [])) + (case.get("absent") is False)
    for name in sorted({kind["schema"] for kind in table["formats"].values()}):
        for key in sorted(keys(schemas[name])):
            if good.get((name, key), 0) < 1 or bad.get((name, key), 0) < 2:
                found.append(f"tests/data/schema_cases.json: the key {key!r} of {name} needs a good value and two bad ones")
    if count < FEWEST_CASES:
        found.append(f"tests/data/schema_cases.json: {count} cases, fewer than {FEWEST_CASES}")
    return found


# --- The program -------------------------------------------------------------------------------------------------------------------


def ran(program, *arguments, code=0):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    if code is not None and done.returncode != code:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr[-500:]}")
    return done


def write_job(folder, table, file=None, document=None):
    """The sound job, or with one of its files replaced. Returns the path of its config."""
    folder.mkdir(exist_ok=True)
    contents = {name: table["job"][name.removesuffix(".json")] for name in ("run.json", "market.json", "model.json", "instruments.json")}
    if file:
        path = table["formats"][file]["path"]
        contents[path] = document
        if path.startswith("book."):
            contents["run.json"] = {**contents["run.json"], "book": path}
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "book.csv").write_text(table["book.csv"], encoding="utf-8")
    return folder / "run.json"


def same_verdict(program, table, case):
    """What is wrong with the program's verdict about one case, or None."""
    file, what, document, _, expected = case
    with tempfile.TemporaryDirectory() as folder:
        done = ran(program, "validate", write_job(Path(folder), table, file, document), code=None)
    if done.returncode not in (0, 65, 66, 78) or (done.returncode == 0) != expected:
        return f"{what}: validate ends with {done.returncode}, {'accepted' if expected else 'refused'} was expected: {done.stderr[:300]}"
    return None


def output_problems(program, root, schemas):
    """Everything that the program writes and prints as JSON follows a schema, and each output schema is met."""
    found, seen = [], set()

    def check(where, text):
        document = json.loads(text)
        found.extend(document_problems(schemas, where, document))
        seen.add(format_of(document))

    for name in schemas:
        printed = ran(program, "schema", name).stdout
        if json.loads(printed) != schemas[name]:
            found.append(f"{name}: the program prints another schema than configs/schema holds")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        table = json.loads((root / "tests/data/schema_cases.json").read_text(encoding="utf-8"))
        config = write_job(scratch / "job", table)
        chain = root / "configs/samples/intraday/chain.csv"
        ran(program, "import", "deribit-chain", chain, "--out", scratch / "chain", "--book", 7)
        # One scenario in the tail and one group that never moves: numbers that are null.
        small = {**table["job"]["run"], "scenarios": 100, "group_by": ["instrument"]}
        (scratch / "job/small.json").write_text(json.dumps(small), encoding="utf-8")
        for job, out in [(config, "a"), (scratch / "job/small.json", "b")]:
            check("run --json", ran(program, "run", job, "--device", "cpu", "--quiet", "--json", "--out", scratch / out).stdout)
        check("validate --json", ran(program, "validate", config, "--json").stdout)
        check("init --json", ran(program, "init", "--out", scratch / "first", "--json").stdout)
        book = ("init", "book", "--from-market", scratch / "first", "--positions", 20)
        check("init book --json", ran(program, *book, "--json").stdout)
        check("init book --out --json", ran(program, *book, "--out", scratch / "second", "--json").stdout)
        check("describe --json", ran(program, "describe", config, "--json").stdout)
        first = scratch / "first/run.json"
        check("describe --surfaces", ran(program, "describe", first, "--surfaces", 1000, "--json").stdout)
        check("import --json", ran(program, "import", "deribit-chain", chain, "--out", scratch / "again", "--json").stdout)
        days = "".join(f"2024-01-{d:02},{0.1 * d - 1.5},{v},1.8,{d / 25}\n" for d, v in ((d, 1 + d % 3 / 10) for d in range(1, 25)))
        (scratch / "days.csv").write_text("date,outcome,var,es,pit\n" + days, encoding="utf-8")
        backtest = ("backtest", "--from-series", scratch / "days.csv", "--level", 0.9)
        check("backtest --json", ran(program, *backtest, "--out", scratch / "backtest", "--json").stdout)
        check("backtest.json", (root / "configs/samples/history/backtest.json").read_text(encoding="utf-8"))
        histories = root / "configs/samples/history/calibrate.json"
        check("calibrate --json", ran(program, "calibrate", histories, "--out", scratch / "calibrated", "--json").stdout)
        check("calibrate.json", histories.read_text(encoding="utf-8"))
        check("compare --json", ran(program, "compare", scratch / "a", scratch / "a", "--json").stdout)
        check("replay --json", ran(program, "replay", scratch / "a", "--worst", 2, "--json").stdout)
        check("attest --json", ran(program, "attest", scratch / "a", "--json").stdout)
        for how in ([], ["--recompute"], ["--blocks", "0"], ["--outputs-only"]):
            check(f"verify --json {how}", ran(program, "verify", scratch / "a", "--json", *how).stdout)
        for command in ("devices", "selftest", "version", "schema"):
            check(f"{command} --json", ran(program, command, "--json").stdout)
        for path in sorted(scratch.rglob("*.json")):
            check(path.relative_to(scratch), path.read_text(encoding="utf-8"))
    for name in sorted(set(schemas) - seen - {"tailbit.book/1", "tailbit.position/1"}):
        found.append(f"{name}: nothing of this format was seen")
    return found


def program_problems(program, root):
    program, root = str(Path(program).resolve()), Path(root)
    schemas = load_schemas(root)
    table = json.loads((root / "tests/data/schema_cases.json").read_text(encoding="utf-8"))
    found = output_problems(program, root, schemas)
    mine = [case for case in cases(table) if "path" in table["formats"][case[0]]]
    with ThreadPoolExecutor() as pool:
        found += [problem for problem in pool.map(lambda case: same_verdict(program, table, case), mine) if problem]
    print(f"{len(mine)} cases tried with the program, {sum(1 for _ in cases(table))} in all")
    return found


# --- The check itself --------------------------------------------------------------------------------------------------------------


def self_test():
    root = Path(__file__).resolve().parents[2]
    kept = ["configs/schema/*.json", "configs/samples/*/*.json", "docs/formats.md", "tests/data/schema_cases.json"]
    good = {str(p.relative_to(root)): p.read_text(encoding="utf-8") for pattern in kept for p in root.glob(pattern)}
    run, formats, table = "configs/schema/run-1.json", "docs/formats.md", "tests/data/schema_cases.json"
    sample = "configs/samples/intraday/model.json"

    def spoilt(path, before, after):
        assert before in good[path], f"{path} does not hold {before}"
        return {path: good[path].replace(before, after, 1)}

    bad = [
        spoilt(run, '"type": "object"', '"type": "objekt"'),
        spoilt(run, "urn:tailbit:schema:run/1", "urn:tailbit:schema:run/2"),
        spoilt(run, '"minLength": 1', '"minLenght": 1'),
        spoilt(run, '"title": "Book",', ""),
        spoilt(run, '"examples": ["1d", "8h", 0.25]', '"examples": ["soon"]'),
        spoilt(run, '"additionalProperties": false', '"additionalProperties": true'),
        spoilt(run, '"maximum": 1000,', '"maximum": 1001,'),
        spoilt(run, '"exclusiveMinimum": 1.58e-8', '"minimum": -1'),
        spoilt(run, '"worst": {', '"newest": {"title": "N", "description": "N.", "type": "number"}, "worst": {'),
        spoilt("configs/schema/market-1.json", '"#/definitions/vol"', '"urn:elsewhere#/definitions/vol"'),
        spoilt("configs/schema/market-1.json", '"minProperties": 1,', ""),
        spoilt(sample, '"student_t"', '"student"'),
        spoilt(formats, '"horizon": "1d"', '"horizon": "tomorrow"'),
        spoilt(formats, '"tail_scenarios": 200', '"tail_scenarios": "200"'),
        spoilt(formats, "<!-- schema: tailbit.summary/1#/definitions/measure -->", ""),
        spoilt(table, '"bad": [1001,', '"bad": [999, 1001,'),
        spoilt(table, '"good": [0, 10, 1000]', '"good": [0, 10, 1001]'),
    ]
    sources.expect(problems, good, bad)


def main():
    arguments = sys.argv[1:]
    if arguments[:1] != ["--program"]:
        sources.main(problems, self_test)
        return
    root = Path(__file__).resolve().parents[2]
    found = problems(root) + program_problems(arguments[1], root)
    print("\n".join(found) if found else "ok")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
