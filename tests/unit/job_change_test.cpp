// What a change of a job's inputs makes a resident job compute again, and that the rest added to it is the whole.
#include "host/ops/job_change.hpp"

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/ops/leaf_profits.hpp"
#include "host/report/measure.hpp"
#include "tests/support/simulated.hpp"

namespace tailbit::job_change_test {
namespace {

using test::JobText;
using Contracts = JobChange::Contracts;

// Two underlyings, two desks; every position may be left out or held in another quantity.
struct Desks {
  JobText text{7 * test::kDay, 3000, 5};

  Desks() {
    text.run["group_by"] = {"desk"};
    text.underlying("AAA", 100.0, 0.8);
    text.underlying("BBB", 20.0, 0.6);
    text.define(test::option("AAA-call", "AAA", "call", 110.0, 30 * test::kDay), 0);
    text.define(test::option("BBB-put", "BBB", "put", 19.0, 60 * test::kDay), 0);
    text.define(test::future("BBB-future", "BBB", 60 * test::kDay), 0);
    for (auto& instrument : text.instruments["instruments"])
      if (instrument["family"] == "european") instrument["vol"] = 0.7;
    text.book = "instrument,quantity,desk\n";
  }
  Desks& hold(const std::string& instrument, double quantity, const std::string& desk) {
    text.book += instrument + "," + number_text(quantity) + "," + desk + "\n";
    return *this;
  }
};

Desks usual() {
  Desks desks;
  desks.hold("AAA", 1000, "one").hold("AAA-call", 10, "one").hold("BBB-put", -20, "two").hold("BBB-future", 5, "two");
  return desks;
}

struct State {
  test::ScratchFolder folder;
  NamedJob named;
  CompiledJob job;
  explicit State(const Desks& desks)
      : named(name_job(resolve(desks.text.write(folder), {}, Sources::files))), job(compile(named.resolved.inputs)) {}
};

JobChange change(const Desks& before, const Desks& after) {
  const State then(before), now(after);
  return change_between(then.named, then.job, now.named, now.job);
}

TEST(JobChange, NothingIsComputedForTheSameInputs) {
  const JobChange same = change(usual(), usual());
  EXPECT_EQ(same.whole, "");
  EXPECT_EQ(same.size(), 0u);
}

TEST(JobChange, ContractsAreHeldGoneOrCome) {
  Desks after;
  after.hold("AAA", 1000, "one").hold("AAA-call", 11, "one").hold("BBB-put", -20, "two").hold("BBB", 3, "two");
  const JobChange found = change(usual(), after);
  EXPECT_EQ(found.whole, "");
  EXPECT_EQ(found.held, Contracts{"AAA-call"});
  EXPECT_EQ(found.gone, Contracts{"BBB-future"});
  EXPECT_EQ(found.come, Contracts{"BBB"});
  EXPECT_EQ(found.size(), 2u);
}

TEST(JobChange, ADeskThatTakesOverIsAChange) {
  Desks after;
  after.hold("AAA", 1000, "one").hold("AAA-call", 10, "one").hold("BBB-put", -20, "two").hold("BBB-future", 5, "one");
  EXPECT_EQ(change(usual(), after).held, Contracts{"BBB-future"});
}

TEST(JobChange, AMovedMarketTakesItsContractsAlone) {
  Desks after = usual();
  after.text.market["underlyings"]["BBB"]["spot"] = 20.0000001;
  const JobChange found = change(usual(), after);
  EXPECT_EQ(found.whole, "");
  EXPECT_TRUE(found.held.empty());
  EXPECT_EQ(found.gone, (Contracts{"BBB-put", "BBB-future"}));
  EXPECT_EQ(found.come, found.gone);
}

TEST(JobChange, WhatKeepsNothingSaysWhy) {
  const auto whole = [](const std::function<void(JobText&)>& edit) {
    Desks after = usual();
    edit(after.text);
    return change(usual(), after).whole;
  };
  EXPECT_EQ(whole([](JobText& job) { job.run["seed"] = 6; }), "the config has changed");
  EXPECT_EQ(whole([](JobText& job) { job.instruments["instruments"][0]["strike"] = 111.0; }),
            "the instruments have changed");
  EXPECT_EQ(whole([](JobText& job) { job.model["underlyings"]["AAA"]["drift"] = 0.1; }), "the model has changed");
  EXPECT_EQ(whole([](JobText& job) { job.market["as_of"] = test::after(-test::kDay); }),
            "the market is of another moment");
  EXPECT_EQ(whole([](JobText& job) { job.market["rates"]["USD"] = 0.01; }), "the rate has changed");
  EXPECT_EQ(whole([](JobText& job) { job.book += "AAA,10000000,one\n"; }), "the book's scale has changed");
}

TEST(JobChange, AMarketThatNothingIsHeldInIsComputedWhole) {
  const auto of_one = [] {
    Desks desks;
    desks.hold("AAA", 1000, "one");
    return desks;
  };
  Desks after = of_one();
  after.text.market["underlyings"]["BBB"]["spot"] = 21.0;
  EXPECT_EQ(change(of_one(), after).whole, "the market of what is not held has changed");
}

TEST(LeafNames, AreThoseOfTheDeepestGroups) {
  const State state(usual());
  EXPECT_EQ(leaf_names(state.job), (std::vector<std::string>{"desk=one", "desk=two"}));
}

// Every profit of every leaf, at every date that is kept.
std::vector<std::int64_t> profits_of(LeafProfits& profits, const CompiledJob& job, const RunConfig& config) {
  measure::Request request = make_request(job, config);
  request.full_groups = true;
  measure::Collector collector(request, job.plan.leaves, job.plan.scenarios);
  profits.give_to(collector);
  std::vector<std::int64_t> all;
  for (std::size_t row = 0; row < collector.rows().size(); ++row) {
    const auto part = collector.part_row(row, {0, job.plan.scenarios}).profits;
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void simulate(const CompiledJob& job, LeafProfits& profits) {
  cpu::run(job.plan, {0, job.plan.scenarios}, cpu::Options{}, profits.collector());
}

// before - gone - held + held as it is now + come = after, bit for bit.
TEST(LeafProfits, WhatStaysAndWhatIsComputedAgainAreTheWhole) {
  Desks changed;
  changed.hold("AAA", 1000, "one").hold("AAA-call", 11, "one").hold("BBB-put", -20, "two").hold("BBB", 3, "three");
  const State before(usual()), after(changed);
  const RunConfig& config = after.named.config();
  const JobChange found = change_between(before.named, before.job, after.named, after.job);
  ASSERT_EQ(found.whole, "");

  LeafProfits then(before.job, before.named.config(), all_leaves(before.job));
  simulate(before.job, then);
  LeafProfits fresh(after.job, config, all_leaves(after.job));
  simulate(after.job, fresh);

  const CompiledJob part =
      compile_books({&after.named.resolved.inputs, &before.named.resolved.inputs}, [&](const std::string& contract) {
        return found.held.contains(contract) || found.gone.contains(contract) || found.come.contains(contract);
      });
  const std::uint32_t leaves_now = after.job.plan.leaves;
  EXPECT_EQ(part.plan.leaves, leaves_now + before.job.plan.leaves);
  EXPECT_EQ(part.plan.quantum.unit, after.job.plan.quantum.unit);
  LeafProfits moved(part, config, held_leaves(part));
  simulate(part, moved);

  LeafProfits sum(after.job, config, all_leaves(after.job));
  sum.set_to_none();
  sum.add(then, [](std::uint32_t) { return 1; });
  EXPECT_NE(profits_of(sum, after.job, config), profits_of(fresh, after.job, config));
  sum.add(moved, [&](std::uint32_t leaf) { return leaf < leaves_now ? 1 : -1; });
  EXPECT_EQ(profits_of(sum, after.job, config), profits_of(fresh, after.job, config));
}

TEST(CompileBooks, NoContractIsAJobToo) {
  const State state(usual());
  const CompiledJob none = compile_books({&state.named.resolved.inputs}, [](const std::string&) { return false; });
  EXPECT_TRUE(held_leaves(none).empty());
  EXPECT_EQ(none.plan.quantum.unit, state.job.plan.quantum.unit);
  const Pnl pnl = cpu::run(none.plan, {});
  for (std::uint64_t i = 0; i < none.plan.scenarios; ++i) ASSERT_EQ(pnl.row(0, 0)[i], 0);
}

TEST(LeafProfits, BytesAreThoseOfEveryLeaf) {
  const State state(usual());
  // Two leaves, one date, 8 bytes a profit, and what the collector adds.
  const double bytes = leaf_profits_bytes(state.job, state.named.config());
  EXPECT_GE(bytes, 2 * 3000 * 8.0);
  EXPECT_LE(bytes, 2 * 4096 * 8.0 * 2);
}

}  // namespace
}  // namespace tailbit::job_change_test
