// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Twelve threads with mutexes, while every one signals its neighbour.

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { kThreads = 12, kRounds = 10 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_t threads[kThreads];
static unsigned total;
static atomic_int signalled;

static void on_signal(int signal) {
  (void)signal;
  atomic_fetch_add(&signalled, 1);
}

static void* work(void* argument) {
  const long number = (long)argument;
  pthread_barrier_wait(&barrier);
  for (unsigned round = 0; round < kRounds; ++round) {
    pthread_mutex_lock(&mutex);
    total += round;
    pthread_mutex_unlock(&mutex);
    pthread_kill(threads[(number + 1) % kThreads], SIGUSR1);
  }
  pthread_barrier_wait(&barrier);  // nobody signals a thread that has gone
  return NULL;
}

int main(void) {
  signal(SIGUSR1, on_signal);
  pthread_barrier_init(&barrier, NULL, kThreads + 1);
  for (long i = 0; i < kThreads; ++i)
    pthread_create(&threads[i], NULL, work, (void*)i);
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("%u\n", total);
  return atomic_load(&signalled) > 0 ? 0 : 1;
}
