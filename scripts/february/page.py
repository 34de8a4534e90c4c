"""The page that scripts/february_2026 writes: its tables and its text. Every figure is of the run; `reading` counts what it says."""

import math
import textwrap

ALL = "all six"
YEAR = 31_536_000
COINS = ("BTC", "ETH")
WINGS = (("call", 0.25), ("put", -0.25))
WIDTH = 150
THIN = ("Gaussian", "snapshots")  # models with Gaussian moves alone


def money(x):
    return f"{round(x):,}"  # without a minus before zero


def percentile(below, scenarios):
    if below in (0, scenarios):
        return "all" if below else "none"
    return f"{100 * below / scenarios:.4f}"


def beyond(line):
    """What the outcome is beyond."""
    loss = -line["came"]
    if loss > line["es"]:
        return "loss > ES"
    if loss > line["var"]:
        return "loss > VaR"
    return "gain > 99 %" if line["came"] > line["quantiles"][-1] else "-"


def table(header, rows, left=1):
    """Indented text in columns, the first `left` of them to the left; in a header `_` is a space."""
    cells = [[h.replace("_", " ") for h in header.split()]] + [list(row) for row in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    lines = []
    for row in cells:
        lines.append("    " + "  ".join(c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))).rstrip())
    return "\n".join(lines)


def forecast_table(day, books):
    rows = []
    for book in [*books, ALL]:
        for model, lines in day["lines"].items():
            line = lines[book]
            n = line["scenarios"]
            ratio = f"{-line['came'] / line['es']:.2f}" if line["came"] < 0 else "-"
            rows.append([book, model, money(line["mean"]), *map(money, line["quantiles"]), money(line["es"]), money(line["came"]),
                         percentile(line["below"], n), percentile(line["below_marks"], n), ratio, beyond(line)])
    return table("book model mean 1_% 5_% 50_% 95_% 99_% ES_99_% realised percentile by_marks loss/ES beyond", rows, 2)


def at_delta(options, delta):
    """The fitted vol at a delta, linear between the options on both sides."""
    points = sorted((o["delta"], float(o["fit_vol"])) for o in options)
    low, high = max(p for p in points if p[0] <= delta), min(p for p in points if p[0] >= delta)
    return low[1] if low == high else low[1] + (delta - low[0]) / (high[0] - low[0]) * (high[1] - low[1])


def market_table(r):
    """What the market did, by coin: spot, vol at the money and the risk reversal of the 30-day expiry."""
    rows = []
    for coin in COINS:
        expiry = r["now"].expiry(coin, 30)
        for day, chain in r["chains"].items():
            vol = lambda name: float(chain.options[name]["fit_vol"])
            call, put = (at_delta(chain.at(coin, expiry, kind, quoted=False), delta) for kind, delta in WINGS)
            width = chain.ranges[coin]
            rows.append([coin, day, f"{chain.as_of:%H:%M:%S}", f"{chain.spot(coin):,.2f}", f"{width[0]:,.2f} .. {width[1]:,.2f}",
                         f"{100 * vol(chain.straddle(coin, expiry)[0]):.1f}", f"{100 * (call - put):.1f}"])
    return table("coin day UTC spot index_while_it_was_taken vol_at_the_money,_% risk_reversal,_points", rows, 2)


def law_table(laws):
    rows = []
    for model, law in laws.items():
        tails = f"t, {law['dof']:.2f} dof" if law["dof"] else "Gaussian"
        for coin in COINS:
            x = law[coin]
            vol = "implied" if x["vol"] is None else f"{x['vol']:.3f}"
            jumps = f"{x['jumps']:.0f} a year" if x["jumps"] else "-"
            rows.append([model, coin, law["from"][:10], law["to"][:16].replace("T", " "), tails, jumps, vol, f"{x['level']:.3f}",
                         f"{x['decay']:.3f}", f"{x['skew']:.3f}", f"{x['spot_vol']:.2f}", f"{x['spot_skew']:.2f}"])
    return table("model coin from to innovations jumps spot_vol vol_of_level term_decay vol_of_skew spot,level spot,skew", rows, 2)


def book_table(books, entries, now):
    rows = []
    for book, positions in books.items():
        for name, quantity in positions:
            option = now.options.get(name)
            how = [f"{100 * float(option['fit_vol']):.2f}", f"{option['delta']:.3f}"] if option else ["-", "-"]
            rows.append([book, name, f"{quantity:,.1f}" if option else f"{quantity:,} USD", *how,
                         f"{option['value']:,.2f}" if option else f"{entries[name]:,.2f}"])
    return table("book contract quantity vol,_% delta value_or_mark,_USD", rows, 2)


