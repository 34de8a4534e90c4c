// Parts of a run, written and read again in any order, give the results of the whole; spoiled ones are noticed.
#include "host/report/part_file.hpp"

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "tests/support/equal_results.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::part_file_test {
namespace {

using measure::Collector;

struct PartFile : testing::TestWithParam<bool> {
  static constexpr std::uint64_t kScenarios = 9001;

  PartFile() {
    Inputs inputs = known_factor_inputs(Precision::double_);
    inputs.config.scenarios = kScenarios;
    job = compile(inputs);
    request = make_request(job, inputs.config);
    request.full_groups = GetParam();
  }
  Collector collector() const { return {request, job.plan.leaves, kScenarios}; }
  Tally simulate(ScenarioRange range, Collector& into) const { return cpu::run(job.plan, range, {}, into).tally; }
  // A part computed by a collector of its own.
  std::string part(ScenarioRange range) const {
    Collector own = collector();
    const Tally tally = simulate(range, own);
    return written({"run", range, tally, "here"}, own);
  }
  static std::string written(const PartHeader& header, Collector& from) {
    std::string bytes;
    write_part([&](std::string_view piece) { bytes += piece; }, header, from);
    return bytes;
  }
  static PartHeader read(const std::string& bytes, Collector& into) {
    std::size_t at = 0;
    return read_part(
        [&](char* to, std::size_t size) {
          const std::size_t count = std::min(size, bytes.size() - at);
          bytes.copy(to, count, at);
          at += count;
          return count;
        },
        "part", into);
  }
  measure::Results results(Collector& of) const { return measure::measure_all(of, of.scenarios(), request); }

  CompiledJob job;
  measure::Request request;
};

constexpr ScenarioRange kFirst{0, 2048}, kSecond{2048, 512}, kThird{2560, 6441};

TEST_P(PartFile, PartsInAnyOrderAreTheWhole) {
  Collector whole = collector(), merged = collector();
  const Tally tally = simulate({0, kScenarios}, whole);
  Tally sum;
  for (const ScenarioRange& range : {kThird, kFirst, kSecond}) {
    const PartHeader header = read(part(range), merged);
    EXPECT_EQ(header.range, range);
    EXPECT_EQ(header.run_id, "run");
    EXPECT_EQ(header.device, "here");
    sum += header.tally;
  }
  EXPECT_EQ(sum.vols_at_floor, tally.vols_at_floor);
  EXPECT_EQ(sum.moves_limited, tally.moves_limited);
  test::expect_equal(results(merged), results(whole));
}

TEST_P(PartFile, ARunThatGoesOnAfterEachPartHasTheSameResults) {
  Collector whole = collector(), first = collector(), second = collector();
  simulate({0, kScenarios}, whole);
  // One run that saves, is lost after its second part, and another that takes these up.
  simulate(kFirst, first);
  const std::string one = written({"run", kFirst, {}, ""}, first);
  first.end_part();
  simulate(kSecond, first);
  const std::string two = written({"run", kSecond, {}, ""}, first);
  first.end_part();
  read(one, second);
  read(two, second);
  simulate(kThird, second);
  simulate(kThird, first);
  const measure::Results expected = results(whole);
  test::expect_equal(results(second), expected);
  test::expect_equal(results(first), expected);
}

TEST_P(PartFile, AnEarlyEndHasTheResultsOfFewerScenarios) {
  constexpr std::uint64_t kEnd = 4096;
  Collector ended = collector();
  simulate({0, kEnd}, ended);
  ended.end_at(kEnd);
  Collector fewer(request, job.plan.leaves, kEnd);
  simulate({0, kEnd}, fewer);
  test::expect_equal(results(ended), results(fewer));
}

TEST_P(PartFile, PartsThatJoinAreHandedOnAsOne) {
  Collector whole = collector(), middle = collector(), last = collector();
  simulate({0, kScenarios}, whole);
  // A sender with room for one part at a time, whose later parts are chosen by its earlier ones.
  Collector sender(request, job.plan.leaves, kScenarios, 6656);
  std::vector<std::string> sent;
  for (const ScenarioRange& range : {kFirst, kThird}) {
    sender.move_to(range.first);
    simulate(range, sender);
    sent.push_back(written({"run", range, {}, "there"}, sender));
    sender.end_part();
  }
  join_part(sent[0], "one", middle);
  simulate(kSecond, middle);
  join_part(sent[1], "three", middle);
  read(written({"run", {0, kScenarios}, {}, "all"}, middle), last);
  test::expect_equal(results(last), results(whole));

  Collector none = collector();
  std::string bad = sent[0];
  bad[bad.size() / 2] ^= 1;
  EXPECT_THROW(join_part(bad, "bad", none), Failure);
  EXPECT_THROW(join_part(sent[0].substr(0, 10), "short", none), Failure);
}

TEST_P(PartFile, EverySpoiledByteIsNoticed) {
  const test::ScratchFolder folder;
  const std::string good = part(kSecond);
  EXPECT_EQ(check_part_file(folder.write("good.tbp", good)).why_not, "");
  const std::size_t step = std::max<std::size_t>(1, good.size() / 300);
  for (std::size_t at = 0; at < good.size(); at += step) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    EXPECT_NE(check_part_file(folder.write("bad.tbp", bad)).why_not, "") << "byte " << at;
    EXPECT_NE(check_part_file(folder.write("cut.tbp", good.substr(0, at))).why_not, "") << "cut at " << at;
  }
  EXPECT_NE(check_part_file(folder.write("long.tbp", good + "x")).why_not, "");
  EXPECT_NE(check_part_file(folder.path("none.tbp")).why_not, "");
}

TEST_P(PartFile, APartOfAnotherShapeIsRefused) {
  const std::string bytes = part(kThird);
  Collector fewer(request, job.plan.leaves, 4096);
  EXPECT_THROW(read(bytes, fewer), Failure);
  measure::Request other = request;
  other.full_groups = !other.full_groups;
  Collector another(other, job.plan.leaves, kScenarios);
  EXPECT_THROW(read(bytes, another), Failure);
}

INSTANTIATE_TEST_SUITE_P(GroupDetail, PartFile, testing::Bool(),
                         [](const auto& info) { return info.param ? "full" : "tails"; });

}  // namespace
}  // namespace tailbit::part_file_test
