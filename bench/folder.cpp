#include "bench/folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace tailbit::bench {

TemporaryFolder::TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "tailbit-bench-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder can be made in the temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tailbit::bench
