"""ORE's input files for a book of European options on BTC in USD, and for a history that holds given spots.

BTC/USD is an FX pair; one flat vol and one flat USD rate, the coin's own rate is 0. ORE values at one date with today's
market and with each historical move of the spot: the history is a list of pairs, a base day and the day after with the
spot wanted, and days without data between them, so that no other two days are a day apart.
"""

import datetime
import os

FIRST_DAY, DAY = datetime.date(1930, 1, 1), datetime.timedelta(days=1)

ENGINES = """<PricingEngines>
  <Product type="FxOption">
    <Model>GarmanKohlhagen</Model><ModelParameters/>
    <Engine>AnalyticEuropeanEngine</Engine><EngineParameters/>
  </Product>
</PricingEngines>
"""

CONVENTIONS = """<Conventions>
  <Zero>
    <Id>ZERO</Id><TenorBased>False</TenorBased><DayCounter>A365</DayCounter><Compounding>Continuous</Compounding>
  </Zero>
  <FX>
    <Id>BTC-USD-FX</Id><SpotDays>0</SpotDays><SourceCurrency>BTC</SourceCurrency><TargetCurrency>USD</TargetCurrency>
    <PointsFactor>1</PointsFactor><AdvanceCalendar>NullCalendar</AdvanceCalendar><SpotRelative>true</SpotRelative>
  </FX>
</Conventions>
"""

# ORE knows the currency and has no calendar for it.
CALENDARS = """<CalendarAdjustments>
  <Calendar name="BTC">
    <BaseCalendar>NullCalendar</BaseCalendar><AdditionalHolidays/><AdditionalBusinessDays/>
  </Calendar>
</CalendarAdjustments>
"""

CURVE = """    <YieldCurve>
      <CurveId>{ccy}1D</CurveId><CurveDescription/><Currency>{ccy}</Currency><DiscountCurve/>
      <Segments><Direct>
        <Type>Zero</Type>
        <Quotes>{quotes}</Quotes>
        <Conventions>ZERO</Conventions>
      </Direct></Segments>
      <InterpolationVariable>Zero</InterpolationVariable><InterpolationMethod>Linear</InterpolationMethod>
      <YieldCurveDayCounter>A365</YieldCurveDayCounter><Tolerance>1e-12</Tolerance><Extrapolation>true</Extrapolation>
    </YieldCurve>
"""

CURVES = """<CurveConfiguration>
  <FXVolatilities>
    <FXVolatility>
      <CurveId>BTCUSD</CurveId><CurveDescription/><Dimension>ATM</Dimension><Expiries>1M,2Y</Expiries>
      <FXSpotID>FX/BTC/USD</FXSpotID><FXForeignCurveID>Yield/BTC/BTC1D</FXForeignCurveID>
      <FXDomesticCurveID>Yield/USD/USD1D</FXDomesticCurveID>
      <DayCounter>A365</DayCounter><Calendar>NullCalendar</Calendar>
    </FXVolatility>
  </FXVolatilities>
  <YieldCurves>
{curves}  </YieldCurves>
</CurveConfiguration>
"""

MARKET = """<TodaysMarket>
  <Configuration id="default">
    <DiscountingCurvesId>default</DiscountingCurvesId><FxSpotsId>default</FxSpotsId>
    <FxVolatilitiesId>default</FxVolatilitiesId>
  </Configuration>
  <DiscountingCurves id="default">
    <DiscountingCurve currency="USD">Yield/USD/USD1D</DiscountingCurve>
    <DiscountingCurve currency="BTC">Yield/BTC/BTC1D</DiscountingCurve>
  </DiscountingCurves>
  <FxSpots id="default"><FxSpot pair="BTCUSD">FX/BTC/USD</FxSpot></FxSpots>
  <FxVolatilities id="default"><FxVolatility pair="BTCUSD">FXVolatility/BTC/USD/BTCUSD</FxVolatility></FxVolatilities>
</TodaysMarket>
"""

SIMULATION = """<Simulation>
  <Market>
    <BaseCurrency>USD</BaseCurrency>
    <Currencies><Currency>USD</Currency><Currency>BTC</Currency></Currencies>
    <YieldCurves>
      <Configuration>
        <Tenors>1M,3M,6M,1Y,2Y</Tenors><Interpolation>LogLinear</Interpolation><Extrapolation>Y</Extrapolation>
        <DayCounters><DayCounter curveName="">A365</DayCounter></DayCounters>
      </Configuration>
    </YieldCurves>
    <FxRates><CurrencyPairs><CurrencyPair>BTCUSD</CurrencyPair></CurrencyPairs></FxRates>
    <FxVolatilities>
      <Simulate>false</Simulate><ReactionToTimeDecay>ConstantVariance</ReactionToTimeDecay>
      <CurrencyPairs><CurrencyPair>BTCUSD</CurrencyPair></CurrencyPairs>
      <Expiries>1M,3M,6M,1Y,2Y</Expiries>
      <DayCounters><DayCounter ccyPair="">A365</DayCounter></DayCounters>
    </FxVolatilities>
  </Market>
</Simulation>
"""

