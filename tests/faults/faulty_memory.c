// Preloaded into a program: allocations fail, counted over all of its processes. FAULTY_MEMORY is
//
//   count FILE     none fails; how many there were is written to FILE by the process that ends last
//   once N         the N-th fails
//   from N         the N-th fails, and all after it of its process
//
// Threads and forked processes share the count. Allocations of libcrypto are left out: while OpenSSL starts it does not
// survive any, and nothing that calls it can change that.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

struct Shared {
  atomic_long count;
  atomic_int struck;  // the process in which all fail from now on
};
static struct Shared* shared;
static long at;
static int all, dump = -1;
static char *crypto_begin, *crypto_end;

static int find_crypto(struct dl_phdr_info* library, size_t size, void* unused) {
  (void)size, (void)unused;
  for (int i = 0; i < library->dlpi_phnum && strstr(library->dlpi_name, "/libcrypto.so") != NULL; ++i) {
    const ElfW(Phdr)* part = &library->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    crypto_begin = (char*)library->dlpi_addr + part->p_vaddr;
    crypto_end = crypto_begin + part->p_memsz;
  }
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  const char* what = getenv("FAULTY_MEMORY");
  if (what == NULL) return;
  char file[4096] = "";
  if (sscanf(what, "count %4095s", file) == 1) dump = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (sscanf(what, "once %ld", &at) == 1) all = 0;
  if (sscanf(what, "from %ld", &at) == 1) all = 1;
  struct Shared* memory = mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  dl_iterate_phdr(find_crypto, NULL);
  if (memory != MAP_FAILED) shared = memory;
}

__attribute__((destructor)) static void end(void) {
  if (dump < 0 || shared == NULL) return;
  char text[32];
  const int size = snprintf(text, sizeof text, "%ld\n", atomic_load(&shared->count));
  if (pwrite(dump, text, (size_t)size, 0) != size) abort();
}

static int fails(const void* caller) {
  if (shared == NULL || ((const char*)caller >= crypto_begin && (const char*)caller < crypto_end)) return 0;
  const long number = atomic_fetch_add(&shared->count, 1) + 1;
  if (at == 0 || number < at) return 0;
  if (number == at) {
    if (all) atomic_store(&shared->struck, (int)getpid());
  } else if (!all || atomic_load(&shared->struck) != (int)getpid()) {
    return 0;
  }
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) {
  return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) {
  void* got = memalign(alignment, size);
  if (got == NULL) return ENOMEM;
  *memory = got;
  return 0;
}
