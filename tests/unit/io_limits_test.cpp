// How much is read of an input, at the limits, and how what is wrong is shown. Files of hundreds of megabytes are in
// tests/faults/malformed.py.
#include <gtest/gtest.h>

#include "host/io/csv.hpp"
#include "host/io/json_file.hpp"
#include "host/io/json_syntax.hpp"
#include "host/io/readers.hpp"
#include "io_files.hpp"

namespace tailbit::io_limits_test {
namespace {

TEST(Shown, ControlCharactersAreSpelledOut) {
  EXPECT_EQ(as_shown("a\nb\x1b[2J\x7f\tc"), "a\\u000ab\\u001b[2J\\u007f\\u0009c");
  EXPECT_EQ(as_shown("\xc2\x9bx\xc2\xa0y\xc3\x9f"), "\\u009bx\xc2\xa0y\xc3\x9f");
  EXPECT_EQ(as_shown(""), "");
}

TEST(Shown, TheMiddleOfALongTextIsLeftOut) {
  const std::string at(limits::kLongestTold, 'x');
  EXPECT_EQ(as_shown(at), at);
  const std::string cut = as_shown("begin" + std::string(1'000'000, '-') + "end");
  EXPECT_LT(cut.size(), limits::kLongestTold + 10);
  EXPECT_TRUE(cut.starts_with("begin-") && cut.ends_with("-end"));
  EXPECT_NE(cut.find("- ... -"), std::string::npos);
  // No character is cut in two, wherever the cuts fall.
  for (const char* before : {"", "a", "ab"}) {
    std::string text = before;
    for (int i = 0; i < 2'000; ++i) text += "\xe2\x82\xac";
    EXPECT_EQ(first_bad_line(as_shown(text)), 0u);
  }
}

TEST(Shown, ProblemsAreALineEach) {
  Problems problems;
  problems.add(ExitCode::bad_data, {"a\nb", "/k\nl", "w\rx", "r\ny"});
  try {
    problems.throw_if_any();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "a\\u000ab:/k\\u000al: w\\u000dx; r\\u000ay");
  }
}

std::string row_problem(std::size_t bytes, bool quoted) {
  const std::string text = std::string(bytes - 1 - (quoted ? 2 : 0), 'x');
  const test::ScratchFolder folder;
  Problems problems;
  CsvFile csv(folder.write("rows.csv", "a\n" + (quoted ? '"' + text + '"' : text) + "\n"), ExitCode::bad_data,
              {{"a", true}}, problems);
  EXPECT_TRUE(csv.next());
  return csv.malformed();
}

TEST(Limits, RowsOfCsv) {
  for (const bool quoted : {false, true}) {
    EXPECT_EQ(row_problem(limits::kLongestRow, quoted), "");
    EXPECT_NE(row_problem(limits::kLongestRow + 1, quoted).find("longer"), std::string::npos);
  }
}

TEST(Limits, ColumnsOfCsv) {
  const auto problems_of = [](std::size_t columns) {
    std::string header;
    std::vector<CsvColumn> known;
    for (std::size_t i = 0; i < columns; ++i) {
      known.push_back({"c" + std::to_string(i), true});
      header += (i ? "," : "") + known.back().name;
    }
    const test::ScratchFolder folder;
    Problems problems;
    CsvFile csv(folder.write("columns.csv", header + "\n"), ExitCode::bad_data, known, problems);
    return problems.count();
  };
  EXPECT_EQ(problems_of(limits::kMostColumns), 0u);
  EXPECT_EQ(problems_of(limits::kMostColumns + 1), 1u);
}

TEST(Limits, KeysOfJson) {
  const auto faults = [](std::size_t size) { return json_faults("{\"" + std::string(size, 'k') + "\": 1}", true); };
  EXPECT_TRUE(faults(limits::kLongestName).empty());
  ASSERT_EQ(faults(limits::kLongestName + 1).size(), 1u);
  EXPECT_EQ(faults(limits::kLongestName + 1)[0].where, "/");
}

// Under the limit lie all other tests; at it, one would take seconds.
TEST(Limits, ValuesOfATree) {
  std::string text = "[";
  for (std::size_t i = 0; i < limits::kMostJsonValues; ++i) text += "1,";
  const auto faults = json_faults(text, true);  // told before the end, which is not sound
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].what.find("values"), std::string::npos);
}

TEST(Limits, RepeatedKeysAreToldUpToAThousand) {
  std::string text = "{\"a\": 1";
  for (int i = 0; i < 5'000; ++i) text += ",\"a\": 1";
  EXPECT_EQ(json_faults(text + "}", true).size(), 1'000u);
}

TEST(Limits, AListMayHoldSoMany) {
  for (const std::size_t count : {2u, 3u}) {
    const std::string text = count == 2 ? "[1, 2]" : "[1, 2, 3]";
    Problems problems;
    const JsonFile file("list.json", text, ExitCode::bad_data, problems);
    EXPECT_EQ(refuse_too_many(*file.root(), 2, "things"), count > 2);
    EXPECT_EQ(problems.count(), count - 2);
  }
}

}  // namespace
}  // namespace tailbit::io_limits_test
