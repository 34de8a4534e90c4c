#include <algorithm>
#include <cmath>

#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/model_fields.hpp"
#include "host/io/read_correlation.hpp"
#include "host/io/readers.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Beyond it t and normal law differ by less than any number of scenarios shows.
constexpr double kMostDof = 1e4;
// A log-return of 10 is a factor of 22,000.
constexpr double kMostMove = 10.0;

// A kind by its name; `later` are those of the format that this version does not simulate.
bool read_kind(const JsonNode& node, const std::vector<std::string>& known, const std::vector<std::string>& later,
               std::size_t& index) {
  if (std::find(later.begin(), later.end(), node.value()) == later.end()) return read_name(node, known, index);
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : " or ") + in_quotes(name);
  node.problem(node.shown() + " is not simulated by this version", "use " + list);
  return false;
}

// A factor that is wrong somewhere is there all the same, so that its name is not a second problem.
template <class Factor>
void read_factor(JsonObject& holder, const char* key, std::optional<Factor>& out) {
  const auto node = holder.find(key);
  if (!node) return;
  JsonObject factor(node);
  fields(factor, out.emplace());
  factor.no_other_keys();
}

void read_garch(JsonObject& spot_vol, UnderlyingModel& out) {
  spot_vol.required("vol", out.vol, PositiveVol{});
  fields(spot_vol, out.garch);
  const GarchVol& garch = out.garch;
  const double lowest = garch.alpha + std::min(garch.gamma, 0.0);
  if (lowest < 0.0) {
    spot_vol.find("gamma")->problem("alpha + gamma is " + number_text(lowest) + ": a fall would take variance away",
                                    "give alpha + gamma of at least 0");
  }
  const double persistence = garch.alpha + garch.beta + 0.5 * garch.gamma;
  if (persistence >= 1.0 && !garch.max_vol) {
    spot_vol.problem("alpha + beta + gamma / 2 is " + number_text(persistence) + ": the variance has no bound",
                     "give `max_vol`, which vols are cut to, or a variance that reverts to its mean");
  }
  if (garch.max_vol && *garch.max_vol < out.vol) {
    spot_vol.find("max_vol")->problem(number_text(*garch.max_vol) + " is below today's vol, " + number_text(out.vol),
                                      "give at least that");
  }
}

void read_spot_vol(JsonObject& underlying, UnderlyingModel& out) {
  JsonObject spot_vol(underlying.require("spot_vol"));
  const auto kind = spot_vol.require("kind");
  std::size_t index = 0;
  constexpr auto& names = Spelling<SpotVolKind>::names;
  if (!kind || !read_kind(*kind, {names.begin(), names.end()}, {}, index)) return;
  out.spot_vol = static_cast<SpotVolKind>(index);
  switch (out.spot_vol) {
    case SpotVolKind::constant: spot_vol.required("vol", out.vol, Vol{}); break;
    case SpotVolKind::implied:
      if (const auto vol = spot_vol.find("vol")) {
        vol->problem("an implied spot vol is that of the market's surface",
                     "leave it out, or use the kind \"constant\"");
      }
      break;
    case SpotVolKind::log_normal:
      spot_vol.required("vol", out.vol, PositiveVol{});
      out.log_normal.long_run_vol = out.vol;
      fields(spot_vol, out.log_normal);
      if (out.log_normal.long_run_vol != out.vol && out.log_normal.kappa == 0.0 && spot_vol) {
        spot_vol.problem("the vol has a long run, and a kappa of 0: it never gets there",
                         "give a `kappa` above 0, or leave `long_run_vol` out");
      }
      break;
    case SpotVolKind::garch: read_garch(spot_vol, out); break;
    case SpotVolKind::heston:
      fields(spot_vol, out.heston);
      out.vol = std::sqrt(out.heston.v0);
      break;
  }
  spot_vol.no_other_keys();
}

void read_implied_vol(JsonObject& underlying, UnderlyingModel& out) {
  const auto node = underlying.find("implied_vol");
  if (!node) return;
  JsonObject implied_vol(node);
  read_factor(implied_vol, "level", out.level);
  read_factor(implied_vol, "skew", out.skew);
  implied_vol.defaulted("sticky", out.sticky);
  implied_vol.no_other_keys();
}

// What a jump adds to needs to be there, and what its size makes of the mean of the spot must be something that a
// sample may show.
void check_jump(const JsonNode& jump, const JumpSizeModel& size, const UnderlyingModel& underlying) {
  constexpr double kMostLogMean = 4.0;
  const double log_mean = size.mean + 0.5 * size.stdev * size.stdev;
  if (log_mean > kMostLogMean) {
    jump.problem("on average a jump multiplies the spot by " + number_text(std::exp(log_mean)) +
                     ", which hardly any scenario makes up for",
                 "lower mean or stdev: mean + stdev^2 / 2 is to be at most " + number_text(kMostLogMean));
  }
  const auto check = [&](const char* key, double amount, bool has_factor, const std::string& factor) {
    if (amount == 0.0 || has_factor) return;
    jump.member(key).problem("the underlying has no " + factor + " that could jump",
                             "give it the key `" + factor + "`, or leave this one out");
  };
  check("vol_jump", size.vol_jump, underlying.level.has_value(), "implied_vol/level");
  check("skew_jump", size.skew_jump, underlying.skew.has_value(), "implied_vol/skew");
  check("basis_jump", size.basis_jump, underlying.basis.has_value(), "basis");
}

// A list, or what would be its only element.
std::vector<JsonNode> one_or_more(const JsonNode& node) {
  return node.value().is_array() ? node.elements() : std::vector<JsonNode>{node};
}

