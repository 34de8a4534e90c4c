#include "host/backtest/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "host/io/text.hpp"
#include "host/io/xml.hpp"

namespace tailbit::backtest {
namespace {

constexpr double kWidth = 980.0, kRow = 220.0, kLeft = 84.0, kTop = 34.0, kHeight = 160.0, kDays = 640.0;
constexpr double kBarsLeft = 770.0, kBars = 190.0;

// Pixels, to a tenth.
std::string px(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", x);
  return text;
}

std::string label(double x, double y, const std::string& anchor, const std::string& text) {
  return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" + anchor + "\">" + xml_text(text) + "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2, const std::string& look) {
  return "<path class=\"" + look + "\" d=\"M" + px(x1) + " " + px(y1) + "L" + px(x2) + " " + px(y2) + "\"/>\n";
}

// Money with three digits and a letter: -1.25M.
std::string short_money(double x) {
  struct Unit {
    double size;
    const char* letter;
  };
  for (const auto& [size, letter] : {Unit{1e9, "B"}, Unit{1e6, "M"}, Unit{1e3, "k"}}) {
    if (std::abs(x) < size) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.3g%s", x / size, letter);
    return text;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", x);
  return text;
}

// A panel of days: where a day and an amount lie.
class DayPanel {
 public:
  DayPanel(const ForecastSeries& series, double top) : series_(series), top_(top) {
    for (const Forecast& day : series.days) {
      low_ = std::min({low_, -day.loss, -day.es.value_or(day.var)});
      high_ = std::max(high_, -day.loss);
    }
    if (low_ == high_) high_ = low_ + 1.0;
  }

  std::string drawn() const {
    return frame() + profits() + line("var", [](const Forecast& day) { return -day.var; }) +
           (series_.has_es() ? line("es", [](const Forecast& day) { return -*day.es; }) : "") + exceptions();
  }

 private:
  double x(std::size_t day) const {
    return kLeft + kDays * (static_cast<double>(day) + 0.5) / static_cast<double>(series_.days.size());
  }
  double y(double amount) const { return top_ + kHeight * (high_ - amount) / (high_ - low_); }

  std::string frame() const {
    const double bottom = top_ + kHeight;
    return rule(kLeft, y(0.0), kLeft + kDays, y(0.0), "axis") + label(kLeft - 6, top_ + 8, "end", short_money(high_)) +
           label(kLeft - 6, bottom, "end", short_money(low_)) +
           label(kLeft, bottom + 14, "start", series_.days.front().date) +
           label(kLeft + kDays, bottom + 14, "end", series_.days.back().date);
  }

  // Bars from the least to the greatest profit of the days in a column one pixel wide, 0 among them.
  std::string profits() const {
    std::string path = "<path class=\"pnl\" d=\"";
    for (std::size_t begin = 0, end = 0; begin < series_.days.size(); begin = end) {
      double low = 0.0, high = 0.0;
      for (; end < series_.days.size() && std::floor(x(end)) == std::floor(x(begin)); ++end) {
        low = std::min(low, -series_.days[end].loss);
        high = std::max(high, -series_.days[end].loss);
      }
      path += "M" + px(std::floor(x(begin)) + 0.5) + " " + px(y(high)) + "V" + px(y(low));
    }
    return path + "\"/>\n";
  }

  template <class Amount>
  std::string line(const std::string& look, Amount&& amount) const {
    std::string path = "<path class=\"" + look + "\" d=\"";
    for (std::size_t i = 0; i < series_.days.size(); ++i)
      path += (i == 0 ? "M" : "L") + px(x(i)) + " " + px(y(amount(series_.days[i])));
    return path + "\"/>\n";
  }

  std::string exceptions() const {
    std::string text;
    for (std::size_t i = 0; i < series_.days.size(); ++i) {
      if (!is_exception(series_.days[i])) continue;
      text += "<circle class=\"hit\" cx=\"" + px(x(i)) + "\" cy=\"" + px(y(-series_.days[i].loss)) + "\" r=\"2.6\"/>\n";
    }
    return text;
  }

  const ForecastSeries& series_;
  double top_, low_ = 0.0, high_ = 0.0;
};

std::string histogram(const std::vector<std::uint64_t>& bins, double top) {
  std::uint64_t most = 1, all = 0;
  for (const std::uint64_t count : bins) {
    most = std::max(most, count);
    all += count;
  }
  const auto height = [&](double count) { return kHeight * count / static_cast<double>(most); };
  const double width = kBars / static_cast<double>(bins.size()), bottom = top + kHeight;
  std::string text;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double tall = height(static_cast<double>(bins[i]));
    text += "<rect class=\"bin\" x=\"" + px(kBarsLeft + static_cast<double>(i) * width) + "\" y=\"" +
            px(bottom - tall) + "\" width=\"" + px(width - 1.0) + "\" height=\"" + px(tall) + "\"/>\n";
  }
  const double even = bottom - height(static_cast<double>(all) / static_cast<double>(bins.size()));
  return text + rule(kBarsLeft, even, kBarsLeft + kBars, even, "even") +
         label(kBarsLeft, bottom + 14, "start", "PIT 0") + label(kBarsLeft + kBars, bottom + 14, "end", "1");
}

std::string title(const ForecastSeries& s, const Assessment& a) {
  char expected[32];
  std::snprintf(expected, sizeof expected, "%.4g", a.expected);
  return s.book + ", " + s.model + ", " + number_text(s.level) + ": " + std::to_string(a.hits.exceptions) +
         " exceptions in " + std::to_string(s.days.size()) + " days, " + expected + " expected; " +
         (a.passed ? "not rejected" : "rejected");
}

}  // namespace

std::string plot_svg(const Report& report) {
  const double height = 24.0 + kRow * static_cast<double>(report.series.size());
  const std::string size = "width=\"" + px(kWidth) + "\" height=\"" + px(height) + "\"";
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + " viewBox=\"0 0 " + px(kWidth) + " " +
                     px(height) +
                     "\" font-family=\"sans-serif\" font-size=\"11\">\n"
                     "<style>path{fill:none}.axis{stroke:#888}.pnl{stroke:#7a9cc6}.var{stroke:#c0392b}"
                     ".es{stroke:#e59866;stroke-dasharray:4 2}.even{stroke:#c0392b}.bin{fill:#7a9cc6}.hit{fill:#c0392b}"
                     "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" +
                     label(kLeft, 16, "start", "profit and loss by day; red: -VaR and exceptions; dashed: -ES");
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    const double top = 24.0 + kTop + kRow * static_cast<double>(i);
    const Assessment& a = report.assessments[i];
    text += label(kLeft, top - 10, "start", title(report.series[i], a)) + DayPanel(report.series[i], top).drawn();
    if (a.uniformity) text += histogram(a.uniformity->histogram, top);
  }
  return text + "</svg>\n";
}

}  // namespace tailbit::backtest
