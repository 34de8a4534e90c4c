#include "host/io/write_inputs.hpp"

#include "host/io/fields_writer.hpp"
#include "host/io/model_fields.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::ordered_json;

ordered_json surface_to_json(const FlatSurface& surface) { return {{"kind", "flat"}, {"vol", surface.vol}}; }

ordered_json fit_to_json(const SurfaceFit& fit) {
  ordered_json out{{"options", fit.options}, {"two_sided", fit.two_sided},       {"inside", fit.inside},
                   {"marks", fit.marks},     {"median_width", fit.median_width}, {"rms", fit.rms}};
  return out;
}

ordered_json surface_to_json(const SviSurface& surface) {
  ordered_json slices = ordered_json::array();
  for (const SviQuote& q : surface.slices) {
    slices.push_back(
        {{"expiry", timestamp_text(q.expiry)}, {"a", q.a}, {"b", q.b}, {"rho", q.rho}, {"m", q.m}, {"sigma", q.sigma}});
    if (q.fit) slices.back()["fit"] = fit_to_json(*q.fit);
  }
  return {{"kind", "svi"}, {"slices", std::move(slices)}};
}

ordered_json surface_to_json(const QuotedSurface& surface) {
  ordered_json quotes = ordered_json::array();
  for (const QuotedVol& q : surface.quotes) {
    quotes.push_back({{"expiry", timestamp_text(q.expiry)}, {"strike", q.strike}});
    if (q.bid_vol == q.ask_vol) {
      quotes.back()["vol"] = q.bid_vol;
    } else {
      quotes.back()["bid_vol"] = q.bid_vol;
      quotes.back()["ask_vol"] = q.ask_vol;
    }
  }
  return {{"kind", "quotes"}, {"quotes", std::move(quotes)}};
}

ordered_json surface_to_json(std::monostate) { return nullptr; }

bool pays_funding(const Funding& f) {
  return f.rule != FundingRule::constant || f.rate_8h != 0.0 || f.premium != 0.0 || f.cap_8h;
}

ordered_json funding_to_json(const Funding& funding) {
  ordered_json out = ordered_json::object();
  if (funding.rule != FundingRule::deribit) out["rate_8h"] = funding.rate_8h;
  out["rule"] = spelled(funding.rule);
  if (funding.cap_8h) out["cap_8h"] = *funding.cap_8h;
  out["premium"] = funding.premium;
  return out;
}

ordered_json underlying_to_json(const UnderlyingMarket& underlying) {
  ordered_json out{{"spot", underlying.spot}};
  if (!underlying.forwards.empty()) {
    for (const ListedForward& f : underlying.forwards) {
      out["forwards"].push_back({{"expiry", timestamp_text(f.expiry)}, {"forward", f.forward}});
    }
  }
  if (!std::holds_alternative<std::monostate>(underlying.surface)) {
    out["surface"] = std::visit([](const auto& surface) { return surface_to_json(surface); }, underlying.surface);
  }
  if (pays_funding(underlying.funding)) out["funding"] = funding_to_json(underlying.funding);
  return out;
}

ordered_json grouped_t_to_json(const GroupedTModel& grouped_t) {
  ordered_json groups = ordered_json::array();
  for (const TGroup& group : grouped_t.groups) groups.push_back({{"dof", group.dof}, {"factors", group.factors}});
  ordered_json out{{"kind", "grouped_t"}, {"groups", std::move(groups)}};
  if (!grouped_t.marginals.empty()) out["marginals"] = grouped_t.marginals;
  return out;
}

ordered_json bootstrap_to_json(const BootstrapModel& bootstrap) {
  return {{"kind", "bootstrap"},
          {"mean_block", bootstrap.mean_block},
          {"residuals", {{"factors", bootstrap.factors}, {"rows", bootstrap.rows}}}};
}

ordered_json innovations_to_json(const Model& model) {
  if (model.grouped_t || model.bootstrap) {
    ordered_json out = model.grouped_t ? grouped_t_to_json(*model.grouped_t) : bootstrap_to_json(*model.bootstrap);
    out["period"] = duration_text(model.period_seconds);
    if (model.max_move) out["max_move"] = *model.max_move;
    return out;
  }
  const std::optional<StudentT>& student_t = model.student_t;
  if (!student_t) {
    ordered_json gaussian{{"kind", "gaussian"}};
    // Only where it is not the default, so that models of before keep their digests.
    if (model.period_seconds != Model{}.period_seconds) gaussian["period"] = duration_text(model.period_seconds);
    return gaussian;
  }
  ordered_json out{
      {"kind", "student_t"}, {"dof", student_t->dof}, {"period", duration_text(student_t->period_seconds)}};
  if (student_t->max_move) out["max_move"] = *student_t->max_move;
  return out;
}

ordered_json spot_vol_to_json(const UnderlyingModel& u) {
  ordered_json out{{"kind", spelled(u.spot_vol)}};
  if (u.spot_vol != SpotVolKind::implied && u.spot_vol != SpotVolKind::heston) out["vol"] = u.vol;
  if (u.spot_vol == SpotVolKind::log_normal) out.update(fields_json(u.log_normal));
  if (u.spot_vol == SpotVolKind::garch) out.update(fields_json(u.garch));
  if (u.spot_vol == SpotVolKind::heston) out.update(fields_json(u.heston));
  return out;
}

