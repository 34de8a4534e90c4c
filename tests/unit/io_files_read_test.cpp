// What a run says that it read is what it read, and it reads nothing that could not be read again.
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "host/io/files.hpp"
#include "host/ops/job.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::io_files_read_test {
namespace {

const std::vector<std::string> kNames{"run.json", "book.csv", "instruments.json", "market.json", "model.json"};

// A job whose book is a text of some format.
struct JobOfBook : test::Job {
  JobOfBook(const std::string& name, std::string text) : path(folder.path(name)) {
    run["book"] = name;
    run["group_by"] = nlohmann::json::array({"instrument"});
    write();
    folder.write(name, text);
  }
  std::string path;
};

TEST(FilesRead, AreNamedByTheBytesThatWereParsed) {
  const test::Job job;
  job.write();
  std::map<std::string, std::string> texts;
  for (const std::string& name : kNames) texts[job.folder.path(name)] = test::file_text(job.folder.path(name));
  ResolvedInputs resolved = resolve(job.folder.path("run.json"), {}, Sources::files);
  for (const std::string& name : kNames) job.folder.write(name, "something else");
  const NamedJob named = name_job(std::move(resolved));
  ASSERT_EQ(named.files.size(), kNames.size());
  for (const auto& file : named.files) {
    const std::string& text = texts.at(file["path"].get<std::string>());
    EXPECT_EQ(file["sha256"], sha256(text)) << file["path"];
    EXPECT_EQ(file["bytes"], text.size()) << file["path"];
  }
}

TEST(FilesRead, OfEveryFormatToTheEnd) {
  const std::string csv = "instrument,quantity\nBTC,1\nX1,-2", row = R"({"instrument": "BTC", "quantity": 1})";
  std::string many = csv + "\n", list = "[" + row, lines;
  for (int i = 0; i < 30'000; ++i) {  // of many blocks
    many += "SOL,0.5\n";
    list += ",\n" + row;
    lines += row + "\n";
  }
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
           {"book.csv", csv},
           {"book.csv", "\xef\xbb\xbf" + csv + "\n\n"},
           {"book.csv", many},
           {"map.json", R"({"BTC": 1, "X1": -2} )"},
           {"map.json", R"({"schema": "tailbit.book/1", "positions": {"BTC": 1}})" + std::string(300'000, ' ')},
           {"list.json", list + "]"},
           {"list.json", R"({"schema": "tailbit.book/1", "positions": )" + list + "]}" + std::string(300'000, '\n')},
           {"lines.jsonl", lines},
           {"book", csv},
           {"book", list + "]"}}) {
    const JobOfBook job(name, text);
    const Inputs inputs = read_inputs(job.folder.path("run.json"), {}, Sources::files);
    EXPECT_EQ(inputs.files.at(job.path).sha256, sha256(text)) << name << " of " << text.size() << " bytes";
    EXPECT_EQ(inputs.files.at(job.path).bytes, text.size()) << name;
  }
}

TEST(FilesRead, NoPipesAndDevicesByARun) {
  for (const std::string& name : kNames) {
    for (const bool pipe : {true, false}) {
      const test::Job job;
      job.write();
      const std::string path = job.folder.path(name);
      std::filesystem::remove(path);
      if (pipe) {
        ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);  // that nobody writes to
      } else {
        std::filesystem::create_symlink("/dev/zero", path);
      }
      const test::Outcome outcome =
          test::outcome_of(job.folder, [&] { read_inputs(job.folder.path("run.json"), {}, Sources::files); });
      const bool config = name == "run.json" || name == "model.json";
      EXPECT_EQ(outcome.code, config ? ExitCode::bad_config : ExitCode::bad_data) << name;
      EXPECT_EQ(outcome.message, name + ": is a pipe or a device, which cannot be read again; give it a file");
    }
  }
}

TEST(FilesRead, TwiceMustBeTheSame) {
  const test::ScratchFolder folder;
  Problems problems;
  FilesRead files;
  problems.account(&files);
  const std::string path = folder.write("a.json", "{}");
  EXPECT_TRUE(read_file(path, ExitCode::bad_data, problems));
  EXPECT_TRUE(read_file(path, ExitCode::bad_data, problems));
  folder.write("a.json", "{ }");
  EXPECT_FALSE(read_file(path, ExitCode::bad_data, problems));
  const test::Outcome outcome = test::outcome_of(folder, [&] { problems.throw_if_any(); });
  EXPECT_EQ(outcome.code, ExitCode::temporary);
  EXPECT_EQ(outcome.message, "a.json: was changed while it was read; run again");
}

}  // namespace
}  // namespace tailbit::io_files_read_test
