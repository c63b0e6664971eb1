// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Threads that share a mutex and a condition, and get signals meanwhile.

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { kThreads = 4, kRounds = 20 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;
static atomic_int signalled;

static void on_signal(int signal) {
  (void)signal;
  atomic_fetch_add(&signalled, 1);
}

static void* take_turns(void* argument) {
  const int number = (int)(long)argument;
  for (int round = 0; round < kRounds; ++round) {
    pthread_mutex_lock(&mutex);
    while (turn % kThreads != number) pthread_cond_wait(&condition, &mutex);
    ++turn;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    if (round % 5 == 0) pthread_kill(pthread_self(), SIGUSR1);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  signal(SIGUSR1, on_signal);
  for (long i = 0; i < kThreads; ++i)
    pthread_create(&threads[i], NULL, take_turns, (void*)i);
  for (int i = 0; i < 4; ++i) pthread_kill(threads[0], SIGUSR1);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  // Signals that meet one already pending are one.
  int all = atomic_load(&signalled);
  printf("%d turns\n", turn);
  return turn == kThreads * kRounds && all >= kThreads * 4 ? 0 : 1;
}
