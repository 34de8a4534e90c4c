// What each part of a model costs per scenario and date, beside the same four coins with constant vols.
//
// As paths.cpp, over eight days of eight steps each, so that periods begin and end as they do in a job.
#include <cstdio>

#include "bench/cases.hpp"
#include "bench/parts.hpp"

namespace tailbit::bench {
namespace {

struct Part {
  const char* name;
  void (*extend)(Model&);
  Sampling sampling = Sampling::independent;
};

template <class Extend>
void each(Model& model, Extend&& extend) {
  for (auto& [name, underlying] : model.underlyings) extend(underlying);
}
JumpSizeModel crash() { return {.kind = JumpKind::normal, .mean = -0.05, .stdev = 0.08}; }
void jump_monthly(Model& model) {
  each(model, [](UnderlyingModel& u) { u.jumps = {{12.0, crash()}}; });
}
void two_regimes(Model& model) {
  model.regimes = RegimesModel{{{.name = "calm", .vol_multiplier = 0.8}, {.name = "stressed", .vol_multiplier = 2.0}},
                               {{0.95, 0.05}, {0.2, 0.8}},
                               {}};
}

const Part kModelParts[] = {
    {"constant vols", [](Model&) {}},
    {"antithetic pairs", [](Model&) {}, Sampling::antithetic},
    {"Sobol points", [](Model&) {}, Sampling::sobol},
    {"Student-t",
     [](Model& model) {
       model.student_t = StudentT{4.0, kDay, {}};
     }},
    {"grouped t",
     [](Model& model) {
       model.grouped_t = GroupedTModel{{{model_factors(model), 4.0}}, {{model_factors(model)[0], 2.7}}};
     }},
    {"bootstrap",
     [](Model& model) {
       BootstrapModel bootstrap{model_factors(model), {}, 5.0};
       for (int row = 0; row < 1000; ++row)
         bootstrap.rows.emplace_back(bootstrap.factors.size(), (row % 101 - 50) / 29.0);
       model.bootstrap = std::move(bootstrap);
     }},
    {"implied vols", [](Model& model) { each(model, [](UnderlyingModel& u) { u.spot_vol = SpotVolKind::implied; }); }},
    {"log-normal vols",
     [](Model& model) {
       each(model, [](UnderlyingModel& u) {
         u.spot_vol = SpotVolKind::log_normal;
         u.log_normal = {u.vol, 5.0, 1.5};
       });
     }},
    {"GARCH vols",
     [](Model& model) {
       each(model, [](UnderlyingModel& u) {
         u.spot_vol = SpotVolKind::garch;
         u.garch = {0.004, 0.08, 0.9, 0.02, 3.0};
       });
     }},
    {"Heston's vols",
     [](Model& model) {
       each(model, [](UnderlyingModel& u) {
         u.spot_vol = SpotVolKind::heston;
         u.heston = {0.3, 9.3, 0.3, 2.3, -0.35};
       });
     }},
    {"regimes of vols", two_regimes},
    {"regimes of correlations",
     [](Model& model) {
       two_regimes(model);
       model.regimes->states[1].correlation = Correlation{
           {model_factors(model)[0], model_factors(model)[1]}, {{1.0, 0.9}, {0.9, 1.0}}, CorrelationRepair::reject};
     }},
    {"jumps, normal", jump_monthly},
    {"jumps, Kou",
     [](Model& model) {
       each(model, [](UnderlyingModel& u) {
         u.jumps = {{12.0, {.kind = JumpKind::kou, .up_probability = 0.4, .up_rate = 25.0, .down_rate = 20.0}}};
       });
     }},
    {"jumps in common",
     [](Model& model) {
       CommonJumpsModel& common = model.common_jumps.emplace_back();
       common.intensity = 12.0;
       common.correlation = 0.8;
       for (const auto& [name, u] : model.underlyings) common.underlyings[name] = crash();
     }},
    {"jumps that excite themselves",
     [](Model& model) {
       jump_monthly(model);
       each(model, [](UnderlyingModel& u) { u.jumps[0].self_excitation = SelfExcitation{0.5, 100.0, {}}; });
     }},
};

Timed time_of(const Settings& settings, const Part& part, cpu::Isa isa) {
  Inputs inputs = make_market(Smile::svi, 4);
  part.extend(inputs.model);
  inputs.config.horizon_seconds = 8 * kDay;
  inputs.config.steps = 64;
  inputs.config.sampling = part.sampling;
  return time_paths(settings, std::move(inputs), isa);
}

}  // namespace

Json measure_model_parts(const Settings& settings) {
  std::printf("\n%-34s %-4s %10s %8s %8s\n", "part, four coins, per scenario and date", "isa", "ns", "+- %", "ratio");
  Json rows = Json::array();
  for (const cpu::Isa isa : measured_isas()) {
    double plain = 0.0;
    for (const Part& part : kModelParts) {
      const Timed time = time_of(settings, part, isa);
      if (plain == 0.0) plain = time.seconds;
      std::printf("%-39s %-4s %10.2f %8.1f %8.2f\n", part.name, cpu::isa_name(isa), 1e9 * time.seconds,
                  100.0 * time.spread, time.seconds / plain);
      rows.push_back({{"part", part.name},
                      {"isa", cpu::isa_name(isa)},
                      {"nanoseconds", rounded(1e9 * time.seconds)},
                      {"spread", rounded(time.spread)},
                      {"ratio", rounded(time.seconds / plain)}});
    }
  }
  return rows;
}

}  // namespace tailbit::bench
