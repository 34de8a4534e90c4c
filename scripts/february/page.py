"""The page that scripts/february_2026 writes: its tables and its text. Every figure is of the run; `reading` counts what it says."""

import math

ALL = "all six"
YEAR = 31_536_000
COINS = ("BTC", "ETH")
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


def market_table(r):
    """What the market did, by coin: spot, vol at the money and the risk reversal of the 30-day expiry."""
    rows = []
    for coin in COINS:
        expiry = r["now"].expiry(coin, 30)
        for day, chain in r["chains"].items():
            vol = lambda name: float(chain.options[name]["fit_vol"])
            reversal = vol(chain.of_delta(coin, expiry, "call", 0.25)) - vol(chain.of_delta(coin, expiry, "put", -0.25))
            width = chain.ranges[coin]
            rows.append([coin, day, f"{chain.as_of:%H:%M:%S}", f"{chain.spot(coin):,.2f}", f"{width[0]:,.2f} .. {width[1]:,.2f}",
                         f"{100 * vol(chain.straddle(coin, expiry)[0]):.1f}", f"{100 * reversal:.1f}"])
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


def reading(r):
    """What the tables say, in words; the numbers in it are counted here."""
    first, second = r["days"].values()
    books, models = list(r["books"]), list(first["lines"])
    fat = [m for m in models if m not in THIN]
    count = lambda day, names, what: sum(beyond(day["lines"][m][b]) in what for m in names for b in books)
    lost, gained = ("loss > VaR", "loss > ES"), ("gain > 99 %",)
    share = lambda m, b: 100 * first["lines"][m][b]["below"] / r["scenarios"]
    ratio = lambda m, b: -first["lines"][m][b]["came"] / first["lines"][m][b]["es"]
    now, later = list(r["chains"].values())[:2]
    falls = {c: math.log(later.spot(c) / now.spot(c)) for c in COINS}
    at_the_money = {c: float(now.options[now.straddle(c, now.expiry(c, 30))[0]]["fit_vol"]) for c in COINS}
    deviations = {c: falls[c] / (at_the_money[c] * math.sqrt(first["seconds"] / YEAR)) for c in COINS}
    skews = [f"{c} long skew" for c in COINS]
    calendars = [f"{c} calendar" for c in COINS]
    worst = min(min(share(m, b), 100 - share(m, b)) for m in fat for b in books)
    inside = [100 * lines[b]["below"] / r["scenarios"] for lines in second["lines"].values() for b in [*books, ALL]]
    calendar_names = sorted({f"{m} ({b})" for m in models for b in calendars if beyond(first["lines"][m][b]) in lost})
    total = {m: beyond(first["lines"][m][ALL]) for m in models}
    return f"""\
**5 February.** In {first['seconds'] / 3600:.1f} hours the log of BTC moved by {falls['BTC']:.3f} and that of ETH by {falls['ETH']:.3f}: {deviations['BTC']:.1f} and {deviations['ETH']:.1f}
deviations at the vols at the money of the evening before. Of {len(models) * len(books)} forecasts of single books {count(first, models, lost)} lost more than their VaR at 99 %, of these
{count(first, models, ('loss > ES',))} more than their ES, and {count(first, models, gained)} gained more than their 99 % quantile. Short vol breaks the VaR of every model on both coins. What tells models apart
is how far out it lies. {' and '.join(THIN)}, with Gaussian moves, understate it grossly: BTC lost {span([ratio(m, 'BTC short vol') for m in THIN])} times their ES, below
{' and '.join(percentile(first['lines'][m]['BTC short vol']['below'], r['scenarios']).replace('none', 'none') for m in THIN)} of their scenarios. Jumps and Student-t innovations put it at
{span([share(m, 'BTC short vol') for m in fat])} % of theirs, {span([ratio(m, 'BTC short vol') for m in fat])} times ES; ETH at {span([share(m, 'ETH short vol') for m in fat])} % and {span([ratio(m, 'ETH short vol') for m in fat])} times. So for those it is a day that comes once
in years, not an impossible one, and still one that their ES at 99 % does not cover on BTC.

**What the models lack.** Long skew gained, on both coins, more than the 99 % quantile of every model: {span([share(m, b) for m in models for b in skews], '{:.3f}')} %. No loss, but a law that is too narrow in the
same way: somebody on the other side would have met a loss that these models hardly know. In the five daily models skews move independently of
spots, since there are too few days of snapshots to measure it, and their vols are those of five weeks without a crash; jumps move no vol, as `calibrate` estimates none of that. `snapshots`
has measured all correlations, among them {r['laws']['snapshots']['BTC']['spot_vol']:.2f} of BTC and its vols, where five years of days say {r['laws']['implied-t']['BTC']['spot_vol']:.2f}, but of a quiet time and with Gaussian moves:
knowing the correlations does not make up for the tails. Calendars are short gamma and long vega, so a part of the loss came back with the vols; VaR was broken by
{', '.join(calendar_names) or 'no model'}. All six books together lost {money(-first['came']['run'][ALL])} USD: more than VaR of {', '.join(m for m in models if total[m] in lost)},
and more than ES of {', '.join(m for m in models if total[m] == 'loss > ES') or 'none'}.

**6 February.** Half of the fall was made good, and so was most of the loss: no forecast of a single book of {len(models) * len(books)} was broken at 99 % on either side
({count(second, models, lost + gained)} beyond), and percentiles are between {min(inside):.1f} and {max(inside):.1f}. Nothing is confirmed by that: horizons overlap, the books are alike
and BTC and ETH move together, so all of this page is about one event. It was looked at because it was a crash, and of such a day any honest law at 99 % says
that it is beyond. That fat-tailed models gave it at least {worst:.2f} % of their scenarios, on the worse side, and the Gaussian ones next to none, is the finding; which of `jumps`, `Student-t`,
`GARCH-t` and `implied-t` is best cannot be told from it. Their verdicts over years are in [backtests.md](backtests.md#rolling-backtests)."""


