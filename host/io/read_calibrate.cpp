#include <filesystem>

#include "host/io/calibrate_config.hpp"
#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/model_fields.hpp"
#include "host/io/read_series_source.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

constexpr std::int64_t kFundingPeriod = 8 * 3'600;
constexpr Within<double> kMostCalibratedMove{0.0001, 10.0};
constexpr Within<double> kMeanBlock{1.0, 1e6};

class CalibrateReader {
 public:
  CalibrateReader(const std::string& path, const std::string& out)
      : folder_(std::filesystem::path(path).parent_path()), out_folder_(out) {
    config_.path = path;
  }

  CalibrateConfig read(JsonObject& root) {
    root.schema("tailbit.calibrate/1");
    read_window(root);
    read_methods(root);
    read_outputs(root);
    if (const auto node = root.require("underlyings"); JsonObject{node}) {
      if (node->value().empty()) node->problem("there is no underlying", "give at least one");
      refuse_too_many(*node, limits::kMostUnderlyings, "underlyings");
      for (const auto& [name, unused] : node->value().items())
        config_.underlyings[name] = read_underlying(node->member(name));
    }
    if (const auto regimes = root.find("regimes")) read_regimes(root, *regimes);
    root.no_other_keys();
    return std::move(config_);
  }

 private:
  void read_window(JsonObject& root) {
    read_moment(root, "from", config_.from);
    read_moment(root, "to", config_.to);
    if (config_.from && config_.to && *config_.to <= *config_.from) {
      root.find("to")->problem("the window ends at or before it begins", "give a later moment than `from`");
    }
    read_period(root, config_.period_seconds);
  }

  // Of a window: a date alone is its beginning.
  static void read_moment(JsonObject& root, const char* key, std::optional<Timestamp>& out) {
    std::string text;
    if (!root.defaulted(key, text)) return;
    out = parse_series_time(text, TimeFormat::iso, std::nullopt);
    if (!out) root.find(key)->problem(in_quotes(text) + " is not a moment", "write 2026-01-15 or 2026-01-15T10:00:00Z");
  }

  static void read_period(JsonObject& object, std::int64_t& seconds) {
    Duration period{seconds};
    if (object.defaulted("period", period)) seconds = period.seconds;
  }

  void read_methods(JsonObject& root) {
    root.defaulted("spot_vol", config_.spot_vol);
    root.defaulted("innovations", config_.innovations);
    root.defaulted("dof", config_.dof);
    root.defaulted("correlation", config_.correlation);
    root.defaulted("jumps", config_.jumps);
    root.defaulted("drift", config_.drift);
    root.defaulted("missing", config_.missing);
    root.optional("max_vol", config_.max_vol, PositiveVol{});
    root.optional("max_move", config_.max_move, kMostCalibratedMove);
    read_keys_of_innovations(root);
    if (config_.jumps == JumpsEstimate::none) return;
    if (config_.spot_vol != SpotVolEstimate::constant) {
      root.find("jumps")->problem(
          "jumps are estimated beside a constant vol, and `spot_vol` is " + in_quotes(spelled(config_.spot_vol)),
          "give `spot_vol` \"constant\", or leave `jumps` out");
    }
    if (config_.innovations != InnovationsEstimate::gaussian) {
      root.find("jumps")->problem("jumps are estimated beside Gaussian innovations: both would explain the same tails",
                                  "give `innovations` \"gaussian\", or leave `jumps` out");
    }
  }

  void read_keys_of_innovations(JsonObject& root) {
    root.optional("mean_block", config_.mean_block, kMeanBlock);
    if (root.defaulted("history", config_.history)) check_file_name(*root.find("history"), config_.history);
    if (config_.innovations == InnovationsEstimate::grouped_t && config_.dof == DofEstimate::multivariate_t) {
      root.find("dof")->problem(
          "a multivariate t has one number of degrees of freedom for all factors, a grouped t many",
          "give \"copula\", or `innovations` \"student_t\"");
    }
    if (config_.innovations == InnovationsEstimate::bootstrap) return;
    for (const char* key : {"mean_block", "history"}) {
      if (const auto node = root.find(key)) {
        node->problem("`innovations` are " + in_quotes(spelled(config_.innovations)) + ", and not drawn from a history",
                      "give `innovations` \"bootstrap\", or leave it out");
      }
    }
  }

