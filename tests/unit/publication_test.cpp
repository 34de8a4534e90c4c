// A result takes the place of the one before whole, whenever the publication is cut off.
#include "host/report/publication.hpp"

#include <filesystem>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "host/report/digest.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::publication_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json manifest_of(const std::vector<OutputFile>& files) {
  Json json{{"schema", "tailbit.manifest/1"}, {"outputs", Json::array()}};
  for (const OutputFile& file : files) json["outputs"].push_back({{"path", file.path}, {"sha256", file.sha256}});
  return json;
}

void publish(const std::string& folder, const std::string& content, const std::vector<std::string>& names) {
  const WorkFolder work(folder);
  Staging staging(work);
  for (const std::string& name : names) staging.add_text(name, content);
  staging.publish(manifest_of(staging.files()));
}

// Every output that the manifest lists is as it says.
bool whole(const std::string& folder) {
  const Json manifest = Json::parse(test::file_text(folder + "/run.json"), nullptr, false);
  if (!manifest.is_object()) return false;
  for (const Json& output : manifest["outputs"]) {
    const std::string path = folder + "/" + output["path"].get<std::string>();
    if (!fs::exists(path) || sha256_file(path) != output["sha256"]) return false;
  }
  return true;
}

TEST(Publication, ReplacesAResult) {
  const test::ScratchFolder scratch;
  const std::string folder = scratch.path("out");
  publish(folder, "old", {"summary.json", "resolved/market.json", "extra.csv"});
  EXPECT_TRUE(whole(folder));
  test::ScratchFolder untouched;
  std::ofstream(folder + "/notes.txt") << "the user's";
  publish(folder, "new", {"summary.json", "resolved/market.json"});
  EXPECT_TRUE(whole(folder));
  EXPECT_EQ(test::file_text(folder + "/summary.json"), "new");
  EXPECT_EQ(test::file_text(folder + "/resolved/market.json"), "new");
  EXPECT_EQ(test::file_text(folder + "/notes.txt"), "the user's");
  EXPECT_FALSE(fs::exists(folder + "/extra.csv")) << "an output of the result before would seem to be this one's";
  EXPECT_FALSE(fs::exists(folder + "/.tailbit/new"));
  EXPECT_FALSE(fs::exists(folder + "/.tailbit/commit"));
}

TEST(Publication, WhatWasNotCommittedIsForgotten) {
  const test::ScratchFolder scratch;
  const std::string folder = scratch.path("out");
  publish(folder, "old", {"summary.json"});
  {
    const WorkFolder work(folder);
    Staging staging(work);
    staging.add_text("summary.json", "never");
    EXPECT_TRUE(fs::exists(folder + "/.tailbit/new/summary.json"));
  }
  EXPECT_FALSE(fs::exists(folder + "/.tailbit/new"));
  EXPECT_EQ(test::file_text(folder + "/summary.json"), "old");
  EXPECT_TRUE(whole(folder));
}

// A publication that is cut off leaves some files moved and others not; each such state is made, and finished.
TEST(Publication, IsFinishedFromWhereItWasCutOff) {
  const std::vector<std::string> names{"summary.json", "losses.npy", "resolved/market.json"};
  for (std::size_t moved = 0; moved <= names.size(); ++moved) {
    const test::ScratchFolder scratch;
    const std::string folder = scratch.path("out"), other = scratch.path("other"), commit = folder + "/.tailbit/commit";
    publish(folder, "old", {"summary.json", "losses.npy", "resolved/market.json", "extra.csv"});
    publish(other, "new", names);
    fs::create_directories(commit + "/resolved");
    for (const std::string& name : names) fs::copy_file(other + "/" + name, commit + "/" + name);
    fs::copy_file(other + "/run.json", commit + "/run.json");
    if (moved > 0) fs::rename(folder + "/run.json", commit + "/replaced.json");
    for (std::size_t i = 0; i + 1 < moved; ++i) fs::rename(commit + "/" + names[i], folder + "/" + names[i]);
    finish_publication(folder);
    EXPECT_TRUE(whole(folder)) << moved;
    for (const std::string& name : names) EXPECT_EQ(test::file_text(folder + "/" + name), "new") << moved;
    EXPECT_FALSE(fs::exists(folder + "/extra.csv")) << moved;
    EXPECT_FALSE(fs::exists(commit)) << moved;
  }
}

