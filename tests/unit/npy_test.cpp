// losses.npy by rows and columns, and files that are not such.
#include "host/report/npy.hpp"

#include <gtest/gtest.h>

#include "host/io/problems.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::npy_test {
namespace {

void write(const std::string& path, const std::vector<std::vector<double>>& columns) {
  FileReplacement file(path);
  write_npy([&](std::string_view bytes) { file.write(bytes); }, columns);
  file.commit();
}

TEST(NpyFile, ReadsRowsAndColumns) {
  const test::ScratchFolder folder;
  // More rows than a block holds.
  std::vector<std::vector<double>> columns(3, std::vector<double>(50'000));
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t r = 0; r < columns[c].size(); ++r)
      columns[c][r] = static_cast<double>(r) + 0.1 * static_cast<double>(c);
  }
  const std::string path = folder.path("losses.npy");
  write(path, columns);
  NpyFile file(path);
  EXPECT_EQ(file.rows(), 50'000u);
  EXPECT_EQ(file.columns(), 3u);
  EXPECT_EQ(file.row(49'999), (std::vector<double>{49'999.0, 49'999.1, 49'999.2}));
  EXPECT_EQ(file.row(0), (std::vector<double>{0.0, 0.1, 0.2}));
  EXPECT_EQ(file.column(1), columns[1]);
  EXPECT_EQ(file.row(21'846), (std::vector<double>{columns[0][21'846], columns[1][21'846], columns[2][21'846]}));
  EXPECT_EQ(read_npy(path), columns);
}

TEST(NpyFile, RefusesWhatIsNoTable) {
  const test::ScratchFolder folder;
  write(folder.path("good"), {{1.0, 2.0}});
  const std::string good = test::file_text(folder.path("good"));
  const auto refusal = [&](const std::string& text) {
    return test::outcome_of(folder, [&] { NpyFile file(folder.write("bad", text)); });
  };
  EXPECT_EQ(refusal(good).code, ExitCode::done);
  for (const std::string& text :
       {std::string("no array"), good.substr(0, 40), good.substr(0, good.size() - 1), good + "x", std::string()}) {
    EXPECT_EQ(refusal(text).code, ExitCode::bad_data) << text;
  }
  std::string floats = good;
  floats.replace(floats.find("<f8"), 3, "<f4");
  EXPECT_EQ(refusal(floats).message,
            "bad: is not a losses file of tailbit (not an array of float64); write it again with `tailbit run`");
  EXPECT_EQ(test::outcome_of(folder, [&] { NpyFile file(folder.path("none")); }).code, ExitCode::input_missing);
}

}  // namespace
}  // namespace tailbit::npy_test
