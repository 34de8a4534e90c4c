// A CUDA driver's library that starts as badly as TAILBIT_FAKE_DRIVER says: "version=12020;init=802;count_code=46", or
// ends its process ("crash=1"), or does not come back ("hang=1"); "tell=1": says where it would keep kernels. It has no
// devices. Just what a runtime asks for before it gives up.
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setting(const char* key, int otherwise) {
  const char* text = getenv("TAILBIT_FAKE_DRIVER");
  const char* found = text ? strstr(text, key) : NULL;
  return found ? atoi(found + strlen(key)) : otherwise;
}

int cuInit(unsigned flags) {
  (void)flags;
  if (setting("tell=", 0)) {
    const char* off = getenv("CUDA_CACHE_DISABLE");
    fprintf(stderr, "cache %s\n", off ? off : "as ever");
  }
  if (setting("crash=", 0)) abort();
  while (setting("hang=", 0)) pause();
  return setting("init=", 0);
}
int cuDriverGetVersion(int* version) {
  *version = setting("version=", 13000);
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = 0;
  return setting("count_code=", 0);
}

static int anything_else(void) { return setting("else=", 999); }

int cuGetProcAddress_v2(const char* symbol, void** function, int version, unsigned long long flags, int* status) {
  (void)version;
  (void)flags;
  if (strcmp(symbol, "cuInit") == 0) {
    *function = (void*)cuInit;
  } else if (strcmp(symbol, "cuDriverGetVersion") == 0) {
    *function = (void*)cuDriverGetVersion;
  } else if (strcmp(symbol, "cuDeviceGetCount") == 0) {
    *function = (void*)cuDeviceGetCount;
  } else if (strncmp(symbol, "cuGetProcAddress", 16) == 0) {
    *function = (void*)cuGetProcAddress_v2;
  } else {
    *function = (void*)anything_else;
  }
  if (status) *status = 0;
  return 0;
}
