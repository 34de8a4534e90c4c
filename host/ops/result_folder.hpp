// A finished run's result directory, taken up again: what it says, and whether it and its inputs are as they were.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/io/readers.hpp"

namespace tailbit {

class ResultFolder {
 public:
  // Reads manifest and summary. Throws Failure: input_missing where there is no such folder; bad_data where the run did
  // not finish, a file is damaged, or the result is of another `numerics`.
  explicit ResultFolder(std::string folder);

  const nlohmann::json& summary() const { return summary_; }
  const std::string& folder() const { return folder_; }
  std::string path(const std::string& output) const { return folder_ + "/" + output; }
  // Where the run found its config.
  std::string config_path() const;

  // Throws Failure unless the file has the digest that the manifest says: bad_data if it changed, input_missing if it
  // is gone.
  void verify_output(const std::string& output) const;
  // The same of the config, and of book, instruments, market and model at the places that it names.
  void verify_inputs(const std::string& config_path) const;

  // What the run started from in place of what its config says: its resolved market and model, whose fit is not made a
  // second time, and what flags replaced.
  Overrides overrides() const;

 private:
  Overrides flags() const;

  std::string folder_;
  nlohmann::json manifest_, summary_;
};

}  // namespace tailbit
