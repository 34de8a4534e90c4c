#include "host/io/problems.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "host/io/limits.hpp"
#include "host/io/text.hpp"

namespace tailbit {

std::string as_shown(std::string_view text) {
  constexpr std::size_t kEnd = limits::kLongestTold / 3;
  const auto in_character = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u; };
  std::size_t cut = text.size(), rest = text.size();  // what lies between them is left out
  if (text.size() > limits::kLongestTold) {
    cut = limits::kLongestTold - kEnd;
    rest = text.size() - kEnd;
    while (cut > 0 && in_character(cut)) --cut;
    while (rest < text.size() && in_character(rest)) ++rest;
  }
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == cut) {
      shown += " ... ";
      i = rest;
      if (i == text.size()) break;
    }
    const std::size_t control = control_at(text, i);
    if (control == 0) {
      shown += text[i];
      continue;
    }
    unsigned code = control == 1 ? static_cast<unsigned char>(text[i]) : 2;  // as C2 and E2 begin
    for (std::size_t more = 1; more < control; ++more)
      code = (code << 6) | (static_cast<unsigned char>(text[++i]) & 0x3fu);
    shown += "\\u";
    for (const int shift : {12, 8, 4, 0}) shown += "0123456789abcdef"[(code >> shift) & 15u];
  }
  return shown;
}

void Problems::add(ExitCode code, const Problem& problem) {
  if (empty()) code_ = code;
  ++count_;
  if (problems_.size() >= kMost) return;
  problems_.push_back(
      {as_shown(problem.file), as_shown(problem.where), as_shown(problem.what), as_shown(problem.remedy)});
}

void Problems::throw_if_any() const {
  if (!empty()) throw InputProblems(code_, problems_, count_);
}

std::string text_of(const Problem& p) {
  return p.file + ":" + (p.where.empty() ? "" : p.where + ":") + " " + p.what + "; " + p.remedy;
}

namespace {

std::string list_of(const std::vector<Problem>& problems, std::size_t count) {
  std::string message;
  for (const Problem& p : problems) message += (message.empty() ? "" : "\n") + text_of(p);
  if (count > problems.size()) message += "\n... and " + std::to_string(count - problems.size()) + " more problems";
  return message;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, capitals or not; anything above `limit` is returned as limit + 1.
std::size_t edit_distance(const std::string& a, const std::string& b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);  // distances of a's first i letters to each beginning of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    std::size_t least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return row.back();
}

}  // namespace

InputProblems::InputProblems(ExitCode code, std::vector<Problem> problems, std::size_t count)
    : Failure(code, list_of(problems, count)), problems_(std::move(problems)), count_(count) {}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, limit);
    if (distance > limit) continue;
    nearest = &candidate;
    if (distance == 0) break;
    limit = distance - 1;  // from here on only something nearer counts
  }
  return nearest ? " (did you mean \"" + *nearest + "\"?)" : "";
}

}  // namespace tailbit
