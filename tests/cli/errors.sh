#!/usr/bin/env bash
# Broken inputs: one rule of one file broken at a time. Each must end with the right code, leave no result, and say in
# which file, where in it (line, or JSON path), what is wrong and what to do.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
python3 -I - "$tailbit" "$root/tests/cli" <<'PYTHON'
import sys

sys.path.insert(0, sys.argv[2])
from broken import *

BTC = ("underlyings", "BTC")
SVI = {"expiry": "2026-01-30T08:00:00Z", "a": 0.01, "b": 0.1, "rho": -0.2, "m": 0.01, "sigma": 0.2}
FIT = {"options": 40, "two_sided": 18, "inside": 17, "median_width": 0.02, "rms": 0.0015}


def surface(**more):
    return assign(*BTC, "surface", more)


def svi(**more):
    return surface(kind="svi", slices=[{**SVI, **more}])


def fit(**more):
    return svi(fit={key: value for key, value in {**FIT, **more}.items() if value is not None})


def quote(**more):
    """The second of three quoted vols, spoiled; None takes a key away."""
    quotes = [{"expiry": "2026-03-27", "strike": strike, "bid_vol": 0.49, "ask_vol": 0.51} for strike in (80000, 95000, 110000)]
    quotes[1] = {key: value for key, value in {**quotes[1], **more}.items() if value is not None}
    return surface(kind="quotes", quotes=quotes)


def extra(**more):
    """One contract more, the seventh."""
    return assign("instruments", 6, {"id": "X", "underlying": "BTC", **more})


def factors(names, matrix):
    return assign("correlation", {"factors": names, "matrix": matrix})


def student(**more):
    """None takes a key away."""
    keys = {"kind": "student_t", "dof": 4, "period": "1d", "max_move": 0.8, **more}
    return assign("innovations", {key: value for key, value in keys.items() if value is not None})


MOVING = {"implied_vol": {"level": {"kappa": 3, "vol_of_vol": 1.5, "term_decay": 0.5}, "skew": {"kappa": 3, "vol": 0.2}, "sticky": "strike"},
          "basis": {"kappa": 5, "vol": 0.1, "term_decay": 0.5}, "premium": {"kappa": 50, "vol": 0.02, "mean": 0.0002}}


def moving(*path_and_value):
    """BTC with every factor, spoiled in one place; the place and the value, or REMOVED."""
    *path, value = path_and_value

    def edit(text):
        d = json.loads(text)
        btc = d["underlyings"]["BTC"]
        btc.update(json.loads(json.dumps(MOVING)))
        for key in path[:-1]:
            btc = btc[key]
        if value is REMOVED:
            del btc[path[-1]]
        else:
            btc[path[-1]] = value
        return json.dumps(d)
    return edit


REMOVED = object()


def funding(**more):
    return assign(*BTC, "funding", more)


def netted(text):
    header = text.split("\n")[0]
    return header + "\n" + "".join(f"P{i},a,b,c,d,BTC,{quantity},\n" for i, quantity in enumerate((1, 2, -3)))


