// Lines from a pipe, as they come, and what they say. A line is a JSON object:
//
//   {"trades": [{"instrument": "BTC-27MAR26-70000-C", "quantity": -5, "desk": "alpha"}, ...]}   rows as in a book
//   {"market": {"schema": "tailbit.market/1", ...}}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/io/problems.hpp"

namespace tailbit {

class MessagePipe {
 public:
  // "-" is the standard input. A named pipe is kept open, so that writers may come and go. Throws Failure, of files
  // too.
  explicit MessagePipe(const std::string& path);
  MessagePipe(const MessagePipe&) = delete;
  MessagePipe& operator=(const MessagePipe&) = delete;
  ~MessagePipe();

  // Whole lines of what has come; waits so long for something. One that is beyond what is read comes cut.
  std::vector<std::string> lines(int wait_milliseconds);
  bool ended() const { return ended_; }

 private:
  std::string path_;
  int descriptor_;
  bool ended_ = false;
  std::string begun_;     // a line whose end has not come
  bool cutting_ = false;  // the rest of it is passed over
};

// A message as a file of the inbox.
struct MessageFile {
  std::string ending;  // of its name: ".market.json" or ".trades.jsonl"
  std::string text;
};
// Throws Failure (bad_data) where the line is no message; `shown` is what it is called.
MessageFile parse_message(const std::string& line, const std::string& shown);

}  // namespace tailbit
