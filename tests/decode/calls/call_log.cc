// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/calls/call_log.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>

namespace {

struct Entry {
  int tid;
  char kind;
  uintptr_t value;
};

constexpr unsigned kEntries = 1 << 18;
Entry entries[kEntries];
std::atomic<unsigned> entry_count;
thread_local unsigned depth;
thread_local int uncaught[1024];  // exceptions, when the call at a depth began

NOT_LOGGED void add(char kind, uintptr_t value) {
  const unsigned at = entry_count.fetch_add(1);
  if (at >= kEntries) _exit(99);
  entries[at] = {static_cast<int>(syscall(SYS_gettid)), kind, value};
}

}  // namespace

extern "C" {

void log_entered(void* function) {
  add('E', reinterpret_cast<uintptr_t>(function));
  if (depth >= 1024) _exit(97);
  uncaught[depth++] = std::uncaught_exceptions();
}

void log_leaving(void* function) {
  --depth;
  add(std::uncaught_exceptions() > uncaught[depth] ? 'x' : 'X',
      reinterpret_cast<uintptr_t>(function));
}

void log_tail(void* function) {
  add('T', reinterpret_cast<uintptr_t>(function));
}

unsigned log_depth(void) { return depth; }

void log_landed(unsigned landed) {
  add('U', landed);
  depth = landed;
}

void log_write(const char* path) {
  FILE* file = fopen(path, "w");
  if (file == nullptr) _exit(98);
  for (unsigned i = 0; i < entry_count; ++i) {
    fprintf(file, "%d %c %lx\n", entries[i].tid, entries[i].kind,
            static_cast<unsigned long>(entries[i].value));
  }
  fclose(file);
}

NOT_LOGGED void __cyg_profile_func_enter(void* function, void* /*site*/) {
  log_entered(function);
}

NOT_LOGGED void __cyg_profile_func_exit(void* function, void* /*site*/) {
  log_leaving(function);
}
}