# File, name of the case, edit, exit code, place, words that must be said.
CASES = [
    # --- run.json
    ("run.json", "syntax", replace('"steps": 24', '"steps": ,'), BAD_CONFIG, "line ", ["column", "correct the JSON"]),
    ("run.json", "cut off", lambda text: text[:100], BAD_CONFIG, "line ", ["correct the JSON"]),
    ("run.json", "empty file", whole(""), BAD_CONFIG, "", ["is empty"]),
    ("run.json", "not UTF-8", lambda text: text.replace("intraday", "x").replace('"seed"', '"s\udce9ed"'), BAD_CONFIG, "line ", ["UTF-8"]),
    ("run.json", "key twice", replace('"steps": 24', '"steps": 24, "steps": 12'), BAD_CONFIG, "/steps", ['"steps"', "twice"]),
    ("run.json", "not an object", whole("[]"), BAD_CONFIG, "/", ["not an object"]),
    ("run.json", "no schema", without("schema"), BAD_CONFIG, "/", ['"schema" is missing']),
    ("run.json", "schema of another file", assign("schema", "tailbit.market/1"), BAD_CONFIG, "/schema", ["tailbit.run/1"]),
    ("run.json", "unknown key", assign("scenarioes", 5), BAD_CONFIG, "/scenarioes", ['did you mean "scenarios"?']),
    ("run.json", "no book", without("book"), BAD_CONFIG, "/", ['"book" is missing']),
    ("run.json", "no market", without("market"), BAD_CONFIG, "/", ['"market" is missing']),
    ("run.json", "no model", without("model"), BAD_CONFIG, "/", ['"model" is missing']),
    ("run.json", "book not a text", assign("book", 5), BAD_CONFIG, "/book", ["not a text"]),
    ("run.json", "no horizon", without("horizon"), BAD_CONFIG, "/", ['"horizon" is missing']),
    ("run.json", "horizon in words", assign("horizon", "1 day"), BAD_CONFIG, "/horizon", ['"1d"']),
    ("run.json", "horizon negative", assign("horizon", -0.1), BAD_CONFIG, "/horizon", ["duration"]),
    ("run.json", "horizon a list", assign("horizon", ["1d"]), BAD_CONFIG, "/horizon", ["duration"]),
    ("run.json", "horizon too long", assign("horizon", 101), BAD_CONFIG, "/horizon", ["100 years"]),
    ("run.json", "no step", assign("steps", 0), BAD_CONFIG, "/steps", ["from 1"]),
    ("run.json", "half a step", assign("steps", 2.5), BAD_CONFIG, "/steps", ["whole number"]),
    ("run.json", "steps below a second", assign("steps", 90000), BAD_CONFIG, "/steps", ["shorter than a second"]),
    ("run.json", "no scenarios", without("scenarios"), BAD_CONFIG, "/", ['"scenarios" is missing']),
    ("run.json", "zero scenarios", assign("scenarios", 0), BAD_CONFIG, "/scenarios", ["from 1"]),
    ("run.json", "scenarios negative", assign("scenarios", -5), BAD_CONFIG, "/scenarios", ["whole number"]),
    ("run.json", "scenarios a text", assign("scenarios", "1000"), BAD_CONFIG, "/scenarios", ["whole number"]),
    ("run.json", "too many scenarios", assign("scenarios", 1 << 40), BAD_CONFIG, "/scenarios", ["out of range"]),
    ("run.json", "seed negative", assign("seed", -1), BAD_CONFIG, "/seed", ["whole number"]),
    ("run.json", "greek units unknown", assign("greek_units", "deribt"), BAD_CONFIG, "/greek_units", ['did you mean "deribit"?']),
    ("run.json", "precision unknown", assign("precision", "doubel"), BAD_CONFIG, "/precision", ['did you mean "double"?']),
    ("run.json", "level above 1", assign("levels", [0.95, 99]), BAD_CONFIG, "/levels/1", ["write 0.99 for 99 %"]),
    ("run.json", "level a text", assign("levels", ["0.95"]), BAD_CONFIG, "/levels/0", ["not a number"]),
    ("run.json", "level too fine", assign("levels", [0.1234567891]), BAD_CONFIG, "/levels/0", ["9 decimals"]),
    ("run.json", "level without losses", assign("levels", [0.9999]), BAD_CONFIG, "/levels/0", ["at least 10000 scenarios"]),
    ("run.json", "no level", assign("levels", []), BAD_CONFIG, "/levels", ["at least one"]),
    ("run.json", "level twice", assign("levels", [0.9, 0.9]), BAD_CONFIG, "/levels", ["twice"]),
    ("run.json", "levels no list", assign("levels", 0.9), BAD_CONFIG, "/levels", ["list"]),
    ("run.json", "group key unknown", assign("group_by", ["desks"]), BAD_CONFIG, "/group_by/0", ['did you mean "desk"?']),
    ("run.json", "group key twice", assign("group_by", ["desk", "desk"]), BAD_CONFIG, "/group_by", ["twice"]),
    ("run.json", "exposure beyond the horizon", assign("exposure_dates", ["2d"]), BAD_CONFIG, "/exposure_dates/0", ["beyond the horizon"]),
    ("run.json", "exposure date bad", assign("exposure_dates", ["1d", "noon"]), BAD_CONFIG, "/exposure_dates/1", ["duration"]),
    ("run.json", "exposure date twice", assign("exposure_dates", ["24h", "1d"]), BAD_CONFIG, "/exposure_dates", ["twice"]),
    ("run.json", "cash conversion unknown", assign("cash_conversion", "at receipt"), BAD_CONFIG, "/cash_conversion", ['did you mean "at_receipt"?']),
    ("run.json", "cash conversion of no kind", assign("cash_conversion", "sell"), BAD_CONFIG, "/cash_conversion", ["hold", "at_receipt"]),
    ("run.json", "cash conversion no text", assign("cash_conversion", True), BAD_CONFIG, "/cash_conversion", ["not a text"]),
    ("run.json", "limits", assign("limits", "limits.json"), BAD_CONFIG, "/limits", ["not part of this version"]),
    ("run.json", "too many worst", assign("worst", 1001), BAD_CONFIG, "/worst", ["from 0 to 1000"]),
    ("run.json", "missing", None, MISSING, "", ["no such file", "check the path"]),
    # --- model.json
    ("model.json", "syntax", replace("{", "{,"), BAD_CONFIG, "line 1, column 2", ["correct the JSON"]),
    ("model.json", "schema", assign("schema", "tailbit.model/2"), BAD_CONFIG, "/schema", ["tailbit.model/1"]),
    ("model.json", "key twice", replace('"returns": "log"', '"returns": "log", "returns": "log"'), BAD_CONFIG, "/returns", ["twice"]),
    ("model.json", "no underlyings", without("underlyings"), BAD_CONFIG, "/", ['"underlyings" is missing']),
    ("model.json", "no underlying", assign("underlyings", {}), BAD_CONFIG, "/underlyings", ["at least one"]),
    ("model.json", "no spot_vol", without(*BTC, "spot_vol"), BAD_CONFIG, "/underlyings/BTC", ['"spot_vol" is missing']),
    ("model.json", "vol negative", assign(*BTC, "spot_vol", "vol", -0.5), BAD_CONFIG, "/underlyings/BTC/spot_vol/vol", ["negative"]),
    ("model.json", "vol a text", assign(*BTC, "spot_vol", "vol", "50 %"), BAD_CONFIG, "/underlyings/BTC/spot_vol/vol", ["not a number"]),
    ("model.json", "vol missing", without(*BTC, "spot_vol", "vol"), BAD_CONFIG, "/underlyings/BTC/spot_vol", ['"vol" is missing']),
    ("model.json", "drift a text", assign(*BTC, "drift", "up"), BAD_CONFIG, "/underlyings/BTC/drift", ["not a number"]),
    ("model.json", "heston", assign(*BTC, "spot_vol", "kind", "heston"), BAD_CONFIG, "/underlyings/BTC/spot_vol", ["v0", "theta"]),
    ("model.json", "jumps", assign(*BTC, "jumps", {}), BAD_CONFIG, "/underlyings/BTC/jumps", ["intensity"]),
    ("model.json", "unknown key", assign(*BTC, "drif", 0.1), BAD_CONFIG, "/underlyings/BTC/drif", ['did you mean "drift"?']),
    ("model.json", "factor unknown", factors(["BTC.spto", "ETH.spot"], [[1, 0], [0, 1]]), BAD_CONFIG, "/correlation/factors/0", ['did you mean "BTC.spot"?']),
    ("model.json", "factor twice", factors(["BTC.spot", "BTC.spot"], [[1, 0], [0, 1]]), BAD_CONFIG, "/correlation/factors/1", ["twice"]),
    ("model.json", "matrix too small", factors(["BTC.spot", "ETH.spot"], [[1]]), BAD_CONFIG, "/correlation/matrix", ["2 x 2"]),
    ("model.json", "row too short", factors(["BTC.spot", "ETH.spot"], [[1, 0.5], [0.5]]), BAD_CONFIG, "/correlation/matrix", ["2 x 2"]),
    ("model.json", "diagonal", factors(["BTC.spot", "ETH.spot"], [[1, 0.5], [0.5, 0.9]]), BAD_CONFIG, "/correlation/matrix/1/1", ["itself is 1"]),
    ("model.json", "asymmetric", factors(["BTC.spot", "ETH.spot"], [[1, 0.5], [0.4, 1]]), BAD_CONFIG, "/correlation/matrix/1/0", ["symmetric"]),
    ("model.json", "above 1", factors(["BTC.spot", "ETH.spot"], [[1, 1.5], [1.5, 1]]), BAD_CONFIG, "/correlation/matrix/1/0", ["from -1 to 1"]),
    ("model.json", "not definite", factors(["BTC.spot", "ETH.spot"], [[1, 1], [1, 1]]), BAD_CONFIG, "/correlation/matrix", ["not positive definite"]),
    ("model.json", "innovations no object", assign("innovations", "student_t"), BAD_CONFIG, "/innovations", ["not an object"]),
    ("model.json", "bootstrap of too few rows", assign("innovations", {"kind": "bootstrap", "residuals": {"factors": ["BTC.spot"], "rows": [[1], [-1]]}}),
     BAD_CONFIG, "/innovations/residuals", ["2 periods", "at least 20"]),
    ("model.json", "grouped t without groups", assign("innovations", {"kind": "grouped_t"}), BAD_CONFIG, "/innovations", ['"groups" is missing']),
    ("model.json", "one regime", assign("regimes", {"states": [{"name": "calm"}], "transition": [[1]]}), BAD_CONFIG, "/regimes/states", ["two"]),
    ("model.json", "probabilities of 0.9", assign("regimes", {"states": [{"name": "calm"}, {"name": "stressed"}], "transition": [[0.5, 0.4], [0, 1]]}),
     BAD_CONFIG, "/regimes/transition/0", ["add up to 0.9"]),
    ("model.json", "innovations unknown", student(kind="student-t"), BAD_CONFIG, "/innovations/kind", ['did you mean "student_t"?']),
    ("model.json", "gaussian with dof", assign("innovations", {"kind": "gaussian", "dof": 4}), BAD_CONFIG, "/innovations/dof", ["unknown"]),
    ("model.json", "student_t without dof", student(dof=None), BAD_CONFIG, "/innovations", ['"dof" is missing']),
    ("model.json", "student_t of 2 degrees", student(dof=2), BAD_CONFIG, "/innovations/dof", ["above 2", "no variance"]),
    ("model.json", "student_t of too many degrees", student(dof=1e6), BAD_CONFIG, "/innovations/dof", ["10000", "gaussian"]),
    ("model.json", "dof a text", student(dof="4"), BAD_CONFIG, "/innovations/dof", ["not a number"]),
    ("model.json", "period in weeks", student(period="1w"), BAD_CONFIG, "/innovations/period", ["duration", '"1d"']),
    ("model.json", "period 0", student(period=0), BAD_CONFIG, "/innovations/period", ["duration"]),
    ("model.json", "largest move 0", student(max_move=0), BAD_CONFIG, "/innovations/max_move", ["above 0"]),
    ("model.json", "largest move in per cent", student(max_move=80), BAD_CONFIG, "/innovations/max_move", ["write 0.8"]),
    ("model.json", "student_t unknown key", student(nu=4), BAD_CONFIG, "/innovations/nu", ["unknown"]),
    ("model.json", "periods between steps", student(period="90m"), BAD_CONFIG, "/innovations/max_move", ["24 steps", "90m", "set `steps` to 32"]),
    ("model.json", "returns unknown", assign("returns", "sinple"), BAD_CONFIG, "/returns", ['did you mean "simple"?']),
    ("model.json", "simple returns in many steps", assign("returns", "simple"), BAD_CONFIG, "/returns", ["one step", "set `steps` to 1"]),
    ("model.json", "simple returns beyond a period", both(assign("returns", "simple"), student(period="8h", max_move=None)), BAD_CONFIG, "/returns",
     ["within one period of 8h", "1d"]),
    ("model.json", "garch", assign(*BTC, "spot_vol", {"kind": "garch"}), BAD_CONFIG, "/underlyings/BTC/spot_vol", ["omega"]),
    ("model.json", "spot vol unknown", assign(*BTC, "spot_vol", {"kind": "konstant", "vol": 0.5}), BAD_CONFIG, "/underlyings/BTC/spot_vol/kind",
     ['did you mean "constant"?']),
    ("model.json", "spot vol of no kind", assign(*BTC, "spot_vol", {"vol": 0.5}), BAD_CONFIG, "/underlyings/BTC/spot_vol", ['"kind" is missing']),
    ("model.json", "implied spot vol with a vol", assign(*BTC, "spot_vol", "kind", "implied"), BAD_CONFIG, "/underlyings/BTC/spot_vol/vol",
     ["surface", "leave it out"]),
    ("model.json", "implied spot vol of nothing", assign("underlyings", "SOL", {"spot_vol": {"kind": "implied"}}), BAD_CONFIG,
     "/underlyings/SOL/spot_vol", ["not in the market", "add it"]),
    ("model.json", "implied vols no object", moving("implied_vol", 0.5), BAD_CONFIG, "/underlyings/BTC/implied_vol", ["not an object"]),
    ("model.json", "implied vols unknown key", moving("implied_vol", "levl", {}), BAD_CONFIG, "/underlyings/BTC/implied_vol/levl", ['did you mean "level"?']),
    ("model.json", "sticky delta", moving("implied_vol", "sticky", "delta"), BAD_CONFIG, "/underlyings/BTC/implied_vol/sticky", ["moneyness", "strike"]),
    ("model.json", "level without vol of vol", moving("implied_vol", "level", "vol_of_vol", REMOVED), BAD_CONFIG, "/underlyings/BTC/implied_vol/level",
     ['"vol_of_vol" is missing']),
    ("model.json", "vol of vol in per cent", moving("implied_vol", "level", "vol_of_vol", 150), BAD_CONFIG,
     "/underlyings/BTC/implied_vol/level/vol_of_vol", ["above 20"]),
    ("model.json", "vol of vol negative", moving("implied_vol", "level", "vol_of_vol", -1), BAD_CONFIG, "/underlyings/BTC/implied_vol/level/vol_of_vol",
     ["negative"]),
    ("model.json", "mean reversion negative", moving("implied_vol", "level", "kappa", -3), BAD_CONFIG, "/underlyings/BTC/implied_vol/level/kappa",
     ["out of range"]),
    ("model.json", "term decay negative", moving("implied_vol", "level", "term_decay", -0.5), BAD_CONFIG,
     "/underlyings/BTC/implied_vol/level/term_decay", ["from 0"]),
    ("model.json", "term decay steep", moving("implied_vol", "level", "term_decay", 3), BAD_CONFIG, "/underlyings/BTC/implied_vol/level/term_decay",
     ["to 2"]),
    ("model.json", "level null", moving("implied_vol", "level", None), BAD_CONFIG, "/underlyings/BTC/implied_vol/level", ["not an object"]),
    ("model.json", "skew without vol", moving("implied_vol", "skew", "vol", REMOVED), BAD_CONFIG, "/underlyings/BTC/implied_vol/skew", ['"vol" is missing']),
    ("model.json", "skew with term decay", moving("implied_vol", "skew", "term_decay", 0.5), BAD_CONFIG, "/underlyings/BTC/implied_vol/skew/term_decay",
     ["unknown"]),
    ("model.json", "skew vol a text", moving("implied_vol", "skew", "vol", "0.2"), BAD_CONFIG, "/underlyings/BTC/implied_vol/skew/vol", ["not a number"]),
    ("model.json", "basis without vol", moving("basis", "vol", REMOVED), BAD_CONFIG, "/underlyings/BTC/basis", ['"vol" is missing']),
    ("model.json", "basis vol in per cent", moving("basis", "vol", 30), BAD_CONFIG, "/underlyings/BTC/basis/vol", ["above 20"]),
    ("model.json", "basis with a mean", moving("basis", "mean", 0), BAD_CONFIG, "/underlyings/BTC/basis/mean", ["unknown"]),
    ("model.json", "basis mean reversion too fast", moving("basis", "kappa", 1e7), BAD_CONFIG, "/underlyings/BTC/basis/kappa", ["out of range"]),
    ("model.json", "premium without vol", moving("premium", "vol", REMOVED), BAD_CONFIG, "/underlyings/BTC/premium", ['"vol" is missing']),
    ("model.json", "premium mean in per cent", moving("premium", "mean", 5), BAD_CONFIG, "/underlyings/BTC/premium/mean", ["from -1"]),
    ("model.json", "premium unknown key", moving("premium", "kapa", 5), BAD_CONFIG, "/underlyings/BTC/premium/kapa", ['did you mean "kappa"?']),
    ("model.json", "factor without its key", both(without("underlyings", "BTC", "implied_vol"), factors(["BTC.vol", "ETH.spot"], [[1, 0], [0, 1]])), BAD_CONFIG, "/correlation/factors/0",
     ["`implied_vol/level`"]),
    ("model.json", "basis factor without its key", both(without("underlyings", "ETH", "basis"), factors(["BTC.spot", "ETH.basis"], [[1, 0], [0, 1]])), BAD_CONFIG, "/correlation/factors/1",
     ["give ETH the key `basis`"]),
    ("model.json", "factor of another model", factors(["BTC.variance", "ETH.spot"], [[1, 0], [0, 1]]), BAD_CONFIG, "/correlation/factors/0",
     ["heston", "spot_vol"]),
    ("model.json", "factor no text", factors([1, "ETH.spot"], [[1, 0], [0, 1]]), BAD_CONFIG, "/correlation/factors/0", ["not a text"]),
    ("model.json", "repair unknown", assign("correlation", "repair", "hihgam"), BAD_CONFIG, "/correlation/repair", ['did you mean "higham"?']),
    ("model.json", "a Cholesky factor", assign("correlation", "cholesky", [[1, 0], [0.8, 0.6]]), BAD_CONFIG, "/correlation/cholesky", ["unknown"]),
    ("model.json", "vol in per cent", assign("underlyings", "BTC", "spot_vol", "vol", 60), BAD_CONFIG, "/underlyings/BTC/spot_vol/vol", ["write 0.6"]),
    ("model.json", "drift in per cent", assign("underlyings", "BTC", "drift", 150), BAD_CONFIG, "/underlyings/BTC/drift", ["write 0.1"]),
    ("model.json", "missing", None, MISSING, "", ["no such file"]),
    # --- market.json
    ("market.json", "syntax", lambda text: text.replace("95000.0", "95,000.0", 1), BAD_DATA, "line ", ["correct the JSON"]),
    ("market.json", "schema", assign("schema", 1), BAD_DATA, "/schema", ["not a text"]),
    ("market.json", "no as_of", without("as_of"), BAD_DATA, "/", ['"as_of" is missing']),
    ("market.json", "as_of without a time", assign("as_of", "2026-01-15"), BAD_DATA, "/as_of", ["UTC"]),
    ("market.json", "as_of in another zone", assign("as_of", "2026-01-15T10:00:00+02:00"), BAD_DATA, "/as_of", ["UTC"]),
    ("market.json", "as_of on no day", assign("as_of", "2026-02-30T10:00:00Z"), BAD_DATA, "/as_of", ["UTC"]),
    ("market.json", "rate in per cent", assign("rates", "USD", 3.5), BAD_DATA, "/rates/USD", ["from -1", "to 1"]),
    ("market.json", "rate of a coin", assign("rates", "BTC", 0.1), BAD_DATA, "/rates/BTC", ["unknown"]),
    ("market.json", "no spot", without(*BTC, "spot"), BAD_DATA, "/underlyings/BTC", ['"spot" is missing']),
    ("market.json", "spot 0", assign(*BTC, "spot", 0), BAD_DATA, "/underlyings/BTC/spot", ["above 0"]),
    ("market.json", "spot null", assign(*BTC, "spot", None), BAD_DATA, "/underlyings/BTC/spot", ["not a number"]),
    ("market.json", "spot infinite", lambda text: text.replace("95000.0", "1e999", 1), BAD_DATA, "line 7", ["1e999"]),
    ("market.json", "forward negative", assign(*BTC, "forwards", 1, "forward", -5), BAD_DATA, "/underlyings/BTC/forwards/1/forward", ["above 0"]),
    ("market.json", "forward expired", assign(*BTC, "forwards", 0, "expiry", "2026-01-15T10:00:00Z"), BAD_DATA, "/underlyings/BTC/forwards/0/expiry", ["after as_of"]),
    ("market.json", "forwards out of order", assign(*BTC, "forwards", 1, "expiry", "2026-01-16T08:00:00Z"), BAD_DATA, "/underlyings/BTC/forwards/1/expiry", ["ascending"]),
    ("market.json", "surface kind", surface(kind="svj"), BAD_DATA, "/underlyings/BTC/surface/kind", ['did you mean "svi"?']),
    ("market.json", "surface of no kind", surface(vol=0.6), BAD_DATA, "/underlyings/BTC/surface", ['"kind" is missing']),
    ("market.json", "surface of another kind", surface(kind="sabr"), BAD_DATA, "/underlyings/BTC/surface/kind", ["flat", "svi", "quotes"]),
    ("market.json", "svi no list", surface(kind="svi", slices={}), BAD_DATA, "/underlyings/BTC/surface/slices", ["list"]),
    ("market.json", "svi slices descending", surface(kind="svi", slices=[{**SVI, "expiry": "2026-03-27"}, SVI]), BAD_DATA,
     "/underlyings/BTC/surface/slices/1/expiry", ["ascending"]),
    ("market.json", "svi slice twice", surface(kind="svi", slices=[SVI, SVI]), BAD_DATA, "/underlyings/BTC/surface/slices/1/expiry", ["each once"]),
    ("market.json", "svi slice expired", svi(expiry="2026-01-15"), BAD_DATA, "/underlyings/BTC/surface/slices/0/expiry", ["after as_of"]),
    ("market.json", "svi without a", svi(a=None), BAD_DATA, "/underlyings/BTC/surface/slices/0/a", ["not a number"]),
    ("market.json", "svi unknown key", svi(theta=0.1), BAD_DATA, "/underlyings/BTC/surface/slices/0/theta", ["unknown"]),
    ("market.json", "fit no object", svi(fit=1), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit", ["not an object"]),
    ("market.json", "fit without rms", fit(rms=None), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit", ['"rms" is missing']),
    ("market.json", "fit of more quotes than options", fit(two_sided=41), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit/two_sided", ["40"]),
    ("market.json", "fit of more inside than quotes", fit(inside=19), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit/inside", ["18"]),
    ("market.json", "fit width negative", fit(median_width=-0.01), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit/median_width", ["negative"]),
    ("market.json", "fit unknown key", fit(worst=0.1), BAD_DATA, "/underlyings/BTC/surface/slices/0/fit/worst", ["unknown"]),
    ("market.json", "quotes missing", surface(kind="quotes"), BAD_DATA, "/underlyings/BTC/surface", ['"quotes" is missing']),
    ("market.json", "quotes empty", surface(kind="quotes", quotes=[]), BAD_DATA, "/underlyings/BTC/surface/quotes", ["at least one"]),
    ("market.json", "quotes no list", surface(kind="quotes", quotes=0.6), BAD_DATA, "/underlyings/BTC/surface/quotes", ["not a list"]),
    ("market.json", "quotes with slices", surface(kind="quotes", quotes=[{"expiry": "2026-03-27", "strike": 9e4, "vol": 0.5}], slices=[SVI]),
     BAD_DATA, "/underlyings/BTC/surface/slices", ["unknown"]),
    ("market.json", "quote without expiry", quote(expiry=None), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ['"expiry" is missing']),
    ("market.json", "quote expired", quote(expiry="2026-01-15"), BAD_DATA, "/underlyings/BTC/surface/quotes/1/expiry", ["after as_of"]),
    ("market.json", "quote without strike", quote(strike=None), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ['"strike" is missing']),
    ("market.json", "quote strike negative", quote(strike=-95000), BAD_DATA, "/underlyings/BTC/surface/quotes/1/strike", ["above 0"]),
    ("market.json", "quote without ask", quote(ask_vol=None), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ['"ask_vol" is missing']),
    ("market.json", "quote without vols", quote(bid_vol=None, ask_vol=None), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ["is missing"]),
    ("market.json", "quote crossed", quote(bid_vol=0.52), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ["not below ask_vol"]),
    ("market.json", "quote in per cent", quote(bid_vol=49, ask_vol=51), BAD_DATA, "/underlyings/BTC/surface/quotes/1/bid_vol", ["0.001", "20"]),
    ("market.json", "quote of one vol and two", quote(vol=0.5), BAD_DATA, "/underlyings/BTC/surface/quotes/1", ["both"]),
    ("market.json", "quote vol a text", quote(bid_vol=None, ask_vol=None, vol="50%"), BAD_DATA, "/underlyings/BTC/surface/quotes/1/vol", ["not a number"]),
    ("market.json", "quote unknown key", quote(mark_vol=0.5), BAD_DATA, "/underlyings/BTC/surface/quotes/1/mark_vol", ["unknown"]),
    ("market.json", "no underlying", assign("underlyings", {}), BAD_DATA, "/underlyings", ["at least one"]),
    ("market.json", "liquidity negative", assign(*BTC, "liquidity", {"half_spread_bps": -1}), BAD_DATA,
     "/underlyings/BTC/liquidity/half_spread_bps", ["negative"]),
    ("market.json", "nested too deep", assign(*BTC, "liquidity", json.loads("[" * 80 + "]" * 80)), BAD_DATA,
     "/underlyings/BTC/liquidity" + 61 * "/0", ["64 levels"]),
    ("market.json", "flat vol tiny", surface(kind="flat", vol=0.0005), BAD_DATA, "/underlyings/BTC/surface/vol", ["write 0.6"]),
    ("market.json", "no slice", surface(kind="svi", slices=[]), BAD_DATA, "/underlyings/BTC/surface/slices", ["at least one"]),
    ("market.json", "svi rho", svi(rho=1.0), BAD_DATA, "/underlyings/BTC/surface/slices/0", ["between -1 and 1"]),
    ("market.json", "svi variance negative", svi(a=-0.1), BAD_DATA, "/underlyings/BTC/surface/slices/0", ["must not be negative"]),
    ("market.json", "svi variance tiny", svi(a=-0.0195959179), BAD_DATA, "/underlyings/BTC/surface/slices/0", ["at least 0.001"]),
    ("market.json", "svi wing steeper than probabilities allow", svi(b=1.5, rho=0.5), BAD_DATA, "/underlyings/BTC/surface/slices/0", ["at most 2"]),
    ("market.json", "flat vol in per cent", surface(kind="flat", vol=60), BAD_DATA, "/underlyings/BTC/surface/vol", ["write 0.6"]),
    ("market.json", "svi sigma 0", svi(sigma=0), BAD_DATA, "/underlyings/BTC/surface/slices/0/sigma", ["above 0"]),
    ("market.json", "svi b negative", svi(b=-0.1), BAD_DATA, "/underlyings/BTC/surface/slices/0/b", ["negative"]),
    ("market.json", "funding in per cent", assign(*BTC, "funding", {"rate_8h": 1.5}), BAD_DATA, "/underlyings/BTC/funding/rate_8h", ["out of range"]),
    ("market.json", "funding no object", assign(*BTC, "funding", 0.0001), BAD_DATA, "/underlyings/BTC/funding", ["not an object"]),
    ("market.json", "funding rule", funding(rate_8h=0, rule="deribt"), BAD_DATA, "/underlyings/BTC/funding/rule", ['did you mean "deribit"?']),
    ("market.json", "funding of another venue", funding(rule="bybit"), BAD_DATA, "/underlyings/BTC/funding/rule", ["constant", "deribit", "binance"]),
    ("market.json", "constant funding without a rate", funding(premium=0.001), BAD_DATA, "/underlyings/BTC/funding", ['"rate_8h" is missing']),
    ("market.json", "deribit funding with a rate", funding(rule="deribit", rate_8h=0.0001), BAD_DATA, "/underlyings/BTC/funding/rate_8h",
     ["follows from the premium", "leave it out"]),
    ("market.json", "binance funding in per cent", funding(rule="binance", rate_8h=1.01), BAD_DATA, "/underlyings/BTC/funding/rate_8h", ["out of range"]),
    ("market.json", "funding cap 0", funding(rule="deribit", cap_8h=0), BAD_DATA, "/underlyings/BTC/funding/cap_8h", ["above 0"]),
    ("market.json", "funding cap below the rate", funding(rate_8h=-0.001, cap_8h=0.0005), BAD_DATA, "/underlyings/BTC/funding/cap_8h",
     ["less than the constant rate -0.001"]),
    ("market.json", "premium in per cent", funding(rule="deribit", premium=5), BAD_DATA, "/underlyings/BTC/funding/premium", ["write 0.001"]),
    ("market.json", "premium of the whole spot", funding(rule="deribit", premium=-1), BAD_DATA, "/underlyings/BTC/funding/premium", ["between -1 and 1"]),
    ("market.json", "premium a text", funding(rule="deribit", premium="0.1%"), BAD_DATA, "/underlyings/BTC/funding/premium", ["not a number"]),
    ("market.json", "funding unknown key", funding(rate_8h=0, cap_8=0.01), BAD_DATA, "/underlyings/BTC/funding/cap_8", ['did you mean "cap_8h"?']),
    ("market.json", "unknown key", assign(*BTC, "sport", 1), BAD_DATA, "/underlyings/BTC/sport", ['did you mean "spot"?']),
    ("market.json", "missing", None, MISSING, "", ["no such file"]),
    # --- instruments.json
    ("instruments.json", "syntax", lambda text: text[:-4], BAD_DATA, "line ", ["correct the JSON"]),
    ("instruments.json", "schema", assign("schema", "instruments"), BAD_DATA, "/schema", ["tailbit.instruments/1"]),
    ("instruments.json", "no list", assign("instruments", {}), BAD_DATA, "/instruments", ["list"]),
    ("instruments.json", "no id", without("instruments", 3, "id"), BAD_DATA, "/instruments/3", ['"id" is missing']),
    ("instruments.json", "id empty", assign("instruments", 3, "id", ""), BAD_DATA, "/instruments/3/id", ["empty"]),
    ("instruments.json", "id twice", assign("instruments", 3, "id", "BTC-digital"), BAD_DATA, "/instruments/3/id", ["defined twice"]),
    ("instruments.json", "family unknown", assign("instruments", 3, "family", "europaen"), BAD_DATA, "/instruments/3/family", ['did you mean "european"?']),
    ("instruments.json", "option unknown", assign("instruments", 3, "option", "straddle"), BAD_DATA, "/instruments/3/option", ["call", "put"]),
    ("instruments.json", "no strike", without("instruments", 3, "strike"), BAD_DATA, "/instruments/3", ['"strike" is missing']),
    ("instruments.json", "strike negative", assign("instruments", 3, "strike", -1), BAD_DATA, "/instruments/3/strike", ["above 0"]),
    ("instruments.json", "expiry bad", assign("instruments", 3, "expiry", "16JAN26"), BAD_DATA, "/instruments/3/expiry", ["08:00 UTC"]),
    ("instruments.json", "multiplier 0", assign("instruments", 3, "multiplier", 0), BAD_DATA, "/instruments/3/multiplier", ["above 0"]),
    ("instruments.json", "vol in per cent", assign("instruments", 3, "vol", 60), BAD_DATA, "/instruments/3/vol", ["write 0.6"]),
    ("instruments.json", "vol tiny", assign("instruments", 3, "vol", 0.0004), BAD_DATA, "/instruments/3/vol", ["write 0.6"]),
    ("instruments.json", "unknown key", assign("instruments", 3, "stike", 1), BAD_DATA, "/instruments/3/stike", ['did you mean "strike"?']),
    ("instruments.json", "no family", without("instruments", 3, "family"), BAD_DATA, "/instruments/3", ['"family" is missing']),
    ("instruments.json", "no object", assign("instruments", 3, 5), BAD_DATA, "/instruments/3", ["not an object"]),
    ("instruments.json", "settlement unknown", assign("instruments", 1, "settlement", "btc"), BAD_DATA, "/instruments/1/settlement", ["usd", "coin"]),
    ("instruments.json", "digital settled in coin", assign("instruments", 0, "settlement", "coin"), BAD_DATA, "/instruments/0/settlement", ["usd"]),
    ("instruments.json", "payoff unknown", assign("instruments", 0, "payoff", "coin"), BAD_DATA, "/instruments/0/payoff", ["cash", "asset"]),
    ("instruments.json", "no payoff", without("instruments", 0, "payoff"), BAD_DATA, "/instruments/0", ['"payoff" is missing']),
    ("instruments.json", "cash 0", assign("instruments", 0, "cash", 0), BAD_DATA, "/instruments/0/cash", ["above 0"]),
    ("instruments.json", "future without expiry", extra(family="future"), BAD_DATA, "/instruments/6", ['"expiry" is missing']),
    ("instruments.json", "future with a strike", extra(family="future", expiry="2026-03-27", strike=1), BAD_DATA, "/instruments/6/strike", ["unknown"]),
    ("instruments.json", "future settled in euro", extra(family="future", expiry="2026-03-27", settlement="eur"), BAD_DATA,
     "/instruments/6/settlement", ["usd", "coin"]),
    ("instruments.json", "perpetual with an expiry", extra(family="perpetual", expiry="2026-03-27"), BAD_DATA, "/instruments/6/expiry", ["unknown"]),
    ("instruments.json", "perpetual settled in euro", extra(family="perpetual", settlement="eur"), BAD_DATA, "/instruments/6/settlement", ["usd", "coin"]),
    ("instruments.json", "spot settled in coin", extra(family="spot", settlement="coin"), BAD_DATA, "/instruments/6/settlement", ["unknown"]),
    ("instruments.json", "underlying empty", extra(family="spot", underlying=""), BAD_DATA, "/instruments/6/underlying", ["schema"]),
    ("instruments.json", "key twice", replace('"strike": 100000.0', '"strike": 100000.0, "strike": 1'), BAD_DATA, "/instruments/1/strike", ["twice"]),
    ("instruments.json", "missing", None, MISSING, "", ["no such file"]),
    # --- book.csv
    ("book.csv", "empty file", whole(""), BAD_DATA, "", ["is empty"]),
    ("book.csv", "no position", lambda text: text.split("\n")[0] + "\n", BAD_DATA, "line ", ["no position"]),
    ("book.csv", "not UTF-8", replace("beta-1", "b\udce9ta-1"), BAD_DATA, "line 3", ["UTF-8"]),
    ("book.csv", "a zero byte", replace("beta-1", "beta\0"), BAD_DATA, "line 3", ["UTF-8"]),
    ("book.csv", "unknown column", line(1, lambda old: old.replace("desk", "desks")), BAD_DATA, "line 1", ['did you mean "desk"?']),
    ("book.csv", "column twice", line(1, lambda old: old.replace("venue", "desk")), BAD_DATA, "line 1", ["twice"]),
    ("book.csv", "no quantity column", line(1, lambda old: old.replace("quantity", "entry_price")), BAD_DATA, "line 1", ['"quantity" is missing']),
    ("book.csv", "a cell less", line(5, lambda old: old.rpartition(",")[0]), BAD_DATA, "line 5", ["7 cells", "one cell per column"]),
    ("book.csv", "a cell more", line(5, lambda old: old + ",9"), BAD_DATA, "line 5", ["9 cells"]),
    ("book.csv", "quantity a text", cell(7, 6, "ten"), BAD_DATA, "line 7", ['"ten"', "plain number"]),
    ("book.csv", "quantity empty", cell(7, 6, ""), BAD_DATA, "line 7", ["not a number"]),
    ("book.csv", "quantity nan", cell(7, 6, "nan"), BAD_DATA, "line 7", ["not a number"]),
    ("book.csv", "quantity infinite", cell(7, 6, "1e999"), BAD_DATA, "line 7", ["not a number"]),
    ("book.csv", "quantity with a blank", cell(7, 6, " 1"), BAD_DATA, "line 7", ["not a number"]),
    ("book.csv", "instrument empty", cell(8, 5, ""), BAD_DATA, "line 8", ["name it"]),
    ("book.csv", "instrument unknown", cell(8, 5, "BTC-digitl"), BAD_DATA, "line 8", ['did you mean "BTC-digital"?', "define it in the instruments file"]),
    ("book.csv", "no such day", cell(8, 5, "BTC_USDC-31FEB26-70000-C"), BAD_DATA, "line 8", ["unknown"]),
    ("book.csv", "expired", cell(8, 5, "BTC_USDC-14JAN26-70000-C"), BAD_DATA, "line 8", ["expired", "remove the position"]),
    ("book.csv", "no such kind of option", cell(8, 5, "BTC-16JAN26-93500-X"), BAD_DATA, "line 8", ["unknown"]),
    ("book.csv", "a strike of 0", cell(8, 5, "BTC-16JAN26-0-C"), BAD_DATA, "line 8", ["unknown"]),
    ("book.csv", "a future that expired", cell(8, 5, "BTC-14JAN26"), BAD_DATA, "line 8", ["expired", "remove the position"]),
    ("book.csv", "a name in small letters", cell(8, 5, "btc-perpetual"), BAD_DATA, "line 8", ["unknown"]),
    ("book.csv", "a name too long", cell(8, 5, "B" * 1001), BAD_DATA, "line 8", ["1001 bytes", "1000", "shorten"]),
    ("book.csv", "a desk too long", cell(8, 2, "d" * 2000), BAD_DATA, "line 8", ["desk", "2000 bytes"]),
    ("book.csv", "entry price a text", cell(9, 7, "?"), BAD_DATA, "line 9", ["entry_price", '"?"']),
    ("book.csv", "entry price 0", cell(9, 7, "0"), BAD_DATA, "line 9", ["entry_price", "above 0"]),
    ("book.csv", "entry price negative", cell(9, 7, "-5"), BAD_DATA, "line 9", ["entry_price", "above 0"]),
    ("book.csv", "nothing left after netting", netted, BAD_DATA, "", ["net"]),
    ("book.csv", "underlying not in the market", cell(8, 5, "BTX"), BAD_DATA, "line 8", ["not in the market", 'did you mean "BTC"?']),
    ("book.csv", "quote without end", cell(9, 0, '"P8'), BAD_DATA, "line 9", ["no end"]),
    ("book.csv", "text behind a quote", cell(9, 0, '"P8"x'), BAD_DATA, "line 9", ["closing quote"]),
    ("book.csv", "missing", None, MISSING, "", ["no such file"]),
]
# The market without an underlying that the book holds, the model without one: told at the book's first mention of it.
CROSS = [
    ("market.json", "underlying not in the market", without("underlyings", "ETH"), BAD_DATA, "book.csv", "line ", ["not in the market"]),
    ("model.json", "underlying not in the model", lambda text: without("correlation")(without("underlyings", "ETH")(text)), BAD_DATA,
     "book.csv", "line ", ["not in the model"]),
    ("market.json", "no vol", without(*BTC, "surface"), BAD_DATA, "book.csv", "line ", ["no vol", "surface"]),
    ("instruments.json", "a contract that expired", assign("instruments", 1, "expiry", "2026-01-15T10:00:00Z"), BAD_DATA, "book.csv", "line ",
     ["BTC-otc-call", "expired"]),
    ("instruments.json", "a contract that is gone", without("instruments", 1), BAD_DATA, "book.csv", "line ", ["BTC-otc-call", "unknown"]),
    ("instruments.json", "underlying not in the market", assign("instruments", 1, "underlying", "SOL"), BAD_DATA, "book.csv", "line ",
     ["SOL", "not in the market"]),
    ("run.json", "no instruments file", without("instruments"), BAD_DATA, "book.csv", "line ", ["BTC-digital", "unknown"]),
]
# The model changed in a sound way, and then what it has to go with.
MODEL = [
    ("run.json", "steps between periods", student(period="3h"), assign("steps", 20), "/innovations/max_move", ["20 steps", "3h", "set `steps` to 24"]),
    ("run.json", "a horizon of more than the period", student(period="1d"), assign("horizon", "25h"), "/innovations/max_move",
     ["25h", "set `steps` to 25"]),
    ("market.json", "no surface for an implied spot vol", assign(*BTC, "spot_vol", {"kind": "implied"}), without(*BTC, "surface"),
     "/underlyings/BTC/spot_vol", ["has no surface", "give it a `surface`", "constant"]),
    ("market.json", "an implied spot vol of nothing", assign(*BTC, "spot_vol", {"kind": "implied"}), without("underlyings", "BTC"),
     "/underlyings/BTC/spot_vol", ["not in the market", "add it"]),
]


def with_model(change):
    def setup(folder):
        path = folder + "/model.json"
        changed = change(open(path).read())
        open(path, "w").write(changed)
    return setup


inputs = Broken(sys.argv[1], "job")
for file, name, edit, code, place, words in CASES:
    inputs.run(file, name, edit, code, place, words)
for file, name, edit, code, told, place, words in CROSS:
    inputs.run(file, name, edit, code, place, words, told=told)
for file, name, change, edit, place, words in MODEL:
    inputs.run(file, name, edit, BAD_CONFIG, place, words, told="model.json", setup=with_model(change))
inputs.finish(least=250)
PYTHON

# Twenty problems are told, and how many more there are: of any number of files, in the order of the readers.
edit job/run.json 'd["steps"] = 0'
edit job/market.json 'd["underlyings"]["BTC"]["spot"] = 0; d["underlyings"]["ETH"]["spot"] = -1'
python3 -I - <<'PYTHON'
lines = open("job/book.csv").read().split("\n")
for i in range(1, 23):
    lines[i] = lines[i].rpartition(",")[0] + ",x"
open("job/book.csv", "w").write("\n".join(lines))
PYTHON
expect 78 "$tailbit" run job/run.json --device cpu --quiet
says stderr "job/run.json:/steps" "job/market.json:/underlyings/BTC/spot" "job/book.csv:line 2:" "job/book.csv:line 18:" "5 more problems"
same "$(wc -l <stderr)" 21 "lines of messages about 25 problems"
[[ ! -e job/results ]] || fail "it left results"
echo ok
