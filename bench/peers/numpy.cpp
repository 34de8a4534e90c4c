#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/folder.hpp"
#include "bench/peers/peers.hpp"

namespace tailbit::bench {
namespace {

// The first Python with both libraries, or "".
std::string find_python() {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    if (std::system((std::string(python) + " -c 'import numpy, scipy' 2>/dev/null").c_str()) == 0) return python;
  }
  return {};
}

void append(std::string& bytes, double value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }

void write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << bytes << std::flush)) throw std::runtime_error(path + " cannot be written");
}

// In the order of COLUMNS in numpy_black.py.
std::string contracts(const PeerProblem& problem) {
  std::string bytes;
  for (const PeerOption& o : problem.options) {
    for (const double value : {static_cast<double>(o.underlying), o.call ? 1.0 : 0.0, o.strike, o.quantity, o.years,
                               o.growth, o.discount, o.vol, o.a, o.b, o.rho, o.m, o.s, o.value_today})
      append(bytes, value);
  }
  return bytes;
}

std::string spots(const PeerProblem& problem, std::size_t scenarios) {
  std::string bytes;
  for (const std::vector<double>& of_one : problem.spots) {
    for (std::size_t i = 0; i < scenarios; ++i) append(bytes, of_one[i]);
  }
  return bytes;
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no process can be started");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  if (pclose(pipe) != 0) throw std::runtime_error("numpy_black.py failed");
  return output;
}

}  // namespace

NumpyRun numpy_profit(const PeerProblem& problem, int repeats, std::vector<double>& profit) {
  const std::string python = find_python();
  if (python.empty()) return {"no python3 with numpy and scipy was found", {}, {}};
  const TemporaryFolder folder;
  write(folder / "contracts.f64", contracts(problem));
  write(folder / "spots.f64", spots(problem, profit.size()));
  write(folder / "sizes.txt", std::to_string(problem.spots.size()));
  std::istringstream output(
      output_of(python + " " + TAILBIT_NUMPY_BLACK + " '" + folder.path() + "' " + std::to_string(repeats)));
  NumpyRun run;
  std::getline(output, run.versions);
  std::vector<double> seconds;
  for (double s = 0.0; output >> s;) seconds.push_back(s);
  run.time = median(std::move(seconds));
  std::ifstream result(folder / "profit.f64", std::ios::binary);
  if (!result.read(reinterpret_cast<char*>(profit.data()),
                   static_cast<std::streamsize>(profit.size() * sizeof(double))))
    throw std::runtime_error("numpy_black.py wrote too little");
  return run;
}

}  // namespace tailbit::bench
