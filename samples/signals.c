// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Signals: handlers that return, and handlers that siglongjmp out of a signal
// and out of a fault.

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf escape;
static volatile sig_atomic_t returned, jumped;

static void count(int signal) {
  (void)signal;
  ++returned;
}

static void leave(int signal) {
  ++jumped;
  siglongjmp(escape, signal);
}

int main(void) {
  signal(SIGUSR1, count);
  signal(SIGUSR2, leave);
  signal(SIGSEGV, leave);
  for (volatile int i = 0; i < 5; ++i) {
    raise(SIGUSR1);
    if (sigsetjmp(escape, 1) == 0) raise(SIGUSR2);
    if (sigsetjmp(escape, 1) == 0) {
      volatile int* volatile nowhere = NULL;
      *nowhere = 1;
    }
  }
  printf("%d returned, %d jumped\n", (int)returned, (int)jumped);
  return returned == 5 && jumped == 10 ? 0 : 1;
}
