#include "host/io/problems.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tailbit {

void Problems::add(ExitCode code, Problem problem) {
  if (empty()) code_ = code;
  ++count_;
  if (problems_.size() < kMost) problems_.push_back(std::move(problem));
}

void Problems::throw_if_any() const {
  if (empty()) return;
  std::string message;
  for (const Problem& p : problems_) {
    if (!message.empty()) message += '\n';
    message += p.file + ":";
    if (!p.where.empty()) message += p.where + ":";
    message += " " + p.what + "; " + p.remedy;
  }
  if (count_ > problems_.size()) message += "\n... and " + std::to_string(count_ - problems_.size()) + " more problems";
  throw Failure(code_, message);
}

namespace {

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
