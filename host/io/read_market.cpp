#include <cmath>
#include <limits>

#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/readers.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// An expiry in a list of them: after as_of, and after the one before.
void check_expiry_order(JsonObject& entry, Timestamp expiry, Timestamp previous, Timestamp as_of) {
  if (expiry <= as_of) {
    entry.find("expiry")->problem(timestamp_text(expiry) + " is not after as_of", "remove it or correct the date");
  } else if (expiry <= previous) {
    entry.find("expiry")->problem(timestamp_text(expiry) + " is not after the one before",
                                  "list expiries in ascending order, each once");
  }
}

void read_forwards(JsonObject& underlying, Timestamp as_of, std::vector<ListedForward>& out) {
  const auto list = underlying.find("forwards");
  if (!list) return;
  Timestamp previous = as_of;
  for (const JsonNode& node : list->elements()) {
    JsonObject entry(node);
    ListedForward forward{};
    if (entry.required("expiry", forward.expiry)) {
      check_expiry_order(entry, forward.expiry, previous, as_of);
      previous = forward.expiry;
    }
    entry.required("forward", forward.forward, Positive{});
    entry.no_other_keys();
    out.push_back(forward);
  }
}

// The slice must be a smile (Gatheral 2004) whose vols are at least kLeastVol everywhere.
void check_svi(const JsonNode& node, const SviQuote& q, Timestamp as_of) {
  if (!(std::abs(q.rho) < 1.0)) {
    node.problem("rho is " + number_text(q.rho), "it must be between -1 and 1");
    return;
  }
  // Beyond this slope a wing has negative probabilities (Lee 2004).
  if (q.b * (1.0 + std::abs(q.rho)) > 2.0) {
    node.problem("b (1 + |rho|) is " + number_text(q.b * (1.0 + std::abs(q.rho))), "it must be at most 2");
    return;
  }
  const double least_variance = q.a + q.b * q.sigma * std::sqrt(1.0 - q.rho * q.rho);
  if (least_variance < 0.0) {
    node.problem("the least total variance a + b sigma sqrt(1 - rho^2) is " + number_text(least_variance),
                 "it must not be negative");
  } else if (const double years = years_between(as_of, q.expiry);
             years > 0.0 && std::sqrt(least_variance / years) < kLeastVol) {
    node.problem("the least vol of the slice is " + number_text(std::sqrt(least_variance / years)),
                 "it must be at least " + number_text(kLeastVol));
  }
}

std::optional<SurfaceFit> read_fit(JsonObject& slice) {
  const auto node = slice.find("fit");
  if (!node) return std::nullopt;
  SurfaceFit out;
  JsonObject fit(node);
  // A count that is missing or wrong bounds no other.
  constexpr std::uint32_t kAny = std::numeric_limits<std::uint32_t>::max();
  const auto count = [&](const char* key, std::uint32_t& value, std::uint32_t most) {
    return fit.required(key, value, Within<std::uint32_t>{0, most}) ? value : most;
  };
  count("inside", out.inside, count("two_sided", out.two_sided, count("options", out.options, kAny)));
  fit.defaulted("marks", out.marks);
  fit.required("median_width", out.median_width, NotNegative{});
  fit.required("rms", out.rms, NotNegative{});
  fit.no_other_keys();
  return out;
}

// Bid and ask, or one vol.
QuotedSurface read_quotes(JsonObject& surface, Timestamp as_of) {
  QuotedSurface out;
  const auto list = surface.require("quotes");
  if (!list) return out;
  if (list->value().is_array() && list->value().empty()) list->problem("there is no quote", "give at least one");
  for (const JsonNode& node : list->elements()) {
    JsonObject entry(node);
    QuotedVol quote{};
    constexpr Within<double> kVols{kLeastVol, kMostVol};
    if (entry.required("expiry", quote.expiry)) check_expiry_order(entry, quote.expiry, as_of, as_of);
    entry.required("strike", quote.strike, Positive{});
    const bool bid = bool(entry.find("bid_vol")), ask = bool(entry.find("ask_vol"));
    if (entry.find("vol")) {
      if (entry.required("vol", quote.bid_vol, kVols)) quote.ask_vol = quote.bid_vol;
      if (bid || ask)
        node.problem("vol, and bid_vol or ask_vol, are both there", "give `vol`, or `bid_vol` and `ask_vol`");
    } else {
      bool both = entry.required("bid_vol", quote.bid_vol, kVols);
      both &= entry.required("ask_vol", quote.ask_vol, kVols);
      if (both && !(quote.bid_vol < quote.ask_vol))
        node.problem("bid_vol is not below ask_vol", "correct them, or give one `vol`");
    }
    entry.no_other_keys();
    out.quotes.push_back(quote);
  }
  return out;
}

SviSurface read_svi(JsonObject& surface, Timestamp as_of) {
  SviSurface out;
  const auto list = surface.require("slices");
  if (!list) return out;
  if (list->value().is_array() && list->value().empty()) list->problem("there is no slice", "give at least one");
  Timestamp previous = as_of;
  for (const JsonNode& node : list->elements()) {
    JsonObject entry(node);
    SviQuote quote{};
    if (entry.required("expiry", quote.expiry)) {
      check_expiry_order(entry, quote.expiry, previous, as_of);
      previous = quote.expiry;
    }
    bool complete = entry.required("a", quote.a);
    complete &= entry.required("b", quote.b, NotNegative{});
    complete &= entry.required("rho", quote.rho);
    complete &= entry.required("m", quote.m);
    complete &= entry.required("sigma", quote.sigma, Positive{});
    quote.fit = read_fit(entry);
    entry.no_other_keys();
    if (complete) check_svi(node, quote, as_of);
    out.slices.push_back(quote);
  }
  return out;
}

