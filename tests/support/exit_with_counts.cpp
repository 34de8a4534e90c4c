// Linked with --wrap=_exit into the program whose coverage is counted.
extern "C" {
void __gcov_dump(void);
[[noreturn]] void __real__exit(int code);

[[noreturn]] void __wrap__exit(int code) {
  __gcov_dump();
  __real__exit(code);
}
}
