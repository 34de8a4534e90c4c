// A run in Prometheus' text format.
#include "host/report/metrics.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "host/io/problems.hpp"
#include "tests/support/prometheus_text.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::metrics_test {
namespace {

using Json = nlohmann::ordered_json;
using test::PrometheusText;

RunFacts facts_of(int exit_code) {
  RunFacts facts;
  facts.started = 1'800'000'000.25;
  facts.finished = 1'800'000'012.75;
  facts.exit_code = exit_code;
  return facts;
}

Json summary() {
  return Json::parse(R"({
    "schema": "tailbit.summary/1", "status": "complete", "as_of": "2026-01-15T10:00:00Z", "scenarios": 20000,
    "device": "a \"quick\" \\ processor", "base_value": -12.5, "gross_notional": 1e9, "positions": 18, "contracts": 17,
    "measures": [
      {"group": "book", "level": 0.95, "var": 10.5, "var_se": 0.5, "es": 20.25, "es_se": 0.75, "tail_scenarios": 1000},
      {"group": "book", "level": 0.99, "var": 30, "var_se": null, "es": 40, "es_se": 1.5, "tail_scenarios": 200},
      {"group": "desk=alpha", "level": 0.95, "var": 1, "var_se": 1, "es": 2, "es_se": 1, "tail_scenarios": 1000}],
    "timings": {"read": 0.125, "simulate": 2}, "reprices": 18446744073709551615, "reprices_per_second": 4e8,
    "warnings": ["a", "b", "c"]})");
}

