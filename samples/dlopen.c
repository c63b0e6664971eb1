// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// dlopen and dlclose: two libraries that usually get the same addresses, with
// different code there.

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int call_plugin(const char* directory, const char* name, int value) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof(path), "%s/%s", directory, name);
  void* library = dlopen(path, RTLD_NOW);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return -1;
  }
  int (*transform)(int) = (int (*)(int))dlsym(library, "transform");
  int result = transform ? transform(value) : -1;
  dlclose(library);
  return result;
}

int main(void) {
  char self[PATH_MAX] = "";
  if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) return 99;
  const char* directory = dirname(self);
  int value = 1;
  for (int i = 0; i < 3; ++i) {
    value = call_plugin(directory, "libsample_plugin_a.so", value);
    value = call_plugin(directory, "libsample_plugin_b.so", value);
  }
  printf("%d\n", value);
  return value == 40 ? 0 : 1;
}
