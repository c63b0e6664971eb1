// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The main thread leaves while others sleep and spin: exit_group cuts them.

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int running;

static void* sleep_on(void* argument) {
  atomic_fetch_add(&running, 1);
  for (;;) pause();
  return argument;
}

static void* spin(void* argument) {
  atomic_fetch_add(&running, 1);
  for (;;) getppid();
  return argument;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < 3; ++i) {
    pthread_create(&thread, NULL, i == 0 ? spin : sleep_on, NULL);
    pthread_detach(thread);
  }
  while (atomic_load(&running) < 3) usleep(100);
  printf("leaving %d threads\n", atomic_load(&running));
  return 5;
}
