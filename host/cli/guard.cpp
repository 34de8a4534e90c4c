#include "host/cli/guard.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <typeinfo>

#include <unistd.h>

#include <cxxabi.h>

#include "host/io/log.hpp"

namespace tailbit::cli {
namespace {

constexpr char kOutOfMemory[] =
    "out of memory; use fewer scenarios, groups or exposure dates (`tailbit validate` prints the need)";

int end_with(ExitCode code, const std::string& message) {
  log::failure(Failure(code, message));
  return static_cast<int>(code);
}

// Without any memory, when there is none for the log either.
int end_without_memory() {
  std::set_new_handler(nullptr);  // one that led here (host/io/check_schema.cpp) would lead here again
  try {
    return end_with(ExitCode::temporary, kOutOfMemory);
  } catch (const std::bad_alloc&) {
    for (const std::string_view text : {std::string_view("tailbit: "), std::string_view(kOutOfMemory), {"\n", 1}}) {
      if (write(STDERR_FILENO, text.data(), text.size()) < 0) break;  // there is nobody left to tell
    }
    return static_cast<int>(ExitCode::temporary);
  }
}

// Where memory runs short before main(), or while an exception for want of memory is on its way, no handler is reached.
[[noreturn]] void terminated() {
  const std::type_info* thrown = abi::__cxa_current_exception_type();
  if (thrown == nullptr || (*thrown != typeid(std::bad_alloc) && *thrown != typeid(std::bad_array_new_length)))
    std::abort();
  _exit(end_without_memory());
}

[[gnu::constructor(101)]] void before_all_else() { std::set_terminate(terminated); }

// Threads that cannot be started are for want of memory, or of room in the table of processes.
bool is_shortage(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory;
}

}  // namespace

int guarded(const std::function<int()>& work) {
  try {
    const int code = work();
    if (!std::cout.flush())
      throw Failure(ExitCode::io_error, "standard output: cannot be written; free the place it goes to");
    return code;
  } catch (const Failure& failure) {
    log::failure(failure);
    return static_cast<int>(failure.code());
  } catch (const std::bad_alloc&) {
    return end_without_memory();
  } catch (const std::system_error& error) {  // of folders that cannot be listed, threads that cannot be started
    return end_with(is_shortage(error.code()) ? ExitCode::temporary : ExitCode::io_error,
                    std::string(error.what()) + "; free the place, the disk or the machine, and run again");
  } catch (const std::exception& error) {
    return end_with(ExitCode::internal_error,
                    std::string("internal error: ") + error.what() + "; please report it with the command line");
  }
}

}  // namespace tailbit::cli
