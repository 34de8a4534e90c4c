// `tailbit backtest`: forecasts of VaR and expected shortfall against what came.
#include <filesystem>
#include <iostream>
#include <memory>

#include "host/backtest/report.hpp"
#include "host/backtest/rolling.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"

namespace tailbit::cli {
namespace {

struct BacktestArguments {
  std::string config, series, out, outcome = "pnl", simulations = "10000", seed = "1";
  double level = 0.99, significance = 0.05, dof = 5.0;
  bool json = false;
};

backtest::Settings settings_of(const BacktestArguments& o) {
  return {o.significance, o.dof, {*parse_whole(o.seed), *parse_whole(o.simulations)}};
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

backtest::Report report_of_series(const BacktestArguments& o) {
  Problems problems;
  FilesRead files;
  problems.account(&files);
  std::vector<ForecastSeries> series =
      read_forecasts(o.series, {o.outcome == "pnl" ? OutcomeKind::pnl : OutcomeKind::loss, o.level}, problems);
  problems.throw_if_any();
  return backtest::make_report(file_name(o.series), files.digests.at(o.series).sha256, std::move(series),
                               settings_of(o));
}

// Also writes forecasts.csv, which --from-series reads to the same table.
backtest::Report report_of_config(const BacktestArguments& o) {
  Problems problems;
  FilesRead files;
  problems.account(&files);
  const RollingConfig config = read_rolling_config(o.config, problems);
  problems.throw_if_any();
  backtest::RollingForecasts forecasts = backtest::roll(config);
  if (!o.out.empty()) {
    make_folder(o.out);
    write_file(o.out + "/forecasts.csv", forecasts_csv(forecasts.series));
  }
  backtest::Report report = backtest::make_report(file_name(o.config), files.digests.at(o.config).sha256,
                                                  std::move(forecasts.series), settings_of(o));
  report.warnings.insert(report.warnings.begin(), forecasts.warnings.begin(), forecasts.warnings.end());
  return report;
}

CLI::Validator forecast_level() {
  return {[](std::string& text) {
            const auto level = parse_number(text);
            return level && is_forecast_level(*level)
                       ? std::string()
                       : "a level is a decimal from 0.8 to below 1 with at most nine digits, such as 0.99";
          },
          "LEVEL"};
}

}  // namespace

void add_backtest(CLI::App& app) {
  const auto o = std::make_shared<BacktestArguments>();
  CLI::App* command =
      app.add_subcommand("backtest", "Forecasts of VaR and expected shortfall against what came: is a model right?");
  begin_help_with(*command,
                  "  tailbit backtest rolling.json --out tests\n"
                  "  tailbit backtest --from-series forecasts.csv\n"
                  "  tailbit backtest --from-series forecasts.csv --outcome loss --level 0.975 --out tests\n");
  command->add_option("CONFIG", o->config, "Books, models and histories to forecast by: a tailbit.rolling/1 file");
  command
      ->add_option("--from-series", o->series,
                   "A CSV of forecasts and outcomes: date, outcome, var, and es, book, model, level, pit, dof if known")
      ->check(not_empty());
  command
      ->add_option(
          "--out", o->out,
          "Folder for backtest.json, backtest.csv, exceptions.csv, backtest.svg; of a config also forecasts.csv")
      ->check(not_empty());
  command->add_option("--outcome", o->outcome, "What the column `outcome` holds: profits, or losses")
      ->check(CLI::IsMember({"pnl", "loss"}));
  command->add_option("--level", o->level, "Level of rows that give none")->check(forecast_level());
  command->add_option("--significance", o->significance, "A test rejects where its p-value is below this")
      ->check(CLI::Range(0.0001, 0.5));
  command->add_option("--dof", o->dof, "Degrees of freedom of the Student-t law that tails are simulated by")
      ->check(CLI::Range(kLeastForecastDof, kMostForecastDof));
  command->add_option("--simulations", o->simulations, "How many simulations p-values rest on")
      ->check(whole_number(100, 10'000'000));
  command->add_option("--seed", o->seed, "Seed of these simulations")->check(whole_number(0, ~std::uint64_t{0}));
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, command] {
    const bool from_series = !o->series.empty();
    if (from_series == !o->config.empty())
      throw CLI::ValidationError("CONFIG", "give either a config or --from-series FILE");
    if (!from_series) refuse(*command, "a config", {"--outcome", "--level"});
    const backtest::Report report = from_series ? report_of_series(*o) : report_of_config(*o);
    if (!o->out.empty()) write_report(report, o->out);
    const nlohmann::ordered_json json = report_json(report);
    log_warnings(json["warnings"]);
    std::cout << (o->json ? json_shown(json) + "\n" : backtest_text(json));
  });
}

}  // namespace tailbit::cli