ordered_json implied_vol_to_json(const UnderlyingModel& u) {
  ordered_json out = ordered_json::object();
  if (u.level) out["level"] = fields_json(*u.level);
  if (u.skew) out["skew"] = fields_json(*u.skew);
  out["sticky"] = spelled(u.sticky);
  return out;
}

ordered_json with_self_excitation(ordered_json jumps, const std::optional<SelfExcitation>& self_excitation) {
  if (self_excitation) jumps["self_excitation"] = fields_json(*self_excitation);
  return jumps;
}

ordered_json underlying_to_json(const UnderlyingModel& u) {
  ordered_json out{{"drift", u.drift}, {"spot_vol", spot_vol_to_json(u)}};
  if (u.level || u.skew || u.sticky != Sticky::moneyness) out["implied_vol"] = implied_vol_to_json(u);
  if (u.basis) out["basis"] = fields_json(*u.basis);
  if (u.premium) out["premium"] = fields_json(*u.premium);
  for (const JumpsModel& jumps : u.jumps)
    out["jumps"].push_back(with_self_excitation(fields_json(jumps), jumps.self_excitation));
  return out;
}

ordered_json correlation_to_json(const Correlation& c) {
  return {{"factors", c.factors}, {"matrix", c.matrix}, {"repair", spelled(c.repair)}};
}

ordered_json regimes_to_json(const RegimesModel& regimes) {
  ordered_json states = ordered_json::array();
  for (const RegimeModel& regime : regimes.states) {
    ordered_json state{{"name", regime.name}};
    state.update(fields_json(regime));
    for (const auto& [name, multiplier] : regime.underlyings)
      state["underlyings"][name] = {{"vol_multiplier", multiplier}};
    if (regime.correlation) state["correlation"] = correlation_to_json(*regime.correlation);
    states.push_back(std::move(state));
  }
  ordered_json out{{"states", std::move(states)}, {"transition", regimes.transition}};
  if (!regimes.first.empty()) out["first"] = regimes.first;
  return out;
}

std::string one_line(const ordered_json& value) {
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, member] : value.items()) {
    text += text.empty() ? "" : ", ";
    if (value.is_object()) text += ordered_json(key).dump() + ": ";
    text += one_line(member);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

void append(std::string& text, const ordered_json& value, std::size_t indent) {
  constexpr std::size_t kWidth = 240;  // so that a contract is a line
  const std::string line = one_line(value);
  const bool whole_file = indent == 0;
  if (!value.is_structured() || value.empty() || (!whole_file && indent + line.size() <= kWidth)) {
    text += line;
    return;
  }
  const std::string margin(indent + 2, ' ');
  text += value.is_object() ? "{" : "[";
  const char* separator = "\n";
  for (const auto& [key, member] : value.items()) {
    text += separator + margin;
    if (value.is_object()) text += ordered_json(key).dump() + ": ";
    append(text, member, indent + 2);
    separator = ",\n";
  }
  text += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

ordered_json market_to_json(const Market& market) {
  ordered_json underlyings = ordered_json::object();
  for (const auto& [name, underlying] : market.underlyings) underlyings[name] = underlying_to_json(underlying);
  return {{"schema", "tailbit.market/1"},
          {"as_of", timestamp_text(market.as_of)},
          {"rates", {{"USD", market.usd_rate}}},
          {"underlyings", std::move(underlyings)}};
}

ordered_json model_to_json(const Model& model) {
  ordered_json underlyings = ordered_json::object();
  for (const auto& [name, u] : model.underlyings) underlyings[name] = underlying_to_json(u);
  ordered_json out{{"schema", "tailbit.model/1"},
                   {"innovations", innovations_to_json(model)},
                   {"returns", spelled(model.returns)},
                   {"underlyings", std::move(underlyings)}};
  for (const CommonJumpsModel& common : model.common_jumps) {
    ordered_json entry = with_self_excitation(fields_json(common), common.self_excitation);
    for (const auto& [name, size] : common.underlyings) entry["underlyings"][name] = fields_json(size);
    out["common_jumps"].push_back(std::move(entry));
  }
  if (model.regimes) out["regimes"] = regimes_to_json(*model.regimes);
  if (!model.correlation.factors.empty()) out["correlation"] = correlation_to_json(model.correlation);
  return out;
}

ordered_json instruments_to_json(const std::vector<Instrument>& instruments) {
  ordered_json list = ordered_json::array();
  for (const Instrument& instrument : instruments) {
    ordered_json entry{{"id", instrument.id}};
    visit_family(instrument.terms, [&]<class Family>(const auto& terms) {
      entry["family"] = Family::name;
      entry["underlying"] = instrument.underlying;
      FieldsWriter writer(entry);
      Family::fields(writer, terms);
    });
    entry["multiplier"] = instrument.multiplier;
    list.push_back(std::move(entry));
  }
  return {{"schema", "tailbit.instruments/1"}, {"instruments", std::move(list)}};
}

std::string json_text(const ordered_json& value) {
  std::string text;
  append(text, value, 0);
  return text + "\n";
}

}  // namespace tailbit
