#include "host/io/trace.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace tailbit {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";  // capitals are not valid

bool is_hex(std::string_view text) { return text.find_first_not_of(kHex) == std::string_view::npos; }
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;  // all zeros stands for none
}

std::uint8_t byte_of(std::string_view two_digits) {
  return static_cast<std::uint8_t>(kHex.find(two_digits[0]) * 16 + kHex.find(two_digits[1]));
}

std::string random_span() {
  std::random_device random;
  std::string id;
  do {
    id.clear();
    for (int digit = 0; digit < 16; ++digit) id += kHex[random() % kHex.size()];
  } while (!is_id(id));
  return id;
}

// A vendor's key, perhaps as TENANT@VENDOR.
bool is_state_key(std::string_view key) {
  const auto lower_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto part = [&](std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && lower_or_digit(text[0]) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/'; });
  };
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos) return part(key, 256);
  return part(key.substr(0, at), 241) && part(key.substr(at + 1), 14);
}

bool is_state_value(std::string_view value) {
  return !value.empty() && value.size() <= 256 &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<Trace>& current() {
  static std::optional<Trace> the_trace;
  return the_trace;
}

}  // namespace

std::optional<Trace> parse_traceparent(std::string_view header) {
  constexpr std::size_t kSize = 55;  // VV-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-PPPPPPPPPPPPPPPP-FF
  if (header.size() < kSize || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const std::string_view version = header.substr(0, 2), flags = header.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_hex(flags)) return std::nullopt;
  if (header.size() > kSize && (version == "00" || header[kSize] != '-')) return std::nullopt;
  if (!is_id(header.substr(3, 32)) || !is_id(header.substr(36, 16))) return std::nullopt;
  Trace trace;
  trace.trace_id = header.substr(3, 32);
  trace.parent_id = header.substr(36, 16);
  trace.flags = byte_of(flags) & 1u;  // "sampled", the one that version 00 knows; others are not passed on
  return trace;
}

bool is_tracestate(std::string_view header) {
  constexpr std::size_t kMostEntries = 32;
  std::set<std::string_view> keys;
  for (std::size_t first = 0; first <= header.size();) {
    const std::size_t comma = std::min(header.find(',', first), header.size());
    const std::string_view entry = trimmed(header.substr(first, comma - first));
    first = comma + 1;
    if (entry.empty()) continue;  // allowed
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || !is_state_key(entry.substr(0, equals)) ||
        !is_state_value(entry.substr(equals + 1)) || !keys.insert(entry.substr(0, equals)).second) {
      return false;
    }
  }
  return keys.size() <= kMostEntries;
}

std::vector<std::string> begin_trace(const char* traceparent, const char* tracestate) {
  current().reset();
  if (traceparent == nullptr || traceparent[0] == '\0') return {};
  std::optional<Trace> trace = parse_traceparent(traceparent);
  if (!trace)
    return {"TRACEPARENT is ignored: it is not VERSION-TRACE-PARENT-FLAGS in small hexadecimal digits, ids not zero"};
  trace->span_id = random_span();
  std::vector<std::string> warnings;
  if (tracestate != nullptr && is_tracestate(tracestate)) {
    trace->state = tracestate;
  } else if (tracestate != nullptr) {
    warnings.emplace_back("TRACESTATE is ignored: it is not a list of KEY=VALUE, at most 32, no key twice");
  }
  current() = std::move(trace);
  return warnings;
}

const std::optional<Trace>& trace() { return current(); }

std::string traceparent_text(const Trace& trace) {
  return "00-" + trace.trace_id + "-" + trace.span_id + (trace.flags != 0 ? "-01" : "-00");
}

nlohmann::ordered_json trace_json() {
  const std::optional<Trace>& t = trace();
  if (!t) return nullptr;
  nlohmann::ordered_json json{{"trace_id", t->trace_id},
                              {"parent_id", t->parent_id},
                              {"span_id", t->span_id},
                              {"traceparent", traceparent_text(*t)}};
  if (!t->state.empty()) json["tracestate"] = t->state;
  return json;
}

}  // namespace tailbit
