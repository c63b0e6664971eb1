// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code that changes under several threads: each rewrites its own, and all run
// one piece that the first rewrites between barriers.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { kThreads = 3, kRounds = 6, kPage = 4096 };

typedef int (*Function)(int);

static pthread_barrier_t barrier;
static unsigned char* pages;  // one per thread, then the shared one
static int results[kThreads];

// mov eax, edi; N times inc eax; ret
static void emit_increments(unsigned char* code, int n) {
  *code++ = 0x89;
  *code++ = 0xf8;
  for (int i = 0; i < n; ++i) {
    *code++ = 0xff;
    *code++ = 0xc0;
  }
  *code = 0xc3;
}

static void* work(void* argument) {
  const int number = (int)(long)argument;
  unsigned char* own = pages + number * kPage;
  unsigned char* shared = pages + kThreads * kPage;
  int value = 0;
  for (int round = 1; round <= kRounds; ++round) {
    if (number == 0) emit_increments(shared, round);
    emit_increments(own, number + round % 3);
    pthread_barrier_wait(&barrier);
    value = ((Function)shared)(value);
    value = ((Function)own)(value);
    pthread_barrier_wait(&barrier);
  }
  results[number] = value;
  return NULL;
}

int main(void) {
  pages = mmap(NULL, (kThreads + 1) * kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 99;
  pthread_t threads[kThreads];
  pthread_barrier_init(&barrier, NULL, kThreads);
  for (long i = 0; i < kThreads; ++i)
    pthread_create(&threads[i], NULL, work, (void*)i);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("%d %d %d\n", results[0], results[1], results[2]);
  return results[0] == 27 && results[1] == 33 && results[2] == 39 ? 0 : 1;
}
