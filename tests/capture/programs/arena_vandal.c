// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// arena_vandal scribble SEED | zero | unmap: does that to the memory that it
// shares with ptcap under emulation, and exits with 7 if it lives on.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// The emulator answers /proc/self/maps itself.
static int find_arena(uint8_t** begin, uint8_t** end) {
  FILE* maps = fopen("/proc/thread-self/maps", "r");
  char line[512];
  while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
    if (strstr(line, "memfd:ptcap") == NULL) continue;
    return sscanf(line, "%p-%p", (void**)begin, (void**)end) == 2;
  }
  return 0;
}

static volatile long work_done;

__attribute__((noinline)) static void work(long rounds) {
  for (long i = 0; i < rounds; ++i) work_done += i & 3;
}

int main(int argc, char** argv) {
  uint8_t* begin;
  uint8_t* end;
  if (argc < 2) return 2;
  if (!find_arena(&begin, &end)) {
    puts("no arena");
    return 3;
  }
  puts("found");
  fflush(stdout);
  work(1000);
  if (strcmp(argv[1], "unmap") == 0) {
    munmap(begin, (size_t)(end - begin));
  } else if (strcmp(argv[1], "zero") == 0) {
    memset(begin + 4096, 0, 4 << 20);
  } else {
    srand((unsigned)atoi(argv[2]));
    // The header and the first slots.
    for (int i = 0; i < 20000; ++i) {
      begin[(size_t)rand() % (2 << 20)] = (uint8_t)rand();
    }
  }
  work(100000);
  return 7;
}
