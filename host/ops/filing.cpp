#include "host/ops/filing.hpp"

#include <algorithm>
#include <filesystem>

#include "host/compile/compile.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/ops/inbox.hpp"
#include "host/ops/job.hpp"
#include "host/report/manifest.hpp"

namespace tailbit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 10;
constexpr std::size_t kTogether = 64;  // messages that are looked at in one go

// The number of a file that was filed here; 0 where it was not.
std::uint64_t number_of(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  if (name.find('.') != kDigits || name.find_first_not_of("0123456789") != kDigits) return 0;
  return std::stoull(name.substr(0, kDigits));
}

class Removed {
 public:
  explicit Removed(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  Removed(const Removed&) = delete;
  Removed& operator=(const Removed&) = delete;
  ~Removed() {
    std::error_code ignored;
    for (const std::string& path : paths_) fs::remove(path, ignored);
  }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

Filing::Filing(std::string config, const Overrides& overrides, std::string inbox, Tell tell, RequireRoom require_room)
    : config_(std::move(config)),
      overrides_(overrides),
      inbox_(std::move(inbox)),
      tell_(std::move(tell)),
      require_room_(std::move(require_room)) {
  make_folder(inbox_);
  next_name();
}

void Filing::add(std::vector<std::string> lines) {
  std::move(lines.begin(), lines.end(), std::back_inserter(waiting_));
}

std::string Filing::next_name() const {
  const Inbox inbox = look_into(inbox_);
  std::uint64_t last = 0;
  for (const auto& paths : {inbox.trades, inbox.markets}) {
    for (const std::string& path : paths) {
      const std::uint64_t number = number_of(path);
      if (number == 0) {
        throw Failure(ExitCode::bad_data, path +
                                              ": was not filed by a pipe, so its place in the order is open; take it "
                                              "away, or watch a folder with --inbox and without --pipe");
      }
      last = std::max(last, number);
    }
  }
  std::string text = std::to_string(last + 1);
  if (text.size() > kDigits)
    throw Failure(ExitCode::bad_data, inbox_ + ": the numbers are used up; take files into the book, and begin anew");
  return inbox_ + "/" + text.insert(0, kDigits - text.size(), '0');
}

// The first of those that wait has got its answer, and is not looked at again, whatever fails from here on.
void Filing::settle() {
  waiting_.pop_front();
  ++messages_;
}

void Filing::reject(const std::string& why) {
  rejected_ = true;
  settle();
  tell_({{"event", "rejected"}, {"message", why}});
}

void Filing::accept(const Message& message) {
  const std::string name = next_name() + message.ending;
  move_file(message.candidate, name);
  settle();
  const nlohmann::ordered_json filed{{"event", "filed"}, {"file", name}};
  try {
    sync_folder(inbox_);
  } catch (const Failure&) {
    tell_(filed);  // it counts from now on, so that it must not be sent again
    throw;
  }
  tell_(filed);
}

bool Filing::file() {
  while (!waiting_.empty()) {
    std::vector<Message> messages;
    std::vector<std::string> candidates;
    const std::size_t count = std::min(kTogether, waiting_.size());
    for (std::size_t i = 0; i < count; ++i) candidates.push_back(inbox_ + "/.candidate-" + std::to_string(i));
    const Removed removed([&] {
      std::vector<std::string> paths;
      for (const std::string& candidate : candidates)
        for (const char* ending : {".market.json", ".trades.jsonl"}) paths.push_back(candidate + ending);
      return paths;
    }());
    // A line that is no message by itself is rejected in its turn, so those before it go first.
    std::size_t taken = 0;
    std::string why;
    for (; taken < count && why.empty(); ++taken) {
      const std::string shown = "message " + std::to_string(messages_ + taken + 1);
      try {
        const MessageFile message = parse_message(waiting_[taken], shown);
        write_file(candidates[taken] + message.ending, message.text);
        messages.push_back({shown, message.ending, candidates[taken] + message.ending});
      } catch (const Failure& failure) {
        if (failure.code() != ExitCode::bad_data) throw;
        why = failure.what();
      }
    }
    if (!file(messages)) return false;
    if (why.empty()) continue;
    reject(why);
  }
  return true;
}

// All at once where all are good; else one half after the other.
bool Filing::file(std::span<const Message> messages) {
  if (messages.empty()) return true;
  std::string why;
  const Verdict verdict = try_out(messages, why);
  if (verdict == Verdict::open) return false;
  if (verdict == Verdict::bad && messages.size() > 1) {
    const std::size_t half = messages.size() / 2;
    return file(messages.first(half)) && file(messages.subspan(half));
  }
  if (verdict == Verdict::bad) {
    reject(why);
    return true;
  }
  for (const Message& message : messages) accept(message);
  return true;
}

// Whether the job could be run with the messages. Where it could not, they are at fault if it could without them, and
// if it is not something that passes.
Filing::Verdict Filing::try_out(std::span<const Message> messages, std::string& why) const {
  Inbox inbox = look_into(inbox_);
  const auto tried = [&](const Inbox& with, std::string& reason) {
    try {
      const ResolvedInputs resolved = resolve(config_, with_inbox(overrides_, with), Sources::files);
      require_room_(compile(resolved.inputs), resolved.inputs.config);
      return Verdict::good;
    } catch (const Failure& failure) {
      reason = failure.what();
      const bool content = failure.code() == ExitCode::bad_data || failure.code() == ExitCode::bad_config;
      return content ? Verdict::bad : Verdict::open;
    }
  };
  const auto stamps = [&] {
    Problems ignored;
    return stamps_of(input_paths(read_config(config_, with_inbox(overrides_, look_into(inbox_)), ignored)));
  };
  Inbox with = inbox;
  for (const Message& message : messages)
    (message.ending == ".market.json" ? with.markets : with.trades).push_back(message.candidate);
  const std::vector<FileStamp> before = stamps();
  const Verdict verdict = tried(with, why);
  if (verdict != Verdict::bad) return verdict;
  std::string unheard;
  if (tried(inbox, unheard) != Verdict::good || stamps() != before) return Verdict::open;
  for (const Message& message : messages) {
    for (std::size_t at = why.find(message.candidate); at != std::string::npos; at = why.find(message.candidate, at))
      why.replace(at, message.candidate.size(), message.shown);
  }
  return Verdict::bad;
}

}  // namespace tailbit
