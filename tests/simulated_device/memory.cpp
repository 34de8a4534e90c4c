#include "tests/simulated_device/memory.hpp"

#include <algorithm>
#include <new>

#include "tests/simulated_device/faults.hpp"

namespace tailbit::simulated {
namespace {

constexpr std::align_val_t kAlignment{256};  // as CUDA's

}  // namespace

void* MemoryMap::allocate(std::size_t bytes, int device) {
  const std::lock_guard lock(mutex_);
  std::size_t& used = used_[device];
  const std::size_t most = device == kPinned ? ~std::size_t{0} : std::min(settings().memory, settings().available);
  if (bytes > most - used) return nullptr;
  used += bytes;
  auto* place = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  std::fill_n(place, bytes, std::byte{0xff});
  pieces_[place] = {bytes, device};
  return place;
}

bool MemoryMap::release(void* place, int device) {
  const std::lock_guard lock(mutex_);
  const auto found = pieces_.find(static_cast<std::byte*>(place));
  if (found == pieces_.end() || (found->second.device == kPinned) != (device == kPinned)) return false;
  used_[found->second.device] -= found->second.bytes;
  pieces_.erase(found);
  ::operator delete(place, kAlignment);
  return true;
}

std::size_t MemoryMap::used(int device) const {
  const std::lock_guard lock(mutex_);
  const auto found = used_.find(device);
  return found == used_.end() ? 0 : found->second;
}

std::optional<MemoryMap::Owner> MemoryMap::owner(const void* place, std::size_t bytes) const {
  const std::lock_guard lock(mutex_);
  auto* start = static_cast<std::byte*>(const_cast<void*>(place));
  auto after = pieces_.upper_bound(start);
  if (after == pieces_.begin()) return std::nullopt;
  const auto& [first, piece] = *std::prev(after);
  const std::size_t offset = static_cast<std::size_t>(start - first);
  if (offset >= piece.bytes) return std::nullopt;
  return Owner{piece.device, bytes > piece.bytes - offset};
}

MemoryMap& memory() {
  static MemoryMap the_map;
  return the_map;
}

}  // namespace tailbit::simulated
