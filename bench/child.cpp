#include "bench/child.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <malloc.h>

namespace tailbit::bench {
namespace {

struct Pipe {
  int read_end, write_end;
};
// Closed in programs that a child becomes.
Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
  return {ends[0], ends[1]};
}

// Until the end, or through the first line's.
std::string read_text(int end, bool first_line) {
  std::string text;
  std::array<char, 4096> some{};
  for (ssize_t n = 0; (n = read(end, some.data(), first_line ? 1 : some.size())) > 0;) {
    text.append(some.data(), static_cast<std::size_t>(n));
    if (first_line && text.back() == '\n') break;
  }
  return text;
}

bool write_text(int end, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(end, text.data() + done, text.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

pid_t start(const std::function<bool()>& child) {
  malloc_trim(0);  // what was freed is not to count as the child's
  std::fflush(stdout);
  const pid_t id = fork();
  if (id < 0) throw std::runtime_error("no process can be started");
  if (id != 0) return id;
  try {
    std::_Exit(child() ? 0 : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tailbit_bench: a child: %s\n", error.what());
    std::_Exit(1);
  }
}

struct rusage wait_for(pid_t id) {
  int status = 0;
  struct rusage usage {};
  if (wait4(id, &status, 0, &usage) != id || status != 0) throw std::runtime_error("a child failed");
  return usage;
}

// Becomes the program, what it writes to stderr going to `end`.
bool become(std::vector<std::string> command, int end) {
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  if (dup2(end, STDERR_FILENO) < 0 || std::freopen("/dev/null", "w", stdout) == nullptr) return false;
  execv(words[0], words.data());
  return false;
}

double processor_seconds_of(pid_t id) {
  clockid_t clock{};
  timespec now{};
  if (clock_getcpuclockid(id, &clock) != 0 || clock_gettime(clock, &now) != 0)
    throw std::runtime_error("a child's processor time is not known");
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

ChildDone in_child(const std::function<Json()>& work) {
  const Pipe pipe = make_pipe();
  const double began = wall_seconds();
  const pid_t id = start([&] { return write_text(pipe.write_end, work().dump()); });
  close(pipe.write_end);
  const std::string report = read_text(pipe.read_end, false);
  close(pipe.read_end);
  const struct rusage usage = wait_for(id);
  const double wall = wall_seconds() - began;
  return {Json::parse(report), wall, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) * 1024.0 / 1e6};
}

FirstLine first_line_of(const std::vector<std::string>& command) {
  const Pipe pipe = make_pipe();
  const double began = wall_seconds();
  const pid_t id = start([&] { return become(command, pipe.write_end); });
  close(pipe.write_end);
  FirstLine line{read_text(pipe.read_end, true)};
  // A child that has gone still has a clock until it is waited for.
  line.wall_seconds = wall_seconds() - began;
  line.processor_seconds = processor_seconds_of(id);
  read_text(pipe.read_end, false);
  close(pipe.read_end);
  wait_for(id);
  return line;
}

}  // namespace tailbit::bench
