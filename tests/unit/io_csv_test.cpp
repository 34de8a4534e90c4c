#include <gtest/gtest.h>

#include "host/io/csv.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::io_csv_test {
namespace {

using test::Outcome;
using test::ScratchFolder;

// Every row as "line: first|second", from a file with the columns a (required) and b.
std::vector<std::string> rows(const std::string& text) {
  const ScratchFolder folder;
  Problems problems;
  CsvFile csv(folder.write("x.csv", text), ExitCode::bad_data, {{"a", true}, {"b", false}}, problems);
  problems.throw_if_any();
  std::vector<std::string> out;
  while (csv.next()) {
    out.push_back(csv.where() + ": " +
                  (csv.malformed().empty() ? std::string(csv[0]) + "|" + std::string(csv[1]) : csv.malformed()));
  }
  return out;
}

Outcome header_outcome(const std::string& text) {
  const ScratchFolder folder;
  return outcome_of(folder, [&] {
    Problems problems;
    CsvFile csv(folder.write("x.csv", text), ExitCode::bad_data, {{"a", true}, {"b", false}}, problems);
    EXPECT_FALSE(csv.next());
    problems.throw_if_any();
  });
}

using Rows = std::vector<std::string>;

TEST(Csv, ColumnsByNameInAnyOrder) {
  EXPECT_EQ(rows("b,a\n1,2\n3,4\n"), (Rows{"line 2: 2|1", "line 3: 4|3"}));
  EXPECT_EQ(rows("a\n1"), (Rows{"line 2: 1|"}));
}

TEST(Csv, WindowsFilesAreUnderstood) {
  EXPECT_EQ(rows("\xef\xbb\xbf"
                 "a,b\r\n1,2\r\n\"3\",\"4\"\r\n5,6"),
            (Rows{"line 2: 1|2", "line 3: 3|4", "line 4: 5|6"}));
}

TEST(Csv, QuotedCells) {
  EXPECT_EQ(rows("a,b\n\"x, \"\"y\"\"\",\"\"\n\"two\nlines\",z\n1,2\n"),
            (Rows{"line 2: x, \"y\"|", "line 3: two\nlines|z", "line 5: 1|2"}));
}

TEST(Csv, BlankLinesHoldNothing) { EXPECT_EQ(rows("a,b\n\n1,2\n\r\n3,4\n\n"), (Rows{"line 3: 1|2", "line 5: 3|4"})); }

TEST(Csv, MalformedRowsAreTold) {
  EXPECT_EQ(rows("a,b\n1\n1,2,3\n4,5\n"),
            (Rows{"line 2: 1 cells where the header has 2", "line 3: 3 cells where the header has 2", "line 4: 4|5"}));
  EXPECT_EQ(rows("a,b\n\"1\"x,2\n3,4\n"), (Rows{"line 2: there is text behind a closing quote", "line 3: 3|4"}));
  EXPECT_EQ(rows("a,b\n1,\"2\n3,4\n"), (Rows{"line 2: a quoted cell has no end"}));
}

TEST(Csv, HeaderIsChecked) {
  const Outcome outcome = header_outcome("b,bb,b\n1,2,3\n");
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  EXPECT_EQ(outcome.message,
            "x.csv:line 1: the column \"bb\" is unknown (did you mean \"b\"?); correct or remove it\n"
            "x.csv:line 1: the column \"b\" is there twice; keep one of them\n"
            "x.csv:line 1: the column \"a\" is missing; add it to the header");
}

TEST(Csv, FilesThatCannotBeRead) {
  EXPECT_EQ(header_outcome("").message, "x.csv: is empty; write it first");
  EXPECT_EQ(header_outcome("a,b\n1,2\n\xff,2\n").message, "x.csv:line 3: is not UTF-8 text; save the file as UTF-8");
  const ScratchFolder folder;
  Problems problems;
  CsvFile csv(folder.path("none.csv"), ExitCode::bad_data, {{"a", true}}, problems);
  EXPECT_FALSE(csv.next());
  EXPECT_EQ(outcome_of(folder, [&] { problems.throw_if_any(); }).code, ExitCode::input_missing);
}

}  // namespace
}  // namespace tailbit::io_csv_test
