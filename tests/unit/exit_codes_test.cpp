// The table of exit codes: every code once, in order, and told in the documentation in the same words.
#include "host/io/exit_codes.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace tailbit::exit_codes_test {
namespace {

std::string file(const std::string& path) {
  std::ifstream stream(std::string(TAILBIT_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// How many codes the enumeration has, read off its source: a code may not be added to one place alone.
std::size_t enumerators() {
  const std::string source = file("host/io/problems.hpp");
  const std::size_t begin = source.find("enum class ExitCode");
  const std::string body = source.substr(begin, source.find("};", begin) - begin);
  std::size_t count = 0;
  for (std::size_t at = body.find(" = "); at != std::string::npos; at = body.find(" = ", at + 1)) ++count;
  return count;
}

TEST(ExitCodes, TableHasEachOnceInOrder) {
  std::set<int> codes;
  int last = -1;
  for (const ExitCodeMeaning& entry : exit_codes()) {
    const int code = static_cast<int>(entry.code);
    EXPECT_GT(code, last);
    last = code;
    codes.insert(code);
    EXPECT_FALSE(entry.meaning.empty());
    EXPECT_FALSE(advice(entry.next).empty());
  }
  EXPECT_EQ(codes.size(), enumerators());
}

// Without a result the code is one of sysexits.h, where no other program's signal or shell can be meant.
TEST(ExitCodes, OnlyResultsAndComparisonsAreBelow64) {
  for (const ExitCodeMeaning& entry : exit_codes()) {
    const int code = static_cast<int>(entry.code);
    EXPECT_EQ(code < 64, entry.next == Next::use || entry.code == ExitCode::compare_mismatch) << code;
    EXPECT_LE(code, 78);
  }
}

TEST(ExitCodes, OperationsPageHasTheTable) {
  const std::string page = file("docs/operations.md");
  for (const ExitCodeMeaning& entry : exit_codes()) {
    const std::string row = "| " + std::to_string(static_cast<int>(entry.code)) + " | " + std::string(entry.meaning) +
                            " | " + std::string(advice(entry.next)) + " |";
    EXPECT_NE(page.find(row), std::string::npos) << "docs/operations.md lacks the row\n" << row;
  }
}

}  // namespace
}  // namespace tailbit::exit_codes_test
