// Files longer than a block: rows and quoted cells do not depend on where one ends, and neither do line numbers.
#include <gtest/gtest.h>

#include "host/io/csv.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::io_csv_blocks_test {
namespace {

using test::ScratchFolder;

struct ReadCsv {
  std::vector<std::string> rows;  // "line: first|second"
  std::string message;
};

ReadCsv read(const std::string& text) {
  const ScratchFolder folder;
  ReadCsv result;
  Problems problems;
  CsvFile csv(folder.write("x.csv", text), ExitCode::bad_data, {{"a", true}, {"b", false}}, problems);
  while (csv.next()) {
    result.rows.push_back(
        csv.where() + ": " +
        (csv.malformed().empty() ? std::string(csv[0]) + "|" + std::string(csv[1]) : csv.malformed()));
  }
  result.message = outcome_of(folder, [&] { problems.throw_if_any(); }).message;
  return result;
}

TEST(CsvBlocks, RowsOfAllKinds) {
  std::string text = "a,b\n";
  std::vector<std::string> expected;
  std::size_t line = 2;
  for (std::size_t i = 0; text.size() < 3'000'000; ++i) {
    const std::string number = std::to_string(i), x = std::string(i * i % 301, 'x');
    const auto expect = [&](const std::string& cells) {
      expected.push_back("line " + std::to_string(line) + ": " + cells);
    };
    switch (i % 5) {
      case 0:
        text += number + "," + x + "\n";
        expect(number + "|" + x);
        break;
      case 1:
        text += "\"" + number + "\",\"" + x + "\"\r\n";
        expect(number + "|" + x);
        break;
      case 2:
        text += "\"" + x + "\"\"\n" + number + "\",\"\"\"\n\"\"\"\n";
        expect(x + "\"\n" + number + "|\"\n\"");
        line += 2;
        break;
      case 3:
        text += number + "\n\n";
        expect("1 cells where the header has 2");
        ++line;
        break;
      default: text += "\"" + number + "\"?\n"; expect("there is text behind a closing quote");
    }
    ++line;
  }
  EXPECT_EQ(read(text).rows, expected);
  text.pop_back();  // the last line's end
  EXPECT_EQ(read(text).rows, expected);
}

TEST(CsvBlocks, RowsLongerThanABlock) {
  const std::string x(1'000'000, 'x'), lines(700'000, '\n');
  const std::vector<std::string> rows = read("a,b\n" + x + ",1\n\"" + lines + "\"\"\"," + x + "\nend,2").rows;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], "line 2: " + x + "|1");
  EXPECT_EQ(rows[1], "line 3: " + lines + "\"|" + x);
  EXPECT_EQ(rows[2], "line 700004: end|2");
  EXPECT_EQ(read(std::string(1'000'000, 'a') + ",b\n1,2\n").rows.size(), 0u);
  EXPECT_EQ(read("a,b\n1,\"" + x + "\n").rows, (std::vector<std::string>{"line 2: a quoted cell has no end"}));
}

TEST(CsvBlocks, WhatIsNotTextIsToldWithItsLine) {
  std::string text = "a,b\n";
  for (int i = 0; i < 200'000; ++i) text += "123,\"4\n5\"\n";
  for (const char bad : {'\xff', '\0'}) {
    ReadCsv csv = read(text + "1," + bad + "\n3,4\n");
    EXPECT_EQ(csv.message, "x.csv:line 400002: is not UTF-8 text; save the file as UTF-8");
    EXPECT_LT(csv.rows.size(), 200'000u);  // of its block, no row is taken
    csv = read(text + "1,\"" + std::string(500'000, '\n') + bad + "\"\n");
    EXPECT_EQ(csv.message, "x.csv:line 900002: is not UTF-8 text; save the file as UTF-8");
    EXPECT_EQ(csv.rows.back().find('?'), std::string::npos);
  }
}

}  // namespace
}  // namespace tailbit::io_csv_blocks_test
