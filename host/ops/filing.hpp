// Messages of a pipe on their way into the inbox: each that the job can be run with becomes a file there, in the order
// in which they came, and only then counts. Files are numbered, so that their names have that order too.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "host/io/readers.hpp"
#include "host/ops/message_pipe.hpp"

namespace tailbit {

class Filing {
 public:
  using Tell = std::function<void(const nlohmann::ordered_json& event)>;
  // Throws Failure where a job needs more memory than it may have.
  using RequireRoom = std::function<void(const CompiledJob& job, const RunConfig& config)>;
  // `overrides`: what flags say of the job. Throws Failure where the inbox holds what others have put there: its place
  // in the order would be open.
  Filing(
      std::string config, const Overrides& overrides, std::string inbox, Tell tell,
      RequireRoom require_room = [](const CompiledJob&, const RunConfig&) {});

  void add(std::vector<std::string> lines);
  bool empty() const { return waiting_.empty(); }
  // Whether a message was rejected so far.
  bool rejected() const { return rejected_; }

  // Files and rejects some of what waits, and says whether all was. What is left waits for inputs that can be run, or
  // do not change while they are looked at. Throws Failure where a file cannot be written; then nothing is lost either.
  bool file();

 private:
  struct Message {
    std::string shown, ending, candidate;  // "message 12"; see MessageFile; its file until it is accepted
  };
  enum class Verdict { good, bad, open };

  Verdict try_out(std::span<const Message> messages, std::string& why) const;
  bool file(std::span<const Message> messages);
  void accept(const Message& message);
  void reject(const std::string& why);
  void settle();
  std::string next_name() const;

  const std::string config_;
  const Overrides& overrides_;
  const std::string inbox_;
  Tell tell_;
  RequireRoom require_room_;
  std::deque<std::string> waiting_;
  std::uint64_t messages_ = 0;  // that have got their answer
  bool rejected_ = false;
};

}  // namespace tailbit
