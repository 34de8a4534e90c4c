// A folder of its own for each test, and a small sound job in it that tests spoil in one place.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "host/io/read_inputs.hpp"

namespace tailbit::test {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tailbit-io-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  std::string path_;
};

inline std::string file_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The repository, for its committed files.
inline std::string repository() {
#ifdef TAILBIT_SOURCE_DIR
  return TAILBIT_SOURCE_DIR;
#else
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().string();
#endif
}

// How an attempt ended: the exit code and what was said, with the folder's name left out.
struct Outcome {
  ExitCode code = ExitCode::done;
  std::string message;
};

// Calls, and catches what a user would be told.
template <class Callable>
Outcome outcome_of(const ScratchFolder& folder, Callable&& callable) {
  try {
    callable();
    return {};
  } catch (const Failure& failure) {
    std::string message = failure.what();
    const std::string prefix = folder.path("");
    for (std::size_t at; (at = message.find(prefix)) != std::string::npos;) message.erase(at, prefix.size());
    return {failure.code(), message};
  }
}

struct Job {
  ScratchFolder folder;
  nlohmann::json run = nlohmann::json::parse(R"({
    "schema": "tailbit.run/1", "book": "book.csv", "instruments": "instruments.json", "market": "market.json", "model": "model.json",
    "horizon": "1d", "steps": 24, "scenarios": 100000, "seed": 42, "levels": [0.99, 0.95], "group_by": ["desk"],
    "exposure_dates": ["1d", "8h"], "out": "results"})");
  nlohmann::json market = nlohmann::json::parse(R"({
    "schema": "tailbit.market/1", "as_of": "2026-01-15T10:00:00Z", "rates": {"USD": 0.03}, "underlyings": {
      "BTC": {"spot": 90000.1, "forwards": [{"expiry": "2026-03-27", "forward": 91000}, {"expiry": "2026-06-26", "forward": 92000}],
              "surface": {"kind": "svi", "slices": [{"expiry": "2026-03-27", "a": 0.01, "b": 0.1, "rho": -0.2, "m": 0.01, "sigma": 0.2}]},
              "funding": {"rate_8h": 0.0001}},
      "SOL": {"spot": 140, "surface": {"kind": "flat", "vol": 0.8}}}})");
  nlohmann::json model = nlohmann::json::parse(R"({
    "schema": "tailbit.model/1", "underlyings": {
      "BTC": {"drift": 0.1, "spot_vol": {"kind": "constant", "vol": 0.6}}, "SOL": {"spot_vol": {"kind": "constant", "vol": 0.9}}},
    "correlation": {"factors": ["BTC.spot", "SOL.spot"], "matrix": [[1, 0.8], [0.8, 1]]}})");
  nlohmann::json instruments = nlohmann::json::parse(R"({
    "schema": "tailbit.instruments/1", "instruments": [
      {"id": "X1", "family": "european", "underlying": "BTC", "option": "call", "strike": 70000, "expiry": "2026-03-27", "vol": 0.6},
      {"id": "D1", "family": "digital", "underlying": "BTC", "option": "put", "strike": 70000.1, "expiry": "2026-03-27T08:00:00+00:00",
       "payoff": "asset", "multiplier": 2}]})");
  std::string book =
      "position_id,desk,instrument,quantity,entry_price\n"
      "1,alpha,X1,-2,\n"
      "2,beta,D1,1.5,3\n"
      "3,beta,SOL_USDC-27MAR26-0d5-P,10,\n"
      "4,alpha,BTC_USDC-PERPETUAL,1e-3,\n"
      "5,alpha,BTC,-1,90000\n";

  void write() const {
    folder.write("run.json", run.dump(1));
    folder.write("market.json", market.dump(1));
    folder.write("model.json", model.dump(1));
    folder.write("instruments.json", instruments.dump(1));
    folder.write("book.csv", book);
  }
  Inputs read(const Overrides& overrides = {}) const {
    write();
    return read_inputs(folder.path("run.json"), overrides);
  }
  Outcome outcome(const Overrides& overrides = {}) const {
    return outcome_of(folder, [&] { read(overrides); });
  }
};

}  // namespace tailbit::test
