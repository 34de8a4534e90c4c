// Memory of simulated devices, and memory of the host that copies read and write while the host goes on.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace tailbit::simulated {

// By any thread.
class MemoryMap {
 public:
  static constexpr int kPinned = -1;

  // A device's, or pinned; null when it has not as much left. Filled with what is no number.
  void* allocate(std::size_t bytes, int device);
  // Whether there was such a piece.
  bool release(void* place, int device);
  std::size_t used(int device) const;

  // Where a range lies: the piece's device or kPinned; `outside` when part of it is not in that piece; nothing when it
  // is memory that was not allocated here.
  struct Owner {
    int device;
    bool outside;
  };
  std::optional<Owner> owner(const void* place, std::size_t bytes) const;

 private:
  struct Piece {
    std::size_t bytes;
    int device;
  };
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::byte*, Piece> pieces_;
  std::map<int, std::size_t> used_;
};

MemoryMap& memory();

}  // namespace tailbit::simulated
