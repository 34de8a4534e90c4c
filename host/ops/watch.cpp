#include "host/ops/watch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "host/io/log.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/filing.hpp"
#include "host/ops/inbox.hpp"
#include "host/ops/message_pipe.hpp"
#include "host/ops/resident.hpp"
#include "host/report/manifest.hpp"
#include "host/report/metrics.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr int kSliceMilliseconds = 50;  // how soon a signal is seen
// Between attempts where nothing is wrong with the inputs.
constexpr auto kRetry = std::chrono::seconds(30);
// Between signs of life; alerts wait longer.
constexpr auto kStill = std::chrono::seconds(15);

bool may_pass(ExitCode code) {
  return code == ExitCode::temporary || code == ExitCode::io_error || code == ExitCode::cannot_create_output ||
         code == ExitCode::device_unavailable;
}

RunConfig config_of(const std::string& path, const Overrides& overrides) {
  Problems problems;
  FilesRead files{true};
  problems.account(&files);
  RunConfig config = read_config(path, overrides, problems);
  problems.throw_if_any();
  return config;
}

void tell_failure(const WatchOptions& options, const Failure& failure) {
  options.tell({{"event", "failed"}, {"code", static_cast<int>(failure.code())}, {"message", failure.what()}}, nullptr);
}

class Watch {
 public:
  // Opens the pipe where it is not open yet; `lines` have come over it. Everything must outlive it.
  Watch(const WatchOptions& options, const RunFlags& flags, std::optional<MessagePipe>& pipe,
        const std::vector<std::string>& lines)
      : options_(options),
        flags_(flags),
        overrides_(options.overrides),
        folder_(config_of(options.config, options.overrides).out),
        inbox_(options.inbox.value_or(folder_.results() + "/inbox")),
        resident_(folder_, flags),
        pipe_(pipe) {
    overrides_.out = folder_.results();
    std::error_code none;
    const bool link = std::filesystem::is_symlink(inbox_, none);  // to a place that comes later
    if (!options_.inbox && !link && !inbox_seen()) make_folder(inbox_);
    if ((options_.inbox || link) && !look_into(inbox_).there && !inbox_seen())
      log::warning("inbox", inbox_ + ": is not there yet; what is put there later is taken");
    if (!options_.pipe) return;
    if (!pipe_) pipe_.emplace(*options_.pipe);
    filing_.emplace(
        options_.config, overrides_, inbox_, [this](const Json& event) { options_.tell(event, nullptr); },
        [this](const CompiledJob& job, const RunConfig& config) { resident_.require_room(job, config); });
    filing_->add(lines);
  }

  ExitCode run() {
    while (!stopped()) {
      look();
      // What still waits then, waits for inputs that can be run.
      if (pipe_ && pipe_->ended() && settled_ && (filing_->empty() || last_ != ExitCode::done))
        return last_ == ExitCode::done && filing_->rejected() ? ExitCode::bad_data : last_;
      wait();
    }
    // Perhaps with news that were not looked at.
    const bool news = (filing_ && !filing_->empty()) || !settled_ || stamps(look_into(inbox_)) != seen_;
    return last_ == ExitCode::done && news ? ExitCode::temporary : last_;
  }

 private:
  // What a worker is told of those before it.
  RunControl& control() { return flags_.control != nullptr ? *flags_.control : own_; }
  std::atomic<bool>& begun() { return control().begun; }
  std::atomic<bool>& inbox_seen() { return control().inbox_seen; }

  bool stopped() const { return flags_.control != nullptr && flags_.control->stop; }

