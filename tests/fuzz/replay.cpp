// Runs a target over inputs that are kept, for every compiler: tailbit_fuzz TARGET FILE...
//
// A file *.jsonl holds an input a line, as a text of JSON whose characters U+0000 to U+00FF stand for bytes
// (scripts/fuzz writes it). Any other file is an input.
#include <fstream>
#include <iterator>
#include <vector>

#include <nlohmann/json.hpp>

#include "targets.hpp"

namespace {

// The characters, of UTF-8, as bytes.
std::string bytes_of(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool two = byte >= 0x80;
    tailbit::fuzz::hold(!two || (byte <= 0xc3 && i + 1 < text.size()), "characters stand for bytes");
    bytes += two ? static_cast<char>((byte & 3u) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3fu)) : text[i];
  }
  return bytes;
}

std::vector<std::string> inputs_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  tailbit::fuzz::hold(!text.empty(), "the file can be read");
  if (!path.ends_with(".jsonl")) return {text};
  std::vector<std::string> inputs;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    inputs.push_back(bytes_of(nlohmann::json::parse(text.substr(begin, end - begin)).get<std::string>()));
  return inputs;
}

}  // namespace

int main(int count, char** arguments) {
  const auto* target = count < 3 ? nullptr : tailbit::fuzz::find_target(arguments[1]);
  if (target == nullptr) {
    std::fprintf(stderr, "usage: %s TARGET FILE...\n", arguments[0]);
    return 64;
  }
  std::size_t done = 0;
  for (int i = 2; i < count; ++i) {
    std::size_t line = 0;
    for (const std::string& input : inputs_of(arguments[i])) {
      std::printf("%s:%zu\n", arguments[i], ++line);
      std::fflush(stdout);  // so that an input that ends the program is the last that is named
      target->run(input);
      ++done;
    }
  }
  std::printf("%zu inputs\n", done);
  return done == 0 ? 1 : 0;
}