TRADE = """  <Trade id="{id}">
    <TradeType>FxOption</TradeType>
    <Envelope><CounterParty>C</CounterParty><NettingSetId/><AdditionalFields/></Envelope>
    <FxOptionData>
      <OptionData>
        <LongShort>{side}</LongShort><OptionType>{kind}</OptionType><Style>European</Style><Settlement>Cash</Settlement>
        <PayOffAtExpiry>false</PayOffAtExpiry>
        <ExerciseDates><ExerciseDate>{expiry}</ExerciseDate></ExerciseDates>
      </OptionData>
      <BoughtCurrency>BTC</BoughtCurrency><BoughtAmount>{amount!r}</BoughtAmount>
      <SoldCurrency>USD</SoldCurrency><SoldAmount>{paid!r}</SoldAmount>
    </FxOptionData>
  </Trade>
"""

ORE = """<ORE>
  <Setup>
{setup}  </Setup>
  <Markets>
{markets}  </Markets>
  <Analytics>
    <Analytic type="npv">
      <Parameter name="active">Y</Parameter><Parameter name="baseCurrency">USD</Parameter>
      <Parameter name="outputFileName">npv.csv</Parameter>
    </Analytic>
    <Analytic type="historicalSimulationVar">
{analytic}    </Analytic>
  </Analytics>
</ORE>
"""


def parameters(**values):
    return "".join(f'      <Parameter name="{name}">{value}</Parameter>\n' for name, value in values.items())


def zero_quotes(job, ccy):
    """The names of a currency's zero rates: a month and some years from the day of valuation."""
    return [f"ZERO/RATE/{ccy}/{ccy}1D/A365/{job['day'] + datetime.timedelta(days=days)}" for days in (30, 1000)]


def quotes(job):
    rows = {"FX/RATE/BTC/USD": job["spot"]}
    rows |= {f"FX_OPTION/RATE_LNVOL/BTC/USD/{tenor}/ATM": job["vol"] for tenor in ("1M", "2Y")}
    for ccy, rate in (("USD", job["rate"]), ("BTC", 0.0)):
        rows |= {name: rate for name in zero_quotes(job, ccy)}
    return "".join(f"{job['day']} {name} {value!r}\n" for name, value in rows.items())


def curve(job, ccy):
    return CURVE.format(ccy=ccy, quotes="".join(f"<Quote>{name}</Quote>" for name in zero_quotes(job, ccy)))


def history(base, spots):
    """The rows of scenarios.csv, and the base days of the spots. ORE wants a day before and a day behind the period."""
    rows, days = ["Date,Scenario,Numeraire,FXSpot/BTCUSD/0\n", f"{FIRST_DAY},1,1,{base!r}\n"], []
    for i, spot in enumerate(spots):
        day = FIRST_DAY + (1 + 3 * i) * DAY
        days.append(day)
        rows += [f"{day},1,1,{base!r}\n", f"{day + DAY},1,1,{spot!r}\n"]
    rows.append(f"{days[-1] + 2 * DAY},1,1,{base!r}\n")
    return "".join(rows), days


def trade(option):
    return TRADE.format(
        id=option["id"],
        side="Long" if option["quantity"] > 0.0 else "Short",
        kind=option["kind"].capitalize(),
        expiry=option["expiry"],
        amount=abs(option["quantity"]),
        paid=abs(option["quantity"]) * option["strike"],
    )


def write(folder, job, spots):
    """`job`: day of valuation, spot, rate, vol, options. Returns the path of ORE's main file and the base days of `spots`."""
    scenarios, days = history(job["spot"], spots)
    names = {
        "inputPath": folder,
        "outputPath": os.path.join(folder, "out"),
        "marketDataFile": "market.txt",
        "fixingDataFile": "fixings.txt",
        "curveConfigFile": "curves.xml",
        "conventionsFile": "conventions.xml",
        "calendarAdjustment": "calendars.xml",
        "marketConfigFile": "todaysmarket.xml",
        "pricingEnginesFile": "engines.xml",
        "portfolioFile": "portfolio.xml",
    }
    setup = {"asofDate": job["day"], "baseCurrency": "USD", "implyTodaysFixings": "N", "observationModel": "Disable", "nThreads": 1}
    setup |= {"logFile": "log.txt", "logMask": 15}
    markets = {name: "default" for name in ("lgmcalibration", "fxcalibration", "pricing", "simulation", "sensitivity")}
    analytic = {
        "active": "Y",
        "historicalScenarioFile": "scenarios.csv",
        "simulationConfigFile": "simulation.xml",
        "historicalPeriod": f"{days[0]},{days[-1] + DAY}",
        "mporDays": 1,
        "mporCalendar": "NullCalendar",
        "mporOverlappingPeriods": "true",
        "quantiles": "0.01",
        "includeExpectedShortfall": "Y",
        "breakdown": "N",
        "riskClassBreakdown": "N",
        "tradePnl": "N",
        "outputFile": "var.csv",
    }
    files = {
        "market.txt": quotes(job),
        "fixings.txt": "",
        "curves.xml": CURVES.format(curves=curve(job, "USD") + curve(job, "BTC")),
        "conventions.xml": CONVENTIONS,
        "calendars.xml": CALENDARS,
        "todaysmarket.xml": MARKET,
        "engines.xml": ENGINES,
        "simulation.xml": SIMULATION,
        "portfolio.xml": "<Portfolio>\n" + "".join(trade(option) for option in job["options"]) + "</Portfolio>\n",
        "scenarios.csv": scenarios,
        "ore.xml": ORE.format(setup=parameters(**setup, **names), markets=parameters(**markets), analytic=parameters(**analytic)),
    }
    os.makedirs(names["outputPath"], exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return os.path.join(folder, "ore.xml"), days
