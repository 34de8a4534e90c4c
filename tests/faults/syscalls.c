// Runs a program under ptrace and numbers, in each of its processes, the system calls that touch files below a folder:
// writes them down, or does one thing at one of them. strace counts per process without telling them apart, so that a
// worker that is started again would meet the same fault again; here a fault strikes once, at one known call.
//
//   syscalls FOLDER LOG ACTION... -- PROGRAM...
//     record DATA                        the bytes written go to DATA
//     kill WHO N VICTIM                  SIGKILL to VICTIM before process WHO makes its N-th call; -1: to all
//     signal WHO N VICTIM SIGNAL TIMES   that signal; WHO goes on when the program itself has taken it
//     error WHO N ERRNO TIMES            that call fails, and TIMES - 1 after it on the same path
//     short WHO N                        that read or write, and all after it, moves a byte, or half
//     eintr WHO N                        every interruptible call from there on is interrupted once
//
// WHO counts processes from 0, the program itself; 0 for N means every call from the first. Ends as the program ends,
// 128 + signal where a signal ended it, after all of its processes have. A line of LOG, with tabs:
//   who  n  call  m|r (changes files or reads)  result  path  second path  offset in DATA  bytes  offset in the file
// The result of a call that a fault struck, or that was killed, is "-".
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __x86_64__
#error "registers of x86-64 only"
#endif

enum { kMostTasks = 512, kMostProcesses = 64 };
enum Action { kRecord, kKill, kSignal, kError, kShort, kEintr, kDone };

struct Call {
  int counted, n, changes, fault;  // fault: 0, an errno, or -1 where it was shortened
  const char* name;
  char path[PATH_MAX], second[PATH_MAX];
  long bytes_at, bytes, file_at;
};
struct Task {
  pid_t id;
  int who, inside, fresh;
  struct Call call;
};

static struct Task tasks[kMostTasks];
static int task_count, calls_of[kMostProcesses], processes, interrupted_before;
static pid_t process[kMostProcesses];
static enum Action action;
static int at_who, at_n, at_victim, at_errno, at_signal, times;
static pid_t held;  // waits until the program itself has taken a signal
static char root[PATH_MAX], struck_path[PATH_MAX];
static FILE *log_file, *data_file;
static long data_size;

static void die(const char* what) {
  fprintf(stderr, "syscalls: %s: %s\n", what, strerror(errno));
  exit(125);
}

static struct Task* task_of(pid_t id) {
  for (int i = 0; i < task_count; ++i)
    if (tasks[i].id == id) return &tasks[i];
  return NULL;
}

static struct Task* add_task(pid_t id, int who) {
  struct Task* task = task_of(id);
  if (task == NULL) {
    if (task_count == kMostTasks) errno = E2BIG, die("too many tasks");
    task = &tasks[task_count++];
    memset(task, 0, sizeof *task);
    task->id = id;
    task->fresh = 1;
    task->who = -1;
  }
  if (who >= 0) task->who = who;
  return task;
}

static void drop_task(pid_t id) {
  struct Task* task = task_of(id);
  if (task != NULL) *task = tasks[--task_count];
}

// --- What a call touches --------------------------------------------------------------------------------------------

static int read_memory(pid_t id, unsigned long from, void* to, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/mem", id);
  const int memory = open(name, O_RDONLY | O_CLOEXEC);
  if (memory < 0) return -1;
  const ssize_t count = pread(memory, to, size, (off_t)from);
  close(memory);
  return (int)count;
}

static void path_of_descriptor(pid_t id, int descriptor, char* path) {
  char name[64];
  if (descriptor == AT_FDCWD)
    snprintf(name, sizeof name, "/proc/%d/cwd", id);
  else
    snprintf(name, sizeof name, "/proc/%d/fd/%d", id, descriptor);
  const ssize_t size = readlink(name, path, PATH_MAX - 1);
  path[size > 0 ? size : 0] = '\0';
}

// Absolute, without a slash at the end.
static void path_of_argument(pid_t id, int folder, unsigned long address, char* path) {
  char text[PATH_MAX];
  const int size = read_memory(id, address, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  if (text[0] == '/') {
    snprintf(path, PATH_MAX, "%.*s", PATH_MAX - 1, text);
  } else {
    path_of_descriptor(id, folder, path);
    const size_t used = strlen(path);
    snprintf(path + used, PATH_MAX - used, "/%s", text);
  }
  for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; --end) path[end - 1] = '\0';
}