TEST(Publication, OfAManifestThatNamesOtherPlacesTouchesNone) {
  const test::ScratchFolder scratch;
  const std::string folder = scratch.path("out"), precious = scratch.write("precious", "x");
  publish(folder, "old", {"summary.json"});
  scratch.write("out/run.json", manifest_of({{"../precious", 1, ""}, {precious, 1, ""}}).dump());
  publish(folder, "new", {"summary.json"});
  EXPECT_TRUE(fs::exists(precious));
}

TEST(WorkFolder, IsHeldByOneAtATime) {
  const test::ScratchFolder scratch;
  const std::string folder = scratch.path("out");
  {
    const WorkFolder first(folder);
    const test::Outcome second = test::outcome_of(scratch, [&] { const WorkFolder work(folder); });
    EXPECT_EQ(second.code, ExitCode::temporary);
    EXPECT_NE(second.message.find("another run (process " + std::to_string(getpid())), std::string::npos)
        << second.message;
  }
  EXPECT_EQ(test::outcome_of(scratch, [&] { const WorkFolder work(folder); }).code, ExitCode::done);
}

TEST(WorkFolder, FollowsNoLinks) {
  const test::ScratchFolder scratch;
  fs::create_directories(scratch.path("elsewhere"));
  fs::create_directories(scratch.path("out"));
  fs::create_directory_symlink(scratch.path("elsewhere"), scratch.path("out/.tailbit"));
  EXPECT_EQ(test::outcome_of(scratch, [&] { const WorkFolder work(scratch.path("out")); }).code,
            ExitCode::cannot_create_output);
  EXPECT_TRUE(fs::is_empty(scratch.path("elsewhere")));
  fs::create_directories(scratch.path("b/.tailbit"));
  fs::create_symlink(scratch.write("target", "kept"), scratch.path("b/.tailbit/lock"));
  EXPECT_EQ(test::outcome_of(scratch, [&] { const WorkFolder work(scratch.path("b")); }).code,
            ExitCode::cannot_create_output);
  EXPECT_EQ(test::file_text(scratch.path("target")), "kept");
}

TEST(NewFile, DoesNotFollowLinksNorOpenWhatIsThere) {
  const test::ScratchFolder scratch;
  fs::create_symlink(scratch.path("target"), scratch.path("link"));
  for (const std::string& name : {scratch.path("link"), scratch.write("there", "kept")})
    EXPECT_EQ(test::outcome_of(scratch, [&] { NewFile(name, name); }).code, ExitCode::cannot_create_output);
  EXPECT_FALSE(fs::exists(scratch.path("target")));
  EXPECT_EQ(test::file_text(scratch.path("there")), "kept");
}

TEST(FileReplacement, ReplacesALinkAndNotWhatItLeadsTo) {
  const test::ScratchFolder scratch;
  fs::create_symlink(scratch.write("target", "kept"), scratch.path("link"));
  write_file(scratch.path("link"), "new");
  EXPECT_EQ(test::file_text(scratch.path("target")), "kept");
  EXPECT_EQ(test::file_text(scratch.path("link")), "new");
  EXPECT_FALSE(fs::is_symlink(scratch.path("link")));
}

TEST(FileReplacement, LeavesTheOldFileWhereItIsNotCommitted) {
  const test::ScratchFolder scratch;
  const std::string path = scratch.write("file", "old");
  {
    FileReplacement file(path);
    file.write("new");
  }
  EXPECT_EQ(test::file_text(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path("")), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace tailbit::publication_test
