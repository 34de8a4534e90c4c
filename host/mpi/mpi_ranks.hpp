// Ranks that MPI has started. The one file beside this that knows MPI; only the thread that made it calls MPI.
#pragma once

#include <memory>

#include "host/ops/ranks.hpp"

namespace tailbit {

class MpiRanks final : public Ranks {
 public:
  // Initialises MPI, which ends the process itself where it cannot.
  MpiRanks(int& argc, char**& argv);
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;
  ~MpiRanks() override;  // waits for all ranks

  const RankPlace& place() const override { return place_; }
  void send(int to, Kind kind, std::string bytes) override;
  std::optional<Message> receive(std::chrono::milliseconds patience) override;
  [[noreturn]] void abort(int code) override;

 private:
  struct Sent;

  RankPlace place_;
  std::unique_ptr<Sent> sent_;
};

}  // namespace tailbit
