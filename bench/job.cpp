#include "bench/job.hpp"

#include "host/io/files.hpp"
#include "host/io/write_book.hpp"
#include "host/io/write_inputs.hpp"

namespace tailbit::bench {

std::string write_job(const Inputs& inputs, const TemporaryFolder& folder, const std::string& name,
                      std::uint64_t scenarios, const Json& more) {
  const std::string book = name + ".csv";
  write_file(folder / "market.json", json_text(market_to_json(inputs.market)));
  write_file(folder / "model.json", json_text(model_to_json(inputs.model)));
  write_file(folder / "instruments.json", json_text(instruments_to_json(inputs.instruments)));
  write_book_csv(folder / book, inputs.positions);
  Json config = {{"schema", "tailbit.run/1"},
                 {"book", book},
                 {"instruments", "instruments.json"},
                 {"market", "market.json"},
                 {"model", "model.json"},
                 {"horizon", "1d"},
                 {"steps", 1},
                 {"scenarios", scenarios},
                 {"seed", 42},
                 {"precision", "double"},
                 {"levels", {0.99}},
                 {"out", name}};
  config.update(more);
  const std::string path = folder / (name + ".json");
  write_file(path, json_text(config));
  return path;
}

Json stages_of(const std::vector<Json>& timings, const std::vector<double>& wall) {
  Json stages;
  std::vector<double> left = wall;  // of each run, once its stages are taken off
  for (const auto& [stage, unused] : timings[0].items()) {
    std::vector<double> seconds;
    for (std::size_t run = 0; run < timings.size(); ++run) {
      seconds.push_back(timings[run][stage].get<double>());
      left[run] -= seconds.back();
    }
    stages[stage] = rounded(median(seconds).seconds);
  }
  stages["write"] = rounded(median(left).seconds);
  return stages;
}

}  // namespace tailbit::bench
