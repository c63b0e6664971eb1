/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The ptcap authors */
/*
 * known_work PAGES [CALLS [SLEEPS]]: work whose events are known. It touches
 * so many pages; calls probed() so often, which makes one system call and one
 * write to `watched` each time; and sleeps so often.
 * known_work where: prints the addresses of probed() and `watched`, which are
 * the same in every run.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

volatile long watched;

__attribute__((noinline)) void probed(long i) {
  watched = i;
  syscall(SYS_getppid);
}

static size_t number(int argc, char** argv, int i) {
  return i < argc ? strtoul(argv[i], 0, 0) : 0;
}

int main(int argc, char** argv) {
  if (argc == 2 && !strcmp(argv[1], "where")) {
    printf("%p %p\n", (void*)probed, (void*)&watched);
    return 0;
  }
  size_t pages = number(argc, argv, 1);
  if (pages) {
    volatile char* memory = mmap(0, pages * 4096, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise((void*)memory, pages * 4096, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < pages; ++i) memory[i * 4096] = 1;
  }
  for (size_t i = 0; i < number(argc, argv, 2); ++i) probed(i);
  for (size_t i = 0; i < number(argc, argv, 3); ++i) usleep(1000);
  return 0;
}