void read_surface(JsonObject& underlying, Timestamp as_of, Surface& out) {
  const auto node = underlying.find("surface");
  if (!node) return;
  JsonObject surface(node);
  const auto kind = surface.require("kind");
  std::size_t index = 0;
  if (!kind || !read_name(*kind, {"flat", "svi", "quotes"}, index)) return;
  if (index == 0) {
    FlatSurface flat{};
    if (surface.required("vol", flat.vol, Positive{}) && (flat.vol < kLeastVol || flat.vol > kMostVol)) {
      surface.find("vol")->problem(
          number_text(flat.vol) + " is not between " + number_text(kLeastVol) + " and " + number_text(kMostVol),
          "write 0.6 for a vol of 60 %");
    }
    out = flat;
  } else if (index == 1) {
    out = read_svi(surface, as_of);
  } else {
    out = read_quotes(surface, as_of);
  }
  surface.no_other_keys();
}

// Of the rules only `constant` cannot do without a rate, and `deribit` has none.
void read_funding_rate(JsonObject& funding, Funding& out) {
  constexpr Within<double> kRates{-1.0, 1.0};
  if (out.rule == FundingRule::constant) {
    funding.required("rate_8h", out.rate_8h, kRates);
  } else if (out.rule == FundingRule::binance) {
    constexpr double kInterest = 0.0001;  // of Binance and most venues: 0.03 % a day
    out.rate_8h = kInterest;
    funding.defaulted("rate_8h", out.rate_8h, kRates);
  } else if (const auto rate = funding.find("rate_8h")) {
    rate->problem("the rule \"deribit\" has no rate of its own: its funding follows from the premium alone",
                  "leave it out, or use the rule \"constant\"");
  }
}

void read_funding(JsonObject& underlying, Funding& out) {
  const auto node = underlying.find("funding");
  if (!node) return;
  JsonObject funding(node);
  // Of a rule that is none, nothing is known about its rate.
  if (!funding.find("rule") || funding.defaulted("rule", out.rule)) {
    read_funding_rate(funding, out);
  } else {
    funding.find("rate_8h");
  }
  if (funding.optional("cap_8h", out.cap_8h, Positive{}) && out.rule == FundingRule::constant &&
      std::abs(out.rate_8h) > *out.cap_8h) {
    funding.find("cap_8h")->problem(number_text(*out.cap_8h) + " is less than the constant rate " +
                                        number_text(out.rate_8h) + ", which would never be paid",
                                    "correct one of them, or leave the cap out");
  }
  if (funding.defaulted("premium", out.premium) && !(std::abs(out.premium) < 1.0)) {
    funding.find("premium")->problem(number_text(out.premium) + " is not between -1 and 1",
                                     "write 0.001 for a premium of 0.1 %");
  }
  funding.no_other_keys();
}

// Checked although nothing here trades; whoever gave it is told that it has no effect.
void read_liquidity(JsonObject& underlying, const std::string& place, std::vector<std::string>& warnings) {
  const auto node = underlying.find("liquidity");
  if (!node) return;
  JsonObject liquidity(node);
  double value = 0.0;
  liquidity.defaulted("half_spread_bps", value, NotNegative{});
  liquidity.defaulted("depth_usd_per_bp", value, Positive{});
  liquidity.defaulted("daily_volume_usd", value, Positive{});
  liquidity.no_other_keys();
  warnings.push_back(place + "/liquidity: has no effect in this version");
}

UnderlyingMarket read_underlying(const JsonNode& node, Timestamp as_of, const std::string& place,
                                 std::vector<std::string>& warnings) {
  UnderlyingMarket out;
  JsonObject underlying(node);
  underlying.required("spot", out.spot, Positive{});
  read_forwards(underlying, as_of, out.forwards);
  read_surface(underlying, as_of, out.surface);
  read_funding(underlying, out.funding);
  read_liquidity(underlying, place, warnings);
  underlying.no_other_keys();
  return out;
}

bool read_as_of(JsonObject& market, Timestamp& as_of) {
  std::string text;
  if (!market.required("as_of", text)) return false;
  const auto moment = parse_timestamp(text);
  if (!moment) {
    market.find("as_of")->problem(in_quotes(text) + " is not a UTC date and time in whole seconds",
                                  "write \"2026-03-27T08:00:00Z\"");
    return false;
  }
  as_of = *moment;
  return true;
}

}  // namespace

Market read_market(const std::string& path, Problems& problems, std::vector<std::string>& warnings) {
  Market out;
  const JsonFile file(path, ExitCode::bad_data, problems);
  JsonObject market(file.root());
  market.schema("tailbit.market/1");
  // Without as_of no expiry can be called late: as if it were long ago.
  if (!read_as_of(market, out.as_of)) out.as_of = Timestamp{0};
  if (const auto node = market.find("rates")) {
    JsonObject rates(node);
    rates.defaulted("USD", out.usd_rate, Within<double>{-1.0, 1.0});
    rates.no_other_keys();
  }
  if (const auto node = market.require("underlyings"); JsonObject underlyings{node}) {
    if (node->value().empty()) node->problem("there is no underlying", "give at least one");
    refuse_too_many(*node, limits::kMostUnderlyings, "underlyings");
    for (const auto& [name, value] : node->value().items()) {
      out.underlyings[name] = read_underlying(node->member(name), out.as_of, path + ":/underlyings/" + name, warnings);
    }
  }
  market.no_other_keys();
  file.check_schema("tailbit.market/1");
  return out;
}

}  // namespace tailbit
