// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Signals inside signal handlers, signals that wait until they are unblocked,
// and an alternate stack.

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t depth, deepest, pending, usr2, on_stack;
static char alternate[65536];

static void nest(int signal) {
  ++depth;
  if (depth > deepest) deepest = depth;
  if (depth < 4) raise(signal);  // SA_NODEFER
  if (depth == 4) raise(SIGUSR2);
  --depth;
}

static void take_usr2(int signal) {
  (void)signal;
  ++usr2;
}

static void take_pending(int signal) {
  (void)signal;
  ++pending;
}

static void take_on_stack(int signal) {
  (void)signal;
  const char* here = __builtin_frame_address(0);
  on_stack = here >= alternate && here < alternate + sizeof(alternate);
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, NULL);
}

int main(void) {
  handle(SIGUSR1, nest, SA_NODEFER);
  handle(SIGUSR2, take_usr2, 0);
  for (int signal = SIGRTMIN; signal < SIGRTMIN + 3; ++signal)
    handle(signal, take_pending, 0);
  handle(SIGHUP, take_on_stack, SA_ONSTACK | SA_RESETHAND);

  raise(SIGUSR1);

  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &old);
  for (int i = 0; i < 6; ++i) raise(SIGRTMIN + i % 3);  // these queue
  raise(SIGUSR2);
  raise(SIGUSR2);                        // these do not
  sigprocmask(SIG_SETMASK, &old, NULL);  // seven handlers, one after another

  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
  sigaltstack(&stack, NULL);
  raise(SIGHUP);

  printf("%d deep, %d pending, %d, %d\n", (int)deepest, (int)pending, (int)usr2,
         (int)on_stack);
  return deepest == 4 && pending == 6 && usr2 == 2 && on_stack ? 0 : 1;
}
