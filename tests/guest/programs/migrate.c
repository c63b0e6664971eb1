// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Two threads that go from CPU to CPU, against each other, each with work in a
// function of its own. Prints "TID FUNCTION" of each.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

enum { kRounds = 8, kSteps = 300 };

static volatile long sink;

#define WORK(name)                            \
  __attribute__((noinline)) void name(void) { \
    for (int i = 0; i < kSteps; ++i) {        \
      if (i % 3 != 0) sink += i;              \
    }                                         \
  }
WORK(work_of_first)
WORK(work_of_second)

static void go_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void* first(void* unused) {
  printf("%d work_of_first\n", gettid());
  for (int round = 0; round < kRounds; ++round) {
    go_to(round % 2);
    work_of_first();
  }
  return unused;
}

static void* second(void* unused) {
  printf("%d work_of_second\n", gettid());
  for (int round = 0; round < kRounds; ++round) {
    go_to((round + 1) % 2);
    work_of_second();
  }
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, first, NULL);
  pthread_create(&threads[1], NULL, second, NULL);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return 0;
}