static int below_root(const char* path) {
  const size_t size = strlen(root);
  return strncmp(path, root, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

static int opened_for_writing(pid_t id, int descriptor) {
  char name[64], line[256];
  unsigned flags = 0;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", id, descriptor);
  FILE* info = fopen(name, "re");
  while (info != NULL && fgets(line, sizeof line, info) != NULL) sscanf(line, "flags: %o", &flags);
  if (info != NULL) fclose(info);
  return (flags & O_ACCMODE) != O_RDONLY;
}

static void by_descriptor(struct Task* task, const char* name, int changes, int descriptor) {
  task->call.name = name;
  task->call.changes = changes;
  path_of_descriptor(task->id, descriptor, task->call.path);
}

static void by_path(struct Task* task, const char* name, int changes, int folder, unsigned long path) {
  task->call.name = name;
  task->call.changes = changes;
  path_of_argument(task->id, folder, path, task->call.path);
}

static int changing(unsigned long flags) { return (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != 0; }

// Folders apart: what lists them does not try again when it is interrupted, which local file systems never do.
static const char* kind_of_open(unsigned long flags) {
  return changing(flags) ? "create" : flags & O_DIRECTORY ? "opendir" : "open";
}

static void moves_bytes(struct Task* task, const char* name, int changes, const struct user_regs_struct* r, long at) {
  by_descriptor(task, name, changes, (int)r->rdi);
  task->call.bytes = (long)r->rdx;
  task->call.file_at = at;
}

// Names the call and what it touches; nothing where it is none of those that count.
static void look_at(struct Task* task, const struct user_regs_struct* r) {
  const int cwd = AT_FDCWD;
  switch (r->orig_rax) {
    case SYS_open: by_path(task, kind_of_open(r->rsi), changing(r->rsi), cwd, r->rdi); break;
    case SYS_openat: by_path(task, kind_of_open(r->rdx), changing(r->rdx), (int)r->rdi, r->rsi); break;
    case SYS_read: moves_bytes(task, "read", 0, r, -1); break;
    case SYS_pread64: moves_bytes(task, "read", 0, r, (long)r->r10); break;
    case SYS_write: moves_bytes(task, "write", 1, r, -1); break;
    case SYS_pwrite64: moves_bytes(task, "write", 1, r, (long)r->r10); break;
    case SYS_writev: by_descriptor(task, "writev", 1, (int)r->rdi); break;
    case SYS_ftruncate: by_descriptor(task, "truncate", 1, (int)r->rdi); break;
    case SYS_fsync:
    case SYS_fdatasync: by_descriptor(task, "fsync", 1, (int)r->rdi); break;
    case SYS_flock: by_descriptor(task, "flock", 1, (int)r->rdi); break;
    case SYS_close: by_descriptor(task, "close", opened_for_writing(task->id, (int)r->rdi), (int)r->rdi); break;
    case SYS_getdents64: by_descriptor(task, "list", 0, (int)r->rdi); break;
    case SYS_mkdir: by_path(task, "mkdir", 1, cwd, r->rdi); break;
    case SYS_mkdirat: by_path(task, "mkdir", 1, (int)r->rdi, r->rsi); break;
    case SYS_rmdir: by_path(task, "rmdir", 1, cwd, r->rdi); break;
    case SYS_unlink: by_path(task, "unlink", 1, cwd, r->rdi); break;
    case SYS_unlinkat: by_path(task, r->rdx & AT_REMOVEDIR ? "rmdir" : "unlink", 1, (int)r->rdi, r->rsi); break;
    case SYS_rename:
    case SYS_link:
      by_path(task, r->orig_rax == SYS_link ? "link" : "rename", 1, cwd, r->rdi);
      path_of_argument(task->id, cwd, r->rsi, task->call.second);
      break;
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_linkat:
      by_path(task, r->orig_rax == SYS_linkat ? "link" : "rename", 1, (int)r->rdi, r->rsi);
      path_of_argument(task->id, (int)r->rdx, r->r10, task->call.second);
      break;
    case SYS_symlink:
    case SYS_symlinkat: by_path(task, "symlink", 1, cwd, r->orig_rax == SYS_symlink ? r->rsi : r->rdx); break;
    default: return;
  }
  struct Call* call = &task->call;
  call->counted = below_root(call->path) || (call->second[0] != '\0' && below_root(call->second));
}

static void keep_bytes(struct Task* task, const struct user_regs_struct* r) {
  struct Call* call = &task->call;
  if (strcmp(call->name, "write") != 0 || data_file == NULL) return;
  char* bytes = malloc((size_t)call->bytes + 1);
  if (bytes == NULL || read_memory(task->id, r->rsi, bytes, (size_t)call->bytes) != call->bytes) die("bytes written");
  fwrite(bytes, 1, (size_t)call->bytes, data_file);
  free(bytes);
  call->bytes_at = data_size;
  data_size += call->bytes;
}

// --- What is done at a call -----------------------------------------------------------------------------------------

static void fail_call(struct Task* task, struct user_regs_struct* r, int error) {
  r->orig_rax = (unsigned long)-1;  // no such call, so that nothing is done
  if (ptrace(PTRACE_SETREGS, task->id, NULL, r) != 0) die("set registers");
  task->call.fault = error;
}

// What may end with EINTR before anything was done; close() is none of them.
static int interruptible(const char* name) {
  char word[32];
  snprintf(word, sizeof word, " %s ", name);
  return strstr(" open create read write fsync flock truncate ", word) != NULL;
}

static void send(void) {
  for (int i = 0; i < processes; ++i)
    if (at_victim == i || at_victim == -1) kill(process[i], at_signal);
  if (--times == 0) action = kDone;
}

static void act(struct Task* task, struct user_regs_struct* r) {
  struct Call* call = &task->call;
  const int here = task->who == at_who && (at_n == 0 || call->n == at_n), past = task->who == at_who && call->n >= at_n;
  if (action == kKill && here) {
    call->fault = -1;
    at_signal = SIGKILL;
    times = 1;
    send();
  } else if (action == kSignal && here) {
    call->fault = -1;
    held = task->id;
    send();
  } else if (action == kError && (here || (struck_path[0] != '\0' && strcmp(call->path, struck_path) == 0))) {
    snprintf(struck_path, sizeof struck_path, "%s", call->path);
    fail_call(task, r, at_errno);
    if (--times == 0) action = kDone;
  } else if (action == kShort && past && call->bytes > 1 &&
             (!strcmp(call->name, "read") || !strcmp(call->name, "write"))) {
    // Small pieces also byte by byte; with large ones a run would take as many calls as bytes.
    r->rdx = (unsigned long)(call->bytes <= 4096 && call->n % 3 == 0 ? 1 : call->bytes / 2);
    if (ptrace(PTRACE_SETREGS, task->id, NULL, r) != 0) die("set registers");
    call->fault = -1;
  } else if (action == kEintr && past && interruptible(call->name) && !interrupted_before) {
    interrupted_before = 1;
    fail_call(task, r, EINTR);
    return;
  }
  interrupted_before = 0;
}

static void entering(struct Task* task) {
  struct user_regs_struct r;
  memset(&task->call, 0, sizeof task->call);
  task->call.file_at = -1;
  if (ptrace(PTRACE_GETREGS, task->id, NULL, &r) != 0) return;  // killed meanwhile
  if (held != 0 && task->who == 0 && r.orig_rax == SYS_rt_sigtimedwait) {
    if (action == kSignal) {
      send();
    } else {
      ptrace(PTRACE_SYSCALL, held, NULL, 0);
      held = 0;
    }
  }
  look_at(task, &r);
  if (!task->call.counted) return;
  task->call.n = ++calls_of[task->who];
  if (action == kRecord) keep_bytes(task, &r);
  act(task, &r);
  if (task->call.fault == -1 && action == kDone && held == 0)  // killed, and never to leave
    fprintf(log_file, "%d\t%d\t%s\tm\t-\t%s\t%s\t0\t0\t-1\n", task->who, task->call.n, task->call.name, task->call.path,
            task->call.second);
}

static void leaving(struct Task* task) {
  struct Call* call = &task->call;
  struct user_regs_struct r;
  if (!call->counted || ptrace(PTRACE_GETREGS, task->id, NULL, &r) != 0) return;
  if (call->fault > 0) {  // a call that was failed on entry
    r.rax = (unsigned long)-(long)call->fault;
    if (ptrace(PTRACE_SETREGS, task->id, NULL, &r) != 0) die("set registers");
  }
  char result[32] = "-";
  if (call->fault == 0) snprintf(result, sizeof result, "%ld", (long)r.rax);
  fprintf(log_file, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%ld\t%ld\t%ld\n", task->who, call->n, call->name,
          call->changes ? "m" : "r", result, call->path, call->second, call->bytes_at, call->bytes, call->file_at);
}

// --- Following processes --------------------------------------------------------------------------------------------

static int add_process(pid_t id) {
  if (processes == kMostProcesses) errno = E2BIG, die("too many processes");
  process[processes] = id;
  return processes++;
}

// Returns what the program ended with.
static int follow(pid_t program) {
  int ended = 125;
  for (;;) {
    int status = 0, signal = 0;
    const pid_t id = waitpid(-1, &status, __WALL);
    if (id < 0) return ended;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (id == program) ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      drop_task(id);
      continue;
    }
    struct Task* task = task_of(id);
    if (task == NULL) {  // seen before its parent says whose it is, for which it waits
      add_task(id, -1);
      continue;
    }
    const int event = status >> 16, stopped_by = WSTOPSIG(status);
    if (stopped_by == (SIGTRAP | 0x80)) {
      task->inside = !task->inside;
      task->inside ? entering(task) : leaving(task);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      unsigned long child = 0;
      ptrace(PTRACE_GETEVENTMSG, id, NULL, &child);
      const int waits = task_of((pid_t)child) != NULL, is_thread = event == PTRACE_EVENT_CLONE;
      struct Task* added = add_task((pid_t)child, is_thread ? task->who : add_process((pid_t)child));
      if (waits) {
        added->fresh = 0;
        ptrace(PTRACE_SYSCALL, added->id, NULL, 0);
      }
    } else if (event == 0 && !(stopped_by == SIGSTOP && task->fresh)) {
      signal = stopped_by;
    }
    if (stopped_by == SIGSTOP) task->fresh = 0;
    if (id != held) ptrace(PTRACE_SYSCALL, id, NULL, signal);
  }
}

static void start(char** program) {
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) die("ptrace");
  raise(SIGSTOP);
  execvp(program[0], program);
  die(program[0]);
}

int main(int argc, char** argv) {
  int split = 1;
  while (split < argc && strcmp(argv[split], "--") != 0) ++split;
  if (split < 5 || split + 1 >= argc) errno = EINVAL, die("usage");
  argv[split] = NULL;
  if (realpath(argv[1], root) == NULL) die(argv[1]);
  if (root[1] == '\0') root[0] = '\0';  // everything
  log_file = fopen(argv[2], "we");
  if (log_file == NULL) die(argv[2]);
  const char* const names[] = {"record", "kill", "signal", "error", "short", "eintr"};
  for (action = kRecord; action < kDone && strcmp(argv[3], names[action]) != 0;) action = (enum Action)(action + 1);
  if (action == kDone) errno = EINVAL, die(argv[3]);
  if (action == kRecord) {
    data_file = fopen(argv[4], "we");
    if (data_file == NULL) die(argv[4]);
  } else {
    at_who = atoi(argv[4]);
    at_n = atoi(argv[5]);
    at_victim = at_errno = split > 6 ? atoi(argv[6]) : at_who;
    at_signal = times = split > 7 ? atoi(argv[7]) : 1;
    if (action == kSignal) times = split > 8 ? atoi(argv[8]) : 1;
  }
  const pid_t program = fork();
  if (program < 0) die("fork");
  if (program == 0) start(argv + split + 1);
  int status = 0;
  if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) die("no right to trace");
  if (ptrace(PTRACE_SETOPTIONS, program, NULL,
             PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                 PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) != 0)
    die("no right to trace");
  add_task(program, add_process(program))->fresh = 0;
  ptrace(PTRACE_SYSCALL, program, NULL, 0);
  const int ended = follow(program);
  fclose(log_file);
  if (data_file != NULL) fclose(data_file);
  return ended;
}
