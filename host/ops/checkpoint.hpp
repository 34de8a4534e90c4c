// The parts of a run that are on disk already, in the work folder of its results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/report/part_file.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit {

class Checkpoint {
 public:
  // Looks at what is there. Parts of another run, or damaged ones, are removed and told of in `warnings`; with `strict`
  // parts of another run are a Failure (bad_data). Parts that cannot be read are one too (permission, io_error).
  Checkpoint(const WorkFolder& folder, std::string run_id, bool strict, std::vector<std::string>& warnings);

  // The file of a part that begins with a scenario, whatever its end.
  struct Part {
    std::string path;
    PartHeader header;
  };
  const std::vector<Part>& parts() const { return parts_; }
  const Part* beginning_with(std::uint64_t scenario) const;
  // Where the first part after a scenario begins, or `end`.
  std::uint64_t next_after(std::uint64_t scenario, std::uint64_t end) const;

  // Keeps the part that the collector took last.
  void save(ScenarioRange range, const Tally& tally, const std::string& device, measure::Collector& collector);
  void remove_all();

 private:
  std::string place() const { return folder_.path("parts"); }

  const WorkFolder& folder_;
  std::string run_id_;
  std::vector<Part> parts_;
};

// A file that lies in `folder`, by the range of its part.
std::string part_name(ScenarioRange range);

}  // namespace tailbit