def gap_table(came, books):
    rows = []
    for book in [*books, ALL]:
        run, price, marks = (came[way][book] for way in ("run", "price", "marks"))
        rows.append([book, money(run), money(price), money(price - run), money(marks), money(marks - run)])
    return table("book run price less_run marks less_run", rows)


def digest_table(days):
    rows = []
    for day, d in days.items():
        for model, digest in d["digests"].items():
            seconds, steps = d["horizons"][model]
            rows.append([day, model, f"{seconds:,}", str(steps), digest[:16]])
    return table("to model seconds steps losses_sha256", rows, 2)


def span(values, form="{:.2f}"):
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low} to {high}"


def listed(names):
    names = list(names)
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:]) if names else "none"


def wrap(text):
    """Paragraphs and lists at WIDTH; headings and what is indented stay."""
    blocks = []
    for block in text.strip("\n").split("\n\n"):
        if not block.startswith(("#", "    ")):
            items = block.split("\n- ") if block.startswith("- ") else [block]
            fill = lambda item, lead: textwrap.fill(" ".join(item.split()), WIDTH, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False)
            block = "\n".join(fill(item if k == 0 else "- " + item, "  " if block.startswith("- ") else "") for k, item in enumerate(items))
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def reading(r):
    """What the tables say, in words; the numbers in it are counted here."""
    first, second = r["days"].values()
    now, later, last = r["chains"].values()
    books, models, n = list(r["books"]), list(first["lines"]), r["scenarios"]
    fat = [m for m in models if m not in THIN]
    count = lambda day, what: sum(beyond(day["lines"][m][b]) in what for m in models for b in books)
    lost, gained = ("loss > VaR", "loss > ES"), ("gain > 99 %",)
    at = lambda m, b: first["lines"][m][b]
    share = lambda m, b: 100 * at(m, b)["below"] / n
    below = lambda names, b: span([share(m, b) for m in names])
    counted = lambda b: span([at(m, b)["below"] for m in THIN], "{:,}")
    ratio = lambda names, b: span([-at(m, b)["came"] / at(m, b)["es"] for m in names])
    fall = {c: later.spot(c) / now.spot(c) - 1 for c in COINS}
    vol = {c: float(now.options[now.straddle(c, now.expiry(c, 30))[0]]["fit_vol"]) for c in COINS}
    deviations = {c: -math.log(1 + fall[c]) / (vol[c] * math.sqrt(first["seconds"] / YEAR)) for c in COINS}
    back = {c: (last.spot(c) - later.spot(c)) / (now.spot(c) - later.spot(c)) for c in COINS}
    skews, calendars = ([f"{c} {kind}" for c in COINS] for kind in ("long skew", "calendar"))

    def broken(b, what=lost):
        found = [f"`{m}`" for m in models if beyond(at(m, b)) in what]
        return "every model" if len(found) == len(models) else listed(found)

    percentiles = [100 * day[b]["below"] / n for day in second["lines"].values() for b in [*books, ALL]]
    within = all(first["lines"][m][b]["came"] >= -first["lines"][m][b]["es"] for m in fat for b in ("ETH short vol",))
    return f"""\
**5 February.** In {first['seconds'] / 3600:.1f} hours BTC fell by {-100 * fall['BTC']:.1f} % and ETH by {-100 * fall['ETH']:.1f} %: {deviations['BTC']:.1f} and {deviations['ETH']:.1f}
deviations at the vols at the money of the evening before. Of {len(models) * len(books)} forecasts of single books {count(first, lost)} met a loss beyond their VaR at 99 %, {count(first, lost[1:])} of
these beyond their ES, and {count(first, gained)} a gain beyond their 99 % quantile; the books are all but one event, so these are no independent counts. Short vol broke the VaR of
{broken('BTC short vol')} on BTC, and of {broken('ETH short vol')} on ETH. How far out it lies is what tells models apart. {listed(f'`{m}`' for m in THIN)}, whose moves are Gaussian,
understate it grossly: of their {n:,} scenarios {counted('BTC short vol')} lose as much on BTC and {counted('ETH short vol')} on ETH, and the loss is {ratio(THIN, 'BTC short vol')} and
{ratio(THIN, 'ETH short vol')} times their ES. With jumps or Student-t innovations it is {below(fat, 'BTC short vol')} % on BTC, a day in {span([100 / share(m, 'BTC short vol') for m in fat if share(m, 'BTC short vol')], '{:,.0f}')},
and {below(fat, 'ETH short vol')} % on ETH: rare, but in the law. Their ES is still too small on BTC, by a factor of {ratio(fat, 'BTC short vol')}, and {'covers' if within else 'does not always cover'}
the loss on ETH ({ratio(fat, 'ETH short vol')}).

**What the models lack.** Long skew gained more than the 99 % quantile in {sum(beyond(at(m, b)) in gained for m in models for b in skews)} of {len(models) * len(skews)} forecasts;
{span([100 - share(m, b) for m in models for b in skews], '{:.3f}')} % of scenarios gain more. That is no loss, but whoever was short skew met one of that size: the laws are too narrow for it, the fat-tailed ones too. In
the five daily models skews move independently of spots, since the snapshots are too few days for `calibrate` to measure that, and the vols of skews are those of five weeks; jumps move no vol, as `calibrate`
estimates no such thing; a surface stays with the moneyness. `snapshots` has measured all correlations, {r['laws']['snapshots']['BTC']['spot_vol']:.2f} of BTC and the level of its vols where five years of days say
{r['laws']['implied-t']['BTC']['spot_vol']:.2f}, but with Gaussian moves its loss over ES on short vol is the greatest of all:
correlations do not make up for tails. Calendars are short gamma and long vega, so that risen vols gave back a part of the
loss: VaR was broken by {broken(calendars[0])} on BTC and by {broken(calendars[1])} on ETH. All six books together lost {money(-first['came']['run'][ALL])} USD, beyond VaR of {broken(ALL)}, and beyond ES of
{broken(ALL, lost[1:])}.

**6 February.** By then {100 * back['BTC']:.0f} % of the fall of BTC and {100 * back['ETH']:.0f} % of that of ETH had been made good, and short vol had got back
{span([100 * (1 - second['came']['run'][b] / first['came']['run'][b]) for b in (f'{c} short vol' for c in COINS)], '{:.0f}')} % of its loss. {count(second, lost + gained)} of {len(models) * len(books)} forecasts were
broken on either side, with percentiles from {min(percentiles):.1f} to {max(percentiles):.1f}. That confirms little: both horizons begin at the same moment, hedges stand still, books are alike and the coins
move together, so this page is one event, looked at because it was a crash. A loss beyond VaR at 99 % on such a day rejects no model; that it is rarer than one of {n:,} scenarios, or nearly so, does, though the day was chosen among
those of years. Which of
{listed(f'`{m}`' for m in fat)} is best cannot be told from it; verdicts over years are in [backtests.md](backtests.md#rolling-backtests)."""