def write(r):
    now, days = r["now"], r["days"]
    (one, first), (two, second) = days.items()
    files = table("file last_row_that_is_used", [[source, f"{r['last'][name]:%Y-%m-%d %H:%M:%S}"] for name, (source, _, _) in r["histories"].items()])
    short = max(second["seconds"] - seconds for seconds, _ in second["horizons"].values())
    left = max(abs(x) for x in r["left"].values())
    return f"""\
# February 2026

Forecasts made of what was known on 4 February 2026 at {now.as_of:%H:%M:%S} UTC, the evening before a crash, of the profits of delta-hedged books of options to
5 and 6 February, and what came. BTC went from {', '.join(f'{c.spot("BTC"):,.0f}' for c in r['chains'].values())}. One command makes this page:

    scripts/february_2026 ../shared/data/market build/cpu-release/tailbit

The first argument is a folder of market data, which is not part of the repository: chains of Deribit, daily closes of Binance, Deribit's vol indices, and features of
Deribit's surfaces every 6 hours. Without it the command says what is missing. Scenarios, seeds and rules are fixed, so it writes the same page
again; `tests/cli/february_2026.sh` holds it to that where the data is there.

## What the market did

`tailbit import` makes a market of each of the three chains: {', '.join(f'`{source.split("/")[1]}`' for source in r['files'].values())}.
Vols are those of the fitted surface, of the expiry of {now.expiry('BTC', 30)[:10]}; the risk reversal is the vol of the call of 25 delta less that of the put.

{market_table(r)}

## No look-ahead

- Histories are cut before anything reads them: a row is kept if it was known at {now.as_of:%H:%M:%S}. A daily close bears the date of its day and is known
  when that day ends, 24 hours after its time; a snapshot is known at its time. `tailbit calibrate` gets these copies, and the same moment as its `to`.

{files.replace('    ', '      ', 1).replace(chr(10) + '    ', chr(10) + '      ')}

- So the fall during 4 February itself is in no daily history: it is in the chain, and in the snapshots.
- Contracts, quantities and hedges follow from the chain of 4 February. Of the later chains it is only checked that they have these contracts.
- Models, windows, books and scenarios were committed before a result was seen. One mistake was mended afterwards: hedges had been sized at spot instead of
  the future's mark, which the run's own Greeks showed; that was half an ETH at most. Nothing was chosen by its outcome.

`scripts/february_2026 --self-test` changes the future and finds the same histories.

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

The losses of all runs, as in [definitions.md](definitions.md#digests):

{digest_table(days)}
"""


def self_test():
    assert [money(x) for x in (-0.4, 0.4, -1234.5678, 1e6)] == ["0", "0", "-1,235", "1,000,000"]
    assert [percentile(x, 200000) for x in (0, 1, 199999, 200000)] == ["none", "0.0005", "99.9995", "all"]
    line = {"var": 10.0, "es": 20.0, "quantiles": [-10.0, 5.0]}
    assert [beyond(line | {"came": x}) for x in (-21.0, -15.0, -10.0, 5.0, 6.0)] == ["loss > ES", "loss > VaR", "-", "-", "gain > 99 %"]
    assert table("a b_c", [["x", "1"], ["yy", "10"]]) == "    a   b c\n    x     1\n    yy   10"
    assert span([0.141, 0.139, 0.2]) == "0.14 to 0.20" and span([1.0, 1.001]) == "1.00"
