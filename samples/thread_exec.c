// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Executes itself from a second thread, while a third one sleeps: the kernel
// ends all others and gives this thread the process's id.

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void* sleep_on(void* argument) {
  for (;;) pause();
  return argument;
}

static void* execute(void* argument) {
  char* arguments[] = {"thread_exec", "again", NULL};
  execv("/proc/self/exe", arguments);
  return argument;
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) {
    printf("executed from a thread\n");
    return 0;
  }
  pthread_t sleeper, executor;
  pthread_create(&sleeper, NULL, sleep_on, NULL);
  pthread_create(&executor, NULL, execute, NULL);
  pthread_join(executor, NULL);
  return 99;
}