def write(r):
    now, days = r["now"], r["days"]
    (one, first), (two, second) = days.items()
    files = table("file last_row_that_is_used", [[source, f"{r['last'][name]:%Y-%m-%d %H:%M:%S}"] for name, (source, _, _) in r["histories"].items()])
    short = max(second["seconds"] - seconds for seconds, _ in second["horizons"].values())
    left = max(abs(x) for x in r["left"].values())
    return wrap(f"""\
# February 2026

Forecasts made of what was known on 4 February 2026 at {now.as_of:%H:%M:%S} UTC, the evening before a crash, of the profits of delta-hedged books of options to
5 and 6 February, and what came. BTC went from {' to '.join(f'{c.spot("BTC"):,.0f}' for c in r['chains'].values())}. One command makes this page:

    scripts/february_2026 ../shared/data/market build/cpu-release/tailbit

The first argument is a folder of market data, which is not part of the repository: chains of Deribit, daily closes of Binance, Deribit's vol indices, and features of
Deribit's surfaces every 6 hours. Without it the command says what is missing. Scenarios, seeds and rules are fixed, so it writes the same page
again; `tests/cli/february_2026_page.sh` holds it to that where the data is there.

## What the market did

`tailbit import` makes a market of each of the three chains: {', '.join(f'`{source.split("/")[1]}`' for source in r['files'].values())}.
Vols are those of the fitted surface, of the expiry of {now.expiry('BTC', 30)[:10]}; the risk reversal is the vol of the call of 25 delta less that of the put,
linear in delta between listed strikes.

{market_table(r)}

## No look-ahead

- Histories are cut before anything reads them: a row is kept if it was known at {now.as_of:%H:%M:%S}. A daily close bears the date of its day and is known
  when that day ends, 24 hours after its time; a snapshot is known at its time. `tailbit calibrate` gets these copies, and the same moment as its `to`.
- So the fall during 4 February itself is in no daily history: it is in the chain, and in the snapshots.
- Contracts, quantities and hedges follow from the chain of 4 February. Of the later chains it is only checked that they have these contracts.
- Models, windows, books and scenarios were committed before a result was seen. One mistake was mended afterwards: hedges had been sized at spot instead of
  the future's mark, which the run's own Greeks showed; that was half an ETH at most. Nothing was chosen by its outcome.

{files}

`tests/cli/february_2026.sh` changes everything that comes after that moment, in histories that are made up, and finds the same page.

## Books

Each leg of options is on coins of {r['notional']:,} USD, rounded to a lot. Short vol: the straddle at the money of the listed expiry nearest to 30 days. Long skew: of that expiry
long the put, short the call with deltas nearest to 25 %. Calendar: short the straddle of the expiry nearest to 7 days, long that of the
one nearest to 60. Only strikes with bid and ask. Deltas are those of `tailbit price` (`delta_usd`), and are hedged by the dated future of the (longer) expiry,
which has no funding and whose mark is in the chain; the hedge is not changed until the horizon. Premiums are USD: coins received are not held. The delta left, by the run's Greeks, is at most
{left:.4f} coins.

{book_table(r['books'], r['entries'], now)}

## Models

All are made by `tailbit calibrate`, from `configs/february_2026`. Five of daily closes and vol indices since the indices began, with `missing: leave_out`; skew, basis and the
decay of vol moves over terms of the snapshots since 30 December. `Gaussian`, `Student-t`: constant vol; `jumps`: constant vol and Merton's jumps, single and in common; `GARCH-t`: GARCH(1,1);
`implied-t`: the spot's vol is that of the surface, moved by the level. The sixth, `snapshots`, takes everything of the snapshots by 6 hours, Gaussian, with implied vol.
Degrees of freedom are those of a multivariate t of all factors. Level, skew and basis move in all six.

{law_table(r['laws'])}

`spot vol` is today's, per root year; `spot,level` and `spot,skew` are correlations of innovations. Correlations with skew and basis are 0 in the daily models: `calibrate` wants 60 days in
common, and there are 35. Histories of the perpetuals' premium are not used, as no book holds one.

## Forecasts and what came

{r['scenarios']:,} scenarios, seed {r['seed']}. Quantiles of profit in USD over {first['seconds']:,} and {second['seconds']:,} seconds, to the second of the later chain. On {two} horizons of models whose
innovations come by days are {short} seconds shorter: a day must end at the end of a step, steps are equal, and {second['seconds']:,} seconds have no common divisor with a day.
`percentile` is the share of scenarios that gain no more than what came, in per cent (`none`, `all`: of them), counted in `losses.npy`; `by marks` the same for the profit
by the venue's marks. VaR at 99 % is minus the 1 % quantile, up to a rank. `loss/ES` is the loss that came over ES at 99 %.

To {one}:

{forecast_table(first, r['books'])}

To {two}:

{forecast_table(second, r['books'])}

## Reading

{reading(r)}

## What came, in three ways

`run`: the book's value on the later market less that on the first, as a run tells them (`base_value`), which is what scenarios are valued by; futures enter with the
mark of 4 February as their `entry_price`. `price`: each option by `tailbit price` at the vol in `quotes.csv`. `marks`: the venue's own marks in coin, times the spot.

To {one}:

{gap_table(first['came'], r['books'])}

To {two}:

{gap_table(second['came'], r['books'])}

`price` differs where lines of one expiry were taken at different forwards: the market has one, the median. Marks differ as the venue's smile is not the fitted one, most of all in the chain of
{one}, whose lines were taken while the index moved, with wide quotes. `by marks` shows what that does to percentiles: it matters for skews and calendars, not for short vol.

## Digests

The losses of all runs, as in [definitions.md](definitions.md#digests). Markets and models are rounded to 10 digits before, so that fits whose last bits are those of another compiler or library make the same runs:

{digest_table(days)}
""")