TEST(Metrics, TellTheResult) {
  const PrometheusText text(metrics_text(summary(), facts_of(0)));
  const auto at = [](const char* level) {
    return std::map<std::string, std::string>{{"group", "book"}, {"level", level}};
  };
  EXPECT_EQ(text.value("tailbit_var_usd", at("0.95")), 10.5);
  EXPECT_EQ(text.value("tailbit_var_usd", at("0.99")), 30.0);
  EXPECT_EQ(text.metrics.at("tailbit_var_usd").samples.size(), 2u);  // no other group
  EXPECT_EQ(text.value("tailbit_var_standard_error_usd", at("0.95")), 0.5);
  EXPECT_EQ(text.metrics.at("tailbit_var_standard_error_usd").samples.size(), 1u);  // null is no sample
  EXPECT_EQ(text.value("tailbit_es_usd", at("0.95")), 20.25);
  EXPECT_EQ(text.value("tailbit_es_standard_error_usd", at("0.99")), 1.5);
  EXPECT_EQ(text.value("tailbit_tail_scenarios", at("0.99")), 200.0);
  EXPECT_EQ(text.value("tailbit_base_value_usd"), -12.5);
  EXPECT_EQ(text.value("tailbit_gross_notional_usd"), 1e9);
  EXPECT_EQ(text.value("tailbit_scenarios"), 20000.0);
  EXPECT_EQ(text.value("tailbit_positions"), 18.0);
  EXPECT_EQ(text.value("tailbit_contracts"), 17.0);
  EXPECT_EQ(text.value("tailbit_reprices"), 18446744073709551615.0);
  EXPECT_EQ(text.value("tailbit_reprices_per_second"), 4e8);
  EXPECT_EQ(text.value("tailbit_market_timestamp_seconds"), 1'768'471'200.0);
  EXPECT_EQ(text.value("tailbit_stopped_early"), 0.0);
  EXPECT_EQ(text.value("tailbit_warnings"), 3.0);
  EXPECT_EQ(text.value("tailbit_stage_duration_seconds", {{"stage", "read"}}), 0.125);
  EXPECT_EQ(text.value("tailbit_stage_duration_seconds", {{"stage", "simulate"}}), 2.0);
  EXPECT_EQ(text.value("tailbit_device_info", {{"device", "a \"quick\" \\ processor"}}), 1.0);
}

TEST(Metrics, TellHowTheRunWent) {
  RunFacts facts = facts_of(0);
  facts.restarts = 2;
  facts.resumed_scenarios = 512;
  facts.audited_blocks = 40;
  facts.audit_mismatches = 1;
  facts.fell_back_to_cpu = true;
  facts.written_bytes = 123456789;
  const PrometheusText text(metrics_text(summary(), facts));
  EXPECT_EQ(text.value("tailbit_last_exit_code"), 0.0);
  EXPECT_EQ(text.value("tailbit_last_run_timestamp_seconds"), facts.finished);
  EXPECT_EQ(text.value("tailbit_last_success_timestamp_seconds"), facts.finished);
  EXPECT_EQ(text.value("tailbit_run_duration_seconds"), 12.5);
  EXPECT_EQ(text.value("tailbit_run_restarts"), 2.0);
  EXPECT_EQ(text.value("tailbit_scenarios_resumed"), 512.0);
  EXPECT_EQ(text.value("tailbit_audit_blocks"), 40.0);
  EXPECT_EQ(text.value("tailbit_audit_mismatches"), 1.0);
  EXPECT_EQ(text.value("tailbit_run_fell_back_to_cpu"), 1.0);
  EXPECT_EQ(text.value("tailbit_written_bytes"), 123456789.0);
  EXPECT_EQ(text.metrics.at("tailbit_build_info").samples.begin()->first.at("version"), TAILBIT_VERSION);
}

TEST(Metrics, LeaveOutWhatIsNotKnown) {
  Json poor = summary();
  poor["gross_notional"] = nullptr;
  poor["base_value"] = std::numeric_limits<double>::quiet_NaN();
  poor.erase("positions");
  poor["as_of"] = "yesterday";
  const PrometheusText text(metrics_text(poor, facts_of(0)));
  for (const char* metric : {"tailbit_gross_notional_usd", "tailbit_base_value_usd", "tailbit_positions",
                             "tailbit_market_timestamp_seconds", "tailbit_audit_blocks"}) {
    EXPECT_EQ(text.metrics.count(metric), 0u) << metric;
  }
  EXPECT_EQ(text.value("tailbit_run_fell_back_to_cpu"), 0.0);
}

TEST(Metrics, OfAFailureKeepTheLastSuccess) {
  RunFacts facts = facts_of(75);
  EXPECT_EQ(PrometheusText(metrics_text(nullptr, facts)).metrics.count("tailbit_last_success_timestamp_seconds"), 0u);
  facts.earlier_success = 1'700'000'000.5;
  const PrometheusText text(metrics_text(nullptr, facts));
  EXPECT_EQ(text.value("tailbit_last_exit_code"), 75.0);
  EXPECT_EQ(text.value("tailbit_last_success_timestamp_seconds"), 1'700'000'000.5);
  EXPECT_EQ(text.metrics.count("tailbit_var_usd"), 0u);
  EXPECT_EQ(text.metrics.count("tailbit_stopped_early"), 0u);
}

TEST(Metrics, CountResultsAsSuccess) {
  for (const int code : {0, 10, 12}) EXPECT_TRUE(delivered(code)) << code;
  for (const int code : {1, 11, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78}) EXPECT_FALSE(delivered(code)) << code;
  Json early = summary();
  early["status"] = "stopped_early";
  const PrometheusText text(metrics_text(early, facts_of(12)));
  EXPECT_EQ(text.value("tailbit_stopped_early"), 1.0);
  EXPECT_EQ(text.value("tailbit_last_success_timestamp_seconds"), facts_of(12).finished);
}

TEST(Metrics, OfSeveralJobsAreToldApart) {
  RunFacts facts = facts_of(0);
  facts.name = "intraday";
  const PrometheusText text(metrics_text(summary(), facts));
  for (const auto& [name, metric] : text.metrics) {
    for (const auto& [labels, value] : metric.samples) EXPECT_EQ(labels.at("name"), "intraday") << name;
  }
  EXPECT_EQ(text.value("tailbit_es_usd", {{"name", "intraday"}, {"group", "book"}, {"level", "0.99"}}), 40.0);
}

TEST(Metrics, QuoteAnyDevice) {
  for (const auto& [device, shown] : {std::pair{"two\nlines", "two\nlines"},
                                      {"a\\nb", "a\\nb"},
                                      {"\"}, x{y=\"", "\"}, x{y=\""},
                                      {"caf\xc3\xa9", "caf\xc3\xa9"}}) {
    Json odd = summary();
    odd["device"] = device;
    const PrometheusText text(metrics_text(odd, facts_of(0)));
    EXPECT_EQ(text.value("tailbit_device_info", {{"device", shown}}), 1.0) << device;
  }
  Json broken = summary();
  broken["device"] = "caf\xe9";
  EXPECT_EQ(PrometheusText(metrics_text(broken, facts_of(0))).value("tailbit_device_info", {{"device", "caf?"}}), 1.0);
}

// Prometheus forbids a file that changes its labels; dashboards rely on few series.
TEST(Metrics, HaveFewLabelsAndBaseUnits) {
  const PrometheusText text(metrics_text(summary(), facts_of(0)));
  const std::set<std::string> allowed{"group", "level", "stage", "device", "version", "numerics"};
  for (const auto& [name, metric] : text.metrics) {
    EXPECT_TRUE(name.starts_with("tailbit_")) << name;
    EXPECT_EQ(metric.help.back(), '.') << name;
    for (const char* unit : {"_ms", "_milliseconds", "_kb", "_mb", "_percent", "_minutes", "_hours"})
      EXPECT_FALSE(name.ends_with(unit)) << name;
    for (const auto& [labels, value] : metric.samples) {
      for (const auto& [label, of] : labels) EXPECT_TRUE(allowed.count(label) == 1) << name << " " << label;
    }
  }
}

TEST(MetricsFile, IsReplacedAndKeepsTheLastSuccess) {
  const test::ScratchFolder folder;
  const std::string path = folder.path("tailbit.prom");
  EXPECT_EQ(last_success_in(path), std::nullopt);
  write_metrics(path, summary(), facts_of(0));
  EXPECT_EQ(last_success_in(path), facts_of(0).finished);

  RunFacts later = facts_of(70);
  later.finished += 100.0;
  for (int failure = 0; failure < 2; ++failure) write_metrics(path, nullptr, later);
  const PrometheusText text(test::file_text(path));
  EXPECT_EQ(text.value("tailbit_last_success_timestamp_seconds"), facts_of(0).finished);
  EXPECT_EQ(text.value("tailbit_last_run_timestamp_seconds"), later.finished);
  EXPECT_EQ(text.value("tailbit_last_exit_code"), 70.0);

  later.exit_code = 0;
  later.name = "labelled";
  write_metrics(path, summary(), later);
  EXPECT_EQ(last_success_in(path), later.finished);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("")), {}), 1);  // nothing left beside it
}

