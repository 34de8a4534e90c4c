// Preloaded: nobody dies by SIGKILL that this process sends, as where a driver holds a process in the kernel.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>

int kill(pid_t process, int number) {
  int (*const real)(pid_t, int) = (int (*)(pid_t, int))dlsym(RTLD_NEXT, "kill");
  return real(process, number == SIGKILL ? SIGSTOP : number);
}
