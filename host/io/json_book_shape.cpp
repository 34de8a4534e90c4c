#include "host/io/json_book_shape.hpp"

namespace tailbit {
namespace {

// Walks over the beginning of a JSON text, trusting it to be sound; stops at its end.
class Walker {
 public:
  Walker(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  bool ended() const { return at_ >= text_.size(); }
  char next() {
    while (!ended() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    return ended() ? '\0' : text_[at_];
  }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  // A text at its quote; as it is written.
  std::string_view string() {
    const std::size_t begin = ++at_;
    while (!ended() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::string_view content = text_.substr(begin, at_ - begin);
    ++at_;
    return content;
  }
  void value() {
    std::size_t depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return;  // not a value
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        if (depth == 0) return;
        ++at_;
      } else {
        while (!ended() && std::string_view(",:{}[]\" \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
      }
    } while (depth > 0 && !ended());
  }
  // The object that comes next: calls at the beginning of each value, until told to stop (false). Whether it went
  // through.
  template <class Visit>
  bool object(Visit&& visit) {
    if (!take('{')) return false;
    while (next() == '"') {
      const std::string_view key = string();
      if (!take(':') || !visit(key, next())) return false;
      value();
      if (!take(',')) break;
    }
    return take('}');
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

std::vector<std::string> first_keys(std::string_view head, std::size_t bracket) {
  std::vector<std::string> keys;
  Walker walker(head, bracket + 1);
  walker.object([&](std::string_view key, char) {
    keys.emplace_back(key);
    return true;
  });
  return keys;
}

}  // namespace

JsonBookShape json_book_shape(std::string_view head) {
  using Kind = JsonBookShape::Kind;
  Walker walker(head, 0);
  const char first = walker.next();
  const std::size_t begin = walker.at();
  if (first == '[') return {Kind::list, begin, "", first_keys(head, begin)};
  if (first != '{') return {};

  JsonBookShape found;
  bool answer = false, row = false;
  const bool whole = walker.object([&](std::string_view key, char value) {
    answer = answer || key == "jsonrpc" || key == "error" || key == "result";
    row = row || (key == "instrument" && value == '"');
    if ((key == "result" || key == "positions") && value == '[') {
      found = {Kind::list, walker.at(), "/" + std::string(key), first_keys(head, walker.at())};
    } else if (key == "positions" && value == '{') {
      found = {Kind::map, walker.at(), "/positions", {}};
    }
    return found.kind == Kind::other;
  });
  if (found.kind != Kind::other) return found;
  if (answer) return {Kind::answer, begin, "", {}};
  const bool one_line = whole && head.substr(begin, walker.at() - begin).find('\n') == std::string_view::npos;
  const bool more = walker.next() != '\0';
  if (one_line && (more || row)) return {Kind::lines, begin, "", {}};
  return {Kind::map, begin, "", {}};
}

}  // namespace tailbit
