// Prometheus' text format read strictly: every line must be a HELP, a TYPE or a sample in the order that the format
// asks for, every sample finite. Source: https://prometheus.io/docs/instrumenting/exposition_formats/.
#pragma once

#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/io/text.hpp"

namespace tailbit::test {

struct Metric {
  std::string help, type;
  std::map<std::map<std::string, std::string>, double> samples;  // by labels
};

class PrometheusText {
 public:
  explicit PrometheusText(const std::string& text) {
    if (text.empty() || text.back() != '\n') refuse("does not end with a line's end", text);
    for (std::size_t first = 0; first < text.size();) {
      const std::size_t end = text.find('\n', first);
      line(text.substr(first, end - first));
      first = end + 1;
    }
    for (const auto& [name, metric] : metrics) {
      if (metric.samples.empty()) refuse("has no sample", name);
    }
  }
  std::map<std::string, Metric> metrics;

  double value(const std::string& metric, const std::map<std::string, std::string>& labels = {}) const {
    return metrics.at(metric).samples.at(labels);
  }

 private:
  [[noreturn]] static void refuse(const std::string& why, const std::string& what) {
    throw std::runtime_error(why + ": " + what);
  }
  static bool is_name(const std::string& name, bool colon) {
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return false;
    for (const char c : name) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && !(colon && c == ':')) return false;
    }
    return true;
  }

  void line(const std::string& text) {
    for (const bool help : {true, false}) {
      const std::string start = help ? "# HELP " : "# TYPE ";
      if (!text.starts_with(start)) continue;
      const std::size_t space = text.find(' ', start.size());
      if (space == std::string::npos) refuse("says nothing", text);
      const std::string name = text.substr(start.size(), space - start.size()), rest = text.substr(space + 1);
      if (!is_name(name, true) || rest.empty()) refuse("is not a heading", text);
      if (help != (metrics.count(name) == 0)) refuse("is out of order", text);
      Metric& metric = metrics[name];
      (help ? metric.help : metric.type) = rest;
      if (!help && rest != "gauge" && rest != "counter") refuse("has an unknown type", text);
      current_ = name;
      return;
    }
    sample(text);
  }

  void sample(const std::string& text) {
    const std::size_t end = text.find_first_of("{ ");
    if (end == std::string::npos || text.substr(0, end) != current_ || metrics[current_].type.empty())
      refuse("does not follow its headings", text);
    std::size_t at = end;
    const std::map<std::string, std::string> labels = text[at] == '{' ? read_labels(text, ++at) : decltype(labels){};
    if (at >= text.size() || text[at] != ' ') refuse("has no value", text);
    const auto number = parse_number(text.substr(at + 1));
    if (!number || !std::isfinite(*number)) refuse("is not a finite number", text);
    if (!metrics[current_].samples.emplace(labels, *number).second) refuse("is there twice", text);
  }

  // From behind the { to behind the }.
  static std::map<std::string, std::string> read_labels(const std::string& text, std::size_t& at) {
    std::map<std::string, std::string> labels;
    for (;;) {
      const std::size_t equals = text.find("=\"", at);
      if (equals == std::string::npos || !is_name(text.substr(at, equals - at), false)) refuse("is no label", text);
      std::string value;
      std::size_t i = equals + 2;
      for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] != '\\') {
          value += text[i];
        } else if (const std::size_t which = std::string("\\\"n").find(text[++i]); which != std::string::npos) {
          value += std::string("\\\"\n")[which];
        } else {
          refuse("has an unknown escape", text);
        }
      }
      if (!labels.emplace(text.substr(at, equals - at), value).second) refuse("has a label twice", text);
      at = i + 2;
      if (i + 1 >= text.size()) refuse("ends within its labels", text);
      if (text[i + 1] == '}') return labels;
      if (text[i + 1] != ',') refuse("has something between its labels", text);
    }
  }

  std::string current_;
};

}  // namespace tailbit::test
