#include "host/compile/compile.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "host/compile/blob.hpp"
#include "host/compile/contracts.hpp"
#include "host/compile/growth.hpp"
#include "host/compile/infinite_losses.hpp"
#include "host/compile/paths.hpp"
#include "host/compile/pricers.hpp"
#include "host/compile/sampling.hpp"
#include "host/compile/schedule.hpp"
#include "host/compile/tenors.hpp"
#include "host/compile/underlyings.hpp"
#include "host/compile/value_today.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// u = 2^-44 G, G the power of two above the book's scale.
Quantum make_quantum(double scale) {
  constexpr double kLeast = 1e-200, kMost = 1e200;  // so that neither quanta nor sums leave the range of doubles
  if (!(scale >= kLeast && scale <= kMost)) {
    throw Failure(ExitCode::bad_data,
                  "the book's gross notional, with the growth that the model's vols allow over the horizon, is " +
                      number_text(scale) + " USD and cannot be summed exactly; check quantities, multipliers, " +
                      "vols, drifts and the horizon");
  }
  int exponent = 0;
  std::frexp(scale, &exponent);  // scale < 2^exponent
  return {std::ldexp(1.0, exponent - 44)};
}

// Whether a pricer looks at a tenor.
bool on_forward(std::uint32_t pricer) {
  bool result = false;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if (pricer == id) result = P::on_forward;
  });
  return result;
}

// Fills a plan's runs, rows and constants for one precision.
template <class Precise>
class RunBuilder {
 public:
  RunBuilder(const Inputs& inputs, const NettedBook& book, const std::vector<market::UnderlyingToday>& underlyings,
             const Schedule& schedule, CompiledJob& job)
      : inputs_(inputs),
        book_(book),
        underlyings_(underlyings),
        schedule_(schedule),
        factors_(factor_ids(inputs.model)),
        tenors_(inputs, factors_),
        job_(job),
        plan_(job.plan) {}

  void build() {
    build_observers();
    value_today_.resize(book_.contracts.size());
    for (std::size_t c = 0; c < book_.contracts.size(); ++c) value_today_[c] = finite_value_today(book_.contracts[c]);
    for (std::uint32_t node = 0; node < plan_.nodes.size(); ++node) build_node(plan_.nodes[node]);
    value_book();
  }

 private:
  const market::UnderlyingToday& underlying(const Contract& c) const { return underlyings_[c.underlying]; }

  // Contracts with a memory keep their place among the states of their pricer in every node.
  void build_observers() {
    state_of_.assign(book_.contracts.size(), 0);
    for_each_type<Pricers>([&]<class P, std::size_t id>() {
      if constexpr (P::has_state) {
        using Family = typename P::Family;
        std::vector<typename Family::Observation> observations;
        std::vector<typename P::State> initial;
        std::vector<ObservedPlace> places;
        for (std::size_t c = 0; c < book_.contracts.size(); ++c) {
          const Contract& contract = book_.contracts[c];
          if (pricer_of(contract.instrument->terms, underlying(contract), inputs_.market.as_of) != id) continue;
          const auto& terms = std::get<typename Family::Terms>(contract.instrument->terms);
          state_of_[c] = static_cast<std::uint32_t>(places.size());
          observations.push_back(Family::observation(terms, underlying(contract), schedule_.step_years));
          initial.push_back(Family::template initial_state<typename P::Variant>(terms, underlying(contract)));
          places.push_back({contract.underlying, factors_[contract.underlying].premium});
        }
        if (places.empty()) return;
        states_offset_[id] = plan_.state_bytes;
        ObserverRun run{};
        run.pricer = id;
        run.state_count = static_cast<std::uint32_t>(places.size());
        run.observations_offset = append(plan_.constants, observations);
        run.initial_offset = append(plan_.constants, initial);
        run.places_offset = append(plan_.constants, places);
        run.states_offset = plan_.state_bytes;
        plan_.state_bytes += places.size() * sizeof(typename P::State);
        plan_.observers.push_back(run);
      }
    });
  }

  double finite_value_today(const Contract& contract) const {
    const double value = value_today(contract.instrument->terms, underlying(contract));
    if (!std::isfinite(value)) {
      throw Failure(ExitCode::bad_data, "contract " + contract.instrument->id +
                                            " has no finite value today; check its terms, the " +
                                            "forward of its expiry and its volatility");
    }
    return value;
  }

  struct Entry {
    std::uint32_t pricer;
    std::uint32_t at;  // PointId or tenor
    PointId point_now;
    std::uint32_t contract;
  };

  template <class P, class R = typename P::template Real<Precise>>
  auto make_constants(const Contract& contract, const NodeTime& now) const {
    using Family = typename P::Family;
    return Family::template constants<R, typename P::Variant>(
        std::get<typename Family::Terms>(contract.instrument->terms), underlying(contract), now);
  }

