// A peer in Python runs in a process of its own, which times itself; peer_script.py says what passes between the two.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <sys/wait.h>

#include "bench/folder.hpp"
#include "bench/peers/peers.hpp"

namespace tailbit::bench {
namespace {

void append(std::string& bytes, double value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }

void write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << bytes << std::flush)) throw std::runtime_error(path + " cannot be written");
}

// In the order of COLUMNS in peer_script.py.
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

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// What the command wrote to standard output, and its exit status.
std::pair<std::string, int> output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no process can be started");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

// Runs the script and reads its answer. Libraries warn on the error stream: it is shown where the script fails.
Json answer_of(const std::string& python, const std::string& script, const std::string& arguments) {
  constexpr int kNotFound = 127;
  const TemporaryFolder folder;
  const std::string log = folder / "stderr.txt";
  const auto [output, status] = output_of(quoted(python) + " " + quoted(TAILBIT_PEER_SCRIPTS + ("/" + script)) + " " +
                                          arguments + " 2>" + quoted(log));
  if (status == kNotFound) return {{"skipped", "there is no " + python}};
  Json answer = Json::parse(output, nullptr, false);
  if (status != 0 || answer.is_discarded()) {
    std::ifstream file(log);
    throw std::runtime_error(script + " failed:\n" + std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return answer;
}

std::vector<std::string> interpreters() {
  if (const char* chosen = std::getenv("TAILBIT_BENCH_PYTHON")) return {chosen};
  return {"python3", "/usr/bin/python3"};
}

}  // namespace

ScriptPeer::ScriptPeer(std::string script, std::string device)
    : script_(std::move(script)), device_(std::move(device)) {
  for (const std::string& python : interpreters()) {
    const Json answer = answer_of(python, script_, device_);
    if (!answer.contains("skipped")) {
      python_ = python;
      skipped_.clear();
      return;
    }
    if (skipped_.empty()) skipped_ = answer["skipped"].get<std::string>();
  }
}

ScriptRun ScriptPeer::run(const PeerProblem& problem, int repeats, std::vector<double>& profit) const {
  const TemporaryFolder folder;
  write(folder / "contracts.f64", contracts(problem));
  write(folder / "spots.f64", spots(problem, profit.size()));
  write(folder / "sizes.txt", std::to_string(problem.spots.size()));
  const Json answer =
      answer_of(python_, script_, device_ + " " + quoted(folder.path()) + " " + std::to_string(repeats));
  std::ifstream result(folder / "profit.f64", std::ios::binary);
  if (!result.read(reinterpret_cast<char*>(profit.data()),
                   static_cast<std::streamsize>(profit.size() * sizeof(double))))
    throw std::runtime_error(script_ + " wrote too little");
  return {median(answer.at("seconds").get<std::vector<double>>()), answer.at("versions").get<std::string>(),
          answer.at("device").get<std::string>()};
}

}  // namespace tailbit::bench
