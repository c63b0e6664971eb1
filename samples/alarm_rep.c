// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Timer signals that arrive inside a `rep` instruction, which goes on after
// the handler where it was.

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

enum { kAlarms = 5 };

static volatile sig_atomic_t alarms;

static void set_timer(int microseconds) {
  struct itimerval timer = {{0, 0}, {0, microseconds}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

// One shot each, so that a slowed program is not swamped by alarms.
static void on_alarm(int signal) {
  (void)signal;
  if (++alarms < kAlarms) set_timer(20000);
}

static void fill(void* to, char value, unsigned long n) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
}

int main(void) {
  static char buffer[4096];
  signal(SIGALRM, on_alarm);
  set_timer(20000);
  // Natively a million rounds take a second; five alarms come in 100 ms.
  for (int round = 0; alarms < kAlarms && round < 10000000; ++round)
    fill(buffer, (char)('a' + alarms), sizeof(buffer));
  printf("%d alarms\n", (int)alarms);
  return alarms == kAlarms ? 0 : 1;
}
