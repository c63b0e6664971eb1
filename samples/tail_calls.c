// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Tail calls: functions that jump into one another, and return to a caller
// that called somebody else.

#include <stdio.h>

#define KEEP __attribute__((noinline, noclone))

KEEP static int is_odd(unsigned n);

KEEP static int is_even(unsigned n) {
  __asm__ volatile("" : "+r"(n));
  return n == 0 ? 1 : is_odd(n - 1);
}

KEEP static int is_odd(unsigned n) {
  __asm__ volatile("" : "+r"(n));
  return n == 0 ? 0 : is_even(n - 1);
}

typedef unsigned (*Step)(const void* next, unsigned value);

KEEP static unsigned finish(const void* next, unsigned value) {
  (void)next;
  return value;
}

KEEP static unsigned step(const void* next, unsigned value) {
  const Step* chain = next;
  return chain[0](chain + 1, value * 5 + 1);
}

int main(void) {
  static const Step kChain[] = {step, step, step, finish};
  int even = 0;
  unsigned value = 1;
  for (unsigned n = 90; n < 110; ++n) even += is_even(n);
  for (int i = 0; i < 20; ++i) value = step(kChain, value);
  printf("%d %u\n", even, value);
  return even == 10 ? 0 : 1;
}
