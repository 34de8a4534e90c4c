// How a result takes the place of the one before: whole, or not at all. All files are written and synced beside the
// results, in .tailbit/new; moving that folder to .tailbit/commit is the moment from which the new result counts; then
// its files are moved into place, the manifest last. Whoever takes the folder up after a crash goes on from there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/files.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit {

// A file of the result, its path from the result folder.
struct OutputFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
};

class Staging {
 public:
  // Begins a result. `folder` must outlive it.
  explicit Staging(const WorkFolder& folder);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();  // removes what was not published

  // Each throws Failure. A file that is written piece by piece,
  template <class Produce>
  void add(const std::string& name, Produce&& produce) {
    add_pieces(name, produce);
  }
  // at once,
  void add_text(const std::string& name, std::string_view text) {
    add_pieces(name, [&](const ByteSink& sink) { sink(text); });
  }
  // or before, in the work folder.
  void adopt(const std::string& name, const std::string& work_path);

  const std::vector<OutputFile>& files() const { return files_; }

  // Replaces the result that was there. The manifest must list files().
  void publish(const nlohmann::ordered_json& manifest);

 private:
  void add_pieces(const std::string& name, const std::function<void(const ByteSink&)>& produce);
  std::string place(const std::string& name);

  const WorkFolder& folder_;
  std::vector<OutputFile> files_;
  std::vector<std::string> subfolders_;
};

// What a run leaves in its folder, the manifest among it.
inline constexpr const char* kManifest = "run.json";

// Whether a path, as a manifest lists it, stays inside its folder.
bool stays_inside(const std::string& name);

// Throws Failure, before the work is done, where results would overwrite an input, or a file that is not a result.
void require_free_place(const std::string& result_folder, const std::vector<std::string>& inputs);

// Finishes a publication that was cut off after it began to count; forgets one that did not.
void roll_forward(const WorkFolder& folder);

}  // namespace tailbit
