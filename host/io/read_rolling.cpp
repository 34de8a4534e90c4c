#include <filesystem>

#include "host/io/forecasts.hpp"
#include "host/io/json_file.hpp"
#include "host/io/limits.hpp"
#include "host/io/read_series_source.hpp"
#include "host/io/rolling_config.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"
#include "tailbit/measure/level.hpp"

namespace tailbit {
namespace {

class RollingReader {
 public:
  explicit RollingReader(const std::string& path) : folder_(std::filesystem::path(path).parent_path()) {
    config_.path = path;
  }

  RollingConfig read(JsonObject& root) {
    root.schema("tailbit.rolling/1");
    read_window(root);
    read_levels(root);
    root.defaulted("scenarios", config_.scenarios, Within<std::uint64_t>{1'000, 1'000'000});
    root.defaulted("seed", config_.seed);
    read_named(root, "underlyings", config_.underlyings, [&](const JsonNode& node) { return read_underlying(node); });
    read_named(root, "books", config_.books, [&](const JsonNode& node) { return read_book(node); });
    read_named(root, "models", config_.models, [&](const JsonNode& node) { return read_model(node); });
    for (const auto& [name, model] : config_.models) check_window(*root.find("models"), name, model);
    root.no_other_keys();
    return std::move(config_);
  }

 private:
  void read_window(JsonObject& root) {
    const auto moment = [&](const char* key, Timestamp& out) {
      std::string text;
      if (!root.required(key, text)) return;
      const auto time = parse_series_time(text, TimeFormat::iso, std::nullopt);
      if (!time) return root.find(key)->problem(in_quotes(text) + " is not a moment", "write 2026-01-15");
      out = *time;
    };
    moment("from", config_.from);
    moment("to", config_.to);
    Duration horizon{config_.horizon_seconds};
    if (root.defaulted("horizon", horizon)) config_.horizon_seconds = horizon.seconds;
    if (config_.to <= config_.from) root.problem("the backtest ends before it begins", "give a later `to`");
  }

  // A window's moves are the scenarios of historical simulation: one of them at least must lie in the tail.
  void check_window(const JsonNode& models, const std::string& name, const ForecastModel& model) const {
    if (model.kind != ForecastKind::historical && model.kind != ForecastKind::filtered_historical) return;
    for (const double level : config_.levels) {
      if (measure::tail_count(model.window, measure::make_level(level)).whole > 0) continue;
      models.member(name).problem(
          "less than one of " + std::to_string(model.window) + " moves lies beyond the level " + number_text(level),
          "give a longer `window` or a lower level");
    }
  }

  void read_levels(JsonObject& root) {
    const auto node = root.find("levels");
    if (!node) return;
    config_.levels.clear();
    for (const JsonNode& element : node->elements()) {
      double level = 0.0;
      if (!read_json(element, level)) continue;
      if (is_forecast_level(level)) {
        config_.levels.push_back(level);
      } else {
        element.problem(element.shown() + " is out of range", "give a decimal from 0.8 to below 1, such as 0.99");
      }
    }
    if (config_.levels.empty()) node->problem("there is no level", "give at least one, or leave the key out");
  }

  template <class T, class Read>
  void read_named(JsonObject& root, const char* key, std::map<std::string, T>& out, Read&& read) {
    const auto node = root.require(key);
    if (!node || !JsonObject{node}) return;
    if (node->value().empty()) node->problem("there are none", "give at least one");
    if (refuse_too_many(*node, limits::kMostUnderlyings, key)) return;
    for (const auto& [name, unused] : node->value().items()) out.emplace(name, read(node->member(name)));
  }

  RollingUnderlying read_underlying(const JsonNode& node) {
    RollingUnderlying out;
    JsonObject underlying(node);
    if (const auto prices = underlying.require("prices")) {
      for (const JsonNode& element : prices->elements()) out.prices.push_back(read_series(element));
      if (out.prices.empty()) prices->problem("there is no series", "give at least one");
    }
    if (const auto index = underlying.find("vol_index")) out.vol_index = read_series(*index);
    underlying.no_other_keys();
    return out;
  }

  SeriesSource read_series(const JsonNode& node) {
    SeriesSource source;
    source.positive = true;
    JsonObject series(node);
    read_series_source(series, folder_, source);
    series.required("value", source.value);
    series.no_other_keys();
    return source;
  }

  std::vector<RollingPosition> read_book(const JsonNode& node) {
    std::vector<RollingPosition> out;
    for (const JsonNode& element : node.elements()) out.push_back(read_position(element));
    if (out.empty()) node.problem("the book is empty", "give at least one position");
    return out;
  }

  RollingPosition read_position(const JsonNode& node) {
    RollingPosition out;
    JsonObject position(node);
    if (position.required("underlying", out.underlying)) {
      const auto found = config_.underlyings.find(out.underlying);
      if (found == config_.underlyings.end()) {
        position.find("underlying")
            ->problem(in_quotes(out.underlying) + " is not among the underlyings", "name one of them, or add it");
      } else if (node.value().contains("option") && !found->second.vol_index) {
        position.find("underlying")
            ->problem(in_quotes(out.underlying) + " has no `vol_index` to value options by", "give it one");
      }
    }
    position.required("notional", out.notional);
    position.optional("option", out.option);
    if (out.option) {
      position.defaulted("moneyness", out.moneyness, Within<double>{0.01, 100.0});
      Duration tenor;
      if (position.required("tenor", tenor)) {
        out.tenor_seconds = tenor.seconds;
        if (tenor.seconds <= config_.horizon_seconds)
          position.find("tenor")->problem("the option expires within the horizon", "give a longer tenor");
      }
    }
    position.no_other_keys();
    return out;
  }

  ForecastModel read_model(const JsonNode& node) {
    ForecastModel out;
    JsonObject model(node);
    model.required("kind", out.kind);
    const bool filters = out.kind == ForecastKind::filtered_historical || out.kind == ForecastKind::garch;
    if (out.kind == ForecastKind::garch) out.filter = VolFilter::garch;
    if (filters) model.defaulted("filter", out.filter);
    if (out.kind == ForecastKind::garch && out.filter == VolFilter::ewma)
      model.find("filter")->problem("\"ewma\" is not a filter of \"garch\"", R"(give "garch" or "gjr")");
    if (out.kind == ForecastKind::normal || (filters && out.filter == VolFilter::ewma))
      model.defaulted("decay", out.decay, Within<double>{0.5, 0.999});
    if (out.kind == ForecastKind::engine) {
      if (model.required("model", out.model)) out.model = (folder_ / out.model).lexically_normal().string();
      model.defaulted("steps", out.steps, Within<std::uint32_t>{1, 10'000});
      model.defaulted("decay", out.decay, Within<double>{0.5, 0.999});
    }
    model.defaulted("window", out.window, Within<std::uint64_t>{kFewestMoves, 100'000});
    if (out.kind == ForecastKind::garch || out.kind == ForecastKind::student_t || out.filter != VolFilter::ewma)
      model.defaulted("refit", out.refit, Within<std::uint64_t>{1, 10'000});
    model.no_other_keys();
    return out;
  }

  std::filesystem::path folder_;
  RollingConfig config_;
};

}  // namespace

RollingConfig read_rolling_config(const std::string& path, Problems& problems) {
  const JsonFile file(path, ExitCode::bad_config, problems);
  JsonObject root(file.root());
  RollingConfig config = RollingReader(path).read(root);
  file.check_schema("tailbit.rolling/1");
  return config;
}

}  // namespace tailbit
