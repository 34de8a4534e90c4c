// `watch`: a job that stays in memory and publishes its result anew whenever an input changes. Its state is that of its
// files, so it may end at any moment and be started again: what was told over a pipe is filed in the inbox first.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "host/ops/run.hpp"

namespace tailbit {

struct WatchOptions {
  std::string config;
  Overrides overrides;
  std::optional<std::string> inbox;  // absent: the results' folder `inbox`
  std::optional<std::string> pipe;   // see host/ops/message_pipe.hpp; with the inbox of the results alone
  double interval_seconds = 1.0;     // between looks at the files

  // What happened, with the result where one was published:
  //   published, up_to_date   run_id, took (seconds), computed and contracts (numbers), whole (why all, or "")
  //   failed                  code, message: the result that is there stays
  //   filed, rejected         file or message, of the pipe
  //   ignored                 file: of the inbox, with a name that says nothing
  std::function<void(const nlohmann::ordered_json& event, const JobDone* done)> tell;
  // Now and then where nothing happens: the result is still that of the inputs.
  std::function<void()> still = [] {};
};

// Until it is told to stop, or its pipe ends. Returns done where the last state of the inputs is published; else why
// not, temporary where there was no time. Throws Failure where already the first state cannot be run, or the folder not
// be worked in; also DeviceFailure.
ExitCode watch(const WatchOptions& options, const RunFlags& flags);

}  // namespace tailbit
