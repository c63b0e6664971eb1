// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Three threads that count and one that sleeps, until SIGUSR1.

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile long counts[4];
static volatile sig_atomic_t stop;

static void on_usr1(int signal) {
  (void)signal;
  stop = 1;
}

static void* work(void* argument) {
  const long number = (long)argument;
  while (!stop) {
    ++counts[number];
    if (number == 3) usleep(1000);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[4];
  signal(SIGUSR1, on_usr1);
  for (long i = 0; i < 4; ++i) {
    pthread_create(&threads[i], NULL, work, (void*)i);
  }
  while (!stop) usleep(100000);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  printf("counted %d %d %d %d\n", counts[0] > 0, counts[1] > 0, counts[2] > 0,
         counts[3] > 0);
  return 9;
}