TEST(MetricsFile, IsReadWithCare) {
  const test::ScratchFolder folder;
  for (const char* text :
       {"", "# HELP tailbit_last_success_timestamp_seconds When.\n", "tailbit_last_success_timestamp_seconds NaN\n",
        "tailbit_last_success_timestamp_seconds -5\n", "tailbit_last_success_timestamp_seconds\n",
        "tailbit_last_success_timestamp_seconds x\n", "\xff\xfe\x00"}) {
    EXPECT_EQ(last_success_in(folder.write("a.prom", text)), std::nullopt) << text;
  }
  EXPECT_EQ(last_success_in(folder.write("a.prom", "tailbit_last_success_timestamp_seconds{name=\"a b\"} 7\n")), 7.0);
}

TEST(MetricsFile, IsRefusedBeforeTheRun) {
  const test::ScratchFolder folder;
  EXPECT_NO_THROW(require_writable_metrics(folder.path("a.prom")));
  EXPECT_NO_THROW(require_writable_metrics("a.prom"));
  std::filesystem::create_directory(folder.path("b.prom"));
  for (const std::string& path :
       {folder.path("missing/a.prom"), folder.path("b.prom"), folder.write("f", "") + "/a.prom"}) {
    try {
      require_writable_metrics(path);
      ADD_FAILURE() << path;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::cannot_create_output);
      EXPECT_NE(std::string(failure.what()).find(path), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tailbit::metrics_test