  // In single precision a contract's rounded constants make a bias, nearly the same in all scenarios, that would add up
  // over a book. So a change in value is counted from what single precision gives where nothing has moved.
  template <class P>
  double counted_from(const typename P::template Constants<Precise>& constants, const Entry& entry,
                      const NodeTime& now) const {
    using R = typename P::template Real<Precise>;
    const double today = value_today_[entry.contract];
    if constexpr (sizeof(R) == sizeof(double)) {
      return today;
    } else {
      const Contract& contract = book_.contracts[entry.contract];
      const ContractTerms& terms = contract.instrument->terms;
      const double exact =
          value_unmoved<P, double>(make_constants<P, double>(contract, now), terms, underlying(contract));
      return today + (value_unmoved<P, R>(constants, terms, underlying(contract)) - exact);
    }
  }

  void build_node(RevaluationNode& node) {
    const Timestamp now{inputs_.market.as_of.seconds + node.seconds};
    tenors_.begin_date(node.seconds);
    std::vector<Entry> entries;
    for (std::uint32_t c = 0; c < book_.contracts.size(); ++c) {
      const Contract& contract = book_.contracts[c];
      const std::uint32_t pricer = pricer_of(contract.instrument->terms, underlying(contract), now);
      const std::uint32_t at = on_forward(pricer)
                                   ? tenors_.index_of(contract.underlying, expiry_of(contract.instrument->terms),
                                                      in_coin(contract.instrument->terms))
                                   : point_of(contract, node, now);
      entries.push_back({pricer, at, point_now(contract, node), c});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tuple(a.pricer, a.at, a.contract) < std::tuple(b.pricer, b.at, b.contract);
    });
    node.first_tenor = static_cast<std::uint32_t>(plan_.tenors.size());
    node.tenor_count = static_cast<std::uint32_t>(tenors_.of_date().size());
    plan_.tenors.insert(plan_.tenors.end(), tenors_.of_date().begin(), tenors_.of_date().end());
    // Since the last observation: the part of the running step that has passed, nothing at its end.
    const GridDate date = locate(node.seconds, inputs_.config.horizon_seconds, inputs_.config.steps);
    const NodeTime node_time{now, date.at_step_end ? 0.0 : date.share * schedule_.step_years};

    node.first_run = static_cast<std::uint32_t>(plan_.runs.size());
    for (auto first = entries.begin(); first != entries.end();) {
      const auto last = std::find_if(first, entries.end(), [&](const Entry& e) { return e.pricer != first->pricer; });
      for_each_type<Pricers>([&]<class P, std::size_t id>() {
        if (first->pricer == id) build_run<P, id>(std::vector<Entry>(first, last), node_time);
      });
      first = last;
    }
    node.run_count = static_cast<std::uint32_t>(plan_.runs.size()) - node.first_run;
  }

  // Where a contract finds its price: at its expiry once that has come, else now.
  PointId point_of(const Contract& contract, const RevaluationNode& node, Timestamp now) const {
    const std::optional<Timestamp> expiry = expiry_of(contract.instrument->terms);
    if (!expiry || *expiry > now) return point_now(contract, node);
    const DateId date = schedule_.date_at.at(expiry->seconds - inputs_.market.as_of.seconds);
    return date * plan_.underlyings + contract.underlying;
  }
  PointId point_now(const Contract& contract, const RevaluationNode& node) const {
    return node.date * plan_.underlyings + contract.underlying;
  }

  template <class P, std::size_t id>
  void build_run(const std::vector<Entry>& entries, const NodeTime& now) {
    std::vector<typename P::template Constants<Precise>> constants;
    Run run{};
    run.pricer = id;
    run.first_row = static_cast<std::uint32_t>(plan_.rows.size());
    run.row_count = static_cast<std::uint32_t>(entries.size());
    for (const Entry& entry : entries) {
      const Contract& contract = book_.contracts[entry.contract];
      constants.push_back(make_constants<P>(contract, now));
      plan_.rows.push_back({entry.at, entry.point_now, state_of_[entry.contract], contract.first_weight,
                            contract.weight_count, entry.contract, counted_from<P>(constants.back(), entry, now)});
    }
    run.constants_offset = append(plan_.constants, constants);
    run.states_offset = states_offset_[id];
    plan_.runs.push_back(run);
  }

  // Today's value of each leaf, and what the sums of raw bits start from.
  void value_book() {
    const double shifter = plan_.quantum.shifter();
    std::vector<std::uint64_t> terms(plan_.leaves, 0);
    job_.base_quanta.assign(plan_.leaves, 0);
    for (std::size_t c = 0; c < book_.contracts.size(); ++c) {
      const Contract& contract = book_.contracts[c];
      for (std::uint32_t w = contract.first_weight; w < contract.first_weight + contract.weight_count; ++w) {
        const Weight& weight = plan_.weights[w];
        const std::uint64_t raw = quantise(weight.quantity, value_today_[c], shifter);
        if (out_of_range(raw, shifter) != 0) {
          throw Failure(
              ExitCode::bad_data,
              "contract " + contract.instrument->id +
                  ": the position's value today leaves the range of exact sums, 128 times the book's scale; " +
                  "check its terms");
        }
        job_.base_quanta[weight.leaf] += static_cast<std::int64_t>(raw - math::to_bits(shifter));
        ++terms[weight.leaf];
      }
    }
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
      for (const std::uint64_t count : terms) plan_.initial_sums.push_back(-(count * math::to_bits(shifter)));
    }
  }

  const Inputs& inputs_;
  const NettedBook& book_;
  const std::vector<market::UnderlyingToday>& underlyings_;
  const Schedule& schedule_;
  std::vector<FactorIds> factors_;  // [underlyings]
  TenorTable tenors_;
  CompiledJob& job_;
  Plan& plan_;
  std::vector<std::uint32_t> state_of_;  // [contracts]
  std::size_t states_offset_[Pricers::size] = {};
  std::vector<double> value_today_;  // [contracts] USD per unit
};

}  // namespace

