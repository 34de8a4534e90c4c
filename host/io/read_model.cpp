#include <algorithm>
#include <cmath>

#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/read_correlation.hpp"
#include "host/io/readers.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Mean reversion within half a minute; faster is a typing error, and beyond it the exact transition gains nothing.
constexpr double kMostKappa = 1e6;
// Beyond it t and normal law differ by less than any number of scenarios shows.
constexpr double kMostDof = 1e4;
// A log-return of 10 is a factor of 22,000.
constexpr double kMostMove = 10.0;
constexpr double kMostTermDecay = 2.0;
constexpr std::int64_t kDefaultPeriod = 86'400;

// A kind by its name; `later` are those of the format that this version does not simulate.
bool read_kind(const JsonNode& node, const std::vector<std::string>& known, const std::vector<std::string>& later,
               std::size_t& index) {
  if (std::find(later.begin(), later.end(), node.value()) == later.end()) return read_name(node, known, index);
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : " or ") + in_quotes(name);
  node.problem(node.shown() + " is not simulated by this version", "use " + list);
  return false;
}

// A vol, required: per square-root year, as a decimal.
void read_vol(JsonObject& object, const char* key, double& vol) {
  if (object.required(key, vol, NotNegative{}) && vol > kMostVol)
    object.find(key)->problem(number_text(vol) + " is above " + number_text(kMostVol), "write 0.6 for a vol of 60 %");
}

void read_kappa(JsonObject& object, double& kappa) {
  object.defaulted("kappa", kappa, Within<double>{0.0, kMostKappa});
}

void read_term_decay(JsonObject& object, double& term_decay) {
  object.defaulted("term_decay", term_decay, Within<double>{0.0, kMostTermDecay});
}

void read_keys(JsonObject& level, LevelModel& out) {
  read_kappa(level, out.kappa);
  read_vol(level, "vol_of_vol", out.vol_of_vol);
  read_term_decay(level, out.term_decay);
}
void read_keys(JsonObject& skew, SkewModel& out) {
  read_kappa(skew, out.kappa);
  read_vol(skew, "vol", out.vol);
}
void read_keys(JsonObject& basis, BasisModel& out) {
  read_kappa(basis, out.kappa);
  read_vol(basis, "vol", out.vol);
  read_term_decay(basis, out.term_decay);
}
void read_keys(JsonObject& premium, PremiumModel& out) {
  read_kappa(premium, out.kappa);
  read_vol(premium, "vol", out.vol);
  premium.defaulted("mean", out.mean, Within<double>{-1.0, 1.0});
}

// A factor that is wrong somewhere is there all the same, so that its name is not a second problem.
template <class Factor>
void read_factor(JsonObject& holder, const char* key, std::optional<Factor>& out) {
  const auto node = holder.find(key);
  if (!node) return;
  JsonObject factor(node);
  read_keys(factor, out.emplace());
  factor.no_other_keys();
}

void read_spot_vol(JsonObject& underlying, UnderlyingModel& out) {
  JsonObject spot_vol(underlying.require("spot_vol"));
  const auto kind = spot_vol.require("kind");
  std::size_t index = 0;
  constexpr auto& names = Spelling<SpotVolKind>::names;
  if (!kind || !read_kind(*kind, {names.begin(), names.end()}, {"heston", "garch"}, index)) return;
  out.spot_vol = static_cast<SpotVolKind>(index);
  if (out.spot_vol == SpotVolKind::constant) {
    read_vol(spot_vol, "vol", out.vol);
  } else if (const auto vol = spot_vol.find("vol")) {
    vol->problem("an implied spot vol is that of the market's surface", "leave it out, or use the kind \"constant\"");
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
  for (const char* key : {"jumps", "liquidity"}) underlying.not_in_this_version(key);
  underlying.no_other_keys();
  return out;
}

StudentT read_student_t(JsonObject& innovations) {
  StudentT out;
  if (innovations.required("dof", out.dof) && !(out.dof > 2.0 && out.dof <= kMostDof)) {
    innovations.find("dof")->problem(
        number_text(out.dof) + " is not above 2 and at most " + number_text(kMostDof),
        "returns have no variance at 2 and less; where they are all but normal, use the kind \"gaussian\"");
  }
  Duration period{kDefaultPeriod};
  innovations.defaulted("period", period);
  out.period_seconds = period.seconds;
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
  if (index == 1) out.student_t = read_student_t(innovations);
  innovations.no_other_keys();
}

}  // namespace

Model read_model(const std::string& path, Problems& problems) {
  Model out;
  const JsonFile file(path, ExitCode::bad_config, problems);
  JsonObject model(file.root());
  model.schema("tailbit.model/1");
  read_innovations(model, out);
  model.defaulted("returns", out.returns);
  if (const auto node = model.require("underlyings"); JsonObject underlyings{node}) {
    if (node->value().empty()) node->problem("there is no underlying", "give at least one");
    refuse_too_many(*node, limits::kMostUnderlyings, "underlyings");
    for (const auto& [name, value] : node->value().items()) out.underlyings[name] = read_underlying(node->member(name));
  }
  read_correlation(model, out);
  model.not_in_this_version("common_jumps");
  model.not_in_this_version("regimes");
  model.no_other_keys();
  file.check_schema("tailbit.model/1");
  return out;
}

}  // namespace tailbit
