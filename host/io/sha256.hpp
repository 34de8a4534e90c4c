// SHA-256 digests of bytes, in hexadecimal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tailbit {

// Of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  // Nothing may come after it.
  std::string hex();

 private:
  std::unique_ptr<void, void (*)(void*)> context_;
};

std::string sha256(std::string_view bytes);

}  // namespace tailbit
