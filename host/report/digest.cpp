#include "host/report/digest.hpp"

#include <bit>
#include <cstddef>
#include <limits>
#include <vector>

#include "host/io/files.hpp"

namespace tailbit {

std::string sha256_file(const std::string& path) {
  Problems problems;
  FileBytes file(path, ExitCode::bad_data, problems, std::numeric_limits<std::uint64_t>::max());
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (const std::size_t count = file.read(buffer.data(), buffer.size())) hash.update({buffer.data(), count});
  problems.throw_if_any();
  return hash.hex();
}

std::string losses_sha256(std::span<const double> losses) {
  static_assert(std::endian::native == std::endian::little, "digests are of little-endian bytes");
  Sha256 hash;
  hash.update({reinterpret_cast<const char*>(losses.data()), losses.size_bytes()});
  return hash.hex();
}

}  // namespace tailbit
