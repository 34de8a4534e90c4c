// The command line: flags in, results on stdout, messages on stderr, exit codes for schedulers. What commands do is in
// host/ops.
#include "host/cli/program.hpp"

int main(int argc, char** argv) { return tailbit::cli::run_program(argc, argv, nullptr); }