std::int64_t CompiledJob::base_of(const Group& group) const {
  std::int64_t sum = 0;
  for (std::uint32_t leaf = group.first_leaf; leaf < group.last_leaf; ++leaf) sum += base_quanta[leaf];
  return sum;
}

namespace {

void refuse_empty(const NettedBook& book, const Inputs& inputs) {
  if (!book.contracts.empty()) return;
  throw Failure(ExitCode::bad_data, inputs.config.book + ": nothing is left to value after netting; add positions");
}

CompiledJob compile(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings, Groups groups,
                    const NettedBook& book, double gross_scale) {
  CompiledJob job;
  job.groups = std::move(groups);
  const Schedule schedule = make_schedule(inputs);

  Plan& plan = job.plan;
  plan.seed = inputs.config.seed;
  plan.scenarios = inputs.config.scenarios;
  plan.precision = inputs.config.precision;
  plan.underlyings = static_cast<std::uint32_t>(underlyings.size());
  plan.factors = static_cast<std::uint32_t>(inputs.model.correlation.factors.size());
  plan.dates = schedule.dates;
  plan.leaves = job.groups.leaves;
  for (const market::UnderlyingToday& underlying : underlyings) plan.spot_today.push_back(underlying.spot);
  plan.paths = make_paths(inputs, schedule, underlyings);
  plan.quantum = make_quantum(gross_scale * growth_allowance(inputs, plan.paths));
  plan.nodes = schedule.nodes;
  plan.weights = book.weights;

  if (plan.precision == Precision::double_) {
    RunBuilder<double>(inputs, book, underlyings, schedule, job).build();
  } else {
    RunBuilder<float>(inputs, book, underlyings, schedule, job).build();
  }
  for (const Contract& contract : book.contracts) job.contracts.push_back(contract.instrument->id);
  for (const RevaluationNode& node : plan.nodes) job.node_seconds.push_back(node.seconds);
  job.gross_notional = book.gross_notional;
  job.reprices_per_scenario = plan.rows.size();
  return job;
}

}  // namespace

CompiledJob compile(const Inputs& inputs) {
  const std::vector<market::UnderlyingToday> underlyings = make_underlyings(inputs);
  Groups groups = make_groups(inputs);
  const NettedBook book = net(inputs, groups, underlyings);
  refuse_empty(book, inputs);
  CompiledJob job = compile(inputs, underlyings, std::move(groups), book, book.gross_scale);
  job.unrealised_profit = unrealised_profit(inputs, underlyings);
  job.warnings = infinite_loss_warnings(inputs, book, underlyings);
  for (std::string& warning : sampling_warnings(inputs.config, job.plan.paths))
    job.warnings.push_back(std::move(warning));
  return job;
}

CompiledJob compile_books(const std::vector<const Inputs*>& books,
                          const std::function<bool(const std::string& contract)>& wanted) {
  Inputs all;
  all.config = books.front()->config;
  all.market = books.front()->market;
  all.model = books.front()->model;
  const std::vector<market::UnderlyingToday> underlyings = make_underlyings(all);
  Groups groups;
  NettedBook joined;
  double gross_scale = 0.0;  // of the first
  for (const Inputs* inputs : books) {
    for (const Instrument& instrument : inputs->instruments) {
      if (wanted(instrument.id)) all.instruments.push_back(instrument);
    }
    Groups more = make_groups(*inputs);
    NettedBook book = net(*inputs, more, underlyings);
    refuse_empty(book, *inputs);
    if (inputs == books.front()) gross_scale = book.gross_scale;
    std::erase_if(book.contracts, [&](const Contract& contract) { return !wanted(contract.instrument->id); });
    joined = join(joined, book, groups.leaves);
    groups = append(std::move(groups), std::move(more));
  }
  return compile(all, underlyings, std::move(groups), joined, gross_scale);
}

}  // namespace tailbit
