// The trace that a scheduler's job belongs to, as W3C Trace Context hands it on: TRACEPARENT and TRACESTATE, here in
// the environment. Source: https://www.w3.org/TR/trace-context/, version 00.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tailbit {

struct Trace {
  std::string trace_id;    // 32 hexadecimal digits
  std::string parent_id;   // 16: the caller's span
  std::string span_id;     // 16: this process's own
  std::uint8_t flags = 0;  // 1: sampled
  std::string state;       // TRACESTATE as it came, or ""
};

// A header as the standard has it, without a span of its own; absent where it is not one. Versions after 00 are read as
// far as 00 reaches.
std::optional<Trace> parse_traceparent(std::string_view header);
// Whether it is a list of at most 32 vendors' entries, none twice.
bool is_tracestate(std::string_view header);

// Takes the trace up from the two values (null: not set), with a new span. Returns what to warn of: a header that is
// not valid is ignored, as the standard asks.
std::vector<std::string> begin_trace(const char* traceparent, const char* tracestate);
// That trace, for the process and those it forks.
const std::optional<Trace>& trace();

// "00-TRACE-SPAN-FLAGS": what a child of this process's span is given.
std::string traceparent_text(const Trace& trace);
// For the manifest; null where there is no trace.
nlohmann::ordered_json trace_json();

}  // namespace tailbit
