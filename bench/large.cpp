// A large book from files to results: a million positions on 5,000 options in 100,000 scenarios, for the book alone and
// for many accounts, each run in a process of its own on two threads, from a warm file cache.
//
// The options are European, settled in USD and in coin, on SVI slices of four underlyings; spots, levels, skews and
// bases move. A position's option and account follow from its number.
#include <cstdio>

#include "bench/cases.hpp"
#include "bench/child.hpp"
#include "bench/job.hpp"
#include "bench/parts.hpp"
#include "host/ops/run.hpp"

namespace tailbit::bench {
namespace {

constexpr int kRepeats = 3;  // a run takes seconds
constexpr unsigned kThreads = 2;

constexpr struct {
  const char* name;
  std::uint64_t accounts;
  const char* detail;  // "": the book alone
} kRuns[] = {{"book", 1'000, ""},
             {"1,000 accounts, everything", 1'000, "full"},
             {"1,000 accounts, tails", 1'000, "tails"},
             {"10,000 accounts, tails", 10'000, "tails"}};

struct LargeSize {
  int per_underlying;  // of each settlement
  std::uint64_t positions, scenarios;
};
LargeSize size_of(bool quick) { return quick ? LargeSize{25, 20'000, 2'000} : LargeSize{625, 1'000'000, 100'000}; }

// Numbers that follow on one another fall far apart: the fractions of i times the golden ratio.
std::uint64_t account_of(std::uint64_t i, std::uint64_t accounts) {
  return ((i * 0x9e3779b97f4a7c15u) >> 40) % accounts;
}

// Options are held by as many positions each; sizes of a tenth, prices of up to five digits.
Positions hold(const std::vector<Instrument>& options, std::uint64_t positions, std::uint64_t accounts) {
  Positions book;
  book.reserve(positions);
  for (std::uint64_t i = 0; i < positions; ++i) {
    const std::uint64_t account = account_of(i, accounts);
    Position position;
    position.position_id = "P" + std::to_string(i);
    position.account = "account-" + std::to_string(account);
    position.desk = "desk-" + std::to_string(account % 7);
    position.venue = position.counterparty = "deribit";
    position.instrument = options[i * 7919 % options.size()].id;
    position.quantity = (static_cast<double>(i % 997) - 494.5) / 10.0;  // no option nets to nothing
    position.entry_price = static_cast<double>(1 + i * 31 % 9973) / 100.0;
    book.push_back(position);
  }
  return book;
}

std::string write_large(const TemporaryFolder& folder, const LargeSize& size, std::uint64_t accounts,
                        const std::string& detail) {
  Inputs inputs = make_market(Smile::svi_shocked, 4);
  for (const Settlement settlement : {Settlement::usd, Settlement::coin})
    add_contracts(inputs, find_case("european", settlement, Smile::svi_shocked), size.per_underlying);
  finish(inputs);
  inputs.positions = hold(inputs.instruments, size.positions, accounts);
  Json more = {{"levels", {0.95, 0.99, 0.999}}};
  if (!detail.empty()) more.update({{"group_by", {"account"}}, {"group_detail", detail}});
  return write_job(inputs, folder, "large", size.scenarios, more);
}

Json run_large(const std::string& config) {
  RunFlags flags;
  flags.device = "cpu";
  flags.threads = kThreads;
  const Json summary = run_job(config, flags).report;
  return {{"timings", summary.at("timings")},
          {"groups", summary.at("groups").size()},
          {"contracts", summary.at("contracts")}};
}

Json row_of(const char* name, const std::vector<ChildDone>& runs, const LargeSize& size) {
  std::vector<double> wall, processor;
  std::vector<Json> timings;
  double peak = 0.0;
  for (const ChildDone& run : runs) {
    wall.push_back(run.wall_seconds);
    processor.push_back(run.processor_seconds);
    timings.push_back(run.report.at("timings"));
    peak = std::max(peak, run.peak_megabytes);
  }
  const Timed whole = median(wall);
  const double worked = median(processor).seconds;
  std::printf("%-34s %-4s %14.2f %12.2f %9.0f %7.1f\n", name, "", whole.seconds, worked, peak, 100.0 * whole.spread);
  return {{"run", name},
          {"positions", size.positions},
          {"contracts", runs[0].report.at("contracts")},
          {"groups", runs[0].report.at("groups")},
          {"scenarios", size.scenarios},
          {"threads", kThreads},
          {"seconds", rounded(whole.seconds)},
          {"processor_seconds", rounded(worked)},
          {"peak_megabytes", rounded(peak)},
          {"spread", rounded(whole.spread)},
          {"wall_seconds", stages_of(timings, wall)}};
}

void print_stages(const Json& rows) {
  std::printf("\n%-26s", "  stages, s wall");
  for (const auto& [stage, unused] : rows[0].at("wall_seconds").items()) std::printf(" %9s", stage.c_str());
  std::printf("\n");
  for (const Json& row : rows) {
    std::printf("%-26s", row.at("run").get<std::string>().c_str());
    for (const auto& [unused, seconds] : row.at("wall_seconds").items()) std::printf(" %9.3f", seconds.get<double>());
    std::printf("\n");
  }
}

}  // namespace

Json measure_large(const Settings& settings) {
  const LargeSize size = size_of(settings.quick);
  std::printf("\n%llu positions, %llu scenarios %7s %14s %12s %9s %7s\n",
              static_cast<unsigned long long>(size.positions), static_cast<unsigned long long>(size.scenarios), "",
              "wall s", "processor s", "peak MB", "+- %");
  Json rows = Json::array();
  for (const auto& run : kRuns) {
    const TemporaryFolder folder;
    // In a child, so that this process stays small.
    const std::string config =
        in_child([&] { return Json(write_large(folder, size, run.accounts, run.detail)); }).report;
    std::vector<ChildDone> runs;
    for (int i = 0; i < kRepeats; ++i) runs.push_back(in_child([&] { return run_large(config); }));
    rows.push_back(row_of(run.name, runs, size));
    std::fflush(stdout);
  }
  print_stages(rows);
  return rows;
}

}  // namespace tailbit::bench
