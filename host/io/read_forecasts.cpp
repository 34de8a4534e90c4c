#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <tuple>

#include "host/io/csv.hpp"
#include "host/io/forecasts.hpp"
#include "host/io/limits.hpp"
#include "host/io/text.hpp"
#include "tailbit/measure/level.hpp"

namespace tailbit {
namespace {

constexpr std::string_view kNormalLaw = "normal";

enum ForecastColumn : std::size_t { kBook, kModel, kDate, kLevel, kOutcome, kVar, kEs, kPit, kDof };
const std::vector<CsvColumn> kForecastColumns{{"book", false},  {"model", false},  {"date", true},
                                              {"level", false}, {"outcome", true}, {"var", true},
                                              {"es", false},    {"pit", false},    {"dof", false}};

}  // namespace

bool is_forecast_level(double level) {
  if (!(level >= kLeastForecastLevel && level < 1.0)) return false;
  try {
    measure::make_level(level);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

namespace {

// The file's rows, sorted into series; each row's complaints name its line.
class ForecastRows {
 public:
  ForecastRows(const std::string& path, const ForecastOptions& options, Problems& problems)
      : path_(path),
        options_(options),
        problems_(problems),
        csv_(path, ExitCode::bad_data, kForecastColumns, problems) {}

  std::vector<ForecastSeries> read() {
    while (csv_.next()) {
      if (!csv_.malformed().empty()) {
        csv_.problem(csv_.malformed(), "give every row as many cells as the header");
      } else {
        read_row();
      }
    }
    if (problems_.count() == before_) check_whole();
    return std::move(series_);
  }

 private:
  void read_row() {
    const auto time = parse_expiry(csv_[kDate]);
    if (!time) {
      csv_.problem("the date " + in_quotes(csv_[kDate]) + " is none",
                   "write 2026-03-27, or 2026-03-27T08:00:00Z in UTC");
      return;
    }
    if (csv_[kBook].size() > limits::kLongestName || csv_[kModel].size() > limits::kLongestName) {
      csv_.problem("the name of the book or model is longer than " + std::to_string(limits::kLongestName) + " bytes",
                   "shorten it");
      return;
    }
    const std::optional<double> level = level_of_row();
    const std::optional<double> outcome = number(kOutcome), var = number(kVar);
    if (!level || !outcome || !var) return;
    Forecast day{
        std::string(csv_[kDate]), *time, options_.outcome == OutcomeKind::pnl ? -*outcome : *outcome, *var, {}, {}, {}};
    if (!read_es(day) || !read_pit(day) || !read_dof(day)) return;
    append(*level, std::move(day));
  }

  std::optional<double> number(ForecastColumn column) {
    const auto value = parse_number(csv_[column]);
    if (!value)
      csv_.problem(kForecastColumns[column].name + " " + in_quotes(csv_[column]) + " is not a number",
                   "write a plain decimal");
    return value;
  }

  // Of a book or model; one without a name is called after the column.
  std::string name(ForecastColumn column) const {
    return csv_[column].empty() ? kForecastColumns[column].name : std::string(csv_[column]);
  }

  std::optional<double> level_of_row() {
    if (csv_[kLevel].empty()) return options_.level;
    const auto level = number(kLevel);
    if (level && !is_forecast_level(*level)) {
      csv_.problem("the level " + in_quotes(csv_[kLevel]) + " is out of range",
                   "give a decimal from 0.8 to below 1 with at most nine digits, such as 0.99");
      return std::nullopt;
    }
    return level;
  }

  bool read_es(Forecast& day) {
    if (csv_[kEs].empty()) return true;
    day.es = number(kEs);
    if (!day.es) return false;
    if (*day.es <= 0.0) {
      csv_.problem("es " + in_quotes(csv_[kEs]) + " is not above 0",
                   "give expected shortfall as a loss; the tests divide by it");
      return false;
    }
    if (*day.es < day.var) {
      csv_.problem("es " + in_quotes(csv_[kEs]) + " is below var " + in_quotes(csv_[kVar]),
                   "give both as losses; expected shortfall is the mean of the losses beyond VaR");
      return false;
    }
    return true;
  }

  bool read_pit(Forecast& day) {
    if (csv_[kPit].empty()) return true;
    day.pit = number(kPit);
    if (!day.pit) return false;
    if (*day.pit >= 0.0 && *day.pit <= 1.0) return true;
    csv_.problem("pit " + in_quotes(csv_[kPit]) + " is no probability", "give a number from 0 to 1");
    return false;
  }

  bool read_dof(Forecast& day) {
    if (csv_[kDof].empty()) return true;
    if (csv_[kDof] == kNormalLaw) {
      day.dof = std::numeric_limits<double>::infinity();
      return true;
    }
    day.dof = number(kDof);
    if (!day.dof) return false;
    if (*day.dof >= kLeastForecastDof && *day.dof <= kMostForecastDof) return true;
    csv_.problem("dof " + in_quotes(csv_[kDof]) + " is out of range", "give a number from 2.05 to 10000, or normal");
    return false;
  }

  void append(double level, Forecast day) {
    const auto key = std::make_tuple(name(kBook), name(kModel), level);
    const auto [found, is_new] = place_.try_emplace(key, series_.size());
    if (is_new) {
      if (series_.size() == limits::kMostForecastSeries) {
        if (!told_of_count_)
          csv_.problem("there are more than " + std::to_string(limits::kMostForecastSeries) +
                           " series (of a book, a model and a level)",
                       "split the file");
        told_of_count_ = true;
        place_.erase(found);
        return;
      }
      series_.push_back({std::get<0>(key), std::get<1>(key), level, {}});
    }
    ForecastSeries& series = series_[found->second];
    if (!series.days.empty() && day.time <= series.days.back().time) {
      csv_.problem("the date " + in_quotes(day.date) + " does not follow " + in_quotes(series.days.back().date) +
                       " of the same book, model and level",
                   "sort the rows by date, one row a date");
      return;
    }
    if (!series.days.empty()) refuse_gap(series.days.front(), day);
    series.days.push_back(std::move(day));
  }

  void refuse_gap(const Forecast& first, const Forecast& day) {
    const auto differ = [&](const char* column, bool in_first, bool here) {
      if (in_first == here) return;
      csv_.problem(std::string(column) + (here ? " is given here and not" : " is missing here and given") +
                       " on the first day of the series",
                   "give it on all days of a book, model and level, or on none");
    };
    differ("es", first.es.has_value(), day.es.has_value());
    differ("pit", first.pit.has_value(), day.pit.has_value());
    differ("dof", first.dof.has_value(), day.dof.has_value());
  }

  void check_whole() {
    if (series_.empty())
      problems_.add(ExitCode::bad_data, {path_, "line 1", "there are no rows below the header", "give one row a day"});
    for (const ForecastSeries& s : series_) {
      if (s.days.size() >= kFewestForecasts) continue;
      problems_.add(ExitCode::bad_data,
                    {path_, "model " + in_quotes(s.model) + ", book " + in_quotes(s.book),
                     "the series has " + std::to_string(s.days.size()) + " days, too few to be judged",
                     "give at least " + std::to_string(kFewestForecasts)});
    }
  }

  std::string path_;
  ForecastOptions options_;
  Problems& problems_;
  std::size_t before_ = problems_.count();  // problems of other files
  CsvFile csv_;
  std::vector<ForecastSeries> series_;
  std::map<std::tuple<std::string, std::string, double>, std::size_t> place_;
  bool told_of_count_ = false;
};

}  // namespace

std::vector<ForecastSeries> read_forecasts(const std::string& path, const ForecastOptions& options,
                                           Problems& problems) {
  return ForecastRows(path, options, problems).read();
}

std::string forecasts_csv(const std::vector<ForecastSeries>& series) {
  const auto number_cell = [](const std::optional<double>& x) { return x ? number_text(*x) : std::string(); };
  std::string text = "book,model,date,level,outcome,var,es,pit,dof\n";
  for (const ForecastSeries& s : series) {
    const std::string head = csv_cell(s.book) + "," + csv_cell(s.model) + ",", level = "," + number_text(s.level) + ",";
    for (const Forecast& day : s.days) {
      const bool normal = day.dof && std::isinf(*day.dof);
      // + 0.0: no profit of -0.
      text += head + csv_cell(day.date) + level + number_text(-day.loss + 0.0) + "," + number_text(day.var) + "," +
              number_cell(day.es) + "," + number_cell(day.pit) + "," +
              (normal ? std::string(kNormalLaw) : number_cell(day.dof)) + "\n";
    }
  }
  return text;
}

}  // namespace tailbit
