// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// thread_crowd TOTAL AT_ONCE [ROUNDS]: TOTAL threads, of which AT_ONCE live
// together; then each turns ROUNDS times in a loop and waits for all and half a
// second.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t all_are_here;
static long rounds = 0;

__attribute__((noinline)) static long visit(long number) {
  __asm__ volatile("" ::: "memory");
  return number + 1;
}

static void* work(void* argument) {
  const long result = visit((long)argument);
  pthread_barrier_wait(&all_are_here);
  for (volatile long i = 0; i < rounds;) ++i;
  if (rounds > 0) {
    pthread_barrier_wait(&all_are_here);
    usleep(500000);
  }
  return (void*)result;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const long total = atol(argv[1]);
  const long at_once = atol(argv[2]);
  if (argc > 3) rounds = atol(argv[3]);
  pthread_t* threads = calloc(at_once, sizeof(*threads));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  pthread_barrier_init(&all_are_here, NULL, at_once);
  long sum = 0;
  for (long done = 0; done < total; done += at_once) {
    for (long i = 0; i < at_once; ++i) {
      if (pthread_create(&threads[i], &attributes, work, (void*)i) != 0) {
        perror("pthread_create");
        return 1;
      }
    }
    for (long i = 0; i < at_once; ++i) {
      void* result;
      pthread_join(threads[i], &result);
      sum += (long)result;
    }
  }
  printf("%ld\n", sum);
  return 0;
}
