#include "host/io/dictionary.hpp"

#include <functional>
#include <limits>
#include <stdexcept>

namespace tailbit {
namespace {

std::uint32_t hash_of(std::string_view text) {
  const std::uint64_t hash = std::hash<std::string_view>{}(text);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

std::uint32_t hash_in(std::uint64_t slot) { return static_cast<std::uint32_t>(slot >> 32); }
std::uint32_t id_in(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }

}  // namespace

// The slot that holds the text, or the free one where it belongs.
std::size_t Dictionary::slot_of(std::string_view text, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const std::uint64_t held = slots_[slot];
    if (held == 0 || (hash_in(held) == hash && (*this)[id_in(held)] == text)) return slot;
  }
}

void Dictionary::grow() {
  std::vector<std::uint64_t> old(slots_.empty() ? 16 : 2 * slots_.size());
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint64_t held : old) {
    if (held == 0) continue;
    std::size_t slot = hash_in(held) & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = held;
  }
}

std::uint32_t Dictionary::intern(std::string_view text) {
  if (size() != 0 && (*this)[latest_] == text) return latest_;
  if (2 * (std::size_t{size()} + 1) > slots_.size()) grow();
  const std::uint32_t hash = hash_of(text);
  const std::size_t slot = slot_of(text, hash);
  if (slots_[slot] != 0) return latest_ = id_in(slots_[slot]);
  if (pool_.size() + text.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("a dictionary's texts exceed 4 GiB");
  pool_ += text;
  ends_.push_back(static_cast<std::uint32_t>(pool_.size()));
  slots_[slot] = std::uint64_t{hash} << 32 | size();
  return latest_ = size() - 1;
}

std::optional<std::uint32_t> Dictionary::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint64_t held = slots_[slot_of(text, hash_of(text))];
  return held == 0 ? std::nullopt : std::optional(id_in(held));
}

}  // namespace tailbit