  // Until the next look is due, or lines come.
  void wait() {
    const auto due = Clock::now() + std::chrono::duration<double>(options_.interval_seconds);
    while (!stopped() && Clock::now() < due) {
      if (!pipe_ || pipe_->ended()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(kSliceMilliseconds));
      } else if (std::vector<std::string> lines = pipe_->lines(kSliceMilliseconds); !lines.empty()) {
        return filing_->add(std::move(lines));
      } else if (pipe_->ended()) {
        return;
      }
    }
  }

  // Everything that the job depends on, as it lies there.
  std::vector<FileStamp> stamps(const Inbox& inbox) const {
    std::vector<std::string> paths;
    try {
      paths = input_paths(config_of(options_.config, with_inbox(overrides_, inbox)));
    } catch (const Failure&) {  // told of when it is run
      paths.push_back(options_.config);
    }
    return stamps_of(paths);
  }

  void require_same_place() const {
    const std::string out = config_of(options_.config, options_.overrides).out;
    if (out == folder_.results()) return;
    throw Failure(ExitCode::bad_config, options_.config + ":/out: is now " + out + ", and results have gone to " +
                                            folder_.results() + " since watch was started; start it again");
  }

  // Files what has come, and brings the result up to the state of the inputs.
  void look() {
    settled_ = false;
    try {
      const bool filed = !filing_ || filing_->file();
      const Inbox inbox = inbox_there();
      tell_of_others(inbox);
      if (update(inbox)) settled_ = filed;
    } catch (const DeviceFailure&) {
      throw;
    } catch (const Failure& failure) {
      if (!begun()) throw;
      failed(failure);
    } catch (const std::system_error& error) {  // of looking through folders
      if (!begun()) throw;
      failed(Failure(ExitCode::io_error, std::string(error.what()) + "; it is tried again"));
    }
  }

  // The inbox, which must not go. What was seen without it is looked at again once it is back.
  Inbox inbox_there() {
    const std::vector<FileStamp> before = std::exchange(seen_, {});
    Inbox inbox = look_into(inbox_);
    if (inbox_seen() && !inbox.there)
      throw Failure(ExitCode::input_missing, inbox_ + ": the inbox is gone; put it back, or start watch again");
    if (inbox.there) inbox_seen() = true;
    seen_ = before;
    return inbox;
  }

  void failed(const Failure& failure) {
    last_ = failure.code();
    settled_ = true;
    if (told_failure_ == failure.what()) return;
    told_failure_ = failure.what();
    tell_failure(options_, failure);
  }

  // False where it has to be looked at again.
  bool update(const Inbox& inbox) {
    // Before they are read: what changes meanwhile is looked at again.
    std::vector<FileStamp> now = stamps(inbox);
    const bool again = may_pass(last_) && Clock::now() >= tried_ + kRetry;
    if (now == seen_ && !again) {
      sign_of_life();
      return true;
    }
    seen_ = std::move(now);
    tried_ = Clock::now();
    std::optional<Resident::Update> update;
    try {
      require_same_place();
      update = resident_.update(options_.config, with_inbox(overrides_, inbox));
    } catch (const Failure& failure) {
      // Files were on the move: the next look is of what they are then.
      if (!may_pass(failure.code()) && stamps(look_into(inbox_)) != seen_) return false;
      throw;
    }
    last_ = update ? update->done.code : ExitCode::temporary;
    alive_ = Clock::now();
    begun() = true;
    told_failure_.clear();
    if (!update) return false;
    if (flags_.control != nullptr) ++flags_.control->updates;
    options_.tell({{"event", update->done.up_to_date ? "up_to_date" : "published"},
                   {"run_id", update->run_id},
                   {"seconds", update->seconds},
                   {"computed", update->computed},
                   {"contracts", update->contracts},
                   {"whole", update->whole}},
                  &update->done);
    return true;
  }

  void sign_of_life() {
    if (!delivered(static_cast<int>(last_)) || Clock::now() < alive_ + kStill) return;
    alive_ = Clock::now();
    options_.still();
  }

  void tell_of_others(const Inbox& inbox) {
    for (const std::string& path : inbox.others) {
      if (told_.insert(path).second) options_.tell({{"event", "ignored"}, {"file", path}}, nullptr);
    }
  }

  const WatchOptions& options_;
  const RunFlags& flags_;
  Overrides overrides_;
  const WorkFolder folder_;
  const std::string inbox_;
  Resident resident_;
  std::optional<MessagePipe>& pipe_;
  std::optional<Filing> filing_;

  std::vector<FileStamp> seen_;  // of the last attempt
  Clock::time_point tried_, alive_;
  ExitCode last_ = ExitCode::temporary;  // how it ended
  bool settled_ = false;                 // nothing is left to do for the state that was seen
  RunControl own_;                       // without a supervisor
  std::string told_failure_;             // the last, until something could be run again
  std::set<std::string> told_;           // files that are none of ours
};

}  // namespace

// A worker that takes the place of one that was lost may find inputs that cannot be run just then: its service goes on,
// as long as its pipe.
ExitCode watch(const WatchOptions& options, const RunFlags& flags) {
  std::optional<MessagePipe> pipe;
  std::vector<std::string> lines;
  std::optional<Watch> service;
  std::string told;
  while (!service) {
    try {
      service.emplace(options, flags, pipe, lines);
    } catch (const FolderInUse&) {
      throw;
    } catch (const Failure& failure) {
      if (flags.control == nullptr || !flags.control->begun) throw;
      if (std::exchange(told, failure.what()) != failure.what()) tell_failure(options, failure);
      if (options.pipe && !pipe) pipe.emplace(*options.pipe);
      const auto due = Clock::now() + std::chrono::duration<double>(options.interval_seconds);
      while (Clock::now() < due) {
        if (pipe) {
          std::ranges::move(pipe->lines(kSliceMilliseconds), std::back_inserter(lines));
        } else {
          std::this_thread::sleep_for(std::chrono::milliseconds(kSliceMilliseconds));
        }
        if (flags.control->stop || (pipe && pipe->ended())) return failure.code();
      }
    }
  }
  return service->run();
}

}  // namespace tailbit