  void read_regimes(JsonObject& root, const JsonNode& node) {
    RegimesEstimate read;
    JsonObject regimes(node);
    const bool of_one = regimes.defaulted("underlying", read.underlying);
    if (of_one && !config_.underlyings.contains(read.underlying)) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : config_.underlyings) known.push_back(name);
      regimes.find("underlying")
          ->problem(
              in_quotes(read.underlying) + " is not an underlying of this file" + did_you_mean(read.underlying, known),
              "name one of `underlyings`");
    }
    regimes.defaulted("states", read.states, Within<std::uint32_t>{2, 4});
    regimes.no_other_keys();
    config_.regimes = read;
    if (!of_one) check_common_regimes(root, node);
  }

  // Those of the model are its vol, its dependence and its degrees of freedom.
  void check_common_regimes(JsonObject& root, const JsonNode& node) {
    const std::string for_report = ", or name an `underlying`, whose regimes are for the report alone";
    if (config_.spot_vol != SpotVolEstimate::constant) {
      node.problem("the model's regimes multiply a constant vol, and `spot_vol` is " +
                       in_quotes(spelled(config_.spot_vol)) + ": both would explain the same clusters",
                   "give `spot_vol` \"constant\"" + for_report);
    }
    if (config_.innovations == InnovationsEstimate::bootstrap ||
        config_.innovations == InnovationsEstimate::grouped_t) {
      node.problem("`innovations` are " + in_quotes(spelled(config_.innovations)) +
                       ", of one dependence, and here each regime has its own",
                   "give `innovations` \"gaussian\" or \"student_t\"" + for_report);
    }
    if (config_.jumps != JumpsEstimate::none) {
      node.problem("`jumps` are estimated of one law, and here each regime has its own",
                   "leave `jumps` out" + for_report);
    }
    if (config_.correlation == CorrelationEstimate::student_t) {
      node.problem("`correlation` is \"student_t\", which is of one law, and here each regime has its own",
                   "give `correlation` \"shrinkage\" or \"sample\"" + for_report);
    }
    if (const auto dof = root.find("dof"))
      dof->problem("the degrees of freedom are those of the regimes' law", "leave it out" + for_report);
  }

  void read_outputs(JsonObject& root) {
    config_.model = "model.json";
    config_.report = "calibration.json";
    const std::filesystem::path folder = out_folder_.empty() ? folder_ : std::filesystem::path(out_folder_);
    for (const auto& [key, path] : {std::pair{"model", &config_.model}, std::pair{"report", &config_.report}})
      if (root.defaulted(key, *path)) check_file_name(*root.find(key), *path);
    config_.model = (folder / config_.model).lexically_normal().string();
    config_.report = (folder / config_.report).lexically_normal().string();
    if (config_.model == config_.report) root.problem("`model` and `report` are one file", "give two names");
    if (config_.innovations != InnovationsEstimate::bootstrap) return;
    for (const auto& [key, path] : {std::pair{"model", config_.model}, std::pair{"report", config_.report}}) {
      if (path == config_.history_path())
        root.problem(std::string("`") + key + "` and `history` are one file", "give two names");
    }
  }

  CalibratedUnderlying read_underlying(const JsonNode& node) {
    CalibratedUnderlying out;
    JsonObject underlying(node);
    if (const auto price = underlying.require("price")) out.price = read_series(*price, true);
    if (const auto index = underlying.find("vol_index")) out.vol_index = read_series(*index, true);
    if (const auto surface = underlying.find("surface")) read_surface(*surface, out);
    if (const auto futures = underlying.find("futures")) read_futures(*futures, out);
    if (const auto funding = underlying.find("funding")) out.funding = read_funding(*funding);
    underlying.no_other_keys();
    return out;
  }

  // All that says where rows are and how they are written; the column of the values is the caller's.
  CalibratedSeries read_layout(JsonObject& series, bool positive, std::int64_t period) {
    CalibratedSeries out{{}, period};
    out.source.positive = positive;
    read_series_source(series, folder_, out.source);
    read_period(series, out.period_seconds);
    return out;
  }

  CalibratedSeries read_series(const JsonNode& node, bool positive) {
    JsonObject series(node);
    CalibratedSeries out = read_layout(series, positive, config_.period_seconds);
    series.required("value", out.source.value);
    series.no_other_keys();
    return out;
  }

  void read_surface(const JsonNode& node, CalibratedUnderlying& out) {
    JsonObject surface(node);
    const CalibratedSeries vols = read_layout(surface, true, config_.period_seconds);
    CalibratedSeries signed_values = vols;
    signed_values.source.positive = false;
    read_terms(surface, "atm_vol", vols, out.atm_vol);
    read_terms(surface, "risk_reversal_25d", signed_values, out.risk_reversal);
    read_terms(surface, "basis", signed_values, out.basis);
    for (const auto& [term, unused] : out.risk_reversal) {
      if (out.atm_vol.contains(term)) continue;
      surface.find("risk_reversal_25d")
          ->problem("there is a risk reversal of " + duration_text(term) + " and no vol at the money of that term",
                    "name its column in `atm_vol`: the slope of the smile is counted from it");
    }
    surface.no_other_keys();
  }

  // {"7d": "atm_iv_7d", "30d": "atm_iv_30d"}
  static void read_terms(JsonObject& surface, const char* key, const CalibratedSeries& like, ByTerm& out) {
    const auto node = surface.find(key);
    if (!node || !JsonObject{node}) return;
    for (const auto& [term, unused] : node->value().items()) {
      const JsonNode at = node->member(term);
      const auto seconds = parse_duration(term);
      CalibratedSeries series = like;
      if (!seconds) at.problem(in_quotes(term) + " is not a term", "write \"30d\"");
      if (read_json(at, series.source.value) && seconds) out[*seconds] = series;
    }
  }

  void read_futures(const JsonNode& node, CalibratedUnderlying& out) {
    FuturesSeries read;
    JsonObject futures(node);
    read.marks = read_layout(futures, true, config_.period_seconds);
    futures.required("value", read.marks.source.value);
    futures.required("instrument", read.marks.source.instrument);
    if (const auto spot = futures.require("spot")) read.spot = read_series(*spot, true).source;
    std::vector<Duration> terms{{7 * 86'400}, {30 * 86'400}, {90 * 86'400}, {180 * 86'400}};
    if (const auto list = futures.find("terms")) {
      terms.clear();
      read_json(*list, terms);
      if (list->value().empty()) list->problem("there is no term", "give at least one, or leave the key out");
    }
    futures.no_other_keys();
    if (!out.basis.empty()) node.problem("`surface` has a basis already", "give one of the two");
    for (const Duration& term : terms) out.basis[term.seconds] = read.marks;
    out.futures = std::move(read);
  }

  FundingSeries read_funding(const JsonNode& node) {
    FundingSeries out;
    JsonObject funding(node);
    out.series = read_layout(funding, false, kFundingPeriod);
    funding.required("value", out.series.source.value);
    funding.required("rule", out.rule);
    const bool stated = funding.defaulted("interest_8h", out.interest, Within<double>{-1.0, 1.0});
    if (stated && out.rule != FundingRule::binance) {
      funding.find("interest_8h")->problem("only the rule \"binance\" has an interest", "leave it out");
    }
    funding.no_other_keys();
    return out;
  }

  std::filesystem::path folder_;
  std::string out_folder_;
  CalibrateConfig config_;
};

}  // namespace

std::string CalibrateConfig::history_path() const {
  return (std::filesystem::path(model).parent_path() / history).lexically_normal().string();
}

CalibrateConfig read_calibrate_config(const std::string& path, const std::string& out, Problems& problems) {
  const JsonFile file(path, ExitCode::bad_config, problems);
  JsonObject root(file.root());
  CalibrateConfig config = CalibrateReader(path, out).read(root);
  file.check_schema("tailbit.calibrate/1");
  return config;
}

}  // namespace tailbit