void read_jumps(JsonObject& underlying, UnderlyingModel& out) {
  const auto node = underlying.find("jumps");
  if (!node || refuse_too_many(*node, limits::kMostJumpProcesses, "jump processes")) return;
  for (const JsonNode& element : one_or_more(*node)) {
    JsonObject jumps(element);
    fields(jumps, out.jumps.emplace_back());
    jumps.no_other_keys();
    check_jump(element, out.jumps.back().size, out);
  }
}

CommonJumpsModel read_common_jumps(const JsonNode& node, const Model& model) {
  CommonJumpsModel out;
  JsonObject jumps(node);
  fields(jumps, out);
  if (const auto struck = jumps.require("underlyings"); JsonObject{struck}) {
    if (struck->value().empty()) struck->problem("the jumps strike no underlying", "give at least one");
    for (const auto& [name, value] : struck->value().items()) {
      const JsonNode at = struck->member(name);
      const auto underlying = model.underlyings.find(name);
      if (underlying == model.underlyings.end()) {
        std::vector<std::string> known;
        for (const auto& [there, unused] : model.underlyings) known.push_back(there);
        at.problem(in_quotes(name) + " is not an underlying of this model" + did_you_mean(name, known),
                   "add it to `underlyings`, or leave it out here");
        continue;
      }
      JsonObject size(at);
      fields(size, out.underlyings[name]);
      size.no_other_keys();
      check_jump(at, out.underlyings[name], underlying->second);
    }
  }
  jumps.no_other_keys();
  return out;
}

void read_common_jumps(JsonObject& model, Model& out) {
  const auto node = model.find("common_jumps");
  if (!node || refuse_too_many(*node, limits::kMostJumpProcesses, "jump processes")) return;
  for (const JsonNode& element : one_or_more(*node)) out.common_jumps.push_back(read_common_jumps(element, out));
}

// Each has random numbers of its own.
void check_jump_processes(const JsonObject& model, const Model& read) {
  std::size_t processes = read.common_jumps.size();
  for (const auto& [name, underlying] : read.underlyings) processes += underlying.jumps.size();
  if (processes > limits::kMostJumpProcesses) {
    model.problem("there are " + std::to_string(processes) + " jump processes, of at most " +
                      std::to_string(limits::kMostJumpProcesses),
                  "use fewer");
  }
}

UnderlyingModel read_underlying(const JsonNode& node) {
  UnderlyingModel out;
  JsonObject underlying(node);
  if (underlying.defaulted("drift", out.drift) && std::abs(out.drift) > kMostDrift) {
    underlying.find("drift")->problem(number_text(out.drift) + " is beyond " + number_text(kMostDrift) + " per year",
                                      "write 0.1 for 10 % a year");
  }
  read_spot_vol(underlying, out);
  read_implied_vol(underlying, out);
  read_factor(underlying, "basis", out.basis);
  read_factor(underlying, "premium", out.premium);
  read_jumps(underlying, out);
  underlying.not_in_this_version("liquidity");
  underlying.no_other_keys();
  return out;
}

StudentT read_student_t(JsonObject& innovations, std::int64_t period_seconds) {
  StudentT out;
  out.period_seconds = period_seconds;
  if (innovations.required("dof", out.dof) && !(out.dof > 2.0 && out.dof <= kMostDof)) {
    innovations.find("dof")->problem(
        number_text(out.dof) + " is not above 2 and at most " + number_text(kMostDof),
        "returns have no variance at 2 and less; where they are all but normal, use the kind \"gaussian\"");
  }
  if (innovations.optional("max_move", out.max_move, Positive{}) && *out.max_move > kMostMove) {
    innovations.find("max_move")
        ->problem(number_text(*out.max_move) + " is above " + number_text(kMostMove),
                  "write 0.8 for a log-return of 80 %");
  }
  return out;
}

void read_innovations(JsonObject& model, Model& out) {
  const auto node = model.find("innovations");
  if (!node) return;
  JsonObject innovations(node);
  const auto kind = innovations.find("kind");
  std::size_t index = 0;
  if (kind && !read_kind(*kind, {"gaussian", "student_t"}, {"bootstrap"}, index)) return;
  Duration period{out.period_seconds};
  innovations.defaulted("period", period);
  out.period_seconds = period.seconds;
  if (index == 1) out.student_t = read_student_t(innovations, out.period_seconds);
  innovations.no_other_keys();
}

Model read_model_file(const JsonFile& file) {
  Model out;
  JsonObject model(file.root());
  model.schema("tailbit.model/1");
  read_innovations(model, out);
  model.defaulted("returns", out.returns);
  if (const auto node = model.require("underlyings"); JsonObject underlyings{node}) {
    if (node->value().empty()) node->problem("there is no underlying", "give at least one");
    refuse_too_many(*node, limits::kMostUnderlyings, "underlyings");
    for (const auto& [name, value] : node->value().items()) out.underlyings[name] = read_underlying(node->member(name));
  }
  read_common_jumps(model, out);
  check_jump_processes(model, out);
  read_correlation(model, out);
  model.not_in_this_version("regimes");
  model.no_other_keys();
  file.check_schema("tailbit.model/1");
  return out;
}

}  // namespace

Model read_model(const std::string& path, Problems& problems) {
  return read_model_file(JsonFile(path, ExitCode::bad_config, problems));
}

Model read_model_text(const std::string& path, const std::string& text, Problems& problems) {
  return read_model_file(JsonFile(path, text, ExitCode::bad_config, problems));
}

}  // namespace tailbit