def self_test():
    assert [money(x) for x in (-0.4, 0.4, -1234.5678, 1e6)] == ["0", "0", "-1,235", "1,000,000"]
    assert [percentile(x, 200000) for x in (0, 1, 199999, 200000)] == ["none", "0.0005", "99.9995", "all"]
    line = {"var": 10.0, "es": 20.0, "quantiles": [-10.0, 5.0]}
    assert [beyond(line | {"came": x}) for x in (-21.0, -15.0, -10.0, 5.0, 6.0)] == ["loss > ES", "loss > VaR", "-", "-", "gain > 99 %"]
    assert table("a b_c", [["x", "1"], ["yy", "10"]]) == "    a   b c\n    x     1\n    yy   10"
    assert abs(at_delta([{"delta": d, "fit_vol": v} for d, v in ((0.3, "0.5"), (0.2, "0.6"), (0.1, "9"))], 0.25) - 0.55) < 1e-12
    assert [listed(x) for x in ([], ["a"], ["a", "b", "c"])] == ["none", "a", "a, b and c"]
    assert wrap("# a\n\nb\nc\n\n- d\n  e\n- f\n\n    g\n    h\n") == "# a\n\nb c\n\n- d e\n- f\n\n    g\n    h\n"
    assert span([0.141, 0.139, 0.2]) == "0.14 to 0.20" and span([1.0, 1.001]) == "1.00"
