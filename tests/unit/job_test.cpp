// What a job is named by.
#include "host/ops/job.hpp"

#include <gtest/gtest.h>

#include "tests/support/simulated.hpp"

namespace tailbit::job_test {
namespace {

NamedJob named(const std::string& config, const std::vector<std::string>& trades) {
  Overrides flags;
  flags.trades = trades;
  return name_job(resolve(config, flags, Sources::files));
}

TEST(NamedJob, TradesThatAreAnotherInputTooAreTrades) {
  const test::ScratchFolder folder;
  test::JobText job(test::kDay, 100, 1);
  job.underlying("AAA", 100.0, 0.5);
  job.hold("AAA", 1);
  const std::string config = job.write(folder), book = folder.path("book.csv");
  const std::string copy = folder.write("copy.csv", test::file_text(book));
  const NamedJob alone = named(config, {}), twice = named(config, {book}), copied = named(config, {copy});
  EXPECT_EQ(twice.digests["book"], alone.digests["book"]);
  EXPECT_FALSE(alone.digests.contains("trades"));
  EXPECT_EQ(twice.digests["trades"], copied.digests["trades"]);
  EXPECT_EQ(twice.run_id, copied.run_id);
  EXPECT_NE(twice.run_id, alone.run_id);
  EXPECT_NE(named(config, {book, book}).run_id, twice.run_id);
}

}  // namespace
}  // namespace tailbit::job_test
