// Distinct texts, each held once and named by a small number: 0 for the first that came, 1 for the next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailbit {

class Dictionary {
 public:
  // The text's number; a text that is not there yet gets the next one. Throws std::length_error beyond 2^32 - 1 bytes.
  std::uint32_t intern(std::string_view text);
  // The text's number, if it has one.
  std::optional<std::uint32_t> find(std::string_view text) const;

  // Valid until the next intern.
  std::string_view operator[](std::uint32_t id) const {
    return {pool_.data() + ends_[id], static_cast<std::size_t>(ends_[id + 1] - ends_[id])};
  }
  // All texts, one after another.
  std::string_view all() const { return pool_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size() - 1); }

 private:
  std::size_t slot_of(std::string_view text, std::uint32_t hash) const;
  void grow();

  std::string pool_;
  std::vector<std::uint32_t> ends_{0};  // [size + 1] where each text begins, and the end of the last
  std::vector<std::uint64_t> slots_;    // hash and number + 1, open addressing; 0 is free; a power of two of them
  std::uint32_t latest_ = 0;            // texts often come in runs
};

}  // namespace tailbit
