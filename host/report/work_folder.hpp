// A result folder is worked on by one process at a time, in its subfolder .tailbit: what is not finished lies there.
#pragma once

#include <string>

#include "host/io/problems.hpp"

namespace tailbit {

// Another process holds it.
class FolderInUse : public Failure {
 public:
  using Failure::Failure;
};

class WorkFolder {
 public:
  // Creates the folders, takes the lock, which ends with the process however that ends, and finishes a publication that
  // was cut off. Throws Failure; FolderInUse (temporary) when another process holds the lock.
  explicit WorkFolder(std::string result_folder);
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();

  const std::string& results() const { return results_; }
  // Of something inside .tailbit.
  std::string path(const std::string& name) const { return results_ + "/.tailbit/" + name; }

 private:
  void lock();

  std::string results_;
  int descriptor_;
};

// For readers of a result folder: finishes a publication that was cut off, if there is one. Throws Failure.
void finish_publication(const std::string& result_folder);

// Throws Failure unless the folder is one, and not a link that leads elsewhere.
void require_real_folder(const std::string& path);

}  // namespace tailbit
